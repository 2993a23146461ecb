from functools import cache

import numpy as np
import pytest

from lampoon.faces.detector import Face, LiteRTBackend
from lampoon.faces.landmarks import LEFT_EYE, RIGHT_EYE, eye_distance
from tests.support.faces import eyes_of, on_stage, performer_frames, truth


@cache
def backend() -> LiteRTBackend:
    return LiteRTBackend()


def only_face(name: str, index: int) -> Face:
    (frame,) = performer_frames(name, index, index + 1)
    (face,) = backend().faces(frame.rgb)
    return face


@pytest.mark.parametrize("name", ["ada", "ben"])
def test_the_eyes_are_where_they_truly_are(name: str) -> None:
    face = only_face(name, 0)
    found = [face.landmarks[ring].mean(axis=0) for ring in (LEFT_EYE, RIGHT_EYE)]
    apart = np.linalg.norm(np.array(found) - eyes_of(name, 0), axis=1)
    assert apart.max() < 0.05 * eye_distance(face.landmarks)
    assert face.score > 0.99


def test_a_shut_eye_scores_higher_than_an_open_one() -> None:
    shut = int(np.argmax([row["closure_l"] for row in truth("ada")[:60]]))
    blink = slice(9, 11)
    open_face, shut_face = only_face("ada", 0), only_face("ada", shut)
    assert shut_face.blendshapes[blink].min() > open_face.blendshapes[blink].max() + 0.2


def test_one_pass_from_the_frame_before_agrees_with_looking_anew() -> None:
    first, second = performer_frames("ben", 0, 2)
    followed = backend().faces(second.rgb, previous=backend().faces(first.rgb))
    anew = backend().faces(second.rgb)
    apart = np.linalg.norm(followed[0].landmarks - anew[0].landmarks, axis=1).mean()
    assert apart < 0.01 * eye_distance(anew[0].landmarks)


@pytest.mark.parametrize("name", ["ada", "ben"])
def test_the_pose_is_the_true_one_within_two_degrees(name: str) -> None:
    indices = range(0, 1000, 97)
    told = [only_face(name, index) for index in indices]
    true = [truth(name)[index] for index in indices]
    for angle in ("yaw", "pitch", "roll"):
        errors = [getattr(f, angle) - t[angle] for f, t in zip(told, true, strict=True)]
        assert np.abs(errors).mean() < 2


@pytest.mark.parametrize("face_pixels", [110, 60, 40])
def test_a_small_face_is_found(face_pixels: int) -> None:
    (frame,) = performer_frames("ada", 0, 1)
    scale = face_pixels / 225
    rgb = on_stage(frame.rgb, scale, (700, 300))
    (face,) = backend().faces(rgb)
    expected = eyes_of("ada", 0).mean(axis=0) * scale + [700, 300]
    middle = face.landmarks[np.r_[LEFT_EYE, RIGHT_EYE]].mean(axis=0)
    assert np.linalg.norm(middle - expected) < 0.1 * face_pixels


def test_two_people_are_two_faces() -> None:
    ada, ben = (performer_frames(name, 0, 1)[0].rgb for name in ("ada", "ben"))
    rgb = np.concatenate([ada, ben], axis=1)
    faces = backend().faces(rgb)
    assert sorted(face.box[0] > 640 for face in faces) == [False, True]
    again = backend().faces(rgb, previous=faces)
    assert len(again) == 2


def test_a_face_that_left_is_not_followed() -> None:
    (frame,) = performer_frames("ada", 0, 1)
    faces = backend().faces(frame.rgb)
    assert backend().faces(np.full_like(frame.rgb, 90), previous=faces) == []


def test_nothing_is_found_in_noise() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (180, 320, 3)).astype(np.uint8)
    assert backend().faces(noise) == []


def test_tiny_pictures_are_fine() -> None:
    assert backend().faces(np.zeros((1, 1, 3), np.uint8)) == []
    assert backend().faces(np.zeros((2, 900, 3), np.uint8)) == []


def test_no_faces_at_all_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="from 1"):
        LiteRTBackend(max_faces=0)
