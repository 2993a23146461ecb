"""Swapping on aligned crops, faceswap's way: crop, predict, match the colour, lay back.

The performer's face goes through the shared encoder and the donor's decoder at 64
pixels, and comes back onto the plate inside the hull of its landmarks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.consent.record import Method
from lampoon.errors import TrainingError
from lampoon.faces.align import alignment_matrix
from lampoon.faces.landmarks import points68
from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.blend import with_grain
from lampoon.generate.composite.colour import colour_statistics, with_statistics
from lampoon.generate.composite.mask import hull_mask
from lampoon.generate.interchange import modelfile
from lampoon.generate.interchange.model_state import CropStyle, crop_style
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.models.aligned_crop import shrunk
from lampoon.generate.models.blocks import FACE_SIDE, AlignedNetwork
from lampoon.generate.train.aligned_regions import with_raised_brows
from lampoon.generate.train.snapshots import Snapshots

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

ERODE, FEATHER = 0.02, 0.10
"""Rim of the hull that stays the plate's, and the passage, in shares of its width."""
CALM = 0.8
"""Share of the colours before that is kept from frame to frame."""
_MARGIN = 2
_FEWEST_PIXELS = 16.0


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where a face lies: its crop's matrix, and the window of the plate it changes."""

    face: PlateFace
    matrix: Floats
    hull: Floats
    x: int
    y: int
    width: int
    height: int

    @property
    def plate(self) -> Pixels:
        return self.face.rgb[
            self.y : self.y + self.height, self.x : self.x + self.width
        ]


class AlignedMethod:
    """The donor's decoder on the performer's aligned face; one clip at a time."""

    def __init__(self, network: AlignedNetwork, style: CropStyle | None = None) -> None:
        self._network = network
        self._style = style or CropStyle()
        self._colours: Floats | None = None
        self._last_index = -1

    @classmethod
    def of_training(cls, folder: Path) -> Self:
        """Return the method with the newest weights that a training left in ``folder``.

        A folder that faceswap trained is taken, too. Raises TrainingError without one.
        """
        snapshots = Snapshots(folder).newest_first()
        model = snapshots[0].folder if snapshots else folder
        if not model.is_dir():
            raise TrainingError("no trained model", where=folder, hint="train it first")
        found = modelfile.read(model)
        return cls(found.network, crop_style(found.state))

    @property
    def name(self) -> Method:
        """The method as consent records call it."""
        return Method.AUTOENCODER

    def begin(self, track: FaceTrack, clip: Path) -> None:
        """Forget the colours of the clip before."""
        self._colours = None
        self._last_index = -1

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        """Return one patch a face; None where it is out of the frame or tiny."""
        places = [_place(face, self._style) for face in faces]
        seen = [place for place in places if place is not None]
        made = iter(self._predicted(seen))
        return [
            None if place is None else self._patch(place, next(made))
            for place in places
        ]

    def _predicted(self, places: Sequence[_Place]) -> Pixels:
        """Return the donor's faces, (n, 64, 64, 3) uint8 RGB."""
        if not places:
            return np.zeros((0, FACE_SIDE, FACE_SIDE, 3), np.uint8)
        crops = [shrunk(place.face.rgb, place.matrix, FACE_SIDE) for place in places]
        bgr = np.stack(crops)[..., ::-1].astype(np.float32) / 255
        latent = self._network.encoder(bgr)
        made = np.asarray(self._network.decoded(latent, "b"))[..., ::-1]
        return (made * 255 + 0.5).clip(0, 255).astype(np.uint8)

    def _patch(self, place: _Place, donor: Pixels) -> FacePatch:
        back = place.matrix.astype(np.float64)
        back[:, 2] += back[:, :2] @ (place.x, place.y)
        rgb = cv2.warpAffine(
            donor,
            back,
            (place.width, place.height),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ).astype(np.uint8, copy=False)
        width = float(np.ptp(place.hull[:, 0]))
        alpha = hull_mask(
            place.hull - (place.x, place.y),
            (place.height, place.width),
            erode_pixels=ERODE * width,
            feather_pixels=FEATHER * width,
        )
        if self._style != CropStyle():
            alpha *= _covered(back, place)
        if alpha.any():
            rgb = self._coloured(rgb, place, alpha)
        if place.face.grain:
            rgb = with_grain(rgb, place.plate)
        reach = _covered(back, place)
        return FacePatch(rgb, alpha, place.x, place.y, reach)

    def _coloured(self, rgb: Pixels, place: _Place, alpha: Floats) -> Pixels:
        """Return the patch in the plate's colours, which change calmly over frames."""
        now = np.stack(
            [colour_statistics(picture, alpha) for picture in (rgb, place.plate)]
        )
        follows = place.face.index == self._last_index + 1
        if self._colours is not None and follows:
            now = CALM * self._colours + (1 - CALM) * now
        self._colours, self._last_index = now, place.face.index
        return with_statistics(rgb, now[0], now[1])


def _covered(back: npt.NDArray[np.float64], place: _Place) -> Floats:
    """Return where the network's picture reaches, (height, width), soft at its edge."""
    rim = round(FEATHER * FACE_SIDE)
    inside = np.zeros((FACE_SIDE, FACE_SIDE), np.float32)
    inside[rim // 2 : -rim // 2, rim // 2 : -rim // 2] = 1
    soft = cv2.GaussianBlur(inside, (0, 0), rim / 6)
    return np.asarray(
        cv2.warpAffine(
            soft,
            back,
            (place.width, place.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        ),
        np.float32,
    )


def _place(face: PlateFace, style: CropStyle) -> _Place | None:
    points = points68(face.landmarks)
    hull = with_raised_brows(points)
    height, width = face.rgb.shape[:2]
    left, top = np.floor(hull.min(axis=0)).astype(int) - _MARGIN
    right, bottom = np.ceil(hull.max(axis=0)).astype(int) + _MARGIN
    x, y = max(0, int(left)), max(0, int(top))
    inside = min(width, int(right)) - x, min(height, int(bottom)) - y
    if min(inside) <= 0 or min(right - left, bottom - top) < _FEWEST_PIXELS:
        return None
    matrix = alignment_matrix(
        points, size=FACE_SIDE, centring=style.centring, coverage=style.coverage
    )
    return _Place(face, matrix, hull, x, y, *inside)
