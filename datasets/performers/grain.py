"""The sensor's noise: more of it in the light, coloured a little, never twice the same.

A sheet of noise is drawn once; each frame shows another part of it, so that a frame
costs a few copies and no random numbers.
"""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.scene import Pixels

SEED = 20
SPARE = 97
"""Rows and columns to choose from, besides the frame's own."""

STEPS = 5
"""One standard deviation is this power of two on the sheet."""

COLOURED = 0.45
"""Of the noise; the rest is the same in red, green and blue."""

FLOOR, RISE = 0.55, 0.75
"""The spread at black, and how much more there is at white: photons come at random,
so that the spread grows as the root of the light, and gamma takes most of that back."""


def grained(rgb: Pixels, spread: float, random: np.random.Generator) -> Pixels:
    """Return (height, width, 3) with noise of ``spread`` levels at mid grey."""
    height, width = rgb.shape[:2]
    sheet = _sheet(height + SPARE, width + SPARE)
    down, right = (int(place) for place in random.integers(0, SPARE, 2))
    noise: npt.NDArray[np.int16] = np.asarray(
        cv2.LUT(rgb, _strengths(spread)), np.int16
    )
    noise *= sheet[down : down + height, right : right + width]
    noise += 1 << (STEPS + 3)
    noise >>= STEPS + 4
    return np.asarray(cv2.add(rgb, noise, dtype=cv2.CV_8U), np.uint8)


@cache
def _sheet(height: int, width: int) -> npt.NDArray[np.int16]:
    random = np.random.default_rng(SEED)
    shared = random.standard_normal((height, width, 1), dtype=np.float32)
    own = random.standard_normal((height, width, 3), dtype=np.float32)
    mixed = np.sqrt(1 - COLOURED**2) * shared + COLOURED * own
    return np.asarray(np.clip(np.round(mixed * (1 << STEPS)), -127, 127), np.int16)


@cache
def _strengths(spread: float) -> npt.NDArray[np.int16]:
    """Return, for each level, the spread in sixteenths of a level."""
    light = np.linspace(0, 1, 256)
    middle = FLOOR + RISE * 0.5**0.5
    levels = spread * (FLOOR + RISE * np.sqrt(light)) / middle
    return np.asarray(np.clip(np.round(16 * levels), 0, 255), np.int16)
