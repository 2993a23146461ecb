"""Two followed people to something that learns them: data and network of a preset."""

import math

import numpy as np

from lampoon.errors import MissingExtraError, TrainingError
from lampoon.generate.coverage import Coverage, coverage_of_track
from lampoon.generate.extract import extract_faceset
from lampoon.generate.faceset import Faceset
from lampoon.generate.followed import Followed
from lampoon.generate.job import Preset, StudioSettings
from lampoon.generate.lighting import MOST_FACES, light_of, light_of_faceset
from lampoon.generate.models.blocks import FACE_SIDE
from lampoon.generate.models.lightweight import build_lightweight
from lampoon.generate.models.original import build_original
from lampoon.generate.models.studio import StudioShape
from lampoon.generate.texture.atlas import SMALL
from lampoon.generate.texture.gather import Person, prepare_textures
from lampoon.generate.train.aligned import AlignedTrainee
from lampoon.generate.train.aligned_batch import AlignedFaces, aligned_faces
from lampoon.generate.train.loop import Trainee
from lampoon.generate.train.shot import FEWEST_IN_SHOT, faces_within, person_within
from lampoon.generate.train.sketch import SketchTrainee
from lampoon.generate.train.studio import StudioTrainee, StudioTraining
from lampoon.progress import Bar
from lampoon.quiet import quiet_start

FACESET_PIXELS = 256
FACE_SHARE = 0.75
"""How wide a face-centred crop is in a head-centred picture."""
SEEN_AT_LEAST = 128
"""Of 255: how well a texel is seen that tells of the light."""
TEXTURES_FILE = "textures.npz"
CHOSEN_FACES = "faces-chosen"
"""Faces of the footage that someone chose and corrected, in place of all of them."""
USUAL = StudioSettings()


def trainee_of(
    preset: Preset,
    performer: Followed,
    donor: Followed,
    bar: Bar,
    *,
    studio: StudioSettings = USUAL,
    shot: range | None = None,
) -> Trainee:
    """Return a preset's network with both people's faces, ready for a first step.

    Of the performer, only the frames of a ``shot`` are learnt where one is given.
    Raises FaceError where there are too few faces.
    """
    load_keras()
    if preset is Preset.SKETCH:
        person = textures_of(performer, bar)
        if shot is not None:
            person = person_within(person, performer.track, shot)
        return SketchTrainee(person, textures_of(donor, bar))
    if preset is Preset.STUDIO:
        return _studio_trainee(studio, performer, donor, bar, shot)
    build = build_original if preset is Preset.ORIGINAL else build_lightweight
    return AlignedTrainee(
        build(), _faces_of(performer, bar, shot=shot), _faces_of(donor, bar)
    )


def coverage_of(
    person: Followed, preset: Preset, bar: Bar, *, studio: StudioSettings = USUAL
) -> Coverage:
    """Return what a person's footage shows, by the pictures that a preset learns."""
    if preset is Preset.SKETCH:
        textures = textures_of(person, bar)
        few = np.linspace(0, len(textures.textures) - 1, MOST_FACES).astype(int)
        seen = textures.visible[few] >= SEEN_AT_LEAST
        light = light_of(textures.textures[few, :SMALL], seen[:, :SMALL])
    else:
        side = studio.side if preset is Preset.STUDIO else FACE_SIDE
        light = light_of_faceset(faceset_of(person, bar, pixels=_pixels(side)))
    return coverage_of_track(person.track, light)


def _studio_trainee(
    studio: StudioSettings,
    performer: Followed,
    donor: Followed,
    bar: Bar,
    shot: range | None,
) -> StudioTrainee:
    shape = StudioShape(studio.side, studio.width, studio.code)
    return StudioTrainee(
        shape,
        _faces_of(performer, bar, side=studio.side, shot=shot),
        _faces_of(donor, bar, side=studio.side),
        StudioTraining(batch=studio.batch, precision=studio.precision),
    )


def load_keras() -> None:
    """Import the training library once, without its greetings."""
    try:
        with quiet_start():
            import keras  # noqa: F401  # the first import is the loud one
    except ImportError as error:
        raise MissingExtraError("tensorflow", "generate") from error


def textures_of(side: Followed, bar: Bar) -> Person:
    """Return a person's footage as textures, kept in the work folder."""
    kept = side.folder / TEXTURES_FILE
    if kept.exists():
        try:
            return Person.load(kept)
        except TrainingError:
            kept.unlink()  # broken, made anew below
    with bar("unwrap", unit="frames") as tell:
        return prepare_textures(side.clip, side.track, kept, tell=tell)


def faceset_of(side: Followed, bar: Bar, *, pixels: int = FACESET_PIXELS) -> Faceset:
    """Return a person's faces, cut out now or before, or those that someone chose."""
    if (chosen := side.folder / CHOSEN_FACES).is_dir():
        return Faceset.load(chosen)
    name = "faces" if pixels == FACESET_PIXELS else f"faces-{pixels}"
    with bar("extract", unit="frames") as tell:
        return extract_faceset(
            side.clip, side.folder / name, size=pixels, track=side.track, tell=tell
        )


def _faces_of(
    person: Followed, bar: Bar, *, side: int = FACE_SIDE, shot: range | None = None
) -> AlignedFaces:
    faceset = faceset_of(person, bar, pixels=_pixels(side))
    if shot is None:
        return aligned_faces(faceset, side=side)
    part = faces_within(faceset, shot)
    return aligned_faces(part, side=side, fewest=FEWEST_IN_SHOT)


def _pixels(side: int) -> int:
    """Return how large faces are cut out for a network of ``side`` pixels."""
    return max(FACESET_PIXELS, math.ceil(side / FACE_SHARE / 32) * 32)
