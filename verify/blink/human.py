"""How often people blink: counts in a given time, spread over people and moments.

A person's rate is log-normal around the mean of the situation, and the count
given that rate is Poisson: a plain Poisson would call one human in ten strange.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


class Context(StrEnum):
    """What the person does, as far as the mouth tells."""

    SPEECH = "speech"
    REST = "rest"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Baseline:
    """Blinks a minute of people in one situation: mean, and spread over mean."""

    mean_per_minute: float
    variation: float


@dataclass(frozen=True, slots=True)
class DetectorError:
    """What the blink finder itself gets wrong, from its validation.

    The defaults are deliberately worse than what was measured on rendered
    performers, because field footage is harder.
    """

    sensitivity: float = 0.9
    false_per_minute: float = 0.5


BASELINES = {
    # Conversation: midway between the two published means, 26 (Bentivoglio 1997,
    # n = 150) and 21.5 (Doughty 2001, a review).
    Context.SPEECH: Baseline(24.0, 0.5),
    # Bentivoglio 1997, n = 150, at rest.
    Context.REST: Baseline(17.0, 0.5),
    # Not known what the person does: the same mean, a far wider spread.
    Context.UNKNOWN: Baseline(17.0, 0.8),
}
"""The over-dispersed human model; spread between and within people together."""

# Between Bentivoglio 1997 (4.5) and Doughty 2001 (7.9).
READING = Baseline(6.0, 0.5)

# Doughty 2001: 21.5 +- 5.6 between people (0.26), who vary by 0.30 from one five
# minutes to the next (an hour of film): 0.39 together.
TALKING = Baseline(21.5, 0.4)

FEWEST: dict[Context, tuple[Baseline, ...]] = {
    Context.SPEECH: (BASELINES[Context.SPEECH], TALKING),
    Context.REST: (BASELINES[Context.REST], READING),
    Context.UNKNOWN: (BASELINES[Context.UNKNOWN], READING),
}
"""What people may be doing, where the question is whether they blink too little. Who
talks may be of the slower people that Doughty found; who keeps the mouth still may be
reading, and a picture does not tell."""

RARE_BLINKER_PER_MINUTE = 1.5
"""Mean rate of the alternative, a face that hardly blinks."""

NODES = 96
_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(NODES)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_TINY = 1e-300


def spread_of(variation: float) -> float:
    """Return the spread of the logarithm of a log-normal, given spread over mean."""
    return math.sqrt(math.log1p(variation**2))


def poisson_chances(expected: Vector, largest: int) -> Vector:
    """Return the Poisson chance of 0..``largest``, shape (means, largest + 1)."""
    counts = np.arange(largest + 1)
    factorials = np.array([math.lgamma(k + 1.0) for k in counts])
    mean = np.maximum(expected, 1e-12)[:, None]
    chances: Vector = np.exp(counts * np.log(mean) - mean - factorials)
    return chances


def human_chances(
    seconds: float,
    largest: int,
    baseline: Baseline,
    detector: DetectorError | None = None,
) -> Vector:
    """Return the chance that a human shows 0..``largest`` found blinks.

    ``seconds`` is the time in which eyes could be measured. The result has shape
    (largest + 1,), float64; it sums to at most 1.

    Examples
    --------
    >>> chances = human_chances(30.0, 0, BASELINES[Context.REST])
    >>> bool(chances[0] < 0.01)
    True
    """
    detector = detector or DetectorError()
    spread = spread_of(baseline.variation)
    rates = baseline.mean_per_minute * np.exp(spread * _POINTS - spread**2 / 2)
    found = detector.sensitivity * rates + detector.false_per_minute
    chances: Vector = _WEIGHTS @ poisson_chances(found * seconds / 60.0, largest)
    return chances


def few_chances(
    seconds: float,
    largest: int,
    context: Context,
    detector: DetectorError | None = None,
) -> Vector:
    """Return the chance that a human shows at most 0..``largest`` found blinks.

    Of what the person may be doing, whatever makes few blinks likeliest counts.
    """
    below = [
        human_chances(seconds, largest, each, detector).cumsum()
        for each in FEWEST[context]
    ]
    chances: Vector = np.minimum(np.max(below, axis=0), 1.0)
    return chances


def rare_blinker_chance(
    count: int, seconds: float, detector: DetectorError | None = None
) -> float:
    """Return the chance of ``count`` for a face that hardly blinks.

    The rate is exponential with a mean of 1.5 a minute; false finds are added.
    """
    detector = detector or DetectorError()
    minutes = seconds / 60.0
    real = detector.sensitivity * RARE_BLINKER_PER_MINUTE * minutes
    false = detector.false_per_minute * minutes
    # exponential mixed Poisson is geometric: P(j) = (1 - r) r^j
    ratio = real / (1.0 + real)
    false_chances = poisson_chances(np.array([false]), count)[0]
    reals = (1.0 - ratio) * ratio ** np.arange(count, -1, -1)
    return max(float(false_chances @ reals), _TINY)


def log10_likelihood_ratio(
    count: int,
    seconds: float,
    baselines: Sequence[Baseline],
    detector: DetectorError | None = None,
) -> float:
    """Return log10 of how much likelier a rare blinker made this count than a human.

    Positive leans to too few blinks; negative to a human rate. Of several things the
    human may be doing, the likeliest counts.
    """
    human = max(
        float(human_chances(seconds, count, each, detector)[count])
        for each in baselines
    )
    rare = rare_blinker_chance(count, seconds, detector)
    return math.log10(rare) - math.log10(max(human, _TINY))


def rate_interval(
    count: int, seconds: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the exact (Garwood) interval of the rate per minute for a count.

    Raises ValueError where ``seconds`` is not positive.
    """
    if seconds <= 0:
        raise ValueError("a rate needs a positive time")
    tail = (1.0 - level) / 2.0
    low = 0.0 if count == 0 else _mean_where(count - 1, 1.0 - tail)
    high = _mean_where(count, tail)
    return low * 60.0 / seconds, high * 60.0 / seconds


def _mean_where(count: int, chance: float) -> float:
    """Return the Poisson mean at which P(N <= count) equals ``chance``."""
    low, high = 0.0, 10.0 + 4.0 * (count + 1)
    for _ in range(80):
        middle = (low + high) / 2.0
        below = float(poisson_chances(np.array([middle]), count).sum())
        low, high = (middle, high) if below > chance else (low, middle)
    return (low + high) / 2.0
