"""The maths that both ends share: the grid of chips, what is seen, what is left."""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.tile import OVERSAMPLING, Plane, small

ROWS = 180
"""Chips across the shorter side of a frame."""

FINE, COARSE = 0.5, 1.5
"""Widths of the two Gaussians whose difference keeps the mark's band, in samples."""

WINDOW, QUIET, CLIP = 7, 0.7, 1.0
"""Samples that are evened out together, what counts as noise in them, the largest."""


def chip_grid(width: int, height: int) -> tuple[int, int]:
    """Return how many chips lie across and down a frame.

    >>> chip_grid(1920, 1080)
    (320, 180)
    """
    chip = min(width, height) / ROWS
    return round(width / chip), round(height / chip)


def residual(luma: npt.NDArray[np.uint8]) -> Plane:
    """Return the band in which the mark lies, evened out, at two samples a chip.

    ``luma`` is (height, width) uint8. Each place counts by the inverse of its power,
    as for any signal in noise, so that a textured place does not drown the others.
    """
    height, width = luma.shape
    scale = ROWS * OVERSAMPLING / min(width, height)
    size = (round(width * scale), round(height * scale))
    if scale <= 1:
        plane = small(luma, *size)
    else:
        plane = cv2.resize(luma, size, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    band = cv2.GaussianBlur(plane, (0, 0), FINE) - cv2.GaussianBlur(
        plane, (0, 0), COARSE
    )
    spread = cv2.boxFilter(band * band, -1, (WINDOW, WINDOW))
    even = np.clip(band / (spread + QUIET), -CLIP, CLIP)
    return np.asarray(even, np.float32)
