"""The networks' looks find their way to the right face and frame."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from lampoon.faces.detector import Face
from lampoon.faces.track import FaceTrack
from lampoon.media.frame import Frame
from lampoon.verify.eye_watch import EyeWatch
from tests.support.verify import clock, face_track

FRAMES = 40
LOST = slice(12, 15)


def picture(eyes: bool) -> npt.NDArray[np.uint8]:
    """A face's skin, 300 x 240, with two dark irises in white, or without."""
    rgb = np.full((240, 300, 3), 150, np.uint8)
    if eyes:
        for x in (55, 135):
            rgb[92:109, x - 14 : x + 14] = 225
            rgb[92:109, x - 6 : x + 6] = 30
    return rgb


def face_of(track: FaceTrack, row: int, shift: float = 0.0) -> Face:
    return Face(
        box=track.boxes[row] + np.float32(shift),
        landmarks=track.landmarks[row] + np.float32(shift),
        depth=np.zeros(478, np.float32),
        blendshapes=track.blendshapes[row],
        score=1.0,
        yaw=0.0,
        pitch=0.0,
        roll=0.0,
    )


def lost_for_a_while(track: FaceTrack) -> FaceTrack:
    boxes = track.boxes.copy()
    boxes[LOST] = np.nan
    return replace(track, boxes=boxes, first_frame=3)


def test_every_seen_frame_has_a_state_and_a_lost_one_has_none() -> None:
    track = lost_for_a_while(face_track(clock(FRAMES / 25), np.zeros(FRAMES)))
    watch = EyeWatch()
    for row in range(FRAMES):
        lost = LOST.start <= row < LOST.stop
        frame = Frame.from_rgb(picture(True), row + 3, row + 3, Fraction(1, 25), 1)
        watch.keep(frame, [] if lost else [face_of(track, row)])

    states = watch.states(track)

    seen = np.ones(FRAMES, np.bool_)
    seen[LOST] = False
    assert np.array_equal(np.isfinite(states.shut).all(axis=1), seen)
    assert np.array_equal(np.isfinite(states.blinked).all(axis=1), seen)
    assert ((states.shut[seen] >= 0) & (states.shut[seen] <= 1)).all()


def test_another_face_in_the_picture_changes_nothing() -> None:
    track = face_track(clock(FRAMES / 25), np.zeros(FRAMES))
    alone, together = EyeWatch(), EyeWatch()
    for row in range(FRAMES):
        frame = Frame.from_rgb(picture(True), row, row, Fraction(1, 25), 1)
        alone.keep(frame, [face_of(track, row)])
        together.keep(frame, [face_of(track, row, 40.0), face_of(track, row)])

    assert np.allclose(
        alone.states(track).blinked, together.states(track).blinked, atol=1e-6
    )


def test_a_track_that_nobody_watched_has_no_states() -> None:
    states = EyeWatch().states(face_track(clock(1), np.zeros(25)))

    assert np.isnan(states.shut).all()
