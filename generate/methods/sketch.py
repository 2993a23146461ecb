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
from lampoon.generate.texture.atlas import DETAIL, fold, unfold
from lampoon.generate.texture.beyond import UNIT, beyond, landmark_code
from lampoon.generate.texture.expression import decisive, gaps
from lampoon.generate.texture.layout import EYE_CHARTS, camera, chart_texels
from lampoon.generate.train.sketch import (
    DONOR_FILE,
    FORMAT,
    SETTINGS_FILE,
    WEIGHTS_FILE,
    swapped,
)

TRUST, TRUST_AT_EYES = 0.75, 0.75
"""How much of the network's word is taken, on the face and around the eyes."""

HINT = "train again, or point to the folder of a finished training"


@lru_cache(maxsize=1)
def trusted() -> Floats:
    """Return how much of the network's word counts, ATLAS of float32."""
    reach = max(3, round(DETAIL * 0.09))
    lids = regions(DETAIL)[:2].max(0)
    eyes = cv2.dilate(lids, np.ones((reach, reach), np.uint8))
    for chart in EYE_CHARTS:
        eyes[chart_texels(chart, DETAIL)] = 1
    share = floats(cv2.GaussianBlur(eyes, (0, 0), DETAIL * 0.02))
    return fold(floats(TRUST + (TRUST_AT_EYES - TRUST) * share))


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
        views = [small_view(face.rgb, face.landmarks, DETAIL) for face in faces]
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
        """Return what the donor's texture has beyond the usual, (n, *ATLAS, 3)."""
        look = performer.appearance
        given, codes = [], []
        for face, one, view in zip(faces, openness, views, strict=True):
            usual = look.texture(one)
            extra = beyond(view.texture, view.visible, usual, look=look.plain)
            given.append(fold(extra))
            stands = camera(face.landmarks)
            codes.append(landmark_code(face.landmarks, performer.shape, one, stands))
        made = swapped(self._network, np.stack(given), np.stack(codes))
        return floats(made * trusted()[..., None])

    def _texture(self, openness: Floats, extra: Floats) -> Floats:
        look = self._donor.appearance
        size = (look.size, look.size)
        whole = unfold(extra * UNIT)
        sharp = cv2.resize(whole, size, interpolation=cv2.INTER_CUBIC)
        texture: Floats = look.texture(decisive(openness)) + sharp
        return texture
