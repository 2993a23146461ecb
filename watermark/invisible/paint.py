"""Painting the tile into a luma plane, as strong as the place lets it hide."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.tile import SIDE, Plane, repeated, small
from lampoon.watermark.invisible.transform import ROWS, chip_grid

FLAT, TEXTURED, POWER, MOST = 0.9, 0.2, 0.5, 3.5
"""Grey levels painted on a flat place, what texture adds, and where that ends."""

NEAR, ROUND_ABOUT, LONELY = (5, 5), (7, 7), 1.5
"""Windows of texture in chips; an edge alone hides less than texture all around."""

BY_LUMINANCE = np.interp(
    np.arange(256), [0, 16, 60, 180, 235, 255], [0.6, 0.9, 1.0, 1.0, 0.9, 0.7]
).astype(np.float32)

SLIPPED = 0.6
"""Part of the mark left out where the scene goes another way: there it costs bytes,
and encoders lose it."""

SAMPLES_A_CHIP = 2
"""The mark is made at no fewer samples a chip than this, then enlarged."""

FINENESS = 4
"""Parts of such a sample by which the pattern can be moved."""

HELD = 0.25
"""Part by which what hides at a chip has to change before the mark there does."""

STEPS_A_LEVEL, MIDDLE = 15.0, 128.0
"""How grey levels below one pass through a byte. An odd number: half a level would be
rounded by whether the grey beneath is even, and grain would make the mark flicker."""

Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Lie:
    """How the pattern lies: moved by some chips, then grown about the middle.

    ``slipping`` says of parts of the frame, (rows, columns) of 0 to 1, how surely
    the scene goes another way there; None where it does nowhere.
    """

    across: float = 0.0
    down: float = 0.0
    scale: float = 1.0
    slipping: Plane | None = None


def hiding(chips: Plane) -> Plane:
    """Return how many grey levels hide at each chip of a frame averaged to chips."""
    mean = cv2.boxFilter(chips, -1, NEAR)
    spread = cv2.boxFilter(chips * chips, -1, NEAR) - mean * mean
    texture = cv2.sqrt(np.maximum(spread, 0))
    texture = cv2.min(texture, cv2.blur(texture, ROUND_ABOUT) * LONELY)
    levels = np.minimum(FLAT + TEXTURED * cv2.pow(texture, POWER), MOST)
    bright: Plane = BY_LUMINANCE[np.clip(mean, 0, 255).astype(np.uint8)]
    return np.asarray(levels * bright, np.float32)


def held(levels: Plane, before: Plane | None) -> Plane:
    """Return the levels of a frame, those of ``before`` where they hardly changed.

    Grain makes them flicker. Where a picture stands still the mark then stands still
    too, to the last bit, and need not be coded again in every frame.
    """
    if before is None:
        return levels
    changed = cv2.absdiff(levels, before) > before * HELD
    return np.asarray(np.where(changed, levels, before), np.float32)


class Painter:
    """Paints one tile, (64, 64) signs, into planes of one size."""

    def __init__(self, width: int, height: int, tile: Plane) -> None:
        self.width, self.height = width, height
        self.grid = chip_grid(width, height)
        self._tile = tile
        coarser = max(int(min(width, height) / ROWS) // SAMPLES_A_CHIP, 1)
        self._drawn = (-(-width // coarser), -(-height // coarser))
        self._chip = (self._drawn[0] / self.grid[0], self._drawn[1] / self.grid[1])
        self._patterns: dict[tuple[int, int], Plane] = {}

    def chips(self, luma: Luma) -> Plane:
        """Return a plane averaged to one value a chip, float32."""
        return small(luma, *self.grid)

    def paint(
        self,
        luma: Luma,
        gain: float,
        lie: Lie = Lie(),
        levels: Plane | None = None,
    ) -> Luma:
        """Return the plane with the mark in it.

        ``levels`` are the grey levels that hide at each chip where they are known.
        """
        hidden = hiding(self.chips(luma)) if levels is None else levels
        levels = hidden * np.float32(gain * STEPS_A_LEVEL)
        if lie.slipping is not None:
            slipping = cv2.resize(lie.slipping, levels.shape[::-1])
            levels *= 1 - SLIPPED * slipping
        spread = cv2.resize(levels, self._drawn, interpolation=cv2.INTER_LINEAR)
        mark = cv2.multiply(spread, self._pattern(lie), dst=spread)
        steps = cv2.convertScaleAbs(mark, alpha=1.0, beta=MIDDLE)
        if self._drawn != (self.width, self.height):
            size = (self.width, self.height)
            steps = cv2.resize(steps, size, interpolation=cv2.INTER_LINEAR)
        unit = 1 / STEPS_A_LEVEL
        painted = cv2.addWeighted(luma, 1.0, steps, unit, -MIDDLE * unit)
        return np.asarray(painted, np.uint8)

    def _pattern(self, lie: Lie) -> Plane:
        """Return the pattern as it lies, as large as the mark is drawn."""
        if lie.scale != 1.0:
            return self._grown(lie)
        steps = [
            round(-moved % SIDE * chip * FINENESS)
            for moved, chip in zip((lie.across, lie.down), self._chip, strict=True)
        ]
        (x, across), (y, down) = (divmod(step, FINENESS) for step in steps)
        if (across, down) not in self._patterns:
            self._patterns[across, down] = self._rendered(across, down)
        full = self._patterns[across, down]
        return full[y : y + self._drawn[1], x : x + self._drawn[0]]

    def _rendered(self, across: int, down: int) -> Plane:
        """Return the pattern, a tile larger than the frame, at a part of a sample."""
        both = list(zip(self._drawn, self._chip, strict=True))
        width, height = (size + int(SIDE * chip) + 2 for size, chip in both)
        parts = (across / FINENESS, down / FINENESS)
        first = [
            (0.5 + part) / chip for part, chip in zip(parts, self._chip, strict=True)
        ]
        return self._warped((width, height), first, 1.0)

    def _grown(self, lie: Lie) -> Plane:
        """Return the pattern at another scale: its middle stays in the middle."""
        first = []
        for size, chip, moved in zip(
            self._drawn, self._chip, (lie.across, lie.down), strict=True
        ):
            middle = size / 2 / chip
            begin = middle - moved + (0.5 / chip - middle) / lie.scale
            first.append(begin % SIDE)
        return self._warped(self._drawn, first, lie.scale)

    def _warped(self, size: tuple[int, int], first: list[float], scale: float) -> Plane:
        """Return the repeated tile drawn so that the first sample shows that chip."""
        steps = [1 / (chip * scale) for chip in self._chip]
        columns, rows = (
            int(begin + step * length) + 2
            for begin, step, length in zip(first, steps, size, strict=True)
        )
        matrix = np.array(
            [[steps[0], 0, first[0] - 0.5], [0, steps[1], first[1] - 0.5]]
        )
        pattern = cv2.warpAffine(
            repeated(self._tile, columns, rows),
            matrix,
            size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(pattern, np.float32)
