from dataclasses import replace
from functools import cache
from itertools import product

import cv2
import numpy as np
import pytest

from lampoon.faces.detector import Face, LiteRTBackend
from lampoon.faces.quality import FaceQuality, face_quality
from lampoon.media.frame import Frame
from tests.support.faces import (
    behind_bar,
    eyes_of,
    fill_of,
    on_stage,
    performer_frames,
    truth,
)


@cache
def backend() -> LiteRTBackend:
    return LiteRTBackend(max_faces=1)


def seen(frame: Frame) -> tuple[Face, FaceQuality]:
    (face,) = backend().faces(frame.rgb)
    return face, face_quality(frame.rgb, face)


@pytest.mark.parametrize("name", ["ada", "ben"])
def test_open_and_shut_eyes_are_measurable(name: str) -> None:
    closures = [row["closure_l"] for row in truth(name)]
    shut = int(np.argmax(closures))
    for index in (0, shut, shut + 2):
        _, quality = seen(performer_frames(name, index, index + 1)[0])
        assert quality.left_eye_measurable
        assert quality.right_eye_measurable
        assert quality.reason == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *product(
            ("ada", "ben"), ("black", "white", "skin", "noise", "blurred", "stripes")
        ),
        ("ada", "cheek"),
    ],
)
def test_eyes_behind_a_bar_are_not_measurable(name: str, kind: str) -> None:
    (frame,) = performer_frames(name, 310, 311)
    hidden = behind_bar(frame, eyes_of(name, 310), fill_of(kind, frame.rgb))
    _, quality = seen(hidden)
    assert not quality.left_eye_measurable
    assert not quality.right_eye_measurable
    assert quality.reason


def test_one_covered_eye_leaves_the_other() -> None:
    (frame,) = performer_frames("ada", 310, 311)
    left = eyes_of("ada", 310)[:1]
    hidden = behind_bar(frame, left, fill_of("black", frame.rgb), width=1.0)
    _, quality = seen(hidden)
    assert (quality.left_eye_measurable, quality.right_eye_measurable) == (False, True)
    assert quality.reason == "left eye covered"


def test_dark_glasses_are_not_measurable() -> None:
    (frame,) = performer_frames("ben", 310, 311)
    dark = (frame.rgb * 0.08 + 8).astype(np.uint8)
    _, quality = seen(behind_bar(frame, eyes_of("ben", 310), dark))
    assert quality.reason == "eyes too dark"


def test_a_blurred_face_is_not_measurable() -> None:
    (frame,) = performer_frames("ada", 310, 311)
    _, quality = seen(
        frame.with_rgb(cv2.GaussianBlur(frame.rgb, (0, 0), 7).astype(np.uint8))
    )
    assert not quality.left_eye_measurable
    assert quality.reason in ("blurred", "eyes too dark", "eyes covered")


def test_a_small_face_is_too_small() -> None:
    (frame,) = performer_frames("ada", 310, 311)
    small = frame.with_rgb(on_stage(frame.rgb, 0.18, (600, 300)))
    face, quality = seen(small)
    assert quality.reason == "too small"
    assert quality.height_pixels == pytest.approx(face.box[3] - face.box[1])


def test_a_turned_face_is_turned_away() -> None:
    (frame,) = performer_frames("ada", 310, 311)
    face, _ = seen(frame)
    quality = face_quality(frame.rgb, replace(face, yaw=-38.0))
    assert quality.reason == "turned away"
    assert not quality.right_eye_measurable
