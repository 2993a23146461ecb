"""From a clip to what it carries: keyframes first, more only where needed."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lampoon.media.frame import Frame
from lampoon.media.reader import Clip, probe
from lampoon.media.sampling import cheap_frames, keyframes
from lampoon.progress import Tell, silent
from lampoon.watermark.invisible.evidence import MarkGeometry, WatermarkReading
from lampoon.watermark.invisible.locate import Locator
from lampoon.watermark.invisible.search import Decoded, Sample, Search
from lampoon.watermark.invisible.tile import OVERSAMPLING, Layout
from lampoon.watermark.invisible.transform import residual

KEYFRAMES = 16
"""Keyframes that are looked at before anything else."""

SAMPLES = 56
"""Frames kept for a search that the keyframes did not end."""

LOOKS_PER_SECOND, MOST_LOOKS = 4.0, 240
"""How finely the timeline is looked at once the mark is known."""

AFTER_KEYFRAME = 2
"""Frames after a keyframe that are kept: they are nearly as good."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to look.

    ``rotated`` also tries turns of up to two degrees, which takes seconds;
    ``timeline`` also tells which parts and places carry the mark.
    """

    rotated: bool = False
    timeline: bool = True
    threads: int = 0


class Spread:
    """Samples of a clip that streams by: some after keyframes, others evenly."""

    def __init__(self, seconds: float) -> None:
        self._step = max(seconds / (SAMPLES / 2), 1e-3)
        self._near: list[Sample] = []
        self._even: list[Sample] = []
        self._since, self._due = 0, -math.inf

    def keep(self, frame: Frame, *, key: bool) -> None:
        """Look at a frame that passes by, and keep what is wanted of it."""
        self._since = 0 if key else self._since + 1
        moment = float(frame.seconds)
        if self._since <= AFTER_KEYFRAME and len(self._near) < SAMPLES // 2:
            self._near.append(_sample(frame, key))
        elif moment >= self._due:
            self._even.append(_sample(frame, key))
            self._due = moment + self._step

    @property
    def samples(self) -> list[Sample]:
        """What was kept."""
        return self._near + self._even


def detect(
    path: Path,
    *,
    layout: Layout | None = None,
    effort: Effort = Effort(),
    spread: Callable[[], Spread] | None = None,
    tell: Tell = silent,
) -> WatermarkReading:
    """Return the mark of a clip, or that none was found.

    Every word that is tried is counted: the odds of the answer are a true bound.
    Where the whole clip is decoded for something else anyway, ``spread`` gives what
    was kept of it; it is asked only where the keyframes do not tell. Raises
    UnreadableError for a file that is no clip.
    """
    clip = probe(path)
    search = Search(layout or Layout())
    keys = _keyframes(path, effort)
    samples = list(keys)
    found = _stepwise(search, samples)
    seconds = float(clip.seconds)
    if found is None:
        whole = spread() if spread else _spread(path, effort, tell, clip)
        samples = whole.samples
        found = search.quick(samples) or search.thorough(
            samples, rotated=effort.rotated
        )
    reading = WatermarkReading(
        found=False, words_tried=search.words_tried, frames_seen=len(samples)
    )
    if found is None:
        return reading
    reading = replace(
        reading,
        found=True,
        key=found.word.key,
        odds=search.odds,
        margin=round(found.margin, 2),
        geometry=geometry_of(found),
    )
    if effort.timeline:
        reading = _located(reading, path, search.layout, found, effort, seconds)
    return reading


def geometry_of(found: Decoded) -> MarkGeometry:
    """Return what became of the picture, from where the tile was found."""
    pose = found.pose
    down, across = found.shift
    return MarkGeometry(
        scale=round(pose.down / OVERSAMPLING, 4),
        stretch=round(pose.across / pose.down, 4),
        flip=pose.flipped,
        rotation=round(math.degrees(pose.turn), 2),
        phase=(across / OVERSAMPLING, down / OVERSAMPLING),
    )


def _stepwise(search: Search, samples: list[Sample]) -> Decoded | None:
    """Look in the first keyframe, then in all of them, then at every scale."""
    if not samples:
        return None
    found = search.quick(samples[:1])
    if found is None and len(samples) > 1:
        found = search.quick(samples)
    return found or search.thorough(samples)


def _keyframes(path: Path, effort: Effort) -> Iterator[Sample]:
    for frame in keyframes(path, threads=effort.threads):
        if frame.index >= KEYFRAMES:
            return
        yield _sample(frame, True)


def _spread(path: Path, effort: Effort, tell: Tell, clip: Clip) -> Spread:
    spread, total = Spread(float(clip.seconds)), clip.frame_count
    for frame, key in cheap_frames(path, threads=effort.threads):
        spread.keep(frame, key=key)
        tell(min(frame.index + 1, total), total)
    return spread


def _located(
    reading: WatermarkReading,
    path: Path,
    layout: Layout,
    found: Decoded,
    effort: Effort,
    seconds: float,
) -> WatermarkReading:
    locator = Locator(layout, found)
    step = max(1 / LOOKS_PER_SECOND, seconds / MOST_LOOKS)
    start, due = 0.0, -math.inf
    for frame, key in cheap_frames(path, threads=effort.threads):
        moment = float(frame.seconds)
        if not locator.presences:
            start = moment
        if moment >= due:
            locator.look(_sample(frame, key, start))
            due = moment + step - 1e-6
    return replace(reading, parts=locator.parts(0.0, seconds), map=locator.map())


def _sample(frame: Frame, key: bool, start: float = 0.0) -> Sample:
    return Sample(residual(frame.luma), float(frame.seconds) - start, key)
