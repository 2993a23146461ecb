"""A swap in stretches: labelled, marked, encoded and signed, kept until all are there.

Killed at any moment, a job loses the stretch in flight; the next run renders only
what is missing. No swapped frame rests on the disk without its label and signature.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

from lampoon.generate.whole_file import replace_file
from lampoon.media.frame import Frame
from lampoon.media.join import Part
from lampoon.media.writer import write_clip
from lampoon.progress import Tell, silent
from lampoon.watermark.invisible.embed import MarkedFrames
from lampoon.watermark.label.draw import ParodyLabel
from lampoon.watermark.manifest.build import manifest_urn

SEGMENT_FRAMES = 250

NAME = re.compile(r"(\d{8})-(\d{8})-([0-9a-f]{12})-(-?\d+)\.mp4")
"""First frame, frame after the last, what it depends on, tick of the first frame."""

URN_FILE = "urn.txt"
"""The mark in the stretches points to it, so it outlives an interruption."""

Swapped = Callable[[int, int], Iterable[Frame]]
"""Gives the swapped frames from the first index up to, not with, the second."""

Depends = Callable[[int, int], str]
"""Gives words that change with every setting that a stretch's pixels depend on."""

Seal = Callable[[Path, Path], object]
"""Signs a clip at the first path into the second, which appears whole or not."""


@dataclass(frozen=True, slots=True)
class LabelledFrames:
    """Draws one clip's label and mark into its frames.

    ``start`` is the first frame's moment, ``key`` the 8 bytes that the mark carries.
    """

    label: ParodyLabel
    start: Fraction
    key: bytes

    def drawn(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield every frame with the label of its moment and the invisible mark."""
        yield from MarkedFrames(self._labelled(frames), self.key)

    def _labelled(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            at = frame.seconds - self.start
            yield frame.with_rgb(self.label.draw(frame.rgb, at))


class Segments:
    """The finished stretches of one clip, in a folder of their own.

    ``size`` is the number of frames in each but the last. A stretch that was made
    under other settings than ``depends`` names is made anew, the others are kept.
    """

    def __init__(
        self,
        folder: Path,
        frame_count: int,
        *,
        size: int = SEGMENT_FRAMES,
        depends: Depends = lambda first, stop: "",
    ) -> None:
        self.folder = folder
        self._depends = depends
        self._ranges = [
            (first, min(first + size, frame_count))
            for first in range(0, frame_count, size)
        ]
        self._total = frame_count

    def complete(
        self,
        swapped: Swapped,
        labelled: LabelledFrames,
        seal: Seal,
        *,
        tell: Tell = silent,
    ) -> list[Part]:
        """Return all stretches in order, made now where they are missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._clear_leftovers()
        parts = []
        for first, stop in self._ranges:
            part = self._kept(first, stop)
            if part is None:
                frames = labelled.drawn(swapped(first, stop))
                part = self._made(frames, first, stop, seal, tell)
            tell(stop, self._total)
            parts.append(part)
        return parts

    def urn(self) -> str:
        """Return the name of the whole clip's manifest, chosen once for all runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = self.folder / URN_FILE
        if not kept.exists():
            replace_file(kept, manifest_urn(uuid4()).encode())
        return kept.read_text(encoding="utf-8")

    def remove(self) -> None:
        """Remove the stretches and their folder; only what Segments made."""
        if not self.folder.is_dir():
            return
        self._clear_leftovers()
        for path in self.folder.iterdir():
            if NAME.fullmatch(path.name) or path.name == URN_FILE:
                path.unlink()
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _kept(self, first: int, stop: int) -> Part | None:
        for path in self.folder.glob(f"{self._stem(first, stop)}-*.mp4"):
            if found := NAME.fullmatch(path.name):
                return Part(path, int(found[4]))
        return None

    def _stem(self, first: int, stop: int) -> str:
        words = self._depends(first, stop).encode()
        return f"{first:08d}-{stop:08d}-{hashlib.sha256(words).hexdigest()[:12]}"

    def _made(
        self,
        frames: Iterator[Frame],
        first: int,
        stop: int,
        seal: Seal,
        tell: Tell,
    ) -> Part:
        ticks: list[int] = []

        def noted() -> Iterator[Frame]:
            for frame in frames:
                ticks.append(frame.pts)
                yield frame

        plain = self.folder / f".{first:08d}.labelled.mp4"
        try:
            write_clip(
                plain,
                noted(),
                sound_from=None,
                tell=lambda done, _: tell(first + done, self._total),
            )
            name = f"{self._stem(first, stop)}-{ticks[0]}.mp4"
            seal(plain, self.folder / name)
        finally:
            plain.unlink(missing_ok=True)
        return Part(self.folder / name, ticks[0])

    def _clear_leftovers(self) -> None:
        """Remove what a kill left behind: hidden files, never a finished stretch."""
        for path in self.folder.glob(".*.mp4*"):
            path.unlink(missing_ok=True)
