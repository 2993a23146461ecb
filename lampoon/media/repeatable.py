"""The same pictures give the same bytes: keeping x264 from guessing."""

import cv2

WIDE = 128
"""x264's AVX-512 code is exact for widths of whole multiples of this many pixels."""

AVX_512F = 13
"""OpenCV's number of the processor's feature."""


def repeatable(width: int) -> dict[str, str]:
    """Return encoder options that make x264 repeat itself for a width in pixels.

    On processors with AVX-512, x264's look-ahead reads memory that nobody wrote where
    a row of macroblocks does not fill its vectors (measured: 6 encodings of one clip
    of 320 or 448 pixels, 6 results; 256, 384, 640: one). Its AVX2 code does not.
    """
    if width % WIDE == 0 or not cv2.checkHardwareSupport(AVX_512F):
        return {}
    return {"x264-params": "asm=avx2"}
