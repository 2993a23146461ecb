"""Painting the tile into a luma plane, as strong as the place lets it hide."""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.tile import SIDE, Plane, repeated, small
from lampoon.watermark.invisible.transform import chip_grid

FLAT, TEXTURED, POWER, MOST = 0.9, 0.22, 0.7, 3.5
"""Grey levels painted on a flat place, what texture adds, and where that ends."""

NEAR, ROUND_ABOUT, LONELY = (5, 5), (7, 7), 1.5
"""Windows of texture in chips; an edge alone hides less than texture all around."""

BY_LUMINANCE = np.interp(
    np.arange(256), [0, 16, 60, 180, 235, 255], [0.6, 0.9, 1.0, 1.0, 0.9, 0.7]
).astype(np.float32)

LARGE = 1440
"""From this many rows the pattern is moved by whole pixels, not by halves."""

Luma = npt.NDArray[np.uint8]


def hiding(chips: Plane) -> Plane:
    """Return how many grey levels hide at each chip of a frame averaged to chips."""
    mean = cv2.boxFilter(chips, -1, NEAR)
    spread = cv2.boxFilter(chips * chips, -1, NEAR) - mean * mean
    texture = cv2.sqrt(np.maximum(spread, 0))
    texture = cv2.min(texture, cv2.blur(texture, ROUND_ABOUT) * LONELY)
    levels = np.minimum(FLAT + TEXTURED * cv2.pow(texture, POWER), MOST)
    bright: Plane = BY_LUMINANCE[np.clip(mean, 0, 255).astype(np.uint8)]
    return levels * bright


class Painter:
    """Paints one tile, (64, 64) signs, into planes of one size."""

    def __init__(self, width: int, height: int, tile: Plane) -> None:
        self.width, self.height = width, height
        self.grid = chip_grid(width, height)
        self._tile = tile
        self._chip = (width / self.grid[0], height / self.grid[1])
        self._finest = 1 if min(width, height) >= LARGE else 2
        self._patterns: dict[tuple[int, int], Plane] = {}
        self._delta = np.empty((height, width), np.int8)

    def chips(self, luma: Luma) -> Plane:
        """Return a plane averaged to one value a chip, float32."""
        return small(luma, *self.grid)

    def paint(
        self,
        luma: Luma,
        gain: float,
        offset: tuple[float, float] = (0.0, 0.0),
        chips: Plane | None = None,
    ) -> Luma:
        """Return the plane with the mark in it.

        ``offset`` is how far the pattern has moved, in chips across and down;
        ``chips`` is ``self.chips(luma)`` where it is known already.
        """
        levels = hiding(self.chips(luma) if chips is None else chips) * gain
        size = (self.width, self.height)
        full = cv2.resize(levels, size, interpolation=cv2.INTER_LINEAR)
        pattern = self._pattern(offset)
        cv2.multiply(full, pattern, dst=self._delta, dtype=cv2.CV_8S)
        painted: Luma = cv2.add(luma, self._delta, dtype=cv2.CV_8U)
        return painted

    def _pattern(self, offset: tuple[float, float]) -> Plane:
        """Return the pattern moved by some chips, in full size."""
        steps = [
            round(-moved % SIDE * chip * self._finest)
            for moved, chip in zip(offset, self._chip, strict=True)
        ]
        (x, across), (y, down) = (divmod(step, self._finest) for step in steps)
        if (across, down) not in self._patterns:
            self._patterns[across, down] = self._rendered(across, down)
        full = self._patterns[across, down]
        return full[y : y + self.height, x : x + self.width]

    def _rendered(self, across: int, down: int) -> Plane:
        """Return the pattern, a tile larger than the frame, at a part of a pixel."""
        width, height = (
            size + int(SIDE * chip) + 2
            for size, chip in zip(
                (self.width, self.height), self._chip, strict=True
            )
        )
        columns, rows = (
            int(size / chip) + 3
            for size, chip in zip((width, height), self._chip, strict=True)
        )
        kx, ky = 1 / self._chip[0], 1 / self._chip[1]
        matrix = np.array(
            [
                [kx, 0, (0.5 + across / self._finest) * kx - 0.5],
                [0, ky, (0.5 + down / self._finest) * ky - 0.5],
            ]
        )
        return cv2.warpAffine(
            repeated(self._tile, columns, rows),
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )


