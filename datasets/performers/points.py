"""Which vertices of the subdivided head are landmarks.

Chosen once on the middle shapes of the mesh: the vertices nearest to where the face
mesh of ``lampoon.faces`` puts its 68 points, and to the outline of the open eye.
"""

import numpy as np
import numpy.typing as npt

# fmt: off
LANDMARKS = (
    2452, 9886, 9910, 16339, 6650, 915, 15995, 16402, 9015, 18811, 13712, 3345, 11512,
    18749, 14582, 14558, 4833, 16593, 16594, 5460, 5454, 5425, 10460, 17189, 10492,
    19001, 19000, 132, 131, 291, 297, 5631, 5697, 17239, 10639, 2847, 9956, 8671,
    55, 15454, 5024, 41, 10154, 10115, 4114, 4890, 18854, 10088, 1661, 16550, 14911,
    17354, 10777, 4453, 10928, 2963, 2969, 6115, 486, 480, 499, 472, 6070, 2956,
    11077, 11070, 493, 6104,
)
"""The 68 points in the order of iBUG: jaw, brows, nose, eyes, lips."""

LEFT_EYE = (
    19449, 12166, 3477, 9960, 17831, 19434, 12212, 10120, 17869, 12205, 12201, 17853,
    3489, 3488, 12193, 12191,
)
"""The outline of the subject's left eye: outer corner, upper lid, inner corner,
lower lid."""

RIGHT_EYE = (
    9933, 2489, 7391, 4896, 15416, 17028, 7440, 5056, 15454, 7433, 7429, 15438, 16486,
    1068, 7421, 2506,
)
"""The same of the right eye."""
# fmt: on

ALL_POINTS = np.array([*LANDMARKS, *LEFT_EYE, *RIGHT_EYE])
HEAD_FRONT, CHIN, BROW_LINE = 0.6, 6.05, 7.95
"""The face's box reaches from chin to hairline, where the head at rest is."""


def told_points(rest: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the numbers of the body's points that the truth needs.

    ``rest`` is (points, 3) at rest. ``ALL_POINTS`` come first, then the face.
    """
    face = (rest[:, 2] > HEAD_FRONT) & (rest[:, 1] > CHIN) & (rest[:, 1] < BROW_LINE)
    return np.concatenate([ALL_POINTS, np.flatnonzero(face)])


UPPER_LIP, LOWER_LIP = 62, 66
"""The middles of the inner lips, among the 68."""
