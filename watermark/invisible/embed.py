"""Marking a stream of frames on its way to the encoder."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from lampoon.media.frame import Frame
from lampoon.watermark.invisible.code import encode
from lampoon.watermark.invisible.drift import Drift
from lampoon.watermark.invisible.loop import (
    TRIED_FRAMES,
    Settled,
    Trial,
    rehearsal_size,
    settle,
    shrunk,
)
from lampoon.watermark.invisible.paint import Lie, Luma, Painter, held, hiding
from lampoon.watermark.invisible.tile import Layout, Plane, spectrum

STRETCH = 200
"""Frames after which the gain is settled anew, cut or not."""

CUT = 24.0
"""Mean grey levels between two frames averaged to chips that make a cut."""

GAIN_HELD = 0.12
"""Part by which the gain has to change within a shot: a mark that grows or shrinks
must be coded anew, all over the picture."""

LESSER = (0.4, 0.6)
"""Parts of the frame that slip: up to the first the mark is left out of them, from the
second on of none."""

COARSER = 0.5
"""The scene's motion is measured at half a sample a chip."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A frame in code with what was found of it while it waits."""

    frame: Frame
    luma: Luma
    levels: Plane
    lie: Lie
    cut: bool


class MarkedFrames:
    """Frames with the mark in their luma, ready to encode; to be iterated once.

    The key, 8 bytes, is in every frame. Colours, moments and the number of frames
    stay; RGB becomes 4:2:0 here, once, and the writer takes it as it is. At most
    ``TRIED_FRAMES`` frames wait, so memory does not grow with the clip.
    ``settled`` tells the gain of each stretch so far, for reports and tests.

    Raises ValueError for a key of another size.
    """

    def __init__(
        self, frames: Iterable[Frame], key: bytes, *, layout: Layout | None = None
    ) -> None:
        self._frames = frames
        self._tile = (layout or Layout()).tile(encode(key))
        self._known = spectrum(self._tile)
        self._painter: Painter | None = None
        self._rehearser: Painter | None = None
        self._drift = Drift()
        self._last: Plane | None = None
        self._levels: Plane | None = None
        self._age = 0
        self.settled: list[Settled] = []

    def __iter__(self) -> Iterator[Frame]:
        """Give the marked frames."""
        waiting: deque[_Waiting] = deque()
        for frame in self._frames:
            waiting.append(self._seen(frame.in_code()))
            if len(waiting) > TRIED_FRAMES:
                yield self._marked(waiting)
        while waiting:
            yield self._marked(waiting)

    def _seen(self, frame: Frame) -> _Waiting:
        luma = frame.luma
        height, width = luma.shape
        if self._painter is None or self._rehearser is None:
            self._painter = Painter(width, height, self._tile)
            self._rehearser = Painter(*rehearsal_size(width, height), self._tile)
        chips = self._painter.chips(luma)
        last, self._last = self._last, chips
        cut = last is not None and float(np.abs(chips - last).mean()) > CUT
        if cut:
            self._drift.restart()
            self._levels = None
        self._levels = held(hiding(chips), self._levels)
        coarse = cv2.resize(
            chips, None, fx=COARSER, fy=COARSER, interpolation=cv2.INTER_AREA
        )
        self._drift.follow(np.asarray(coarse, np.float32))
        across, down = self._drift.offset / COARSER
        lie = Lie(
            float(across),
            float(down),
            self._drift.scale,
            _lesser(self._drift.slipping),
        )
        return _Waiting(frame, luma, self._levels, lie, cut)

    def _marked(self, waiting: deque[_Waiting]) -> Frame:
        """Give the first frame that waits, marked."""
        assert self._painter is not None
        if not self.settled or self._age >= STRETCH or waiting[0].cut:
            self.settled.append(self._settle(waiting))
            self._age = 0
        self._age += 1
        first = waiting.popleft()
        painted = self._painter.paint(
            first.luma, self.settled[-1].gain, first.lie, first.levels
        )
        return first.frame.with_luma(painted)

    def _settle(self, waiting: deque[_Waiting]) -> Settled:
        rehearser = self._rehearser
        assert rehearser is not None
        together = [waiting[0]]
        for each in list(waiting)[1:TRIED_FRAMES]:
            if each.cut:
                break
            together.append(each)

        size = (rehearser.width, rehearser.height)
        plain = [shrunk(one.luma, size) for one in together]

        def paint(gain: float) -> list[Luma]:
            pairs = zip(plain, together, strict=True)
            return [
                rehearser.paint(luma, gain, one.lie, one.levels) for luma, one in pairs
            ]

        scale = together[0].lie.scale
        now = settle(Trial(plain, paint, self._known, scale))
        return now if waiting[0].cut else self._gain_held(now)

    def _gain_held(self, now: Settled) -> Settled:
        """Return what was settled, with the gain of before if that is near."""
        before = self.settled[-1].gain if self.settled else now.gain
        near = abs(now.gain - before) < GAIN_HELD * before
        return replace(now, gain=before) if near else now


def _lesser(slipping: Plane) -> Plane | None:
    """Return what slips as far as it is the lesser part of the scene.

    Where nearly all of it goes another way there is no better place for the mark.
    """
    few, many = LESSER
    part = (many - float(slipping.mean())) / (many - few)
    if part <= 0 or not slipping.any():
        return None
    return np.asarray(slipping * min(part, 1.0), np.float32)
