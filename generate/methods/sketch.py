"""The preset ``sketch`` of the method ``autoencoder``: a swap in texture space.

The donor's usual look, plus what the network says the donor's skin, lids and gaze
would show beyond it in the performer's place, wrapped onto the performer's landmarks.
"""

import json
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np

from lampoon.consent.record import Method
from lampoon.errors import TrainingError
from lampoon.faces.track import FaceTrack
from lampoon.generate.methods.mesh import DonorLook, PerformerLook
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.methods.textured import SmallView, Wanted, patches, small_view
from lampoon.generate.models.sketch import SketchNetwork, SketchShape, build_sketch
from lampoon.generate.texture.appearance import regions
from lampoon.generate.texture.arrays import Floats, floats
from lampoon.generate.texture.beyond import UNIT, beyond, landmark_code
from lampoon.generate.texture.expression import decisive, gaps
from lampoon.generate.texture.gather import SMALL
from lampoon.generate.texture.layout import camera
from lampoon.generate.train.sketch import (
    DONOR_FILE,
    FORMAT,
    SETTINGS_FILE,
    WEIGHTS_FILE,
    swapped,
)

TRUST, TRUST_AT_EYES = 0.75, 0.25
"""How much of the network's word is taken: least around the eyes, where geometry
already says how lids stand, and where a wrong shadow reads as a squint."""

HINT = "train again, or point to the folder of a finished training"


@lru_cache(maxsize=2)
def trusted(size: int) -> Floats:
    """Return how much of the network's word counts, (size, size) float32."""
    reach = max(3, round(size * 0.09))
    eyes = cv2.dilate(regions(size)[:2].max(0), np.ones((reach, reach), np.uint8))
    share = floats(cv2.GaussianBlur(eyes, (0, 0), size * 0.02))
    return floats(TRUST + (TRUST_AT_EYES - TRUST) * share)


class SketchMethod:
    """Swaps with a trained model; ``begin`` a clip, then ``swap`` its faces."""

    def __init__(self, network: SketchNetwork, donor: DonorLook) -> None:
        self._network = network
        self._donor = donor
        self._performer: PerformerLook | None = None

    @classmethod
    def load(cls, folder: Path) -> "SketchMethod":
        """Return the method from what ``SketchTrainee.save`` wrote.

        TrainingError when the folder holds no such model.
        """
        try:
            facts = json.loads((folder / SETTINGS_FILE).read_text())
            if facts["format"] != FORMAT:
                raise ValueError(f"format {facts['format']}")
            network = build_sketch(SketchShape.from_json(facts["network"]))
            with (
                (folder / WEIGHTS_FILE).open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                network.set_weights(stored, folder)
        except (OSError, BadZipFile, KeyError, ValueError, TypeError) as error:
            raise TrainingError(
                "this is no sketch model that can be read", where=folder, hint=HINT
            ) from error
        return cls(network, DonorLook.load(folder / DONOR_FILE))

    @property
    def name(self) -> Method:
        """The method as consent records call it."""
        return Method.AUTOENCODER

    def begin(self, track: FaceTrack, clip: Path) -> None:
        """Learn the performer's shape and look from a track and its clip."""
        self._performer = PerformerLook.seen(track, clip)

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        """Return one patch a face, in order; ValueError before ``begin``."""
        performer = self._performer
        if performer is None:
            raise ValueError("call begin before swap")
        if not faces:
            return []
        openness = [
            performer.appearance.openness.of(gaps(face.landmarks)) for face in faces
        ]
        views = [small_view(face.rgb, face.landmarks, SMALL) for face in faces]
        extra = self._donor_extra(performer, faces, openness, views)
        parts = zip(faces, openness, extra, views, strict=True)
        wanted: list[Wanted] = [
            (face, partial(self._texture, one, more), view)
            for face, one, more, view in parts
        ]
        return patches(performer.on(self._donor), wanted)

    def _donor_extra(
        self,
        performer: PerformerLook,
        faces: Sequence[PlateFace],
        openness: Sequence[Floats],
        views: Sequence[SmallView],
    ) -> Floats:
        """Return what the donor's texture has beyond the usual, as (n, h, w, 3)."""
        look = performer.appearance
        given, codes = [], []
        for face, one, view in zip(faces, openness, views, strict=True):
            usual = look.texture(one)
            given.append(beyond(view.texture, view.visible, usual, look=look.plain))
            stands = camera(face.landmarks)
            codes.append(landmark_code(face.landmarks, performer.shape, one, stands))
        made = swapped(self._network, np.stack(given), np.stack(codes))
        return floats(made * trusted(SMALL)[..., None])

    def _texture(self, openness: Floats, extra: Floats) -> Floats:
        look = self._donor.appearance
        size = (look.size, look.size)
        sharp = cv2.resize(extra * UNIT, size, interpolation=cv2.INTER_CUBIC)
        texture: Floats = look.texture(decisive(openness)) + sharp
        return texture
