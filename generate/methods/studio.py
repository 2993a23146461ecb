"""The preset ``studio`` of the method ``autoencoder``: a swap inside a learned mask.

The network draws the donor in the performer's pose and, beside the picture, where
that face is; only there the plate changes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.consent.record import Method
from lampoon.errors import TrainingError
from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.mask import soft_inside
from lampoon.generate.interchange.model_state import CropStyle
from lampoon.generate.methods.crop import (
    ERODE,
    FEATHER,
    CalmColours,
    Crop,
    crop_of,
    patch_of,
)
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.models.device import Precision
from lampoon.generate.models.studio import StudioNetwork, StudioShape, build_studio
from lampoon.generate.train.studio import load_weights, stored_facts

Floats = npt.NDArray[np.float32]

INSIDE = 0.5
"""The network says "face" from here on; how soft the edge is, is not its business."""
ROOM = 0.05
"""How far beyond the hull of the landmarks a mask may go, a share of its width."""


class StudioMethod:
    """Swaps with a trained ``studio`` network; one clip at a time."""

    def __init__(self, network: StudioNetwork) -> None:
        self._side = network.shape.side
        self._network = network
        self._colours = CalmColours()

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the method from what ``StudioTrainee.save`` wrote into ``folder``.

        It calculates as pays on this machine, whatever it was trained in. Raises
        TrainingError when the folder holds no such model.
        """
        facts = stored_facts(folder)
        try:
            shape = StudioShape.from_plain(facts["network"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise TrainingError(
                "this is no studio model that can be read", where=folder
            ) from error
        network = build_studio(shape, Precision.AUTO)
        load_weights(network, folder)
        return cls(network)

    @property
    def name(self) -> Method:
        """The method as consent records call it."""
        return Method.AUTOENCODER

    def begin(self, track: FaceTrack, clip: Path) -> None:
        """Forget the colours of the clip before."""
        self._colours = CalmColours()

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        """Return one patch a face; None where it is out of the frame or tiny."""
        crops = [crop_of(face, CropStyle(), self._side, whole=True) for face in faces]
        made = iter(self._drawn([crop for crop in crops if crop is not None]))
        return [
            None if crop is None else self._patch(crop, next(made)) for crop in crops
        ]

    def _drawn(self, crops: Sequence[Crop]) -> Floats:
        """Return the donor's faces with masks, (n, side, side, 4) from 0 to 1."""
        if not crops:
            return np.zeros((0, self._side, self._side, 4), np.float32)
        faces = np.stack([crop.bgr() for crop in crops])
        return np.asarray(self._network.donor(faces), np.float32)

    def _patch(self, crop: Crop, drawn: Floats) -> FacePatch:
        alpha = learned_alpha(crop, np.ascontiguousarray(drawn[..., 3]))
        return patch_of(crop, drawn[..., :3], alpha, self._colours)


def learned_alpha(crop: Crop, mask: Floats) -> Floats:
    """Return how much of a patch shows, (height, width), by a mask (side, side).

    Eroded and soft at its edge as a hull is; never far beyond the face's landmarks.
    """
    inside = (crop.shares_back(mask) >= INSIDE).astype(np.uint8)
    room = np.zeros_like(inside)
    hull = cv2.convexHull(crop.hull.astype(np.float32)) - (crop.x, crop.y)
    cv2.fillConvexPoly(room, hull.round().astype(np.int32), 1)
    reach = 2 * max(1, round(ROOM * crop.hull_width)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    alpha = soft_inside(
        np.asarray(inside * cv2.dilate(room, kernel), np.uint8),
        erode_pixels=ERODE * crop.hull_width,
        feather_pixels=FEATHER * crop.hull_width,
    )
    return np.asarray(alpha * crop.reach(), np.float32)
