"""Pauses, whole blinks and both eyes, out of blinks whose truth is known."""

import numpy as np
import pytest

from lampoon.verify.blink.events import BlinkEvent, Eyes
from lampoon.verify.blink.habits import (
    Habits,
    habits_of,
    human_median,
    human_pauses,
    pauses_of,
)
from lampoon.verify.blink.human import Context
from lampoon.verify.openness import Openness, eye_openness
from tests.support.verify import Blink, clock, closure_of, face_track


def blink(peak: float, *, complete: bool = True, eyes: Eyes = Eyes.BOTH) -> BlinkEvent:
    return BlinkEvent(peak - 0.1, peak, peak + 0.1, 1.0, complete, eyes)


def watched(seconds: float, *, hidden: tuple[float, float] = (-1, -1)) -> Openness:
    times = clock(seconds)
    sure = np.ones((len(times), 2), np.bool_)
    sure[(times >= hidden[0]) & (times < hidden[1])] = False
    closure = closure_of(times, [Blink(2.0), Blink(5.0)])
    return eye_openness(face_track(times, closure, measurable=sure, noise=0.2))


def test_the_median_pause_and_its_interval_hold_the_truth() -> None:
    random = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        pauses = random.lognormal(np.log(2.5), 0.65, 12)
        low, high = pauses_of(list(pauses), Context.SPEECH).median_interval or (0, 0)
        held += low <= 2.5 <= high

    assert held / 400 == pytest.approx(0.95, abs=0.03)


def test_lognormal_pauses_fit_and_others_do_not() -> None:
    random = np.random.default_rng(6)
    odds = [
        pauses_of(list(random.lognormal(1, 0.65, 30)), Context.REST).fit or 0.0
        for _ in range(400)
    ]
    two_kinds = [*random.normal(0.4, 0.02, 20), *random.normal(9, 0.3, 20)]

    assert np.mean(np.array(odds) < 0.05) == pytest.approx(0.05, abs=0.025)
    assert (pauses_of(two_kinds, Context.REST).fit or 0.0) < 1e-4


def test_a_few_pauses_are_counted_and_no_more() -> None:
    found = pauses_of([2.0, 3.0], Context.REST)

    assert found.count == 2
    assert found.median_seconds is found.fit is None


def test_people_who_talk_pause_for_less_long() -> None:
    talking, resting = human_median(Context.SPEECH), human_median(Context.REST)

    assert talking[0] < resting[0]
    assert talking[1] < resting[1]
    assert talking[0] < 2.5 < talking[1]


def test_human_pauses_have_the_mean_that_the_rate_gives() -> None:
    middle, _, within = human_pauses(Context.REST)
    mean = np.exp(middle + within**2 / 2)

    assert mean == pytest.approx(60 / 17 * np.sqrt(1.25), rel=0.01)


def test_a_pause_over_hidden_eyes_does_not_count() -> None:
    blinks = [blink(2.08), blink(5.08)]

    seen = habits_of(blinks, [watched(8)], Context.REST)
    hidden = habits_of(blinks, [watched(8, hidden=(3, 4.5))], Context.REST)

    assert seen.pauses.seconds == (3.0,)
    assert hidden.pauses.seconds == ()


def test_whole_blinks_and_both_eyes_are_shares() -> None:
    blinks = [blink(2.08), blink(5.08, complete=False, eyes=Eyes.LEFT)]

    found = habits_of(blinks, [watched(8)], Context.REST)

    assert found.complete_share == 0.5
    assert found.both_eyes_share == 0.5
    assert found.eyes_correlation is not None
    assert found.eyes_correlation > 0.9


def test_without_blinks_nothing_is_told() -> None:
    assert habits_of([], [], Context.REST) == Habits(pauses=pauses_of([], Context.REST))
