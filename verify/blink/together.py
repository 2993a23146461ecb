"""Blinks by two measures: what both saw, and what only one did.

Landmarks are geometry, the networks look at the pixels; they fail at different things.
A blink that both saw counts, and so does one that landmarks alone saw. What the
networks alone saw is kept apart as doubtful: it neither makes a clip blink too often
nor too rarely. (On rendered people they invented one blink in sixty, landmarks none.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lampoon.verify.blink.events import BlinkEvent, SeenBy, find_blinks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lampoon.verify.eye_watch import EyeStates
    from lampoon.verify.openness import Openness

SAME_SECONDS = 0.12
"""Peaks no further apart than this, or spans that overlap, are one blink."""


@dataclass(frozen=True, slots=True)
class SeenBlinks:
    """Blinks that count, and those that the networks alone saw."""

    counted: tuple[BlinkEvent, ...]
    doubtful: tuple[BlinkEvent, ...] = ()


def blinks_of(eyes: Openness, states: EyeStates | None) -> SeenBlinks:
    """Return the blinks of a stretch by both measures, by one where there is no other.

    What cannot be measured by landmarks (turned away, covered) is not asked of the
    networks either.
    """
    first = find_blinks(eyes)
    if states is None:
        return SeenBlinks(tuple(first))
    second = find_blinks(replace(eyes, closure=states.blinked))
    return together(first, second)


def together(
    landmarks: Sequence[BlinkEvent], pixels: Sequence[BlinkEvent]
) -> SeenBlinks:
    """Return what two measures saw, in rising order of time."""
    free = list(pixels)
    found: list[BlinkEvent] = []
    for blink in landmarks:
        same = [other for other in free if _same(blink, other)]
        if not same:
            found.append(replace(blink, seen_by=SeenBy.LANDMARKS))
            continue
        nearest = min(same, key=lambda o: abs(o.peak_seconds - blink.peak_seconds))
        free.remove(nearest)
        found.append(_joined(blink, nearest))
    doubtful = [replace(blink, seen_by=SeenBy.PIXELS) for blink in free]
    found.sort(key=lambda blink: blink.peak_seconds)
    return SeenBlinks(tuple(found), tuple(doubtful))


def _joined(blink: BlinkEvent, other: BlinkEvent) -> BlinkEvent:
    """Return what landmarks saw, its peak between both measures' peaks.

    It is a wink only where both say so.
    """
    wink = blink.wink and other.wink
    peak = (blink.peak_seconds + other.peak_seconds) / 2
    return replace(
        blink,
        seen_by=SeenBy.BOTH,
        wink=wink,
        eyes=blink.eyes if blink.wink == wink else other.eyes,
        peak_seconds=min(max(peak, blink.start_seconds), blink.end_seconds),
    )


def _same(one: BlinkEvent, other: BlinkEvent) -> bool:
    near = abs(one.peak_seconds - other.peak_seconds) <= SAME_SECONDS
    overlap = (
        one.start_seconds <= other.peak_seconds <= one.end_seconds
        or other.start_seconds <= one.peak_seconds <= other.end_seconds
    )
    return near or overlap
