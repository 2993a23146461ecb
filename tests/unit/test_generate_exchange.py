"""Corrected landmarks move a face's points, and only those of the same face."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.errors import ConsentError, LampoonError, TrainingError
from lampoon.faces.landmarks import IBUG_68, points68
from lampoon.generate.exchange.alignments import faces_by_frame, frame_number
from lampoon.generate.exchange.landmarks import bent, corrected_track
from lampoon.generate.exchange.plate import face_mask
from lampoon.generate.extract import face_record
from lampoon.generate.interchange.alignments import Alignments, FrameFaces
from lampoon.generate.interchange.record import FaceRecord
from lampoon.generate.learn import insist_on_our_crop
from lampoon.generate.likeness import Likeness, insist_on_donor
from tests.support.facesets import drawn_track, mean_face

Floats = npt.NDArray[np.float32]
MOUTH = slice(48, 68)


def face() -> Floats:
    """The mean face with 410 more points strewn over it."""
    points = mean_face(100, 60, 90)
    strewn = np.random.default_rng(2).uniform((80, 50), (210, 190), points.shape)
    others = np.setdiff1d(np.arange(len(points)), IBUG_68)
    points[others] = strewn[others]
    return points


def record(points: Floats) -> FaceRecord:
    return face_record(points68(points).astype(np.float32))


def test_points_that_stay_leave_all_others_where_they_are() -> None:
    np.testing.assert_allclose(bent(face(), points68(face())), face(), atol=1e-3)


def test_a_face_that_is_shifted_takes_every_point_along() -> None:
    shift = np.array([7, -4], np.float32)

    made = bent(face(), np.asarray(points68(face()) + shift, np.float32))

    np.testing.assert_allclose(made, face() + shift, atol=0.01)


def test_a_mouth_that_is_moved_moves_what_is_near_it_alone() -> None:
    wanted = points68(face()).astype(np.float32)
    wanted[MOUTH, 1] += 4

    made = bent(face(), wanted)

    moved = np.linalg.norm(made - face(), axis=1)
    mouth = points68(face())[MOUTH].mean(axis=0)
    near = np.linalg.norm(face() - mouth, axis=1)
    others = np.setdiff1d(np.arange(len(moved)), IBUG_68)
    np.testing.assert_array_equal(made[IBUG_68], wanted)
    assert moved[others][near[others] < 8].min() > 2
    eyes = np.linalg.norm(face() - points68(face())[36:48].mean(axis=0), axis=1)
    assert moved[others][eyes[others] < 12].max() < 0.7
    assert moved.max() < 8


def test_the_face_that_the_track_follows_is_corrected() -> None:
    track = drawn_track(4)
    wanted = points68(track.landmarks[2]).astype(np.float32)
    wanted += (2, 1)
    elsewhere = record(mean_face(20, 20, 40))

    found = corrected_track(track, {2: (elsewhere, face_record(wanted))})

    assert (found.matched, found.moved, found.elsewhere) == (1, 1, 0)
    np.testing.assert_array_equal(points68(found.track.landmarks[2]), wanted)
    np.testing.assert_array_equal(found.track.landmarks[1], track.landmarks[1])


def test_faces_elsewhere_and_frames_without_a_face_change_nothing() -> None:
    track = drawn_track(4, lost=[1])
    elsewhere = record(mean_face(20, 20, 40))
    faces = {0: (elsewhere,), 1: (record(mean_face(111, 70, 90)),), 2: (), 99: ()}

    found = corrected_track(track, faces)

    assert (found.matched, found.moved, found.elsewhere) == (0, 0, 1)
    np.testing.assert_array_equal(found.track.landmarks, track.landmarks)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ada_000001.mp4", 0),
        ("frame_000123.png", 122),
        ("a_b_000010.mov", 9),
        ("ada_000000.mp4", None),
        ("ada.png", None),
        ("000001", None),
    ],
)
def test_a_frame_is_found_by_the_number_in_its_name(
    name: str, number: int | None
) -> None:
    assert frame_number(name) == number


def test_alignments_of_pictures_without_numbers_are_refused(tmp_path: Path) -> None:
    alignments = Alignments({"portrait.png": FrameFaces(())})

    with pytest.raises(LampoonError, match=r"x\.fsa: a frame without a number"):
        faces_by_frame(alignments, where=tmp_path / "x.fsa")


def test_a_mask_is_white_on_the_face_and_black_beyond() -> None:
    mask = face_mask(face(), (240, 320))

    hull = points68(face())
    left, top = hull.min(axis=0)
    right, bottom = hull.max(axis=0)
    rows, columns = np.nonzero(mask)
    assert mask[round(float(hull[30, 1])), round(float(hull[30, 0]))] == 255
    assert left <= columns.min() < columns.max() <= right
    assert top - 20 <= rows.min() < rows.max() <= bottom
    assert len(np.unique(mask)) > 20  # soft at its edge


@pytest.mark.parametrize(
    "found",
    [
        Likeness(own=0.30, swapped=0.38, left=0.76),
        Likeness(own=0.41, swapped=0.55, left=0.60),
    ],
)
def test_a_model_that_draws_the_donor_is_let_in(found: Likeness) -> None:
    insist_on_donor(found)


@pytest.mark.parametrize(
    "found",
    [
        Likeness(own=0.55, swapped=0.54, left=0.76),  # a look-alike
        Likeness(own=0.42, swapped=0.30, left=0.76),
        Likeness(own=0.27, swapped=0.85, left=0.33),  # leaves the performer as is
        Likeness(own=0.30, swapped=0.59, left=0.58),
        Likeness(own=0.30, swapped=0.61, left=0.90),
        Likeness(own=float("nan"), swapped=0.3, left=0.9),
        Likeness(own=0.3, swapped=float("nan"), left=0.9),
    ],
)
def test_a_model_that_draws_somebody_else_is_not(found: Likeness) -> None:
    with pytest.raises(ConsentError, match="the donor who agreed"):
        insist_on_donor(found)


def snapshot(folder: Path, config: dict[str, object]) -> Path:
    """A training's folder with one snapshot, of which only the words are there."""
    model = folder / "step-00000007"
    model.mkdir(parents=True)
    reached = {"iterations": 7, "seconds": 0, "cpu_seconds": 0}
    (model / "state.json").write_text(json.dumps(reached), encoding="utf-8")
    (model / "lightweight.keras").write_bytes(b"")
    state = json.dumps({"name": "lightweight", "iterations": 7, "config": config})
    (model / "lightweight_state.json").write_text(state, encoding="utf-8")
    return folder


def test_a_model_of_another_crop_is_not_trained_further(tmp_path: Path) -> None:
    ours = snapshot(tmp_path / "a", {"centering": "face", "coverage": 100.0})
    other = snapshot(tmp_path / "b", {"centering": "legacy", "coverage": 62.5})

    insist_on_our_crop(ours)
    insist_on_our_crop(tmp_path / "nothing yet")
    with pytest.raises(TrainingError, match="cut in another way"):
        insist_on_our_crop(other)
