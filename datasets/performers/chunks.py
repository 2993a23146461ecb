"""Parts of a take on disk, so that a stopped rendering goes on where it stopped.

A part is a lossless clip in the very planes that the finished clip encodes, beside
the truth of its frames. Its name holds a hash of everything it depends on.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import lampoon
from lampoon.datasets.performers.filming import Filming, encoded_mask, film
from lampoon.datasets.performers.person import Person
from lampoon.datasets.performers.take import Take
from lampoon.datasets.performers.truth import closures_of, truth_of_frame, truth_of_take
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from lampoon.media.writer import Encoding, write_clip

FRAMES_A_PART = 50
LOOK = 4
"""Rises when the same person and take come to look otherwise: parts are not mixed."""

LOSSLESS = Encoding(crf=0, preset="ultrafast", threads=1)


@dataclass(frozen=True, slots=True)
class Part:
    """Frames ``first`` to ``stop`` of a take, and where they are kept."""

    person: Person
    take: Take
    first: int
    stop: int
    clip: Path

    @property
    def notes(self) -> Path:
        """The truth of the frames, and of the whole take."""
        return self.clip.with_suffix(".json")

    @property
    def made(self) -> bool:
        """Whether the part is there; the notes are written last."""
        return self.clip.is_file() and self.notes.is_file()


def parts_of(person: Person, take: Take, folder: Path) -> list[Part]:
    """Return all parts of a take in order, made or not."""
    about = {
        "person": asdict(person),
        "take": asdict(take),
        "version": lampoon.__version__,
        "look": LOOK,
    }
    text = json.dumps(about, sort_keys=True).encode()
    name = hashlib.sha256(text).hexdigest()[:16]
    starts = range(0, take.frame_count, FRAMES_A_PART)
    return [
        Part(
            person,
            take,
            first,
            min(first + FRAMES_A_PART, take.frame_count),
            folder / f"{name}-{first:06d}.mp4",
        )
        for first in starts
    ]


def render_parts(parts: list[Part], each: Callable[[int], object]) -> None:
    """Render the parts that are missing; ``each`` hears of the frames of each.

    All are of one person and take. Each is whole on disk before the next begins.
    """
    missing = [part for part in parts if not part.made]
    if not missing:
        return
    filming = film(missing[0].person, missing[0].take)
    try:
        for part in missing:
            _render(filming, part)
            each(part.stop - part.first)
    finally:
        filming.close()


def frames_of(parts: list[Part]) -> Iterator[Frame]:
    """Yield the frames of all parts, each at its moment in the take."""
    for part in parts:
        for frame in read_frames(part.clip):
            yield Frame(
                index=part.first + frame.index,
                pts=part.first + frame.index,
                time_base=1 / part.take.exact_rate,
                duration=1,
                picture=frame.picture,
                rgb=None if frame.picture is not None else frame.rgb,
                tags=frame.tags,
            )


def truth_of(parts: list[Part]) -> dict[str, Any]:
    """Return the truth of the take that these are the parts of."""
    notes = [json.loads(part.notes.read_text(encoding="utf-8")) for part in parts]
    frames = [frame for note in notes for frame in note["frames"]]
    return {**notes[0]["take"], "frames": frames}


def _render(filming: Filming, part: Part) -> None:
    closure = closures_of(filming, part.first, part.stop)
    told: list[dict[str, Any]] = []

    def frames() -> Iterator[Frame]:
        for index in range(part.first, part.stop):
            painted = filming.frame(index)
            own = closure[index - part.first]
            told.append(truth_of_frame(filming, index, own, painted.covered))
            if painted.covered is not None:
                mask = part.clip.with_name(f"mask-{index:06d}.png")
                mask.write_bytes(encoded_mask(painted.covered))
            yield Frame.from_rgb(
                painted.rgb, index - part.first, index - part.first, _base(part.take), 1
            )

    write_clip(part.clip, frames(), sound_from=None, encoding=LOSSLESS)
    notes = {"take": truth_of_take(filming), "frames": told}
    beside = part.notes.with_suffix(".partial")
    beside.write_text(json.dumps(notes), encoding="utf-8")
    os.replace(beside, part.notes)


def _base(take: Take) -> Fraction:
    return 1 / take.exact_rate
