"""How good a detector is: by frames, and by events."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Span = tuple[float, float, float]
"""Start, peak and end of an event, in seconds."""

TOLERANCE_SECONDS = 0.15
"""Events match where they overlap, give or take this much."""


def area_under_curve(scores: Vector, positive: Mask) -> float:
    """Return the chance that a positive scores higher than a negative, ties half.

    NaN where there are none of one kind. Source: Hanley and McNeil 1982.

    Examples
    --------
    >>> area_under_curve(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1], bool))
    0.75
    """
    high, low = np.sort(scores[positive]), np.sort(scores[~positive])
    if not (len(high) and len(low)):
        return float("nan")
    below = np.searchsorted(low, high, side="left")
    level = np.searchsorted(low, high, side="right") - below
    return float((below + level / 2).sum() / (len(high) * len(low)))


def equal_error(scores: Vector, positive: Mask) -> float:
    """Return the error rate where as many of both kinds are mistaken, 0 to 1.

    Between two thresholds the line is straight. NaN where there are none of one kind.

    Examples
    --------
    >>> equal_error(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1], bool))
    0.0
    """
    high, low = np.sort(scores[positive]), np.sort(scores[~positive])
    if not (len(high) and len(low)):
        return float("nan")
    levels = np.append(np.unique(scores), np.inf)
    missed = np.searchsorted(high, levels) / len(high)
    false = 1 - np.searchsorted(low, levels) / len(low)
    gap = missed - false
    after = int(np.argmax(gap >= 0))
    if after == 0:
        return float((missed[0] + false[0]) / 2)
    share = -gap[after - 1] / (gap[after] - gap[after - 1])
    here, there = missed[after - 1], missed[after]
    return float(here + share * (there - here))


@dataclass(slots=True)
class EventScore:
    """Events found among true ones; ``peak_errors`` are seconds, one a match."""

    matched: int = 0
    invented: int = 0
    missed: int = 0
    peak_errors: list[float] = field(default_factory=list)

    def __add__(self, other: "EventScore") -> "EventScore":
        """Return both together."""
        return EventScore(
            self.matched + other.matched,
            self.invented + other.invented,
            self.missed + other.missed,
            [*self.peak_errors, *other.peak_errors],
        )

    @property
    def precision(self) -> float | None:
        """Share of the found that is true, None where nothing was found."""
        found = self.matched + self.invented
        return self.matched / found if found else None

    @property
    def recall(self) -> float | None:
        """Share of the true that was found, None where there was nothing to find."""
        true = self.matched + self.missed
        return self.matched / true if true else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both, None where there was and was found nothing."""
        both = 2 * self.matched + self.invented + self.missed
        return 2 * self.matched / both if both else None

    @property
    def median_peak_error(self) -> float | None:
        """Median distance of a found peak from the true one, in seconds."""
        return float(np.median(self.peak_errors)) if self.peak_errors else None


def match_events(
    found: Sequence[Span], true: Sequence[Span], excused: Sequence[Span] = ()
) -> EventScore:
    """Return how the found events lie on the true ones, each used once.

    ``excused`` are true as well, but nobody is blamed for missing them.

    Examples
    --------
    >>> score = match_events([(1.0, 1.1, 1.2), (5.0, 5.1, 5.2)], [(1.0, 1.08, 1.2)])
    >>> score.matched, score.invented, score.missed
    (1, 1, 0)
    """
    free = sorted([*true, *excused], key=lambda span: span[1])
    score = EventScore()
    for start, peak, end in sorted(found, key=lambda span: span[1]):
        near = [
            span
            for span in free
            if start <= span[2] + TOLERANCE_SECONDS
            and end >= span[0] - TOLERANCE_SECONDS
        ]
        if not near:
            score.invented += 1
            continue
        best = min(near, key=lambda span: abs(span[1] - peak))
        free.remove(best)
        score.matched += 1
        score.peak_errors.append(abs(best[1] - peak))
    score.missed = sum(span not in excused for span in free)
    return score
