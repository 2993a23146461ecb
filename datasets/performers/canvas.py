"""Where pictures are drawn, and how they come back as pixels."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.scene import FAR, NEAR, Floats, Matrix, Pixels

TOUCHING = 0.05
"""Half a centimetre: a lid lies on its eye and a lip on a lip."""


class Canvas:
    """Colour and depth of so many pixels, kept where llvmpipe draws."""

    def __init__(self, gl: Any, width: int, height: int) -> None:
        self.size = (width, height)
        self._sheet = gl.texture(self.size, 4)
        self._depth = gl.depth_texture(self.size)
        self._frame = gl.framebuffer([self._sheet], self._depth)

    def begin(self, backdrop: Pixels | None = None) -> None:
        """Draw here from now on, over ``backdrop`` (height, width, 4) or over black.

        The backdrop's rows run from the bottom to the top.
        """
        self._frame.use()
        self._frame.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        if backdrop is not None:
            self._sheet.write(backdrop.data)

    def read(self) -> Pixels:
        """Return (height, width, 4), rows from the bottom to the top."""
        raw = np.frombuffer(self._frame.read(components=4, alignment=1), np.uint8)
        return raw.reshape(self.size[1], self.size[0], 4)

    def shown(self, width: int, height: int) -> Pixels:
        """Return the picture upright, (height, width, 3), averaged down to a size."""
        rgba = self.read()[::-1]
        if self.size != (width, height):
            # at 3 to 2 a pixel is a weighted mean of the four nearest: as good as areas
            rgba = np.asarray(cv2.resize(rgba, (width, height)), np.uint8)
        return np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), np.uint8)

    def depths(self) -> Floats:
        """Return (height, width) of 0 near to 1 far, rows from the bottom up."""
        raw = np.frombuffer(self._depth.read(alignment=1), np.float32)
        return raw.reshape(self.size[1], self.size[0])

    def keep_depth(self, kept: bool) -> None:
        """Draw without changing depths: what is seen through hides nothing."""
        self._frame.depth_mask = not kept

    def reached(self, view: Matrix, places: Matrix) -> npt.NDArray[np.bool_]:
        """Return (n,) which of (n, 3) places are no deeper than what was drawn there.

        ``view`` is the 4x4 to clip coordinates. The deepest of nine pixels counts, so
        that a place on an outline is seen.
        """
        wide = places @ view[:, :3].T + view[:, 3]
        width, height = self.size
        column = ((wide[:, 0] / wide[:, 3] * 0.5 + 0.5) * width).astype(int)
        row = ((wide[:, 1] / wide[:, 3] * 0.5 + 0.5) * height).astype(int)
        depths = self.depths()
        deepest = np.zeros(len(places))
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                x, y = (
                    np.clip(column + dx, 0, width - 1),
                    np.clip(row + dy, 0, height - 1),
                )
                deepest = np.maximum(deepest, depths[y, x])
        drawn = 2 * FAR * NEAR / (FAR + NEAR - (2 * deepest - 1) * (FAR - NEAR))
        own = wide[:, 3]
        return np.asarray(own <= drawn + TOUCHING)


class Sheet:
    """A picture behind everything, larger than the canvas so that it may wander."""

    def __init__(self, picture: Pixels, size: tuple[int, int]) -> None:
        """Take (height, width, 3) RGB, rows from the top."""
        self._picture = cv2.cvtColor(picture[::-1], cv2.COLOR_RGB2RGBA)
        self._size = size
        width, height = size
        self._margin = (
            (picture.shape[1] - width) / 2,
            (picture.shape[0] - height) / 2,
        )
        self._still = self._cut(0.0, 0.0)

    def at(self, shift: tuple[float, float]) -> Pixels:
        """Return (height, width, 4) seen after a shift of the camera, in pixels."""
        if shift == (0.0, 0.0):
            return self._still
        return self._cut(*shift)

    def _cut(self, across: float, up: float) -> Pixels:
        to: npt.NDArray[np.float32] = np.array(
            [[1, 0, -self._margin[0] - across], [0, 1, -self._margin[1] - up]],
            np.float32,
        )
        cut = cv2.warpAffine(
            self._picture, to, self._size, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(cut, np.uint8)
