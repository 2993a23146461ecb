"""A mark of single pictures that is easy to follow: brighter corners of cells."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.adapters.protocol import Beliefs, Rgb

COLUMNS = 20
LEVELS = 6.0


@dataclass(frozen=True)
class CornerMark:
    """Honours ``PictureMark``: two corners of a cell are brighter for a 1."""

    capacity: int = 428
    name: str = "corners"

    def mark(self, rgb: Rgb, bits: npt.NDArray[np.uint8], strength: float) -> Rgb:
        """Return a picture that carries the bits."""
        cells = np.zeros(self._rows * COLUMNS, np.float32)
        cells[: self.capacity] = bits.astype(np.float32) * 2 - 1
        corners = np.array([[1, -1], [-1, 1]], np.float32)
        pattern = np.kron(cells.reshape(self._rows, COLUMNS), corners)
        size = (rgb.shape[1], rgb.shape[0])
        grown = cv2.resize(pattern, size, interpolation=cv2.INTER_NEAREST)
        # uneven, so that twice the strength is twice the change also after rounding
        uneven = np.random.default_rng(0).uniform(0, 2, grown.shape)
        marked = rgb + (strength * LEVELS * uneven * grown)[..., None]
        return np.asarray(np.clip(np.rint(marked), 0, 255), np.uint8)

    def believe(self, rgb: Rgb, strength: float) -> Beliefs:
        """Return by how much each cell's two corners are brighter."""
        size = (COLUMNS * 2, self._rows * 2)
        grey = rgb.astype(np.float32).mean(axis=2)
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        a, b = small[::2, ::2] + small[1::2, 1::2], small[::2, 1::2] + small[1::2, ::2]
        return np.asarray((a - b).reshape(-1)[: self.capacity], np.float64)

    @property
    def _rows(self) -> int:
        return -(-self.capacity // COLUMNS)
