"""The human model against the published tables, and when no answer is given."""

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.verify.blink.events import BlinkEvent, Eyes
from lampoon.verify.blink.human import (
    BASELINES,
    READING,
    TALKING,
    Baseline,
    Context,
    DetectorError,
    human_chances,
    log10_likelihood_ratio,
    rare_blinker_chance,
    rate_interval,
    spread_of,
)
from lampoon.verify.blink.statistics import (
    BlinkAnswer,
    BlinkStatistics,
    blink_statistics,
    power,
)

PERFECT = DetectorError(sensitivity=1.0, false_per_minute=0.0)
REST, TALK = Baseline(17.0, 0.5), Baseline(26.0, 0.5)


def answer(
    count: int,
    seconds: float,
    context: Context = Context.SPEECH,
    *,
    on_screen: float = 0.0,
    winks: int = 0,
) -> BlinkStatistics:
    blink = BlinkEvent(1.0, 1.1, 1.2, 1.0, True, Eyes.BOTH)
    wink = BlinkEvent(1.0, 1.1, 1.2, 1.0, True, Eyes.LEFT, wink=True)
    return blink_statistics(
        [blink] * count + [wink] * winks,
        measurable_seconds=seconds,
        on_screen_seconds=on_screen or seconds,
        context=context,
        reason_lost="eyes covered",
    )


@pytest.mark.parametrize(
    ("mean", "variation", "sensitivity", "seconds"),
    [
        (26, 0.3, 1.0, 12.8),
        (26, 0.5, 1.0, 16.8),
        (26, 0.8, 1.0, 27.0),
        (21.5, 0.5, 1.0, 20.3),
        (17, 0.5, 1.0, 25.7),
        (17, 0.8, 1.0, 41.3),
        (17, 0.5, 0.9, 28.6),
        (4.5, 0.5, 1.0, 97.2),
    ],
)
def test_after_these_seconds_one_human_in_a_hundred_has_not_blinked(
    mean: float, variation: float, sensitivity: float, seconds: float
) -> None:
    detector = DetectorError(sensitivity, 0.0)

    chance = human_chances(seconds, 0, Baseline(mean, variation), detector)[0]

    assert chance == pytest.approx(0.01, abs=2e-4)


@pytest.mark.parametrize(
    ("seconds", "rest", "talk"),
    [(5, 0.313, 0.189), (10, 0.120, 0.052), (20, 0.025, 0.007), (30, 0.007, 0.001)],
)
def test_the_chance_of_no_blink_is_that_of_the_power_table(
    seconds: float, rest: float, talk: float
) -> None:
    assert human_chances(seconds, 0, REST)[0] == pytest.approx(rest, abs=6e-4)
    assert human_chances(seconds, 0, TALK)[0] == pytest.approx(talk, abs=6e-4)


@pytest.mark.parametrize(
    ("seconds", "ratio"), [(10, 0.64), (20, 1.03), (30, 1.31), (60, 1.92)]
)
def test_even_a_minute_without_a_blink_is_not_decisive_alone(
    seconds: float, ratio: float
) -> None:
    found = log10_likelihood_ratio(0, seconds, [Baseline(17.0, 0.8)])

    assert found == pytest.approx(ratio, abs=0.05)


@pytest.mark.parametrize("seconds", [5.0, 60.0, 3600.0])
def test_chances_add_up_to_one(seconds: float) -> None:
    humans = human_chances(seconds, int(100 + seconds * 5), REST).sum()
    rare = sum(rare_blinker_chance(count, seconds) for count in range(1000))

    assert humans == pytest.approx(1.0, abs=1e-3)
    assert rare == pytest.approx(1.0, abs=1e-3)


def test_the_interval_of_no_blinks_in_a_minute_is_the_rule_of_three() -> None:
    assert rate_interval(0, 60.0) == pytest.approx((0.0, 3.689), abs=0.001)


def test_the_interval_of_ten_blinks_is_garwoods() -> None:
    assert rate_interval(10, 60.0) == pytest.approx((4.795, 18.390), abs=0.001)


def test_a_rate_without_time_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        rate_interval(3, 0.0)


@pytest.mark.parametrize("count", [8, 14, 20])
def test_a_human_rate_is_consistent_and_leans_away_from_few(count: int) -> None:
    found = answer(count, 40.0)

    assert found.answer is BlinkAnswer.CONSISTENT
    assert found.log10_likelihood_ratio is not None
    assert found.log10_likelihood_ratio < 0
    assert "does not make it real" in found.reason


def test_no_blink_in_forty_seconds_of_speech_is_unusual() -> None:
    found = answer(0, 40.0)

    assert found.answer is BlinkAnswer.FEW
    assert found.p_value is not None
    assert found.p_value < 0.01


def test_ninety_blinks_a_minute_are_unusual_too() -> None:
    assert answer(60, 40.0).answer is BlinkAnswer.MANY


@pytest.mark.parametrize(
    ("context", "seconds"),
    [(Context.SPEECH, 19.9), (Context.REST, 29.9), (Context.UNKNOWN, 44.9)],
)
def test_below_the_least_time_nothing_is_concluded(
    context: Context, seconds: float
) -> None:
    found = answer(0, seconds, context)

    assert found.answer is BlinkAnswer.INCONCLUSIVE
    assert "are needed" in found.reason


def test_with_less_than_sixty_percent_measurable_nothing_is_concluded() -> None:
    found = answer(0, 50.0, on_screen=90.0)

    assert found.answer is BlinkAnswer.INCONCLUSIVE
    assert found.reason.startswith("not measurable for long enough: 56%")
    assert "eyes covered" in found.reason


def test_a_count_that_only_leans_low_stays_inconclusive() -> None:
    assert answer(2, 30.0).answer is BlinkAnswer.INCONCLUSIVE


def test_winks_are_not_counted() -> None:
    assert answer(5, 40.0, winks=3).count == 5


@pytest.mark.parametrize("count", [0, 1, 2])
def test_two_blinks_in_forty_seconds_of_speech_are_unusual(count: int) -> None:
    assert answer(count, 40.0).answer is BlinkAnswer.FEW


def test_somebody_who_may_be_reading_is_not_called_rare_in_a_minute() -> None:
    assert answer(0, 60.0, Context.REST).answer is BlinkAnswer.INCONCLUSIVE
    assert answer(0, 120.0, Context.REST).answer is BlinkAnswer.FEW


TRAINS = 20_000


def trains(
    baseline: Baseline, seconds: float, pauses: float, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Blinks that people show: log-normal rates, each with log-normal pauses."""
    between, within = spread_of(baseline.variation), spread_of(pauses)
    rates = baseline.mean_per_minute * random.lognormal(
        -(between**2) / 2, between, TRAINS
    )
    mean = 60.0 / rates
    times = -mean * random.uniform(1, 7, TRAINS)
    counts = np.zeros(TRAINS, np.int64)
    while (times < seconds).any():
        times = times + mean * random.lognormal(-(within**2) / 2, within, TRAINS)
        counts += (times >= 0) & (times < seconds)
    return counts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("context", "baseline"),
    [
        (Context.SPEECH, Baseline(26.0, 0.5)),
        (Context.SPEECH, BASELINES[Context.SPEECH]),
        (Context.SPEECH, TALKING),
        (Context.REST, BASELINES[Context.REST]),
        (Context.REST, READING),
        (Context.UNKNOWN, BASELINES[Context.UNKNOWN]),
        (Context.UNKNOWN, READING),
    ],
    ids=str,
)
def test_one_human_in_a_hundred_at_most_is_called_rare(
    context: Context, baseline: Baseline
) -> None:
    random = np.random.default_rng(11)
    for seconds in (40.0, 60.0, 120.0, 300.0):
        few = [
            count
            for count in range(int(seconds))
            if answer(count, seconds, context).answer is BlinkAnswer.FEW
        ]
        counts = trains(baseline, seconds, 0.73, random)
        assert np.isin(counts, few).mean() <= 0.01, seconds


def test_short_clips_have_no_power_and_long_ones_most_of_it() -> None:
    found = [
        power(seconds, Context.SPEECH, DetectorError()) for seconds in (10, 30, 60, 300)
    ]

    assert found[0] == 0.0
    assert found == sorted(found)
    assert found[-1] > 0.9


def test_a_still_mouth_takes_far_longer() -> None:
    found = [power(seconds, Context.REST, DetectorError()) for seconds in (60, 120)]

    assert found[0] == 0.0
    assert 0 < found[1] < power(120, Context.SPEECH, DetectorError())
