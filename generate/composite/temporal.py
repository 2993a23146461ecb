"""Landmarks made calm in time, without losing a blink or running over a cut.

The rigid part of the motion, where the head is and how large, is smoothed over five
frames (Savitzky and Golay 1964, quadratic). What remains, lids and lips above all, is
averaged with its neighbours only where it hardly moves: a bilateral filter in time
(Tomasi and Manduchi 1998), so a still eye stops trembling and a blink keeps its depth.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
"""Seconds, and points within the arithmetic of this file."""

QUADRATIC = np.array([-3, 12, 17, 12, -3]) / 35
NEAR = np.array([1, 3, 4, 3, 1]) / 4
"""Weights of the neighbours before the bilateral filter looks at the distance."""

TREMBLE = 0.008
"""Landmarks of a still face tremble by up to this share of the distance of the eyes."""

CUT_JUMP = 0.6
"""A face that jumps by this share of its eyes' distance is behind a cut."""

LONGEST_STEP = 2.5
"""Frames further apart than this many usual steps are not neighbours."""

OUTER_EYES = (33, 263)
RIGID = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 2, 98, 327, 151, 9)


def smooth_landmarks(landmarks: Floats, times: Doubles) -> Floats:
    """Return calmer landmarks, (frames, 478, 2) float32, the shape of ``landmarks``.

    ``times`` (frames,) are seconds, rising. Rows that are NaN stay so. Nothing is
    averaged over a gap, a pause or a cut.
    """
    made = landmarks.astype(np.float32, copy=True)
    for start, stop in _takes(landmarks, times):
        if stop - start >= 3:
            made[start:stop] = _smooth_take(landmarks[start:stop])
    return made


def _takes(landmarks: Floats, times: Doubles) -> list[tuple[int, int]]:
    """Return the runs of frames, start and stop, in which a face moves unbroken."""
    seen = np.isfinite(landmarks[:, 0, 0])
    count = len(landmarks)
    if not seen.any():
        return []
    steps = np.diff(times)
    eyes = landmarks[:, OUTER_EYES[1]] - landmarks[:, OUTER_EYES[0]]
    unit = float(np.nanmedian(np.linalg.norm(eyes, axis=1)))
    middle = landmarks[:, list(RIGID)].mean(1)
    jump = np.linalg.norm(np.diff(middle, axis=0), axis=1) > CUT_JUMP * unit
    pause = steps > LONGEST_STEP * np.median(steps) if len(steps) else steps > 0
    broken = jump | pause | ~seen[1:] | ~seen[:-1]
    edges = [0, *(np.flatnonzero(broken) + 1).tolist(), count]
    return [(start, stop) for start, stop in pairwise(edges) if seen[start]]


def _shifted(values: Doubles, by: int) -> Doubles:
    """Return values moved in time; the ends are held."""
    index = np.clip(np.arange(len(values)) + by, 0, len(values) - 1)
    return values[index]


def _similarities(landmarks: Doubles, model: Doubles) -> Doubles:
    """Return (frames, 4): a, b, x, y of the similarity from ``model`` to each frame."""
    rigid = landmarks[:, list(RIGID)]
    centre, own = rigid.mean(1), model[list(RIGID)]
    flat, given = own - own.mean(0), rigid - centre[:, None]
    square = float((flat**2).sum())
    a = (given * flat).sum((1, 2)) / square
    turned = np.stack([-flat[:, 1], flat[:, 0]], 1)
    b = (given * turned).sum((1, 2)) / square
    middle = own.mean(0)
    x = centre[:, 0] - (a * middle[0] - b * middle[1])
    y = centre[:, 1] - (b * middle[0] + a * middle[1])
    return np.stack([a, b, x, y], 1)


def _placed(similarity: Doubles, points: Doubles) -> Doubles:
    a, b, x, y = (similarity[:, None, k] for k in range(4))
    u, v = points[..., 0], points[..., 1]
    return np.stack([a * u - b * v + x, b * u + a * v + y], -1)


def _unplaced(similarity: Doubles, points: Doubles) -> Doubles:
    a, b, x, y = (similarity[:, None, k] for k in range(4))
    u, v, square = points[..., 0] - x, points[..., 1] - y, a * a + b * b
    return np.stack([(a * u + b * v) / square, (a * v - b * u) / square], -1)


def _smooth_take(landmarks: Floats) -> Floats:
    exact = landmarks.astype(np.float64)
    model = exact[len(exact) // 2]
    similarity = _similarities(exact, model)
    still = _unplaced(similarity, exact)
    calm = _quadratic(similarity)
    unit = float(np.linalg.norm(model[OUTER_EYES[1]] - model[OUTER_EYES[0]]))
    quiet = _bilateral(still, TREMBLE * unit)
    return _placed(calm, quiet).astype(np.float32)


def _quadratic(values: Doubles) -> Doubles:
    """Return values fitted by a parabola over five frames; the ends stay."""
    made = sum(w * _shifted(values, k - 2) for k, w in enumerate(QUADRATIC))
    smooth = np.asarray(made)
    edge = min(2, len(values) // 2)
    smooth[:edge], smooth[len(values) - edge :] = (
        values[:edge],
        values[len(values) - edge :],
    )
    return smooth


def _bilateral(points: Doubles, tremble: float) -> Doubles:
    """Return points averaged with their neighbours in time where they hardly move."""
    total = np.zeros(points.shape[:2])
    kept = np.zeros(points.shape)
    for k, near in enumerate(NEAR):
        other = _shifted(points, k - 2)
        apart = np.linalg.norm(other - points, axis=-1) / (2 * tremble)
        weight = near * np.exp(-np.square(apart))
        kept += weight[..., None] * other
        total += weight
    smooth: Doubles = kept / total[..., None]
    return smooth
