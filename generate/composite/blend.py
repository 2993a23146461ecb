"""A patch and a plate become one picture."""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.generate.methods.protocol import FacePatch

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

GRAIN_BLUR = 1.0
"""Standard deviation in pixels: what is finer than this counts as grain."""
GRAIN_LIMIT = 2.5
"""Grain is cut off at this many times its usual size, so that no edge passes as it."""
EDGE = 2.2
"""Where differences around are this many times the usual grain, there is an edge."""


def blend_patch(plate: Pixels, patch: FacePatch) -> Pixels:
    """Return the plate, (height, width, 3) uint8, with a patch laid over it.

    What of the patch lies outside the plate is cut off. The plate is not changed.
    """
    made = plate.copy()
    rows, columns, top, left = _common(plate, patch)
    if rows <= 0 or columns <= 0:
        return made
    y, x = patch.y + top, patch.x + left
    view = made[y : y + rows, x : x + columns]
    over = patch.rgb[top : top + rows, left : left + columns].astype(np.float32)
    share = patch.alpha[top : top + rows, left : left + columns, None]
    view[...] = np.round(view + share * (over - view))
    return made


def _common(plate: Pixels, patch: FacePatch) -> tuple[int, int, int, int]:
    """Return rows and columns that overlap, and where they start in the patch."""
    top, left = max(0, -patch.y), max(0, -patch.x)
    rows = min(patch.rgb.shape[0], plate.shape[0] - patch.y) - top
    columns = min(patch.rgb.shape[1], plate.shape[1] - patch.x) - left
    return rows, columns, top, left


def with_grain(patch: Pixels, plate: Pixels) -> Pixels:
    """Return a patch with the grain of the plate under it, both (h, w, 3) uint8.

    The plate's own finest differences are added, at their own places, so the patch is
    neither smoother nor more restless than the film around it.
    """
    grey = cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), GRAIN_BLUR)
    size = np.abs(fine)
    usual = 1.4826 * float(np.median(size[::3, ::3])) + 1e-3
    grain = np.clip(fine, -GRAIN_LIMIT * usual, GRAIN_LIMIT * usual)
    grain *= np.clip(EDGE - cv2.blur(size, (7, 7)) / usual, 0, 1)
    return np.asarray(np.clip(patch + grain[..., None] + 0.5, 0, 255), np.uint8)
