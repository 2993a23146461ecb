"""Blink evidence as JSON values, as a verdict shows it."""

from typing import Any

from lampoon.verify.blink.agreement import SourceAgreement
from lampoon.verify.blink.habits import Habits
from lampoon.verify.evidence import BlinkEvidence


def blink_json(blink: BlinkEvidence) -> dict[str, Any]:
    """Return the part of a verdict that is about blinks."""
    found = blink.statistics
    return {
        "answer": found.answer.value,
        "reason": found.reason,
        "count": found.count,
        "rate_per_minute": _short(found.rate_per_minute),
        "rate_interval": _pair(found.rate_interval),
        "human_range": _pair(found.human_range),
        "measurable_seconds": round(found.measurable_seconds, 3),
        "on_screen_seconds": round(found.on_screen_seconds, 3),
        "not_measurable": {why: round(seconds, 3) for why, seconds in blink.lost},
        "context": found.context.value,
        "log10_likelihood_ratio": _short(found.log10_likelihood_ratio),
        "p_value": found.p_value,
        "power": _short(found.power),
        "events": [
            {
                "start_seconds": round(event.start_seconds, 4),
                "peak_seconds": round(event.peak_seconds, 4),
                "end_seconds": round(event.end_seconds, 4),
                "amplitude": round(event.amplitude, 3),
                "complete": event.complete,
                "eyes": event.eyes.value,
                "wink": event.wink,
                "half_seconds": round(event.half_seconds, 4),
                "seen_by": event.seen_by.value,
            }
            for event in blink.events
        ],
        "doubtful": [
            {
                "seconds": round(event.peak_seconds, 4),
                "depth": round(event.amplitude, 3),
                "seen_by": event.seen_by.value,
            }
            for event in blink.doubtful
        ],
        "habits": _habits(blink.habits),
        "cut_off": blink.cut_off,
        "repetition": {
            "state": blink.repetition.state.value,
            "blinks": blink.repetition.blinks,
            "lag_seconds": _short(blink.repetition.lag_seconds),
            "expected": blink.repetition.expected,
        },
        "source": _source(blink.source),
        "calibration": None
        if blink.calibrated is None
        else {
            "clips": blink.calibrated.clips,
            "p_value": blink.calibrated.p_value,
            "least_claim": blink.calibrated.least_claim,
        },
    }


def _habits(found: Habits) -> dict[str, Any]:
    pauses = found.pauses
    return {
        "pauses": {
            "count": pauses.count,
            "median_seconds": _short(pauses.median_seconds),
            "median_interval": _pair(pauses.median_interval),
            "spread": _short(pauses.spread),
            "lognormal_p_value": _short(pauses.fit),
            "human_median": _pair(pauses.human_median),
        },
        "complete_share": _short(found.complete_share),
        "both_eyes_share": _short(found.both_eyes_share),
        "eyes_correlation": _short(found.eyes_correlation),
    }


def _source(found: SourceAgreement) -> dict[str, Any]:
    return {
        "answer": found.answer.value,
        "reason": found.reason,
        "matched": found.matched,
        "here": found.here,
        "source": found.source,
        "shift_seconds": _short(found.shift_seconds),
        "share": _short(found.share),
        "by_chance": _short(found.by_chance),
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _pair(pair: tuple[float, float] | None) -> list[float] | None:
    return None if pair is None else [round(pair[0], 3), round(pair[1], 3)]
