"""faceswap's alignments into a project, and a project's out to faceswap."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lampoon.errors import LampoonError
from lampoon.faces.landmarks import points68
from lampoon.generate.exchange.landmarks import corrected_track
from lampoon.generate.exchange.project import Who, agreed_side
from lampoon.generate.extract import face_record
from lampoon.generate.followed import TRACK_FILE, Followed, load_track, save_track
from lampoon.generate.interchange.alignments import (
    Alignments,
    FrameFaces,
    read_alignments,
    write_alignments,
)
from lampoon.generate.interchange.record import FaceRecord
from lampoon.generate.segments import Segments
from lampoon.generate.trainees import TEXTURES_FILE
from lampoon.media.reader import probe
from lampoon.progress import Bar

AS_FOLLOWED = "track-as-followed.npz"
"""The track before the first correction; every import starts from it."""
_NUMBERED = re.compile(r".*_(\d{6})\.[A-Za-z0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class ImportedAlignments:
    """What became of alignments, in frames; see ``Corrected``."""

    frames: int
    matched: int
    moved: int
    elsewhere: int


def import_alignments(
    project: Path, source: Path, bar: Bar, *, who: Who
) -> ImportedAlignments:
    """Take corrected landmarks of one person's footage from a ``.fsa`` file.

    Frames are found by the number in their names, as faceswap gives it to those of a
    video. Raises LampoonError where the names have none, or the faces lie elsewhere
    than in this footage, and as ``agreed_side`` and ``read_alignments`` do.
    """
    agreed = agreed_side(project, who, bar)
    side = agreed.followed
    faces = faces_by_frame(read_alignments(source), where=source)
    if max(faces) >= probe(side.clip).frame_count:
        raise LampoonError(
            "names frames that the footage does not have",
            where=source,
            hint=f"is it of {side.clip.name}? frames are counted from 000001",
        )
    kept = side.folder / AS_FOLLOWED
    followed = load_track(kept) or side.track
    found = corrected_track(followed, faces)
    if found.elsewhere > found.matched:
        raise LampoonError(
            f"the faces lie elsewhere in {found.elsewhere} frames",
            where=source,
            hint=f"is it of {side.clip.name}, at its own size?",
        )
    if not kept.exists():
        save_track(side.track, kept)
    forget_made(side, agreed.job.output.work)
    save_track(found.track, side.folder / TRACK_FILE)
    return ImportedAlignments(len(faces), found.matched, found.moved, found.elsewhere)


def export_alignments(project: Path, out: Path, bar: Bar, *, who: Who) -> int:
    """Write the alignments of one person's footage; return how many faces they name."""
    side = agreed_side(project, who, bar).followed
    alignments = alignments_of(side)
    write_alignments(out, alignments)
    return sum(len(frame.faces) for frame in alignments.frames.values())


def alignments_of(side: Followed) -> Alignments:
    """Return every frame of the footage with the face that the track has there."""
    frames = {}
    for index in range(probe(side.clip).frame_count):
        row = index - side.track.first_frame
        there = 0 <= row < side.track.frame_count and bool(side.track.present[row])
        faces = (
            (face_record(points68(side.track.landmarks[row]).astype(np.float32)),)
            if there
            else ()
        )
        frames[f"{side.clip.stem}_{index + 1:06d}{side.clip.suffix}"] = FrameFaces(
            faces
        )
    return Alignments(frames)


def faces_by_frame(
    alignments: Alignments, *, where: Path
) -> dict[int, tuple[FaceRecord, ...]]:
    """Return the faces by the frame of the clip, counted from 0."""
    found = {}
    for name, frame in alignments.frames.items():
        number = frame_number(name)
        if number is None:
            raise LampoonError(
                f"a frame without a number: {name[:60]!r}",
                where=where,
                hint="alignments of a video name its frames clip_000001.mp4",
            )
        found[number] = frame.faces
    if not found:
        raise LampoonError("names no frame", where=where)
    return found


def frame_number(name: str) -> int | None:
    """Return which frame of its video faceswap's ``name`` is of, from 0, or None."""
    number = _NUMBERED.fullmatch(name)
    return int(number[1]) - 1 if number and int(number[1]) else None


def forget_made(side: Followed, work: Path) -> None:
    """Remove what was made from the track: textures, faces, and stretches of a swap."""
    (side.folder / TEXTURES_FILE).unlink(missing_ok=True)
    shutil.rmtree(side.folder / "faces", ignore_errors=True)
    for stretches in work.glob("segments-*"):
        Segments(stretches, 0).remove()
