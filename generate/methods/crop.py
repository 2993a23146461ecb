"""What the swaps on aligned crops share: where a crop lies, and how it comes back."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.faces.align import alignment_matrix
from lampoon.faces.landmarks import points68
from lampoon.generate.composite.blend import with_grain
from lampoon.generate.composite.colour import colour_statistics, with_statistics
from lampoon.generate.interchange.model_state import CropStyle
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.models.aligned_crop import moved_points, shrunk
from lampoon.generate.train.aligned_regions import with_raised_brows

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

ERODE, FEATHER = 0.02, 0.10
"""Rim of the mask that stays the plate's, and the passage, in shares of its width."""
CALM = 0.8
"""Share of the colours before that is kept from frame to frame."""
_MARGIN = 2
_FEWEST_PIXELS = 16.0


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """Where a face lies: its crop's matrix, and the window of the plate it changes.

    ``matrix`` (2, 3) takes plate pixels to the crop's, ``side`` pixels a side;
    ``hull`` are the plate's points of the face, brows raised.
    """

    face: PlateFace
    matrix: Floats
    side: int
    hull: Floats
    x: int
    y: int
    width: int
    height: int

    @property
    def plate(self) -> Pixels:
        """The window's pixels of the plate."""
        rows = slice(self.y, self.y + self.height)
        return self.face.rgb[rows, self.x : self.x + self.width]

    @property
    def hull_width(self) -> float:
        """Pixels of the plate that the face is wide."""
        return float(np.ptp(self.hull[:, 0]))

    def bgr(self) -> Floats:
        """Return the face as networks take it, (side, side, 3) BGR from 0 to 1."""
        crop = shrunk(self.face.rgb, self.matrix, self.side)
        return np.asarray(crop[..., ::-1].astype(np.float32) / 255, np.float32)

    def laid_back(self, picture: Pixels) -> Pixels:
        """Return a picture of the crop's size in the window, (height, width, 3)."""
        made = cv2.warpAffine(
            picture,
            self._back(),
            (self.width, self.height),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return made.astype(np.uint8, copy=False)

    def shares_back(self, shares: Floats) -> Floats:
        """Return shares of the crop's pixels, 0 to 1, in the window; 0 beyond it."""
        made = cv2.warpAffine(
            shares,
            self._back(),
            (self.width, self.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )
        return np.asarray(made, np.float32)

    def reach(self) -> Floats:
        """Return where the picture reaches, (height, width), soft at its edges."""
        rim = round(FEATHER * self.side)
        inside = np.zeros((self.side, self.side), np.float32)
        inside[rim // 2 : -rim // 2, rim // 2 : -rim // 2] = 1
        return self.shares_back(
            np.asarray(cv2.GaussianBlur(inside, (0, 0), rim / 6), np.float32)
        )

    def _back(self) -> npt.NDArray[np.float64]:
        back = self.matrix.astype(np.float64)
        back[:, 2] += back[:, :2] @ (self.x, self.y)
        return back


def crop_of(
    face: PlateFace, style: CropStyle, side: int, *, whole: bool = False
) -> Crop | None:
    """Return the crop of a face; None where it is out of the frame or tiny.

    Its window holds the face's hull, or all that the crop shows if it is ``whole``.
    """
    points = points68(face.landmarks)
    hull = with_raised_brows(points)
    if float(np.ptp(hull, axis=0).min()) + 2 * _MARGIN < _FEWEST_PIXELS:
        return None
    matrix = alignment_matrix(
        points, size=side, centring=style.centring, coverage=style.coverage
    )
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    backward = np.asarray(cv2.invertAffineTransform(matrix), np.float32)
    outline = moved_points(corners, backward) if whole else hull
    height, width = face.rgb.shape[:2]
    left, top = np.floor(outline.min(axis=0)).astype(int) - _MARGIN
    right, bottom = np.ceil(outline.max(axis=0)).astype(int) + _MARGIN
    x, y = max(0, int(left)), max(0, int(top))
    inside = min(width, int(right)) - x, min(height, int(bottom)) - y
    if min(inside) <= 0:
        return None
    return Crop(face, matrix, side, hull, x, y, *inside)


class CalmColours:
    """Gives patches the plate's colours, which change calmly from frame to frame."""

    def __init__(self) -> None:
        self._colours: Floats | None = None
        self._last_index = -1

    def matched(self, rgb: Pixels, crop: Crop, alpha: Floats) -> Pixels:
        """Return the patch in the colours that the plate has where ``alpha`` shows."""
        pictures = (rgb, crop.plate)
        now = np.stack([colour_statistics(picture, alpha) for picture in pictures])
        follows = crop.face.index == self._last_index + 1
        if self._colours is not None and follows:
            now = CALM * self._colours + (1 - CALM) * now
        self._colours, self._last_index = now, crop.face.index
        return with_statistics(rgb, now[0], now[1])


def patch_of(
    crop: Crop, drawn: Floats, alpha: Floats, colours: CalmColours
) -> FacePatch:
    """Return the patch of a drawn face, (side, side, 3) BGR, where ``alpha`` shows."""
    levels = (drawn[..., ::-1] * 255 + 0.5).clip(0, 255).astype(np.uint8)
    rgb = crop.laid_back(levels)
    if alpha.any():
        rgb = colours.matched(rgb, crop, alpha)
    if crop.face.grain:
        rgb = with_grain(rgb, crop.plate)
    return FacePatch(rgb, alpha, crop.x, crop.y, crop.reach())
