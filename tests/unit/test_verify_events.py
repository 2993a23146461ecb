"""Blinks out of simulated faces and out of the performers' truth."""

import numpy as np
import pytest

from lampoon.datasets.samples import sample
from lampoon.verify.blink.events import BlinkEvent, Eyes, find_blinks
from lampoon.verify.openness import eye_openness
from tests.support.verify import (
    Blink,
    Vector,
    clock,
    closure_of,
    face_track,
    missed_and_invented,
    truth_of,
)


def blinks_of(times: Vector, closure: Vector, noise: float = 0.3) -> list[BlinkEvent]:
    return find_blinks(eye_openness(face_track(times, closure, noise=noise)))


@pytest.mark.parametrize("name", ["ada", "ben"])
@pytest.mark.parametrize("every", [1, 2])
def test_every_true_blink_is_found_and_no_other(name: str, every: int) -> None:
    truth = truth_of(sample(name).truth)
    frames = truth["frames"][::every]
    left = np.array([frame["closure_l"] for frame in frames])
    right = np.array([frame["closure_r"] for frame in frames])
    times = np.array([frame["t"] for frame in frames])

    found = find_blinks(eye_openness(face_track(times, left, right, noise=0.3)))

    assert missed_and_invented(found, truth["blinks"]) == ([], [])


def test_a_blink_has_its_start_peak_and_end() -> None:
    (blink,) = blinks_of(clock(6), closure_of(clock(6), [Blink(3.0, 0.3)]), noise=0)

    assert blink.start_seconds == pytest.approx(3.0, abs=0.03)
    assert blink.peak_seconds == pytest.approx(3.12, abs=0.03)
    assert blink.end_seconds == pytest.approx(3.3, abs=0.05)
    assert blink.complete
    assert blink.eyes is Eyes.BOTH


def test_the_peak_lies_between_the_frames() -> None:
    starts = np.linspace(3.0, 3.04, 9)
    errors = [
        blinks_of(clock(6), closure_of(clock(6), [Blink(start, 0.25)]), noise=0)[
            0
        ].peak_seconds
        - (start + 0.1)
        for start in starts
    ]

    assert np.abs(errors).max() < 0.025


@pytest.mark.parametrize("amplitude", [0.45, 0.6, 0.75])
def test_an_incomplete_blink_is_found_and_called_so(amplitude: float) -> None:
    closure = closure_of(clock(8), [Blink(4.0, 0.22, amplitude)])

    (blink,) = blinks_of(clock(8), closure)

    assert not blink.complete
    assert blink.amplitude == pytest.approx(amplitude, abs=0.15)


@pytest.mark.parametrize("seconds", [1.2, 2.0, 5.0])
def test_a_squint_is_no_blink(seconds: float) -> None:
    times = clock(12)
    inside = (times > 4) & (times < 4 + seconds)
    ramp = np.convolve(inside * 0.5, np.ones(6) / 6, mode="same")

    assert blinks_of(times, ramp) == []


def test_a_blink_during_a_squint_is_found() -> None:
    times = clock(12)
    squint = np.convolve(((times > 3) & (times < 9)) * 0.4, np.ones(6) / 6, "same")
    blink = closure_of(times, [Blink(6.0)])

    found = blinks_of(times, np.maximum(squint, blink))

    assert [round(each.peak_seconds, 1) for each in found] == [6.1]


def test_looking_down_for_a_while_is_no_blink() -> None:
    times = clock(10)
    down = np.convolve(((times > 4) & (times < 5.4)) * 0.6, np.ones(4) / 4, "same")

    assert blinks_of(times, down) == []


def test_two_blinks_in_a_row_stay_two() -> None:
    closure = closure_of(clock(6), [Blink(3.0, 0.2), Blink(3.3, 0.2)])

    assert len(blinks_of(clock(6), closure)) == 2


def test_a_long_hold_in_the_middle_stays_one() -> None:
    closure = closure_of(clock(6), [Blink(3.0, 0.7)])

    assert len(blinks_of(clock(6), closure, noise=0.6)) == 1


def test_open_eyes_and_jitter_give_nothing() -> None:
    assert blinks_of(clock(30), np.zeros(750), noise=0.6) == []


def test_shut_eyes_are_no_blink() -> None:
    times = clock(20)

    shut = ((times > 5) & (times < 15)).astype(np.float64)

    assert blinks_of(times, shut) == []


def test_a_wink_is_listed_with_its_eye() -> None:
    times = clock(6)
    wink = closure_of(times, [Blink(3.0, 0.3)])

    (found,) = find_blinks(eye_openness(face_track(times, wink, np.zeros(len(times)))))

    assert found.eyes is Eyes.LEFT
    assert found.wink


def test_one_measurable_eye_is_enough() -> None:
    times = clock(6)
    closure = closure_of(times, [Blink(3.0)])
    sure = np.tile([False, True], (len(times), 1))

    (found,) = find_blinks(eye_openness(face_track(times, closure, measurable=sure)))

    assert found.eyes is Eyes.RIGHT
    assert not found.wink


def test_uneven_frames_keep_their_own_times() -> None:
    rng = np.random.default_rng(5)
    times = np.sort(rng.choice(clock(20, 60), 500, replace=False)) + 3.0
    blinks = [Blink(start, 0.22) for start in (5.0, 9.3, 14.1, 20.7)]

    found = blinks_of(times, closure_of(times, blinks))

    peaks = [each.peak_seconds for each in found]
    assert np.allclose(peaks, [b.start + 0.4 * 0.22 for b in blinks], atol=0.04)


def test_a_hole_in_the_frames_is_not_bridged() -> None:
    times = clock(10)
    kept = (times < 4.0) | (times > 4.4)
    closure = closure_of(times, [Blink(4.05, 0.3)])

    assert blinks_of(times[kept], closure[kept]) == []


def test_the_clip_may_begin_in_mid_blink() -> None:
    closure = closure_of(clock(5), [Blink(-0.08, 0.25)])

    (found,) = blinks_of(clock(5), closure)

    assert found.start_seconds == 0.0
