"""A project opened for an editor: its swapped frames at any moment.

``open_production`` asks both records, follows and trains as a run does. Every frame
that a production gives is labelled and marked before anyone sees it, with the key of
the manifest that the timeline will be written under.
"""

from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

from lampoon.generate.convert import Converter
from lampoon.generate.job import load_job
from lampoon.generate.learn import method_of
from lampoon.generate.moviepy_clip import Picture
from lampoon.generate.pipeline import Ready, readied, signer_of
from lampoon.generate.stamp import Stamp
from lampoon.media.container import scan
from lampoon.media.frame import Frame
from lampoon.media.reader import probe
from lampoon.progress import Bar, unseen
from lampoon.watermark.manifest.build import manifest_urn

EARLY_SECONDS = Fraction(1, 1000)
"""Editors reckon in floating point: a moment so little early counts as on time."""

NEAR_FRAMES = 16
"""So far ahead frames are made and dropped; beyond, another strip is begun."""

STRIPS = 3
"""Places of the plate that are kept open: a cross-fade asks at two by turns."""


class Production:
    """One project, agreed to and ready to swap, for one timeline at a time.

    Made by ``open_production``.
    """

    def __init__(self, ready: Ready) -> None:
        """Take a job that was agreed to and whose model is ready."""
        self.ready = ready
        job, performer = ready.agreed.job, ready.performer
        self.signer = signer_of(job)
        self.plate = probe(performer.clip)
        self.stamp = _new_stamp(ready)
        self._moments = _moments(performer.clip)
        self._track = performer.track
        self._converter = Converter(
            performer.clip,
            performer.track,
            method_of(job, ready.learned),
            ready.agreed.grant,
            composition=job.composition,
        )
        self._swap_seen = False

    def strips(self) -> "Strips":
        """Return the swapped plate, to be asked for any moment."""
        return Strips(self)

    def index_at(self, seconds: float) -> int:
        """Return the index of the plate's frame that is shown at a moment."""
        at = self._moments[0] + Fraction(seconds) + EARLY_SECONDS
        return max(0, bisect_right(self._moments, at) - 1)

    def swapped(self, first: int) -> Iterator[Frame]:
        """Yield the plate's frames from ``first`` on, swapped, labelled, marked."""
        frames = self._converter.stretch(first, len(self._moments))
        return self.stamp.drawn(self.ready.foreground.over_all(frames))

    def note(self, index: int) -> None:
        """Note that a swapped frame of the plate was shown."""
        row = index - self._track.first_frame
        if 0 <= row < self._track.frame_count and self._track.present[row]:
            self._swap_seen = True

    def take_note(self) -> bool:
        """Return whether a swapped face was shown since this was last asked."""
        seen, self._swap_seen = self._swap_seen, False
        return seen

    def begin_anew(self) -> None:
        """Choose another manifest and mark: the next clip is another one."""
        self.stamp = _new_stamp(self.ready)


class Strips:
    """Swapped frames of a plate at any moment, quickest one after the other."""

    def __init__(self, production: Production) -> None:
        self._production = production
        self._open: list[_Strip] = []

    def at(self, seconds: float) -> Picture:
        """Return the swapped frame that is shown at a moment, labelled and marked."""
        index = self._production.index_at(seconds)
        picture = self._strip(index).upto(index)
        self._production.note(index)
        return picture

    def _strip(self, index: int) -> "_Strip":
        """Return a strip that is at ``index`` or not far before it, newest last."""
        stamp = self._production.stamp
        self._open = [strip for strip in self._open if strip.stamp is stamp]
        near = [s for s in self._open if 0 <= index - s.index <= NEAR_FRAMES]
        if near:
            strip = max(near, key=lambda s: s.index)
            self._open.remove(strip)
        else:
            strip = _Strip(self._production, index)
        self._open = [*self._open, strip][-STRIPS:]
        return strip


class _Strip:
    """The swapped plate from one frame on; ``index`` is where it is."""

    def __init__(self, production: Production, first: int) -> None:
        self.stamp = production.stamp
        self.index = first
        self._frames = production.swapped(first)
        self._shown = next(self._frames)

    def upto(self, index: int) -> Picture:
        while self.index < index:
            self._shown = next(self._frames)
            self.index += 1
        return self._shown.rgb


def open_production(
    project: Path | str, *, train: bool = True, bar: Bar = unseen
) -> Production:
    """Return a project ready for a timeline, trained as far as it asks.

    Without ``train`` the model is taken as it is; TrainingError where there is none.
    Raises ConsentRefusedError with every rule of every record that refuses.
    """
    return Production(readied(load_job(Path(project)), bar, train=train))


def _new_stamp(ready: Ready) -> Stamp:
    return Stamp(ready.agreed.job.label.preset, manifest_urn(uuid4()))


def _moments(clip: Path) -> list[Fraction]:
    """Return when each frame of a clip is shown, in seconds."""
    timeline, _ = scan(clip)
    return [tick * timeline.time_base for tick in timeline.ticks]
