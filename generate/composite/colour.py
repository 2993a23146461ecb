"""Colour of one picture carried to another, in CIE L*a*b*."""

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

CONTRAST_RANGE = (0.75, 1.35)
"""Contrast is never changed by more than these factors."""

ENOUGH_PIXELS = 30_000
"""A picture with more is thinned out before it is measured."""


def _lab(rgb: Pixels) -> Floats:
    found = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(found, np.float32)


def colour_statistics(rgb: Pixels, weight: Floats) -> Floats:
    """Return means and standard deviations in L*a*b*, (2, 3) float32.

    ``rgb`` is (h, w, 3) uint8, ``weight`` (h, w) says how much each pixel counts.
    ValueError where nothing counts. Average these over time for a calm transfer.
    """
    step = max(1, int(np.sqrt(weight.size / ENOUGH_PIXELS)))
    share = np.ascontiguousarray(weight[::step, ::step], np.float64).ravel()
    if share.sum() <= 0:
        share, step = weight.astype(np.float64).ravel(), 1
    total = share.sum()
    if total <= 0:
        raise ValueError("no pixel counts")
    lab = _lab(np.ascontiguousarray(rgb[::step, ::step])).reshape(-1, 3)
    mean = share @ lab / total
    spread = np.sqrt(share @ np.square(lab - mean) / total)
    return np.stack([mean, spread]).astype(np.float32)


def with_statistics(
    rgb: Pixels, own: Floats, wanted: Floats, *, contrast: float = 0.5
) -> Pixels:
    """Return a picture whose statistics, ``own``, are moved to those ``wanted``.

    Both are as ``colour_statistics`` gives them. The means move all the way, the
    spreads by ``contrast`` of it (Reinhard et al. 2001, equations 10 and 11).
    """
    ratio = np.clip(wanted[1] / np.maximum(own[1], 1e-3), *CONTRAST_RANGE)
    gain = 1 + contrast * (ratio - 1)
    moved = (_lab(rgb) - own[0]) * gain + wanted[0]
    back = cv2.cvtColor(moved.astype(np.float32), cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(back * 255 + 0.5, 0, 255), np.uint8)


def colour_transfer(rgb: Pixels, like: Pixels, weight: Floats) -> Pixels:
    """Return ``rgb`` in the colours of ``like``, both (h, w, 3) uint8, same size.

    Only pixels that ``weight`` (h, w) counts are compared; all of them move.
    """
    own, wanted = (colour_statistics(picture, weight) for picture in (rgb, like))
    return with_statistics(rgb, own, wanted)
