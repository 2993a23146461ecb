"""Swapping on aligned crops, faceswap's way: crop, predict, match the colour, lay back.

The performer's face goes through the shared encoder and the donor's decoder at 64
pixels, and comes back onto the plate inside the hull of its landmarks.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from lampoon.consent.record import Method
from lampoon.errors import TrainingError
from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.mask import hull_mask
from lampoon.generate.interchange import modelfile
from lampoon.generate.interchange.model_state import CropStyle, crop_style
from lampoon.generate.methods.crop import (
    ERODE,
    FEATHER,
    CalmColours,
    Crop,
    crop_of,
    patch_of,
)
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.models.blocks import FACE_SIDE, AlignedNetwork
from lampoon.generate.train.snapshots import Snapshots

Floats = npt.NDArray[np.float32]


class AlignedMethod:
    """The donor's decoder on the performer's aligned face; one clip at a time."""

    def __init__(self, network: AlignedNetwork, style: CropStyle | None = None) -> None:
        self._network = network
        self._style = style or CropStyle()
        self._colours = CalmColours()

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
        self._colours = CalmColours()

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        """Return one patch a face; None where it is out of the frame or tiny."""
        crops = [crop_of(face, self._style, FACE_SIDE) for face in faces]
        made = iter(self._predicted([crop for crop in crops if crop is not None]))
        return [
            None
            if crop is None
            else patch_of(crop, next(made), self._alpha(crop), self._colours)
            for crop in crops
        ]

    def _predicted(self, crops: Sequence[Crop]) -> Floats:
        """Return the donor's faces, (n, 64, 64, 3) BGR from 0 to 1."""
        if not crops:
            return np.zeros((0, FACE_SIDE, FACE_SIDE, 3), np.float32)
        latent = self._network.encoder(np.stack([crop.bgr() for crop in crops]))
        return np.asarray(self._network.decoded(latent, "b"), np.float32)

    def _alpha(self, crop: Crop) -> Floats:
        alpha = hull_mask(
            crop.hull - (crop.x, crop.y),
            (crop.height, crop.width),
            erode_pixels=ERODE * crop.hull_width,
            feather_pixels=FEATHER * crop.hull_width,
        )
        if self._style == CropStyle():
            return alpha
        return np.asarray(alpha * crop.reach(), np.float32)
