"""Once the word is known: when the mark is there, and where in the picture."""

import math
from dataclasses import dataclass, replace

import numpy as np

from lampoon.watermark.invisible.align import Pose, correlation_with, fold
from lampoon.watermark.invisible.evidence import MarkedPart, MarkMap
from lampoon.watermark.invisible.heat import Heat
from lampoon.watermark.invisible.search import Decoded, Sample
from lampoon.watermark.invisible.tile import Layout, Plane, spectrum

CLEAR = 5.6
"""Standard deviations of the whole tile at its best of 16384 shifts; noise rarely
exceeds 5.2."""

OWN = 2.5
"""What a sample itself has to show before the one before it may help."""

FADED, FOLLOWED = 0.85, 7.0
"""A mark that falls to this part may have grown with a zooming scene; at another scale
it has to stand out more, as more places are looked at."""

STRIDE = 0.002
"""Between the scales that are tried, in part."""

A_LOOK, A_CLIP = 16, 120
"""Strides that a zoom takes from look to look at most, and from end to end."""

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
        self._first = self._pose = decoded.pose
        tile = layout.tile(decoded.word.signs)
        self._known = spectrum(tile, mirrored=decoded.pose.flipped)
        self._last: Plane | None = None
        self._usual = 0.0
        self._heat = Heat(tile, decoded.pose)
        self.presences: list[Presence] = []

    def look(self, sample: Sample) -> None:
        """Take the next sample."""
        surface = self._surface(sample.residual, self._pose)
        if self._may_have_grown(float(surface.max())):
            surface = self._followed(sample.residual, surface)
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
            self._usual = float(surface.max())
            self._heat.add(sample.residual, presence.shift, self._pose)

    def _surface(self, residual: Plane, pose: Pose) -> Plane:
        return correlation_with(self._known, fold(residual, pose))

    def _may_have_grown(self, score: float) -> bool:
        """Tell whether to look at other scales: at first, and when a mark fades."""
        if not self.presences:
            return score < FOLLOWED
        return self.presences[-1].score > CLEAR and score < FADED * self._usual

    def _followed(self, residual: Plane, here: Plane) -> Plane:
        """Return the correlation at the scale where it is best; go on from there."""
        reach = A_LOOK if self.presences else A_CLIP
        best, clearest = here, max(float(here.max()), FOLLOWED)
        poses = [self._first]
        for stride in range(-reach, reach + 1):
            grown = math.exp(stride * STRIDE)
            across, down = self._pose.across * grown, self._pose.down * grown
            poses.append(replace(self._pose, across=across, down=down))
        for pose in poses:
            surface = self._surface(residual, pose)
            if surface.max() > clearest:
                best, clearest, self._pose = surface, float(surface.max()), pose
        return best

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
