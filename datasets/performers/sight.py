"""Which triangles of a head a take ever shows: the others need not be drawn.

The mesh goes on behind lids and lips and round the back of the head. Well over half of
it is never seen, and a renderer on a CPU pays for hidden triangles as well.
"""

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.motion import Motion
from lampoon.datasets.performers.scene import Pixels

Flags = npt.NDArray[np.bool_]
Triangles = npt.NDArray[np.int32]

EVENLY = 24
"""So many moments of a take are tried, besides the furthest of every movement."""

RINGS = 2
"""Neighbours of neighbours are drawn too: slivers may show between those moments."""


def telling_rows(motion: Motion) -> list[int]:
    """Return the rows of a motion that between them show whatever it shows."""
    evenly = np.linspace(0, len(motion.times) - 1, EVENLY).round().astype(int)
    tracks = np.column_stack([motion.pose, motion.weights, motion.sway, motion.shift])
    changing = tracks[:, np.ptp(tracks, axis=0) > 0]
    furthest = [changing.argmin(axis=0), changing.argmax(axis=0)]
    return [int(row) for row in np.unique(np.concatenate([evenly, *furthest]))]


def numbers_in(rgba: Pixels, count: int) -> Flags:
    """Return (count,) which triangles a picture of their numbers shows."""
    numbers = np.ascontiguousarray(rgba).view("<u4").ravel() & 0xFFFFFF
    return np.asarray(np.bincount(numbers, minlength=count + 1)[1:] > 0)


def with_neighbours(seen: Flags, triangles: Triangles) -> Triangles:
    """Return the triangles that are seen, and those within ``RINGS`` of one."""
    for _ in range(RINGS):
        touched = np.zeros(triangles.max() + 1, dtype=bool)
        touched[triangles[seen].ravel()] = True
        seen = np.asarray(touched[triangles].any(axis=1))
    return np.ascontiguousarray(triangles[seen])
