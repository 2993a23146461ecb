"""What somebody's blinks are like: the pauses, how many are whole, both eyes or one.

These are told beside the rate and decide nothing: published ranges are wide, and a
face swap keeps the habits of its performer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lampoon.verify.blink.human import BASELINES, Context, spread_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lampoon.verify.blink.events import BlinkEvent
    from lampoon.verify.openness import Openness

Vector = npt.NDArray[np.float64]

LEAST_PAUSES = 4
"""Fewer pauses say nothing about their spread."""
LEAST_FOR_FIT = 8
"""Fewer fit any distribution (Stephens 1974)."""
PAUSE_VARIATION = 0.7
"""Spread over mean of one person's pauses; published values are .6 (5.2 s, spread 3.1)
to 1.5 where moods and tasks change."""
SURE_Z = 1.959964
SEEN_TOGETHER = 50
"""Frames with both eyes below which their agreement is not told."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses between blinks as a log-normal distribution.

    ``median_seconds`` with its 95 % interval; ``spread`` is the standard deviation of
    the logarithm; ``fit`` the p-value of Anderson and Darling's test that they are
    log-normal, None below eight pauses; ``human_median`` the medians within which 95
    of 100 people lie who do the same. None where there were too few.
    """

    count: int = 0
    median_seconds: float | None = None
    median_interval: tuple[float, float] | None = None
    spread: float | None = None
    fit: float | None = None
    human_median: tuple[float, float] | None = None
    seconds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Habits:
    """What the blinks of a clip are like.

    ``complete_share`` is how many had the lids meet; ``both_eyes_share`` how many,
    of those where both eyes could be measured, closed both; ``eyes_correlation`` how
    alike both eyes moved over all frames, -1 to 1. None where it cannot be told.
    """

    pauses: Pauses = Pauses()
    complete_share: float | None = None
    both_eyes_share: float | None = None
    eyes_correlation: float | None = None


def habits_of(
    blinks: Sequence[BlinkEvent], stretches: Sequence[Openness], context: Context
) -> Habits:
    """Return what the blinks found in these stretches are like; winks do not count.

    A pause counts only where an eye could be measured all the way through.
    """
    counted = [blink for blink in blinks if not blink.wink]
    both = _both_eyes(blinks, stretches)
    return Habits(
        pauses=pauses_of(pauses_between(counted, stretches), context),
        complete_share=_share([blink.complete for blink in counted]),
        both_eyes_share=_share(both),
        eyes_correlation=_correlation(stretches),
    )


def pauses_between(
    blinks: Sequence[BlinkEvent], stretches: Sequence[Openness]
) -> list[float]:
    """Return the seconds from peak to peak, without those that hide something."""
    peaks = sorted(blink.peak_seconds for blink in blinks)
    return [
        after - before
        for before, after in pairwise(peaks)
        if any(_watched(each, before, after) for each in stretches)
    ]


def pauses_of(pauses: Sequence[float], context: Context) -> Pauses:
    """Return the log-normal distribution that fits the pauses, and how well.

    Examples
    --------
    >>> found = pauses_of([2.0, 4.0, 2.0, 4.0, 2.0, 4.0], Context.REST)
    >>> round(found.median_seconds or 0, 2), round(found.spread or 0, 2)
    (2.83, 0.38)
    """
    kept = tuple(round(float(pause), 3) for pause in pauses)
    if len(pauses) < LEAST_PAUSES:
        return Pauses(len(pauses), seconds=kept)
    logs = np.log(np.maximum(np.asarray(pauses, np.float64), 1e-3))
    middle, spread = float(logs.mean()), float(logs.std(ddof=1))
    reach = _student(len(logs) - 1) * spread / math.sqrt(len(logs))
    return Pauses(
        count=len(pauses),
        median_seconds=math.exp(middle),
        median_interval=(math.exp(middle - reach), math.exp(middle + reach)),
        spread=spread,
        fit=_lognormal_odds(logs) if len(logs) >= LEAST_FOR_FIT else None,
        human_median=human_median(context),
        seconds=kept,
    )


def human_median(context: Context) -> tuple[float, float]:
    """Return the median pauses within which 95 of 100 people lie, in seconds."""
    middle, between, _ = human_pauses(context)
    return (
        math.exp(middle - SURE_Z * between),
        math.exp(middle + SURE_Z * between),
    )


def human_pauses(context: Context) -> tuple[float, float, float]:
    """Return mean and spreads of the logarithm of people's pauses, in seconds.

    The first spread is that between people, the second one person's own. A mean pause
    is a minute over the rate; the median of a log-normal lies below its mean.
    """
    baseline = BASELINES[context]
    between, within = spread_of(baseline.variation), spread_of(PAUSE_VARIATION)
    typical_rate = math.log(baseline.mean_per_minute) - between**2 / 2
    return math.log(60.0) - typical_rate - within**2 / 2, between, within


def _watched(eyes: Openness, first: float, last: float) -> bool:
    """Return whether an eye could be measured from one moment to another."""
    times = eyes.times
    if not len(times) or times[0] > first or times[-1] < last:
        return False
    inside = (times >= first) & (times <= last)
    return bool(eyes.usable[inside].any(axis=1).all())


def _both_eyes(
    blinks: Sequence[BlinkEvent], stretches: Sequence[Openness]
) -> list[bool]:
    """Return, for each blink at which both eyes counted, whether both closed."""
    found = []
    for blink in blinks:
        for eyes in stretches:
            near = np.abs(eyes.times - blink.peak_seconds)
            if len(near) and near.min() < 0.1 and eyes.usable[near.argmin()].all():
                found.append(blink.eyes.value == "both")
                break
    return found


def _correlation(stretches: Sequence[Openness]) -> float | None:
    """Return the correlation of both eyes' closure where both counted."""
    pairs = [each.closure[each.usable.all(axis=1)] for each in stretches]
    together = np.concatenate(pairs) if pairs else np.zeros((0, 2))
    left, right = together.T
    if len(together) < SEEN_TOGETHER or not (left.std() and right.std()):
        return None
    return float(np.corrcoef(left, right)[0, 1])


def _share(facts: Sequence[bool]) -> float | None:
    return sum(facts) / len(facts) if facts else None


def _student(freedom: int) -> float:
    """Return the 97.5 % point of Student's t (Cornish and Fisher's expansion)."""
    z, v = SURE_Z, float(freedom)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def _lognormal_odds(logs: Vector) -> float:
    """Return the p-value that these logarithms are normal.

    Anderson and Darling 1954; the p-value by D'Agostino and Stephens 1986, table 4.9,
    mean and spread both estimated.
    """
    count, spread = len(logs), float(logs.std(ddof=1))
    if spread < 1e-9:
        return 0.0
    scaled = np.sort((logs - logs.mean()) / spread)
    below = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in scaled])
    below = np.clip(below, 1e-12, 1 - 1e-12)
    odd = 2 * np.arange(1, count + 1) - 1
    sums = float((odd * (np.log(below) + np.log1p(-below[::-1]))).sum())
    a = (-count - sums / count) * (1 + 0.75 / count + 2.25 / count**2)
    if a < 0.2:
        odds = 1 - math.exp(-13.436 + 101.14 * a - 223.73 * a**2)
    elif a < 0.34:
        odds = 1 - math.exp(-8.318 + 42.796 * a - 59.938 * a**2)
    elif a < 0.6:
        odds = math.exp(0.9177 - 4.279 * a - 1.38 * a**2)
    else:
        odds = math.exp(1.2937 - 5.709 * a + 0.0186 * a**2) if a < 13 else 0.0
    return min(max(odds, 0.0), 1.0)
