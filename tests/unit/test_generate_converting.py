"""What becomes of each frame: swapped, moved, left to the plate, and told."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from lampoon.consent.record import Method
from lampoon.datasets.samples import sample
from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.settings import (
    AS_EVER,
    CompositeSettings,
    Composition,
    RangeSettings,
)
from lampoon.generate.convert import Converter
from lampoon.generate.methods.mesh import DonorLook, MeshMethod, PerformerLook
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from tests.support.paint import GreenPaint
from tests.support.performers import granted, tiny_pair
from tests.support.texture import plate_faces, tracked

CLIP = sample("ada").clip
COUNT = 8


def converter(
    folder: Path, track: FaceTrack, composition: Composition = AS_EVER
) -> Converter:
    folder.mkdir(exist_ok=True)
    grant = granted(tiny_pair(folder), Method.MESH)
    return Converter(CLIP, track, GreenPaint(), grant, composition=composition)


def green(frame: Frame) -> float:
    """Return the mean column of what was painted, NaN where nothing was."""
    columns = np.nonzero((frame.rgb == (0, 255, 0)).all(2))[1]
    return float(columns.mean()) if len(columns) else float("nan")


def test_a_head_in_profile_shows_the_plate_and_is_told(tmp_path: Path) -> None:
    track = tracked("ada", 0, COUNT)
    pose = track.pose.copy()
    pose[3:5, 0] = 70.0
    turned = converter(tmp_path, replace(track, pose=pose))
    made = list(turned.stretch(0, COUNT))
    plate = list(read_frames(CLIP, stop=COUNT))
    same = [bool((m.rgb == p.rgb).all()) for m, p in zip(made, plate, strict=True)]
    assert same == [False] * 3 + [True] * 2 + [False] * 3
    kept = turned.report.figures()["plate_kept"]["profile"]
    assert kept == {"frames": 2, "seconds": [[0.12, 0.2]]}
    assert any("turned too far" in line for line in turned.report.lines())


def test_a_lost_face_shows_the_plate_and_is_told(tmp_path: Path) -> None:
    track = tracked("ada", 0, COUNT)
    landmarks = track.landmarks.copy()
    landmarks[6] = np.nan
    lost = converter(tmp_path, replace(track, landmarks=landmarks))
    made = list(lost.stretch(0, COUNT))
    plate = next(read_frames(CLIP, first=6, stop=7))
    assert (made[6].rgb == plate.rgb).all()
    assert lost.report.figures()["plate_kept"]["lost"]["frames"] == 1


def test_a_range_moves_the_face_only_in_its_time(tmp_path: Path) -> None:
    moved = RangeSettings(
        first_seconds=0.16, last_seconds=1.0, landmark_offset=(20.0, 0.0)
    )
    track = tracked("ada", 0, COUNT)
    bare = CompositeSettings(keep_in_front=False)
    usual, shifted = (
        list(converter(tmp_path, track, Composition(bare, ranges)).stretch(0, COUNT))
        for ranges in ((), (moved,))
    )
    ways = [green(s) - green(u) for s, u in zip(shifted, usual, strict=True)]
    assert np.abs(ways[:4]).max() == 0
    assert np.abs(np.array(ways[4:]) - 20).max() < 1


def test_only_stretches_that_a_range_touches_depend_on_it(tmp_path: Path) -> None:
    late = RangeSettings(first_seconds=20.0, last_seconds=21.0, sharpening=1.0)
    track = tracked("ada", 0, COUNT)
    usual = converter(tmp_path / "a", track)
    ranged = converter(tmp_path / "b", track, Composition(ranges=(late,)))
    same = [
        usual.depends_on(first, first + 250) == ranged.depends_on(first, first + 250)
        for first in (0, 250, 500, 750)
    ]
    assert same == [True, True, False, True]


def test_flicker_is_measured_on_plate_and_swap(tmp_path: Path) -> None:
    steady = converter(tmp_path, tracked("ada", 0, COUNT))
    assert steady.report.flicker() is None
    for _ in steady.stretch(0, COUNT):
        pass
    flicker = steady.report.flicker()
    assert flicker is not None
    assert flicker[1] < flicker[0]  # flat paint does not flicker


@pytest.mark.slow
def test_grain_is_the_plates_own_and_can_be_left_out() -> None:
    donor = PerformerLook.seen(tracked("ben", 0, COUNT), sample("ben").clip)
    method = MeshMethod(DonorLook(donor.appearance, donor.shape))
    method.begin(tracked("ada", 0, COUNT), CLIP)
    face = plate_faces("ada", 0, COUNT)[2]
    with_it, without = method.swap([face, replace(face, grain=False)])
    assert with_it is not None
    assert without is not None
    middle = with_it.alpha > 0.99
    added = (with_it.rgb.astype(int) - without.rgb).mean(2)[middle]
    plate = face.rgb[
        with_it.y : with_it.y + middle.shape[0], with_it.x : with_it.x + middle.shape[1]
    ]
    grey = plate.astype(np.float32).mean(2)
    grain = (grey - cv2.GaussianBlur(grey, (0, 0), 1.0))[middle]
    assert abs(added.mean()) < 0.1
    plain = np.abs(grain) < 2  # no edges, which are not grain
    assert np.corrcoef(added[plain], grain[plain])[0, 1] > 0.5
