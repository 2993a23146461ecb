"""Blinks that come again: a loop, a copied stretch, or a metronome.

People never repeat the pauses between their blinks to the frame. A stretch that was
copied or looped does; so a run of pauses that comes twice, longer than chance
allows, is told. Source of the chance: pauses are log-normal (docs/verify.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lampoon.verify.blink.events import BlinkEvent

SAME_SECONDS = 0.05
"""Two pauses that differ by less are the same: a bit over a frame at 25 a second."""
CHANCE = 0.01
"""Runs as long as the one found that chance may be expected to give."""
HUMAN_VARIATION = 1.0
"""Spread over mean of people's pauses (log-normal); published values are .6 to 1.5."""
LEAST_PAUSES = 5
REGULAR_VARIATION = 0.12
"""Pauses that vary less than this are a metronome's."""


class Repeats(StrEnum):
    """What the pauses between blinks say."""

    NONE = "none"
    REPEATED = "repeated"
    REGULAR = "regular"
    TOO_FEW = "too_few_blinks"


@dataclass(frozen=True, slots=True)
class Repetition:
    """Whether blinks repeat themselves.

    ``blinks`` is how many in a row come twice, ``lag_seconds`` how much later;
    ``expected`` is how many such runs chance would give.
    """

    state: Repeats = Repeats.TOO_FEW
    blinks: int = 0
    lag_seconds: float | None = None
    expected: float | None = None


def find_repetition(blinks: Sequence[BlinkEvent]) -> Repetition:
    """Return whether the pauses between these blinks repeat; winks do not count."""
    peaks = sorted(blink.peak_seconds for blink in blinks if not blink.wink)
    pauses = [after - before for before, after in pairwise(peaks)]
    if len(pauses) < LEAST_PAUSES:
        return Repetition()
    if float(np.std(pauses) / np.mean(pauses)) < REGULAR_VARIATION:
        return Repetition(Repeats.REGULAR, len(peaks), float(np.median(pauses)))
    first, again, length = _longest_run(pauses)
    expected = _expected(pauses, length)
    if length == 0 or expected > CHANCE:
        return Repetition(Repeats.NONE, expected=expected)
    lag = peaks[again] - peaks[first]
    return Repetition(Repeats.REPEATED, length + 1, lag, expected)


def _longest_run(pauses: Sequence[float]) -> tuple[int, int, int]:
    """Return where the longest run of pauses stands, where again, and its length.

    Both places may not overlap, so that a short rhythm is not its own copy.
    """
    best = (0, 0, 0)
    for first in range(len(pauses)):
        for again in range(first + 1, len(pauses)):
            length = 0
            while (
                again + length < len(pauses)
                and first + length < again
                and abs(pauses[first + length] - pauses[again + length]) < SAME_SECONDS
            ):
                length += 1
            best = max(best, (first, again, length), key=lambda run: run[2])
    return best


def _expected(pauses: Sequence[float], length: int) -> float:
    """Return how many runs of this length chance gives among so many pauses.

    Two independent log-normal pauses agree with a chance of twice the tolerance
    times the integral of the squared density.
    """
    spread = math.sqrt(math.log1p(HUMAN_VARIATION**2))
    middle = math.log(float(np.mean(pauses))) - spread**2 / 2
    squared = math.exp(spread**2 / 4 - middle) / (2 * spread * math.sqrt(math.pi))
    same = min(2 * SAME_SECONDS * squared, 1.0)
    places = len(pauses) * (len(pauses) - 1) / 2
    return float(places * same**length)
