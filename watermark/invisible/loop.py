"""The closed loop: as strong as a re-encoding asks for, as weak as one can afford.

A few frames of each stretch are marked in small, encoded and decoded again. Where the
mark comes out with more than enough the gain falls, where too weak it rises; where it
would cost many bytes from frame to frame it falls further, though never below what
still decodes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lampoon.media.rehearsal import rehearse
from lampoon.watermark.invisible.align import Pose, correlation_with, fold
from lampoon.watermark.invisible.paint import Luma
from lampoon.watermark.invisible.tile import SYNC_SHARE, Spectrum
from lampoon.watermark.invisible.transform import chip_grid, residual
from lampoon.watermark.invisible.visible import points

ROUGH_CRF, USUAL_CRF, FINE_CRF = 33, 28, 23
"""What the mark has to live through, at least, and where its price is looked at."""

WANTED, NEEDED, UNSEEN_NEEDED = 22.0, 16.0, 15.0
"""Standard deviations of the code word in one keyframe at the rough quality: with
some to spare, and such that 99 of 100 words decode (tests/unit/test_watermark_
invisible_code.py). The third where viewers could see the mark."""

AFFORDED, DEAR = 0.05, 0.15
"""Parts by which a clip may grow: beyond the second the mark
only has to live through the usual quality."""

LOUDEST = 2.8
"""Mean squared grey levels that the mark may add to a textured picture: 43.7 dB."""

UNSEEN, SHARPNESS = 95.4, 1.4
"""Points of ``visible`` that marked frames may fall to, and how fast those that the
mark costs grow with its gain."""

BOLDEST_CUT = 0.65
"""Six frames are not believed to call for a deeper cut of the gain than to this."""

KEYFRAME_EVERY = 250
"""Frames between keyframes where nobody asks for more (x264's default)."""

GAINS = (0.8, 1.5)
"""Below the first (53 dB on a soft picture) encoders make all of it even there."""

SIDE_PIXELS = 480
TRIED_FRAMES = 6

Paint = Callable[[float], list[Luma]]


@dataclass(frozen=True, slots=True)
class Settled:
    """A gain with what it was chosen by: decode margin, growth, mean squared change."""

    gain: float
    margin: float
    growth: float
    change: float


def rehearsal_size(width: int, height: int) -> tuple[int, int]:
    """Return the size to rehearse in: 480 rows at most, even, the same shape.

    >>> rehearsal_size(1920, 1080)
    (854, 480)
    """
    scale = min(1.0, SIDE_PIXELS / min(width, height))
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2


def shrunk(luma: Luma, size: tuple[int, int]) -> Luma:
    """Return a plane in the size to rehearse in."""
    if (luma.shape[1], luma.shape[0]) == size:
        return luma
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The first planes of a stretch in rehearsal size, and how to mark them.

    ``paint(gain)`` gives them marked, with the first one's pattern grown by
    ``scale``; ``known`` is the spectrum of the whole tile.
    """

    plain: Sequence[Luma]
    paint: Paint
    known: Spectrum
    scale: float = 1.0

    def margin(self, marked: Luma, *, crf: int = ROUGH_CRF) -> float:
        """Return how clearly the word stands in a keyframe after a re-encoding."""
        seen = residual(rehearse([marked], crf=crf).planes[0])
        height, width = seen.shape
        across, down = chip_grid(marked.shape[1], marked.shape[0])
        pose = Pose(width / across * self.scale, height / down * self.scale)
        peak = float(correlation_with(self.known, fold(seen, pose)).max())
        return peak * float(np.sqrt(1 - SYNC_SHARE))

    def growth(self, marked: Sequence[Luma]) -> float:
        """Return by how much a clip of these frames would grow, as a part of it."""
        if len(self.plain) < 2:
            return 0.0
        before, after = _bytes_a_frame(self.plain), _bytes_a_frame(marked)
        return after / max(before, 1.0) - 1


def settle(trial: Trial) -> Settled:
    """Return the gain for a stretch of a clip."""
    marked = trial.paint(1.0)
    change = float(
        np.mean([_change(a, b) for a, b in zip(trial.plain, marked, strict=True)])
    )
    loudest = min(GAINS[1], float(np.sqrt(LOUDEST / max(change, 1e-6))))
    margin = trial.margin(marked[0])
    gain = _between(WANTED / max(margin, 1.0), loudest)
    if gain != 1.0:
        marked = trial.paint(gain)
        margin = trial.margin(marked[0])
    hidden = _hidden(gain, margin, trial, marked[0])
    if hidden < gain:
        marked, margin, gain = trial.paint(hidden), margin * hidden / gain, hidden
    growth = trial.growth(marked)
    if growth > AFFORDED:
        gain = _cheaper(gain, margin, growth, trial)
    return Settled(gain, margin, growth, change)


def _hidden(gain: float, margin: float, trial: Trial, marked: Luma) -> float:
    """Return a lower gain for a stretch where the mark could be seen.

    It still lives through the rough quality.
    """
    whole, lost = points(trial.plain, marked)
    afforded = max(whole - UNSEEN, 0.0)
    if lost <= afforded:
        return gain
    least = gain * UNSEEN_NEEDED / max(margin, 1.0)
    return _between(max(least, gain * (afforded / lost) ** (1 / SHARPNESS)), gain)


def _cheaper(gain: float, margin: float, growth: float, trial: Trial) -> float:
    """Return a lower gain for a stretch that would grow too much.

    It still lives through the rough quality, or where that is dear through the usual
    one.
    """
    least = _between(gain * NEEDED / max(margin, 1.0), gain)
    wanted = max(gain * float(np.sqrt(AFFORDED / growth)), least)
    cheap = least * float(np.sqrt(DEAR / growth))
    if growth > DEAR and wanted > cheap:
        clear = trial.margin(trial.paint(least)[0], crf=USUAL_CRF)
        wanted = max(cheap, least * NEEDED / max(clear, 1.0))
    return _between(max(wanted, gain * BOLDEST_CUT), gain)


def _bytes_a_frame(planes: Sequence[Luma]) -> float:
    first, *others = rehearse(planes, crf=FINE_CRF).sizes
    return first / KEYFRAME_EVERY + sum(others) / len(others)


def _change(before: Luma, after: Luma) -> float:
    return float(cv2.norm(before, after, cv2.NORM_L2SQR)) / before.size


def _between(gain: float, loudest: float) -> float:
    return float(np.clip(gain, GAINS[0], max(loudest, GAINS[0])))
