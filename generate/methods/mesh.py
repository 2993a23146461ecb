"""The method ``mesh``: the donor's usual look on the performer's geometry, untrained.

The donor's texture for the performer's openness of lids and mouth is wrapped onto the
performer's landmarks in the plate's light. What a trained method must beat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from lampoon.consent.record import Method
from lampoon.errors import TrainingError
from lampoon.faces.track import FaceTrack
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.methods.textured import (
    TexturedFace,
    Wanted,
    eye_brightness,
    patches,
    small_view,
)
from lampoon.generate.texture.appearance import Appearance
from lampoon.generate.texture.arrays import Floats
from lampoon.generate.texture.atlas import DETAIL
from lampoon.generate.texture.expression import decisive, gaps
from lampoon.generate.texture.gather import glance, poses
from lampoon.generate.texture.shape import ShapeChange

SHAPE_SHARE = 0.6
"""How much of the donor's face shape the performer takes on."""


@dataclass(frozen=True, slots=True, eq=False)
class DonorLook:
    """What a donor brings: the look, and the resting shape (478, 2)."""

    appearance: Appearance
    shape: Floats

    @classmethod
    def load(cls, path: Path) -> "DonorLook":
        """Return the look in prepared textures or in a model's ``donor.npz``.

        TrainingError when the file cannot be read.
        """
        try:
            with (
                path.open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                return cls(Appearance.from_arrays(stored), stored["shape"])
        except (OSError, BadZipFile, KeyError, ValueError) as error:
            raise TrainingError(
                "this donor's look cannot be read",
                where=path,
                hint="extract or train again",
            ) from error


@dataclass(frozen=True, slots=True, eq=False)
class PerformerLook:
    """What a swap needs to know of the performer in one clip."""

    appearance: Appearance
    shape: Floats

    @classmethod
    def seen(cls, track: FaceTrack, clip: Path) -> "PerformerLook":
        """Return the performer of a clip; FaceError where the track shows no face."""
        given = poses(track)
        return cls(glance(clip, track, given), given.shape)

    def on(self, donor: DonorLook) -> TexturedFace:
        """Return what puts this donor's textures onto this performer."""
        change = ShapeChange.between(self.shape, donor.shape, share=SHAPE_SHARE)
        eyes = eye_brightness(self.appearance, donor.appearance)
        return TexturedFace(change, self.appearance.openness, eyes)


class MeshMethod:
    """Swaps without training; ``begin`` a clip, then ``swap`` its faces."""

    def __init__(self, donor: DonorLook) -> None:
        self._donor = donor
        self._performer: PerformerLook | None = None

    @classmethod
    def load(cls, textures: Path) -> "MeshMethod":
        """Return the method for the donor whose prepared textures are in a file."""
        return cls(DonorLook.load(textures))

    @property
    def name(self) -> Method:
        """The method as consent records call it."""
        return Method.MESH

    def begin(self, track: FaceTrack, clip: Path) -> None:
        """Learn the performer's shape and look from a track and its clip."""
        self._performer = PerformerLook.seen(track, clip)

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        """Return one patch a face, in order; ValueError before ``begin``."""
        performer = self._performer
        if performer is None:
            raise ValueError("call begin before swap")
        look, range_ = self._donor.appearance, performer.appearance.openness
        wanted: list[Wanted] = []
        for face in faces:
            openness = range_.of(gaps(face.landmarks))
            small = small_view(face.rgb, face.landmarks, DETAIL)
            wanted.append((face, partial(look.texture, decisive(openness)), small))
        return patches(performer.on(self._donor), wanted)
