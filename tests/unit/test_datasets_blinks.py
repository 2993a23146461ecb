"""Drawn blinks follow the distributions they are drawn from, without any rendering."""

from collections.abc import Callable
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.datasets.performers.blinks import (
    DOUBLE_SHARE,
    DURATION_SIGMA,
    INTERVAL_SIGMA,
    LONGEST,
    MEDIAN_SECONDS,
    RATES,
    SHORTEST,
    Context,
    draw_blinks,
)
from lampoon.datasets.performers.people import RATE_SPREAD, draw_person

Vector = npt.NDArray[np.float64]
HOUR = 3600.0
ONE_IN_A_HUNDRED = 1.63
"""Kolmogorov's distance times the root of the count, exceeded once in a hundred."""


def log_normal(median: float, sigma: float) -> Callable[[Vector], Vector]:
    normal = np.vectorize(NormalDist().cdf)
    return lambda values: np.asarray(normal(np.log(values / median) / sigma))


def distance(
    values: Vector, share_below: Callable[[Vector], Vector], low: float, high: float
) -> float:
    """Kolmogorov and Smirnov's distance, of what lies between two limits."""
    inside = np.sort(values[(values > low) & (values < high)])
    bottom, top = share_below(np.array([low, high]))
    expected = (share_below(inside) - bottom) / (top - bottom)
    steps = np.arange(len(inside) + 1) / len(inside)
    gaps = np.maximum(np.abs(expected - steps[:-1]), np.abs(expected - steps[1:]))
    return float(gaps.max() * np.sqrt(len(inside)))


@pytest.mark.parametrize("context", list(Context))
def test_intervals_are_log_normal(context: Context) -> None:
    blinks = draw_blinks(10 * HOUR, context, np.random.default_rng(11))
    gaps = np.array([b.start_seconds - a.start_seconds for a, b in pairwise(blinks)])
    mean = 60 / RATES[context]
    median = mean / np.exp(INTERVAL_SIGMA**2 / 2)

    # below .7 s there are double blinks, and pauses that had to be lengthened
    apart = distance(gaps, log_normal(median, INTERVAL_SIGMA), 0.7, 1e3)

    assert apart < ONE_IN_A_HUNDRED


def test_durations_are_log_normal_between_their_limits() -> None:
    blinks = draw_blinks(12 * HOUR, Context.REST, np.random.default_rng(12))
    lengths = np.array([blink.duration_seconds for blink in blinks])

    apart = distance(
        lengths, log_normal(MEDIAN_SECONDS, DURATION_SIGMA), SHORTEST, LONGEST
    )

    assert apart < ONE_IN_A_HUNDRED


def test_counts_in_short_takes_have_the_rate_of_their_context() -> None:
    random = np.random.default_rng(13)
    counts = [len(draw_blinks(60.0, Context.SPEECH, random)) for _ in range(400)]

    # no blink begins in the last .7 s or the first .3 s of a take
    expected = RATES[Context.SPEECH] * (1 + DOUBLE_SHARE) * 59 / 60
    assert np.mean(counts) == pytest.approx(expected, rel=0.04)


def test_peoples_rates_differ_as_the_verifier_expects() -> None:
    factors = np.array([draw_person(draw).blink_rate_factor for draw in range(300)])

    apart = distance(factors, log_normal(1.0, RATE_SPREAD), 0.46, 2.19)

    assert apart < ONE_IN_A_HUNDRED


def test_depths_are_whole_or_evenly_spread_below() -> None:
    blinks = draw_blinks(12 * HOUR, Context.REST, np.random.default_rng(14))
    depths = np.array([blink.amplitude for blink in blinks if not blink.complete])

    apart = distance(depths, lambda d: (d - 0.45) / 0.3, 0.45, 0.75)

    assert apart < ONE_IN_A_HUNDRED
