from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from lampoon.datasets.samples import sample
from lampoon.errors import FaceError
from lampoon.faces.detector import LiteRTBackend
from lampoon.faces.track import FaceTrack, main_track, track_clip, track_faces
from lampoon.media.frame import Frame
from tests.support.faces import (
    RATE,
    ScriptedBackend,
    behind_bar,
    blank_frames,
    eyes_of,
    face_at,
    fill_of,
    performer_frames,
)

HERE, THERE = face_at(40, 60), face_at(120, 60)


@cache
def short_track() -> FaceTrack:
    (track,) = track_clip(sample("ada").clip, first=30, stop=50)
    return track


def test_a_track_tells_where_and_when() -> None:
    track = short_track()
    assert (track.first_frame, track.frame_count, track.rate) == (30, 20, RATE)
    assert track.landmarks.shape == (20, 478, 2)
    assert track.blendshapes.shape == (20, 52)
    assert track.pose.shape == (20, 3)
    assert track.times[0] == pytest.approx(1.2)
    assert track.present.all()
    assert track.eyes_measurable.all()
    assert set(track.reasons) == {""}


def test_a_cut_begins_a_new_track() -> None:
    ada, ben = performer_frames("ada", 0, 6), performer_frames("ben", 0, 6)
    cut = [
        Frame.from_rgb(frame.rgb, index, index, Fraction(1, 25))
        for index, frame in enumerate([*ada, *ben])
    ]
    tracks = track_faces(cut, rate=RATE, backend=LiteRTBackend(max_faces=1))
    assert sorted((t.first_frame, t.frame_count) for t in tracks) == [(0, 6), (6, 6)]


def test_a_short_gap_is_part_of_the_track_and_unknown() -> None:
    script = [[HERE]] * 8 + [[]] * 3 + [[HERE]] * 9
    (track,) = track_faces(blank_frames(20), rate=RATE, backend=ScriptedBackend(script))
    assert track.frame_count == 20
    assert np.flatnonzero(~track.present).tolist() == [8, 9, 10]
    assert np.isnan(track.landmarks[8:11]).all()
    assert not track.eyes_measurable[8:11].any()
    assert track.reasons[9] == "no face"


def test_a_long_gap_ends_the_track() -> None:
    script = [[HERE]] * 10 + [[]] * 40 + [[HERE]] * 20
    tracks = track_faces(blank_frames(70), rate=RATE, backend=ScriptedBackend(script))
    assert len(tracks) == 2


def test_two_people_are_two_tracks_the_longest_first() -> None:
    script = [[HERE, THERE]] * 10 + [[THERE]] * 10
    tracks = track_faces(blank_frames(20), rate=RATE, backend=ScriptedBackend(script))
    assert [int(track.present.sum()) for track in tracks] == [20, 10]
    assert tracks[0].boxes[0, 0] == 100


def test_a_flash_of_a_face_is_no_track() -> None:
    script = [[HERE] if index in (5, 6) else [] for index in range(27)]
    assert (
        track_faces(blank_frames(27), rate=RATE, backend=ScriptedBackend(script)) == []
    )


def test_every_frame_is_handed_on_with_its_faces() -> None:
    given: list[tuple[int, int]] = []
    told: list[tuple[int, int]] = []
    track_faces(
        blank_frames(6),
        rate=RATE,
        backend=ScriptedBackend([[HERE]]),
        on_frame=lambda frame, faces: given.append((frame.index, len(faces))),
        tell=lambda done, total: told.append((done, total)),
        total=6,
    )
    assert given == [(index, 1) for index in range(6)]
    assert told[-1] == (6, 6)


def test_eyes_behind_a_bar_stay_unmeasurable_through_a_track() -> None:
    hidden = [
        behind_bar(f, eyes_of("ben", f.index), fill_of("mosaic", f.rgb))
        for f in performer_frames("ben", 0, 24, 2)
    ]
    (track,) = track_faces(hidden, rate=RATE, backend=LiteRTBackend(max_faces=1))
    assert not track.eyes_measurable.any()
    assert "" not in track.reasons[::2]


def test_the_main_track_is_the_face_seen_most() -> None:
    script = [[HERE, THERE]] * 10 + [[THERE]] * 10
    tracks = track_faces(blank_frames(20), rate=RATE, backend=ScriptedBackend(script))
    assert main_track(tracks, "a.mp4").boxes[0, 0] == 100
    with pytest.raises(FaceError, match=r"a\.mp4: no face"):
        main_track([], "a.mp4")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ada", "ben"])
def test_normal_eyes_are_measurable_almost_always(name: str) -> None:
    track = main_track(track_clip(sample(name).clip), name)
    assert track.frame_count == 1000
    assert track.present.mean() == 1
    assert track.eyes_measurable.mean() >= 0.97
