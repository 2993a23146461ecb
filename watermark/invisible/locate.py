"""Once the word is known: when the mark is there, and where in the picture."""

from dataclasses import dataclass

import numpy as np

from lampoon.watermark.invisible.align import correlation_with, fold
from lampoon.watermark.invisible.evidence import MarkedPart, MarkMap
from lampoon.watermark.invisible.heat import Heat
from lampoon.watermark.invisible.search import Decoded, Sample
from lampoon.watermark.invisible.tile import Layout, Plane, spectrum

CLEAR = 5.6
"""Standard deviations of the whole tile at its best of 16384 shifts; noise rarely
exceeds 5.2."""

OWN = 2.5
"""What a sample itself has to show before the one before it may help."""

SHORTEST_PART = 0.8
"""Seconds; a shorter stretch says nothing."""


@dataclass(frozen=True, slots=True)
class Presence:
    """How clearly one sample carries the mark, and where its tile lies."""

    seconds: float
    score: float
    shift: tuple[int, int]


class Locator:
    """Follows one known mark through a clip, sample by sample."""

    def __init__(self, layout: Layout, decoded: Decoded) -> None:
        self._pose = decoded.pose
        tile = layout.tile(decoded.word.signs)
        self._known = spectrum(tile, mirrored=decoded.pose.flipped)
        self._last: Plane | None = None
        self._heat = Heat(tile, decoded.pose)
        self.presences: list[Presence] = []

    def look(self, sample: Sample) -> None:
        """Take the next sample."""
        folded = fold(sample.residual, self._pose)
        surface = correlation_with(self._known, folded)
        best = surface
        if self._last is not None:
            # a scene that stands still repeats its noise: not by the root of two
            both = surface + self._last
            both /= both.std() + 1e-9
            if surface.flat[int(both.argmax())] > OWN and both.max() > best.max():
                best = both
        self._last = surface
        down, across = np.unravel_index(int(best.argmax()), best.shape)
        presence = Presence(sample.seconds, float(best.max()), (int(down), int(across)))
        self.presences.append(presence)
        if presence.score > CLEAR:
            self._heat.add(sample.residual, presence.shift)

    def parts(self, start: float, end: float) -> tuple[MarkedPart, ...]:
        """Return the stretches with and without the mark, from start to end."""
        return parts_of(self.presences, start, end)

    def map(self) -> MarkMap | None:
        """Return where in the picture the mark is; None where it is nowhere clear."""
        return self._heat.map()


def parts_of(
    presences: list[Presence], start: float, end: float
) -> tuple[MarkedPart, ...]:
    """Return stretches with and without the mark, short ones joined to neighbours."""
    runs: list[list[float | bool]] = []
    for index, each in enumerate(presences):
        begin = (
            start if index == 0 else (presences[index - 1].seconds + each.seconds) / 2
        )
        marked = each.score > CLEAR
        if runs and runs[-1][2] == marked:
            continue
        if runs:
            runs[-1][1] = begin
        runs.append([begin, end, marked])
    joined: list[list[float | bool]] = []
    for run in runs:
        short = run[1] - run[0] < SHORTEST_PART
        if joined and (short or joined[-1][2] == run[2]):
            joined[-1][1] = run[1]
        else:
            joined.append(run)
    return tuple(
        MarkedPart(round(float(a), 3), round(float(b), 3), bool(marked))
        for a, b, marked in joined
    )
