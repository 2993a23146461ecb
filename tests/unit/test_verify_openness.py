"""How open the eyes are, and when nobody can say."""

import numpy as np
import pytest

from lampoon.verify.blink.human import Context
from lampoon.verify.blink.measure import measure_blinks, one_at_a_time
from lampoon.verify.blink.statistics import BlinkAnswer
from lampoon.verify.openness import eye_openness, rolling_percentile
from tests.support.verify import Blink, clock, closure_of, face_track


def test_openness_is_one_when_open_and_nearly_nothing_when_shut() -> None:
    times = clock(4)
    closure = closure_of(times, [Blink(2.0, 0.4)])

    eyes = eye_openness(face_track(times, closure))

    assert eyes.openness[10] == pytest.approx([1, 1], abs=0.01)
    assert eyes.openness[:, 0].min() < 0.2
    assert eyes.measurable_seconds == pytest.approx(4.0)


def test_covered_eyes_are_not_measured_and_the_reason_is_told() -> None:
    times = clock(10)
    sure = np.ones((250, 2), bool)
    sure[50:150] = False

    eyes = eye_openness(face_track(times, np.zeros(250), measurable=sure))

    assert eyes.measurable_seconds == pytest.approx(6.0)
    assert eyes.lost == pytest.approx({"eyes covered": 4.0})


def test_a_doubt_of_a_few_frames_does_not_break_the_eyes_off() -> None:
    times = clock(6)
    closure = closure_of(times, [Blink(3.0, 0.2)])
    sure = np.tile(closure < 0.5, (2, 1)).T

    found = measure_blinks([face_track(times, closure, measurable=sure)], 6.0)

    assert len(found.events) == 1


def test_a_turned_head_is_not_measured() -> None:
    eyes = eye_openness(face_track(clock(4), np.zeros(100), yaw=35.0))

    assert eyes.measurable_seconds == 0
    assert list(eyes.lost) == ["turned away"]


def test_five_frames_a_second_are_too_few() -> None:
    eyes = eye_openness(face_track(clock(20, 5), np.zeros(100)))

    assert eyes.measurable_seconds == 0
    assert list(eyes.lost) == ["too few frames a second"]


def test_the_reference_follows_slow_changes() -> None:
    times = clock(20)
    slow = 1 + 0.4 * np.sin(times * 0.3)

    followed = rolling_percentile(times, slow, 50)

    assert np.abs(followed - slow)[40:-40].max() < 0.02


def test_without_a_face_the_answer_is_not_measurable() -> None:
    found = measure_blinks([], 30.0)

    assert found.statistics.answer is BlinkAnswer.INCONCLUSIVE
    assert found.statistics.reason == "not measurable: no face"
    assert found.statistics.rate_per_minute is None
    assert found.events == ()


def test_with_the_eyes_covered_throughout_nothing_is_reported() -> None:
    times = clock(40)
    closure = closure_of(times, [Blink(float(at)) for at in range(2, 38, 3)])
    sure = np.zeros((len(times), 2), bool)

    found = measure_blinks([face_track(times, closure, measurable=sure)], 40.0)

    assert found.events == ()
    assert found.statistics.reason == "not measurable: eyes covered"
    assert found.statistics.measurable_seconds == 0


def test_a_moving_mouth_is_speech_and_a_still_one_rest() -> None:
    times = clock(40)
    talking = 0.03 * np.abs(np.sin(times * 9))

    speech = measure_blinks([face_track(times, np.zeros(1000), mouth=talking)], 40.0)
    rest = measure_blinks([face_track(times, np.zeros(1000))], 40.0)

    assert speech.statistics.context is Context.SPEECH
    assert rest.statistics.context is Context.REST


def test_of_two_faces_at_once_only_the_longer_counts() -> None:
    long, short = clock(30), clock(10)
    first = face_track(long, np.zeros(len(long)))
    beside = face_track(short + 5, closure_of(short, [Blink(3.0)]))
    after = face_track(short + 40, closure_of(short, [Blink(3.0)]))

    assert one_at_a_time([first, beside, after]) == [first, after]
    assert len(measure_blinks([first, beside, after], 50.0).events) == 1
