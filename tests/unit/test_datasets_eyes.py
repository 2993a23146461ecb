"""The people that eye networks learn from, what they are shown, and a short lesson."""

from pathlib import Path

import numpy as np
import pytest

from lampoon.datasets.eyes.cast import Part, eye_cast, part_of_name
from lampoon.datasets.eyes.learn import Lesson, learn
from lampoon.datasets.eyes.network import course_network, export, look_network
from lampoon.datasets.eyes.spoil import Spoiling, draw_spoiling, spoiled
from lampoon.datasets.metrics import area_under_curve
from lampoon.faces.eye_state import (
    CLUES,
    MODELS,
    PATCH_SHAPE,
    STEPS,
    EyeNetworks,
)
from tests.support.eyes import drawn_crops, drawn_eye


def test_nobody_is_learnt_from_and_tried_on() -> None:
    parts: dict[str, set[Part]] = {}
    for role in eye_cast(120):
        parts.setdefault(role.person.name, set()).add(role.part)

    assert all(len(each) == 1 for each in parts.values())
    assert sum(each == {Part.TRY} for each in parts.values()) == 24


def test_a_clip_is_sorted_by_who_it_shows() -> None:
    for role in eye_cast(60):
        assert part_of_name(role.person.name) is role.part
    assert part_of_name("zoe") is part_of_name("zoe")


def test_who_is_tried_on_blinks_as_drawn_and_who_is_learnt_from_more() -> None:
    roles = {role.person.seed: role for role in eye_cast(10)}
    again = {role.person.seed: role for role in eye_cast(10)}

    assert roles == again
    assert roles[1000].person.blink_rate_factor > 1.2
    assert roles[1000].take != roles[1001].take


def test_a_picture_spoiled_in_no_way_stays_as_it_is() -> None:
    picture = drawn_eye(0.2)

    kept = spoiled(picture, Spoiling(), np.random.default_rng(0))

    assert np.array_equal(kept, picture)


@pytest.mark.parametrize("seed", range(12))
def test_spoiling_keeps_size_and_range(seed: int) -> None:
    random = np.random.default_rng(seed)

    made = spoiled(drawn_eye(0.0), draw_spoiling(random), random)

    assert made.shape == PATCH_SHAPE
    assert made.dtype == np.uint8


@pytest.mark.slow
def test_litert_says_what_keras_says(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    look, course = look_network(), course_network()
    for model, name in zip((look, course), MODELS, strict=True):
        export(model, tmp_path / name)
    first, second = ((tmp_path / name).read_bytes() for name in MODELS)
    pictures = random.integers(0, 256, (70, *PATCH_SHAPE)).astype(np.uint8)
    moments = random.random((70, STEPS, CLUES + 2)).astype(np.float32)
    networks = EyeNetworks((first, second))

    looks = networks.look(pictures)
    times = np.arange(70) / 25
    courses = networks.course(times, looks)

    expected = look.predict(pictures[..., None].astype(np.float32), verbose=0)
    assert np.abs(looks - expected).max() < 1e-4
    assert courses.shape == (70,)
    assert np.isfinite(course.predict(moments, verbose=0)).all()
    assert max(len(first), len(second)) < 500_000


@pytest.mark.slow
def test_a_short_lesson_tells_blinks_from_squints(tmp_path: Path) -> None:
    shown = [drawn_crops(seed) for seed in range(6)]
    unseen = drawn_crops(99)

    learnt = learn(shown, [drawn_crops(50)], Lesson(6, 6, views=2))

    assert learnt.look_losses[-1] < learnt.look_losses[0]
    for model, name in zip((learnt.look, learnt.course), MODELS, strict=True):
        export(model, tmp_path / name)
    look, course = ((tmp_path / name).read_bytes() for name in MODELS)
    networks = EyeNetworks((look, course))
    looks = networks.look(unseen.pictures[:, 0, 0])
    courses = networks.course(unseen.times, looks)
    blinking = unseen.blinked[:, 0] >= 0.5
    assert area_under_curve(looks[:, 0].astype(float), unseen.shut[:, 0] >= 0.5) > 0.95
    assert area_under_curve(courses.astype(float), blinking) > 0.95
