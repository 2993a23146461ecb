"""Where in the picture a known mark is: a map of cells, and what is missing of it.

In every cell the residual is compared with the tile, and with the tile where it is
not: what that comes to is noise. Pictures that stand still repeat their noise in every
frame, so its size cannot be had from the number of frames.
"""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.align import FOLDED, Pose, laid_on_grid
from lampoon.watermark.invisible.evidence import MarkMap
from lampoon.watermark.invisible.tile import OVERSAMPLING, Plane

CELL = 20 * OVERSAMPLING
"""Samples across a cell of the map: 16 x 9 cells on a wide picture."""

DECOYS = ((41, 67), (67, 29), (89, 101), (23, 83))
"""Shifts, in samples, at which the tile is not."""

ABSENT, USUAL = 3.0, 8.0
"""A cell below the first lacks the mark, where the middle one of the others is above
the second."""

CLEAR = 3.5
"""A cell above this surely has the mark; so much of what is usual is not hidden by the
cells around."""

WINDOWS = (1, 3, 5)
"""Cells are taken alone where that is clear enough, else with those around them."""

FEWEST_CELLS = 4
"""Cells with the mark from which the others can be judged."""


class Heat:
    """Adds up what each cell of the picture shows of a mark, frame after frame."""

    def __init__(self, tile: Plane, pose: Pose) -> None:
        fine = np.kron(tile, np.ones((OVERSAMPLING, OVERSAMPLING), np.float32))
        self._fine = fine[:, ::-1] if pose.flipped else fine
        self._size: tuple[int, int] | None = None
        self._sums: Plane | None = None

    def add(self, residual: Plane, shift: tuple[int, int], pose: Pose) -> None:
        """Add a frame whose tile lies at a shift, (down, across) in samples."""
        size = pose.laid_out(residual.shape[1], residual.shape[0])
        seen = laid_on_grid(residual, pose, size)
        height, width = seen.shape
        self._size = self._size or (max(width // CELL, 1), max(height // CELL, 1))
        sums = []
        for down, across in ((0, 0), *DECOYS):
            moved = np.roll(self._fine, (shift[0] + down, shift[1] + across), (0, 1))
            product = seen * _all_over(moved, width, height)
            sums.append(cv2.resize(product, self._size, interpolation=cv2.INTER_AREA))
        found = np.stack(sums).astype(np.float32)
        self._sums = found if self._sums is None else self._sums + found

    def map(self) -> MarkMap | None:
        """Return where the mark is; None before the first frame."""
        if self._sums is None:
            return None
        noise = cv2.blur((self._sums[1:] ** 2).mean(axis=0), (3, 3)) + 1e-12
        scores, clear, window = self._sums[0], False, 1
        for window in WINDOWS:
            scores = _summed(self._sums[0], window) / np.sqrt(_summed(noise, window))
            there = scores[scores >= ABSENT]
            clear = there.size >= FEWEST_CELLS and bool(np.median(there) >= USUAL)
            if clear:
                break
        rows = tuple(tuple(round(float(v), 1) for v in row) for row in scores)
        return MarkMap(rows, _absent(scores, window) if clear else None)


def _absent(scores: Plane, window: int) -> tuple[tuple[bool, ...], ...]:
    """Return the cells without the mark.

    A cell that was taken with its neighbours is above the limit when enough of these
    are; so what is left is widened by as many cells as that hides.
    """
    below = np.asarray(scores < ABSENT, np.uint8)
    usual = float(np.median(scores[scores >= ABSENT]))
    half = window // 2
    hidden = int(np.clip(half + 1 - CLEAR * window / usual, 0, half))
    kernel = np.ones((2 * hidden + 1, 2 * hidden + 1), np.uint8)
    return tuple(tuple(bool(v) for v in row) for row in cv2.dilate(below, kernel))


def _summed(cells: Plane, window: int) -> Plane:
    """Return each cell with those around it, none beyond the edge."""
    made = cv2.boxFilter(
        cells,
        -1,
        (window, window),
        normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )
    return np.asarray(made, np.float32)


def _all_over(tile: Plane, width: int, height: int) -> Plane:
    """Return an oversampled tile repeated over (height, width)."""
    down, across = -(-height // FOLDED), -(-width // FOLDED)
    return np.tile(tile, (down, across))[:height, :width]


def largest_place(absent: npt.NDArray[np.uint8]) -> tuple[int, int, int, int] | None:
    """Return the box of the largest place in one piece: x, y, width, height."""
    count, _, boxes, _ = cv2.connectedComponentsWithStats(absent, connectivity=4)
    if count < 2:
        return None
    x, y, width, height, _ = max(boxes[1:].tolist(), key=lambda box: box[4])
    return x, y, width, height
