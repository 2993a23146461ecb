"""The comparison: every method on every clip under every attack."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from lampoon.bench.watermark.attacks import PUBLISHED, USUAL, Attack, attacks
from lampoon.bench.watermark.clips import (
    LOSSLESS,
    attacked,
    natives,
    reread,
    spread,
    write,
)
from lampoon.bench.watermark.quality import Distortion, vmaf
from lampoon.bench.watermark.strength import matched
from lampoon.errors import MediaError
from lampoon.media.frame import Frame
from lampoon.media.reader import probe, read_frames
from lampoon.progress import Tell, silent
from lampoon.watermark.adapters.coded import Coded
from lampoon.watermark.adapters.ours import LampoonMark
from lampoon.watermark.adapters.protocol import ClipMark, MarkRead, PictureMark
from lampoon.watermark.invisible.code import encode

SMALLEST = 4
"""Fewer frames than this are no clip."""

Emit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Budget:
    """The same for every method: frames of each clip, and how many are read."""

    frames: int = 28
    samples: int = 8


@dataclass(frozen=True, slots=True)
class _Plain:
    """A clip's frames as all methods get them, in a lossless scratch file."""

    name: str
    path: Path
    rate: Fraction
    frames: int
    width: int
    height: int
    key: bytes
    usual_bytes: int

    @property
    def seconds(self) -> float:
        return float(self.frames / self.rate)


@dataclass(slots=True)
class _Marked:
    """What embedding one mark made and cost."""

    mark: ClipMark
    lossless: Path
    published: Path
    facts: dict[str, Any] = field(default_factory=dict)


def compare(
    clips: list[Path],
    pictures: list[PictureMark],
    budget: Budget,
    *,
    chosen: Callable[[str], bool] = lambda name: True,
    tell: Tell = silent,
) -> Iterator[dict[str, Any]]:
    """Give one row a method, clip and attack, as each is done.

    Our own mark goes first on each clip: how much it shows there is what the others
    are matched to. ``chosen`` says of an attack's name whether it is wanted. Raises
    UnreadableError for a file that is no clip and MediaError for too short a one.
    """
    count = sum(1 for attack in attacks(1.0) if chosen(attack.name))
    steps = len(clips) * (1 + len(pictures)) * (count + 1)
    done = 0
    for clip in clips:
        with tempfile.TemporaryDirectory(prefix="lampoon-bench-") as folder:
            for row in _on_clip(clip, pictures, budget, chosen, Path(folder)):
                done += 1
                tell(done, steps)
                if row:
                    yield row


def _on_clip(
    clip: Path,
    pictures: list[PictureMark],
    budget: Budget,
    chosen: Callable[[str], bool],
    folder: Path,
) -> Iterator[dict[str, Any]]:
    """Give the rows of one clip, and an empty one after each embedding."""
    plain = _plain(clip, budget, folder)
    wanted = [each for each in attacks(plain.seconds) if chosen(each.name)]
    target = None
    for picture in (None, *pictures):
        if picture is None or target is None:
            mark: ClipMark = LampoonMark()
        else:
            size = (plain.width, plain.height)
            held = Coded(picture, size=size).held(plain.frames)
            mark = matched(held, _some(plain), plain.key, target)
        marked = _marked(mark, plain, folder)
        target = target or float(marked.facts["psnr"])
        yield {}
        for attack in wanted:
            yield _row(marked, plain, attack, budget, folder)


def _plain(clip: Path, budget: Budget, folder: Path) -> _Plain:
    """Put a clip's first frames into a lossless file, once through RGB.

    Peers mark RGB; so nobody is charged for the way there and back.
    """
    facts = probe(clip)
    target = folder / "plain.mkv"
    first = islice(read_frames(clip), budget.frames)
    even = (_even(_renumbered(f, place)) for place, f in enumerate(first))
    frames = write(target, natives(even, facts.rate), LOSSLESS)
    if frames < SMALLEST:
        raise MediaError(f"{frames} frames are too few to compare on", where=clip)
    shown = next(read_frames(target, stop=1))
    usual = folder / "plain-usual.mkv"
    write(usual, natives(reread(target, facts.rate), facts.rate), USUAL)
    return _Plain(
        name=clip.name,
        path=target,
        rate=facts.rate,
        frames=frames,
        width=shown.width,
        height=shown.height,
        key=hashlib.sha256(clip.name.encode()).digest()[:8],
        usual_bytes=usual.stat().st_size,
    )


def _renumbered(frame: Frame, index: int) -> Frame:
    """Return the frame under another index."""
    frame.index = index
    return frame


def _even(frame: Frame) -> Frame:
    """Return the frame through RGB, without an odd last row or column."""
    height, width = frame.rgb.shape[:2]
    return frame.with_rgb(frame.rgb[: height // 2 * 2, : width // 2 * 2])


def _some(plain: _Plain) -> list[Frame]:
    """Return a few frames to match distortion on."""
    places = {round(place * (plain.frames - 1) / 3) for place in range(4)}
    return [f for f in reread(plain.path, plain.rate) if f.index in places]


class _Clocked:
    """Frames, with the processor seconds that giving them took."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._frames = iter(frames)
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        began = time.process_time()
        try:
            return next(self._frames)
        finally:
            self.seconds += time.process_time() - began


def _marked(mark: ClipMark, plain: _Plain, folder: Path) -> _Marked:
    """Embed a mark; keep it lossless for scores and published for attacks."""
    source = _Clocked(reread(plain.path, plain.rate))
    made = _Clocked(mark.embed(source, plain.key))
    distortion = Distortion()
    lossless, published = folder / "marked.mkv", folder / "published.mkv"
    write(lossless, natives(_compared(made, plain, distortion), plain.rate), LOSSLESS)
    write(published, natives(reread(lossless, plain.rate), plain.rate), PUBLISHED)
    usual = folder / "marked-usual.mkv"
    write(usual, natives(reread(lossless, plain.rate), plain.rate), USUAL)
    seconds = max(made.seconds - source.seconds, 1e-6)
    score = vmaf(plain.path, lossless)
    facts = {
        "vmaf": None if score is None else round(score, 2),
        "psnr_y": round(distortion.psnr_y, 2),
        "psnr": round(distortion.psnr, 2),
        "bitrate_growth": round(usual.stat().st_size / plain.usual_bytes - 1, 4),
        "embed_fps": round(plain.frames / seconds, 2),
        "strength": _strength(mark),
    }
    return _Marked(mark, lossless, published, facts)


def _compared(
    marked: Iterable[Frame], plain: _Plain, distortion: Distortion
) -> Iterator[Frame]:
    before = reread(plain.path, plain.rate)
    for place, (was, after) in enumerate(zip(before, marked, strict=True)):
        distortion.add(was, after)
        yield _renumbered(after, place)


def _strength(mark: ClipMark) -> float | None:
    if isinstance(mark, Coded):
        return mark.strength
    if isinstance(mark, LampoonMark) and mark.gains:
        return round(sum(mark.gains) / len(mark.gains), 3)
    return None


def _row(
    marked: _Marked, plain: _Plain, attack: Attack, budget: Budget, folder: Path
) -> dict[str, Any]:
    """Attack, read, and say what came out."""
    left = attacked(marked.published, attack, plain.rate, folder)
    samples = spread(left, plain.rate, budget.samples)
    began = time.process_time()
    read = marked.mark.read(samples)
    seconds = time.process_time() - began
    return {
        "bench": "watermark",
        "method": marked.mark.name,
        "clip": plain.name,
        "attack": attack.name,
        "exact": read.key == plain.key,
        "wrong_key": read.key is not None and read.key != plain.key,
        "bit_accuracy": round(_right(read, plain.key), 4),
        **marked.facts,
        "detect_seconds": round(seconds, 3),
        "frames": plain.frames,
        "samples": len(samples),
        "width": plain.width,
        "height": plain.height,
    }


def _right(read: MarkRead, key: bytes) -> float:
    """Return the part of the signs seen that were seen right, before any correction."""
    seen = read.beliefs != 0
    right = (read.beliefs > 0) == (encode(key) > 0)
    return float(right[seen].mean()) if seen.any() else 0.5
