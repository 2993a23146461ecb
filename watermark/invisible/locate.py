"""Once the word is known: when and where in the picture the mark is."""

from dataclasses import dataclass

import cv2
import numpy as np

from lampoon.watermark.invisible.align import FOLDED, Pose, correlation_with, fold
from lampoon.watermark.invisible.evidence import MarkedPart, MarkMap
from lampoon.watermark.invisible.search import Decoded, Sample
from lampoon.watermark.invisible.tile import (
    OVERSAMPLING,
    Layout,
    Plane,
    spectrum,
)

CLEAR = 5.6
"""Standard deviations of the whole tile at its best of 16384 shifts; noise rarely
exceeds 5.2."""

OWN = 2.5
"""What a sample itself has to show before the one before it may help."""

CELL = 20 * OVERSAMPLING
"""Samples across a cell of the map: 16 x 9 cells on a wide picture."""

CELL_CLEAR, CELL_EXPECTED = 2.5, 5.0
"""A cell below the first lacks the mark where half the cells are above the second."""

SHORTEST_PART = 0.8
"""Seconds; a shorter stretch says nothing."""


@dataclass(frozen=True, slots=True)
class Presence:
    """How clearly one sample carries the mark, and where its tile lies."""

    seconds: float
    score: float
    shift: tuple[int, int]


class Locator:
    """Follows one known mark through a clip, sample by sample."""

    def __init__(self, layout: Layout, decoded: Decoded) -> None:
        self._pose = decoded.pose
        self._tile = layout.tile(decoded.word.signs)
        self._known = spectrum(self._tile, mirrored=decoded.pose.flipped)
        self._last: Plane | None = None
        self._cells: Plane | None = None
        self._weights: Plane | None = None
        self.presences: list[Presence] = []

    def look(self, sample: Sample) -> None:
        """Take the next sample."""
        folded = fold(sample.residual, self._pose)
        surface = correlation_with(self._known, folded)
        best = surface
        if self._last is not None:
            both = (surface + self._last) / np.float32(np.sqrt(2))
            if surface.flat[int(both.argmax())] > OWN and both.max() > best.max():
                best = both
        self._last = surface
        down, across = np.unravel_index(int(best.argmax()), best.shape)
        presence = Presence(sample.seconds, float(best.max()), (int(down), int(across)))
        self.presences.append(presence)
        if presence.score > CLEAR:
            self._add_cells(sample.residual, presence.shift)

    def parts(self, start: float, end: float) -> tuple[MarkedPart, ...]:
        """Return the stretches with and without the mark, from start to end."""
        return parts_of(self.presences, start, end)

    def map(self) -> MarkMap | None:
        """Return where in the picture the mark is; None where it is nowhere clear."""
        if self._cells is None or self._weights is None:
            return None
        scores = self._cells / np.sqrt(self._weights + 1e-9)
        middle = (
            float(np.median(scores[scores > CELL_CLEAR]))
            if ((scores > CELL_CLEAR).any())
            else 0.0
        )
        missing = float((scores < CELL_CLEAR).mean()) if middle > CELL_EXPECTED else 0.0
        rows = tuple(tuple(round(float(v), 1) for v in row) for row in scores)
        return MarkMap(rows, round(missing, 3))

    def _add_cells(self, residual: Plane, shift: tuple[int, int]) -> None:
        seen, expected = _unrolled(residual, self._pose, self._tile, shift)
        height, width = seen.shape
        size = (max(width // CELL, 1), max(height // CELL, 1))
        product = cv2.resize(seen * expected, size, interpolation=cv2.INTER_AREA)
        power = cv2.resize(seen * seen, size, interpolation=cv2.INTER_AREA)
        area = width * height / (size[0] * size[1])
        if self._cells is None or self._weights is None:
            self._cells, self._weights = product * area, power * area
        else:
            self._cells += product * area
            self._weights += power * area


def _unrolled(
    residual: Plane, pose: Pose, tile: Plane, shift: tuple[int, int]
) -> tuple[Plane, Plane]:
    """Return the residual, one value a chip, and the signs expected there."""
    height, width = residual.shape
    columns, rows = int(width / pose.across), int(height / pose.down)
    size = (columns * OVERSAMPLING, rows * OVERSAMPLING)
    cos, sin = np.cos(pose.turn), np.sin(pose.turn)
    step_x, step_y = pose.across / OVERSAMPLING, pose.down / OVERSAMPLING
    turn = np.array([[cos * step_x, -sin * step_y], [sin * step_x, cos * step_y]])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    out_w, out_h = int(width / step_x), int(height / step_y)
    offset = centre - turn @ np.array([(out_w - 1) / 2, (out_h - 1) / 2])
    seen = cv2.warpAffine(
        residual,
        np.hstack([turn, offset[:, None]]),
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    fine = np.kron(tile, np.ones((OVERSAMPLING, OVERSAMPLING), np.float32))
    if pose.flipped:
        fine = fine[:, ::-1]
    fine = np.roll(fine, shift, (0, 1))
    tiled = repeated_fine(fine, *size)
    return np.asarray(seen, np.float32), tiled


def repeated_fine(tile: Plane, width: int, height: int) -> Plane:
    """Return an oversampled tile repeated over (height, width)."""
    down, across = -(-height // FOLDED), -(-width // FOLDED)
    return np.ascontiguousarray(np.tile(tile, (down, across))[:height, :width])


def parts_of(
    presences: list[Presence], start: float, end: float
) -> tuple[MarkedPart, ...]:
    """Return stretches with and without the mark, short ones joined to neighbours."""
    runs: list[list[float | bool]] = []
    for index, each in enumerate(presences):
        begin = (
            start if index == 0 else (presences[index - 1].seconds + each.seconds) / 2
        )
        marked = each.score > CLEAR
        if runs and runs[-1][2] == marked:
            continue
        if runs:
            runs[-1][1] = begin
        runs.append([begin, end, marked])
    joined: list[list[float | bool]] = []
    for run in runs:
        short = run[1] - run[0] < SHORTEST_PART
        if joined and (short or joined[-1][2] == run[2]):
            joined[-1][1] = run[1]
        else:
            joined.append(run)
    return tuple(
        MarkedPart(round(float(a), 3), round(float(b), 3), bool(marked))
        for a, b, marked in joined
    )
