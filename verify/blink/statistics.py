"""What the blinks of a clip say, and when they say nothing.

The answer is about blinking only. Blinks at a human rate are no evidence that a
face is genuine: a face swap copies the performer's blinks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lampoon.verify.blink.human import (
    BASELINES,
    FEWEST,
    Baseline,
    Context,
    DetectorError,
    few_chances,
    human_chances,
    log10_likelihood_ratio,
    rare_blinker_chance,
    rate_interval,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lampoon.verify.blink.events import BlinkEvent

SIZE = 0.01
"""Chance, among humans, of being called unusual on one side."""
LEAST_SECONDS = {Context.SPEECH: 20.0, Context.REST: 30.0, Context.UNKNOWN: 45.0}
LEAST_SHARE = 0.6
"""Share of the time on screen in which eyes must have been measurable."""


class BlinkAnswer(StrEnum):
    """What blink statistics may say; never "real", never "fake"."""

    CONSISTENT = "consistent_with_human"
    FEW = "unusually_few_blinks"
    MANY = "unusually_many_blinks"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class BlinkStatistics:
    """The blink answer and the figures behind it.

    ``rate_per_minute`` and ``rate_interval`` (95 %, Poisson, exact) are None where
    nothing was measurable. ``p_value`` is the chance that a human shows a count at
    least as extreme on the same side; ``human_range`` holds the rates per minute
    within which 98 of 100 humans stay over the same time. ``power`` is the chance
    that a face which hardly blinks (1.5 a minute) would have been called so.
    """

    answer: BlinkAnswer
    reason: str
    count: int
    rate_per_minute: float | None
    rate_interval: tuple[float, float] | None
    measurable_seconds: float
    on_screen_seconds: float
    context: Context
    log10_likelihood_ratio: float | None
    p_value: float | None
    human_range: tuple[float, float] | None
    power: float | None = None


@dataclass(frozen=True, slots=True)
class _Tails:
    """Chances of a human count at most, and at least, as large as the one found."""

    few: float
    many: float


def blink_statistics(
    blinks: Sequence[BlinkEvent],
    *,
    measurable_seconds: float,
    on_screen_seconds: float,
    context: Context,
    doubtful: int = 0,
    reason_lost: str = "",
    detector: DetectorError | None = None,
) -> BlinkStatistics:
    """Return the answer for the blinks found in the measurable time.

    ``doubtful`` more may have been blinks: nobody blinks too rarely unless that holds
    with them, nor too often unless it holds without. ``on_screen_seconds`` is how long
    the face was followed, measurable or not; ``reason_lost`` says why most of the rest
    was not. Winks are not counted.
    """
    count = sum(not blink.wink for blink in blinks)
    if measurable_seconds <= 0:
        return _nothing(reason_lost or "no face", on_screen_seconds, context)
    detector = detector or DetectorError()
    tails = _tails(count, count + doubtful, measurable_seconds, context, detector)
    ratio = log10_likelihood_ratio(count, measurable_seconds, FEWEST[context], detector)
    doubt = _doubt(measurable_seconds, on_screen_seconds, context, reason_lost)
    answer, reason = (
        (BlinkAnswer.INCONCLUSIVE, doubt) if doubt else _answer(tails, ratio)
    )
    return BlinkStatistics(
        answer=answer,
        reason=reason,
        count=count,
        rate_per_minute=count * 60.0 / measurable_seconds,
        rate_interval=rate_interval(count, measurable_seconds),
        measurable_seconds=measurable_seconds,
        on_screen_seconds=on_screen_seconds,
        context=context,
        log10_likelihood_ratio=ratio,
        p_value=min(tails.few, tails.many),
        human_range=human_range(measurable_seconds, context, detector),
        power=power(measurable_seconds, context, detector),
    )


def human_range(
    seconds: float, context: Context, detector: DetectorError
) -> tuple[float, float]:
    """Return the rates per minute that 98 of 100 humans show over this time."""
    baseline = BASELINES[context]
    largest = _ceiling(seconds, baseline)
    low = int((few_chances(seconds, largest, context, detector) <= SIZE).sum())
    below = human_chances(seconds, largest, baseline, detector).cumsum()
    high = int((below < 1.0 - SIZE).sum())
    return low * 60.0 / seconds, high * 60.0 / seconds


def power(seconds: float, context: Context, detector: DetectorError) -> float:
    """Return how likely a face that hardly blinks is called unusual in this time.

    Examples
    --------
    >>> round(power(60.0, Context.SPEECH, DetectorError()), 1)
    0.9
    """
    largest = _ceiling(seconds, BASELINES[context])
    few = int((few_chances(seconds, largest, context, detector) <= SIZE).sum())
    chances = (rare_blinker_chance(count, seconds, detector) for count in range(few))
    return min(float(sum(chances)), 1.0)


def _ceiling(seconds: float, baseline: Baseline) -> int:
    """Return a count that humans practically never reach."""
    return int(20 + baseline.mean_per_minute * seconds / 60.0 * 8)


def _tails(
    count: int, most: int, seconds: float, context: Context, detector: DetectorError
) -> _Tails:
    """Return the exact one-sided chances of the human model."""
    chances = human_chances(seconds, count, BASELINES[context], detector)
    return _Tails(
        few=float(few_chances(seconds, most, context, detector)[-1]),
        many=float(max(1.0 - chances[:-1].sum(), 0.0)),
    )


def _doubt(
    measurable: float, on_screen: float, context: Context, reason_lost: str
) -> str:
    """Return why no answer may be given, empty where one may."""
    share = measurable / max(on_screen, measurable)
    if share < LEAST_SHARE:
        why = f", mostly because: {reason_lost}" if reason_lost else ""
        return f"not measurable for long enough: {share:.0%} of the time on screen{why}"
    least = LEAST_SECONDS[context]
    if measurable < least:
        return (
            f"only {measurable:.0f} s of measurable eyes; "
            f"{least:.0f} s are needed ({context.value})"
        )
    return ""


def _answer(tails: _Tails, ratio: float) -> tuple[BlinkAnswer, str]:
    """Return the answer where there was enough to look at."""
    if tails.few <= SIZE:
        odds = f"{tails.few:.1%}" if tails.few >= 0.001 else "fewer than 0.1%"
        return BlinkAnswer.FEW, f"{odds} of people blink this rarely"
    if tails.many <= SIZE:
        odds = f"{tails.many:.1%}" if tails.many >= 0.001 else "fewer than 0.1%"
        return BlinkAnswer.MANY, f"{odds} of people blink this often"
    if ratio > 0:
        return (
            BlinkAnswer.INCONCLUSIVE,
            "few blinks, but too many people blink this rarely in so short a time",
        )
    return BlinkAnswer.CONSISTENT, "as often as people do; this does not make it real"


def _nothing(reason: str, on_screen: float, context: Context) -> BlinkStatistics:
    """Return the answer where not one frame could be measured."""
    return BlinkStatistics(
        answer=BlinkAnswer.INCONCLUSIVE,
        reason=f"not measurable: {reason}",
        count=0,
        rate_per_minute=None,
        rate_interval=None,
        measurable_seconds=0.0,
        on_screen_seconds=on_screen,
        context=context,
        log10_likelihood_ratio=None,
        p_value=None,
        human_range=None,
    )
