"""A frame put together: mask, what lies in front, colour, sharpness, blend."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.generate.composite.blend import blend_patch
from lampoon.generate.composite.colour_kinds import matched, seamless
from lampoon.generate.composite.mask_kinds import remasked
from lampoon.generate.composite.occlusion import HiddenFace
from lampoon.generate.composite.settings import ColourKind, CompositeSettings
from lampoon.generate.methods.protocol import FacePatch, PlateFace

Pixels = npt.NDArray[np.uint8]

FINE_PIXELS = 1.2
"""Standard deviation of the blur whose difference sharpening adds."""


class Composer:
    """Lays patches into the plate; give it the faces of a stretch in order.

    ``usual`` is how the plate's face usually looks (``usual_look``).
    """

    def __init__(self, usual: npt.NDArray[np.float32] | None = None) -> None:
        self._hidden = HiddenFace(usual)

    def composed(
        self, face: PlateFace, patch: FacePatch, settings: CompositeSettings
    ) -> tuple[Pixels, float]:
        """Return the frame, and which share of the mask something in front hides.

        Raises MediaError for a stored mask that is missing or has another size.
        """
        alpha = remasked(patch, face, settings)
        hidden = 0.0
        if settings.keep_in_front:
            alpha, hidden = self._kept_in_front(alpha, patch, face)
        plate = _under(face.rgb, patch)
        if plate is None:
            return face.rgb, hidden
        if settings.colour is ColourKind.SEAMLESS:
            rgb = seamless(patch.rgb, plate, alpha)
        else:
            rgb = matched(patch.rgb, plate, alpha, settings.colour)
        rgb = sharpened(rgb, settings.sharpening)
        return blend_patch(face.rgb, replace(patch, rgb=rgb, alpha=alpha)), hidden

    def _kept_in_front(
        self, alpha: npt.NDArray[np.float32], patch: FacePatch, face: PlateFace
    ) -> tuple[npt.NDArray[np.float32], float]:
        part = self._hidden.part(face.rgb, face.landmarks, face.index)
        if part is None:
            return alpha, 0.0
        rows, columns = alpha.shape
        front = part.over(columns, rows, x=patch.x, y=patch.y)
        left = np.asarray(alpha * (1 - front), np.float32)
        return left, float(1 - left.sum() / max(float(alpha.sum()), 1e-6))


def sharpened(rgb: Pixels, amount: float) -> Pixels:
    """Return a picture with ``amount`` times its finest differences added again."""
    if amount == 0:
        return rgb
    soft = cv2.GaussianBlur(rgb, (0, 0), FINE_PIXELS)
    made = cv2.addWeighted(rgb, 1 + amount, soft, -amount, 0)
    return np.asarray(made, np.uint8)


def _under(plate: Pixels, patch: FacePatch) -> Pixels | None:
    """Return the plate under a patch, its size, edges repeated; None outside."""
    rows, columns = patch.alpha.shape
    top, left = max(0, -patch.y), max(0, -patch.x)
    part = plate[
        max(0, patch.y) : max(0, patch.y + rows),
        max(0, patch.x) : max(0, patch.x + columns),
    ]
    if part.size == 0:
        return None
    bottom = rows - top - part.shape[0]
    right = columns - left - part.shape[1]
    if not (top or left or bottom or right):
        return part
    framed = cv2.copyMakeBorder(part, top, bottom, left, right, cv2.BORDER_REPLICATE)
    return np.asarray(framed, np.uint8)
