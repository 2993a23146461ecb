"""Where one shot ends and the next begins."""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.media.frame import Frame

THUMBNAIL = (64, 36)
CUT_DIFFERENCE = 0.05
CUT_RATIO = 5.0
"""A cut: pictures differ by this much of full scale, and by this many times what
they differed before."""

LUMA_SPAN = np.float32(219)
GREY_SPAN = np.float32(255)
"""Levels between black and white: as a clip codes them, and in RGB."""


class CutDetector:
    """Tells frame by frame whether a new shot begins.

    A cut is a jump of the whole picture (a 64 x 36 thumbnail) that is large and far
    above the motion just before it, so neither a pan nor a flash of noise is one.
    """

    def __init__(self) -> None:
        self._last: npt.NDArray[np.float32] | None = None
        self._usual = 0.0

    def is_cut(self, frame: Frame) -> bool:
        """Return whether this frame begins a new shot; the first never does."""
        now = _thumbnail(frame)
        before, self._last = self._last, now
        if before is None or before.shape != now.shape:
            return False
        jump = float(np.abs(now - before).mean())
        cut = jump > CUT_DIFFERENCE and jump > CUT_RATIO * self._usual
        self._usual = 0.0 if cut else 0.8 * self._usual + 0.2 * jump
        return cut


def _thumbnail(frame: Frame) -> npt.NDArray[np.float32]:
    """Return a small picture, white is about 1; coded frames are not made RGB."""
    if frame.picture is not None:
        grey, span = _thinned(frame.luma), LUMA_SPAN
    else:
        rgb = _thinned(frame.rgb)
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
        span = GREY_SPAN
    small = cv2.resize(grey, THUMBNAIL, interpolation=cv2.INTER_AREA)
    return np.asarray(small / span, np.float32)


def _thinned(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return every n-th pixel, at least twice the thumbnail's size, for speed."""
    height, width = pixels.shape[:2]
    step = max(min(width // 128, height // 72), 1)
    return np.ascontiguousarray(pixels[::step, ::step])
