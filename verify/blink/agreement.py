"""Whether a clip blinks as a supplied source clip does.

A face swap keeps the blinks of whoever was filmed. So a clip that is said to be made
from a source should blink when the source does, a constant shift apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lampoon.verify.blink.events import BlinkEvent

Vector = npt.NDArray[np.float64]

SAME_SECONDS = 0.12
"""Peaks that lie no further apart are one blink: three frames at 25 a second."""
LEAST_BLINKS = 4
"""Fewer blinks fit somewhere in any other clip."""
HOPEFUL = 3
"""So many blinks that fit where the clips hardly overlap forbid a "no"."""
SAME_SHARE, OTHER_SHARE = 0.85, 0.5
FAR_SECONDS = 1.0
"""Shifts at least this far from the best one show what chance gives."""


class SourceAnswer(StrEnum):
    """What blinks say about a clip and the source that it is said to have."""

    NOT_ASKED = "not_asked"
    SAME = "same_blinks"
    OTHER = "other_blinks"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class SourceAgreement:
    """Blinks of a clip against those of its source.

    ``share`` is the F1 score of the matched blinks at the best shift, among those
    that fall into the time both clips cover; ``by_chance`` is the best share at
    shifts elsewhere. ``shift_seconds`` is when the clip begins in the source.
    """

    answer: SourceAnswer = SourceAnswer.NOT_ASKED
    reason: str = ""
    matched: int = 0
    here: int = 0
    source: int = 0
    shift_seconds: float | None = None
    share: float | None = None
    by_chance: float | None = None


@dataclass(frozen=True, slots=True)
class _Fit:
    shift: float
    matched: int
    here: int
    source: int

    @property
    def share(self) -> float:
        """F1 of the blinks that could have matched."""
        both = self.here + self.source
        return 2 * self.matched / both if both else 0.0


def agreement(
    blinks: Sequence[BlinkEvent],
    source: Sequence[BlinkEvent],
    *,
    seconds: float,
    source_seconds: float,
) -> SourceAgreement:
    """Return whether both blink alike; ``seconds`` are the lengths of the clips."""
    ours, theirs = _peaks(blinks), _peaks(source)
    if min(len(ours), len(theirs)) < LEAST_BLINKS:
        return SourceAgreement(
            SourceAnswer.INCONCLUSIVE,
            f"{len(ours)} and {len(theirs)} blinks; {LEAST_BLINKS} each are needed",
            here=len(ours),
            source=len(theirs),
        )
    spans = (seconds, source_seconds)
    shifts = np.unique(np.round((theirs[None, :] - ours[:, None]).ravel(), 2))
    fits = [_fit(ours, theirs, float(shift), spans) for shift in shifts]
    short = [fit for fit in fits if min(fit.here, fit.source) < LEAST_BLINKS]
    fits = [fit for fit in fits if fit not in short]
    hopeful = any(fit.matched >= HOPEFUL and fit.share >= SAME_SHARE for fit in short)
    if not fits or (hopeful and max(fit.share for fit in fits) < SAME_SHARE):
        why = "they overlap in too few blinks"
        return SourceAgreement(
            SourceAnswer.INCONCLUSIVE, why, 0, len(ours), len(theirs)
        )
    best = max(fits, key=lambda fit: (fit.share, -abs(fit.shift)))
    far = [fit.share for fit in fits if abs(fit.shift - best.shift) > FAR_SECONDS]
    return _answer(best, max(far, default=0.0))


def _answer(best: _Fit, by_chance: float) -> SourceAgreement:
    if best.share >= SAME_SHARE and best.share > by_chance:
        answer, reason = SourceAnswer.SAME, "it blinks when the source does"
    elif best.share <= OTHER_SHARE:
        answer, reason = SourceAnswer.OTHER, "it does not blink when the source does"
    else:
        answer = SourceAnswer.INCONCLUSIVE
        reason = "some blinks fit, too many do not"
    return SourceAgreement(
        answer,
        reason,
        matched=best.matched,
        here=best.here,
        source=best.source,
        shift_seconds=best.shift,
        share=best.share,
        by_chance=by_chance,
    )


def _fit(
    ours: Vector, theirs: Vector, shift: float, spans: tuple[float, float]
) -> _Fit:
    """Return how many blinks match where ours are moved by ``shift`` seconds."""
    low, high = max(0.0, shift), min(spans[1], spans[0] + shift)
    moved = ours + shift
    moved = moved[(moved >= low) & (moved <= high)]
    inside = theirs[(theirs >= low) & (theirs <= high)]
    return _Fit(shift, _matches(moved, inside), len(moved), len(inside))


def _matches(ours: Vector, theirs: Vector) -> int:
    """Return how many pairs are close, each blink used once, in order of time."""
    count = i = j = 0
    while i < len(ours) and j < len(theirs):
        gap = ours[i] - theirs[j]
        if abs(gap) <= SAME_SECONDS:
            count, i, j = count + 1, i + 1, j + 1
        elif gap < 0:
            i += 1
        else:
            j += 1
    return count


def _peaks(blinks: Sequence[BlinkEvent]) -> Vector:
    return np.array(sorted(blink.peak_seconds for blink in blinks if not blink.wink))
