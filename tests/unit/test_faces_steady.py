"""Faces that keep still are looked at less often, and nothing is lost by it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.datasets.samples import sample
from lampoon.faces.detector import Face, LiteRTBackend
from lampoon.faces.landmarks import BLENDSHAPES
from lampoon.faces.steady import Look, between, is_steady
from lampoon.faces.track import track_faces
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from tests.support.faces import RATE, ScriptedBackend, blank_frames, face_at

HERE = face_at(80, 60)
EYE_BLINK = BLENDSHAPES.index("eyeBlinkLeft")


class Counting(ScriptedBackend):
    """A scripted backend that tells how often it was asked."""

    looks = 0

    def faces(
        self,
        rgb: npt.NDArray[np.uint8],
        *,
        previous: object = (),
        search: bool = False,
    ) -> list[Face]:
        """Count, and answer by the script."""
        self.looks += 1
        return super().faces(rgb)


def moved(face: Face, pixels: float) -> Face:
    """The same face a little to the right."""
    shift = np.array([pixels, 0], np.float32)
    return replace(
        face,
        box=face.box + np.tile(shift, 2),
        landmarks=face.landmarks + shift,
    )


def blinking(face: Face, vote: float) -> Face:
    """The same face with one blink score."""
    shapes = face.blendshapes.copy()
    shapes[EYE_BLINK] = vote
    return replace(face, blendshapes=shapes)


def looks_at(*faces: Face) -> list[Look]:
    """One look a frame, 40 ms apart."""
    frames = blank_frames(len(faces))
    return [Look(frame, [face]) for frame, face in zip(frames, faces, strict=True)]


def test_what_lies_between_two_looks_that_agree_is_taken_from_them() -> None:
    before, _, after = looks_at(HERE, HERE, moved(HERE, 0.4))
    middle = blank_frames(2)[1]

    found = between(before, after, [middle])

    assert found is not None
    assert found[0].frame is middle
    assert found[0].faces[0].box == pytest.approx(moved(HERE, 0.2).box)


@pytest.mark.parametrize("other", [moved(HERE, 9), blinking(HERE, 0.3)])
def test_a_face_that_moves_or_blinks_is_not_steady(other: Face) -> None:
    before, after = looks_at(HERE, other)

    assert not is_steady(before, after)


def test_pixels_that_flash_between_two_looks_ask_for_a_look() -> None:
    before, _, after = looks_at(HERE, HERE, HERE)
    dark = Frame.from_rgb(np.zeros((120, 160, 3), np.uint8), 1, 1, Fraction(1, 25))

    assert between(before, after, [dark]) is None


def test_two_looks_that_lie_far_apart_are_not_trusted() -> None:
    looks = looks_at(*[HERE] * 5)

    assert not is_steady(looks[0], looks[4])


def test_a_still_face_is_looked_at_half_as_often_and_every_frame_is_told() -> None:
    backend, given = Counting([[HERE]]), list[int]()

    (track,) = track_faces(
        blank_frames(50),
        rate=RATE,
        backend=backend,
        on_frame=lambda frame, faces: given.append(frame.index),
        thrifty=True,
    )

    assert given == list(range(50))
    assert track.frame_count == 50
    assert track.present.all()
    assert backend.looks < 32


def test_nothing_is_skipped_unless_asked() -> None:
    backend = Counting([[HERE]])

    track_faces(blank_frames(50), rate=RATE, backend=backend)

    assert backend.looks == 50


@pytest.mark.slow
def test_thrift_moves_neither_lids_nor_points() -> None:
    def followed(*, thrifty: bool) -> npt.NDArray[np.float32]:
        (track,) = track_faces(
            read_frames(sample("ben").clip, stop=120),
            rate=RATE,
            backend=LiteRTBackend(max_faces=1),
            thrifty=thrifty,
        )
        return track.landmarks

    apart = np.linalg.norm(followed(thrifty=True) - followed(thrifty=False), axis=2)

    assert apart.mean() < 0.5
    assert np.percentile(apart.max(axis=1), 95) < 4
