"""A copy of a trained model that learns one shot more; the model stays as it is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError
from lampoon.faces.track import FaceTrack
from lampoon.generate.faceset import Faceset
from lampoon.generate.texture.gather import Person
from lampoon.generate.train.loop import Trainee

FEWEST_IN_SHOT = 8
"""Faces of the performer that a shot has at least."""
ENTERS_AT = 0.75
"""Share of a whole training at which a copy goes on: rates that fall have fallen."""


class Refined:
    """A trainee that goes on from another's snapshot, at the end of its training."""

    def __init__(self, inner: Trainee, base: Path) -> None:
        """Take over the ``base``, a snapshot; TrainingError if it is broken."""
        self._inner = inner
        inner.restore(base)

    @property
    def examples_per_step(self) -> int:
        """Faces seen in one step, both sides together."""
        return self._inner.examples_per_step

    def step(self, progress: float) -> float:
        """Take one step as late in a training as a refinement is; return the loss."""
        return self._inner.step(ENTERS_AT + (1 - ENTERS_AT) * progress)

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on into the empty ``folder``."""
        self._inner.save(folder)

    def restore(self, folder: Path) -> None:
        """Go back to what ``save`` wrote; raises LampoonError if it is broken."""
        self._inner.restore(folder)

    def preview(self) -> npt.NDArray[np.uint8]:
        """Return a picture of the work so far, (h, w, 3) uint8 RGB, unlabelled."""
        return self._inner.preview()


def faces_within(faceset: Faceset, shot: range) -> Faceset:
    """Return the faces of some frames; FaceError where there are too few.

    A face that another program cut out tells no frame, and is left out.
    """
    chosen = tuple(
        face for face in faceset.faces if face.own and face.own.index in shot
    )
    _insist(len(chosen), shot)
    return replace(faceset, faces=chosen)


def person_within(person: Person, track: FaceTrack, shot: range) -> Person:
    """Return a person's textures of some frames; the usual look stays the whole's.

    Raises FaceError where there are too few.
    """
    rows = np.flatnonzero(np.isfinite(track.landmarks).all((1, 2)))
    indices = rows + track.first_frame
    inside = (indices >= shot.start) & (indices < shot.stop)
    if len(inside) != len(person.textures):
        raise ValueError("textures of another track")
    _insist(int(inside.sum()), shot)
    return replace(
        person,
        textures=person.textures[inside],
        visible=person.visible[inside],
        landmarks=person.landmarks[inside],
        openness=person.openness[inside],
    )


def _insist(found: int, shot: range) -> None:
    if found < FEWEST_IN_SHOT:
        raise FaceError(
            f"{found} faces in frames {shot.start} to {shot.stop - 1} are too few",
            hint=f"a shot of [[shots]] shows at least {FEWEST_IN_SHOT} faces",
        )
