"""faceswap's alignments: which faces are in which frame (``.fsa``, version 2.4).

Read without running the pickle inside, written so that every version of faceswap from
2.4 on reads it: plain lists, every key, no key of our own.
"""

import pickle
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lampoon.errors import LampoonError
from lampoon.generate.interchange.asking import answer_to, insist_on_file
from lampoon.generate.interchange.record import (
    ALIGNMENTS_VERSION,
    FaceRecord,
    record_of,
)
from lampoon.generate.interchange.transport import face_line, face_of
from lampoon.generate.interchange.unpickle import MAX_BYTES, inflate, read_pickle
from lampoon.generate.whole_file import replace_file

FILE_NAME = "alignments.fsa"
VERSIONS = (2.0, 2.1, 2.2, 2.3, 2.4)
"""What is read. 2.1 came with data in the faces' headers, 2.2 with a mask's centring,
2.3 with identities and times, 2.4 with a video's own ending in the names of frames."""
MEMORY_BYTES = 5 << 30
"""What the reader may need for the largest file."""


@dataclass(frozen=True, slots=True)
class FrameFaces:
    """The faces of one frame; for a video, its presentation time and whether it is key.

    ``video_meta`` is empty, or ``{"pts_time": int, "keyframe": bool}``.
    """

    faces: tuple[FaceRecord, ...]
    video_meta: Mapping[str, int | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alignments:
    """Frames by their file name, in order: ``clip_000001.mp4`` for a video's first."""

    frames: Mapping[str, FrameFaces]
    version: float = ALIGNMENTS_VERSION


def read_alignments(path: Path) -> Alignments:
    """Return what the ``.fsa`` file at ``path`` says, read by a child with limits.

    Nothing in it is run. Raises LampoonError where it is not an alignments file of
    version 2.0 to 2.4, or is broken, or holds anything but plain data.
    """
    insist_on_file(path, MAX_BYTES)
    request = {"kind": "alignments", "path": str(path.resolve())}
    with answer_to(request, where=path, memory_bytes=MEMORY_BYTES) as answer:
        line = answer.line()
    try:
        return _arrived(line)
    except LampoonError as error:
        raise LampoonError(error.what, where=path, hint=error.hint) from error


def alignments_in(packed: bytes) -> Alignments:
    """Return what the bytes of a ``.fsa`` file say; see read_alignments."""
    return _alignments(read_pickle(inflate(packed)))


def write_alignments(path: Path, alignments: Alignments) -> None:
    """Write ``alignments`` to ``path`` in one step: the old file stays until then."""
    plain = alignments_plain(alignments)
    replace_file(path, zlib.compress(pickle.dumps(plain, protocol=4)))


def alignments_plain(alignments: Alignments) -> dict[str, Any]:
    """Return what today's faceswap keeps of ``alignments``: every key, no other."""
    return {
        "__meta__": {"version": ALIGNMENTS_VERSION},
        "__data__": {
            name: {
                "faces": [face.as_plain_with_thumb() for face in frame.faces],
                "video_meta": dict(frame.video_meta),
            }
            for name, frame in alignments.frames.items()
        },
    }


def alignments_line(alignments: Alignments) -> dict[str, Any]:
    """Return ``alignments`` as JSON values, for the way out of the confined reader."""
    return {
        "version": alignments.version,
        "frames": [
            [name, dict(frame.video_meta), [face_line(face) for face in frame.faces]]
            for name, frame in alignments.frames.items()
        ],
    }


def _arrived(line: Any) -> Alignments:
    """Return what alignments_line packed, checked again."""
    try:
        frames = {
            str(name): FrameFaces(tuple(face_of(one) for one in faces), _meta(meta))
            for name, meta, faces in line["frames"]
        }
        return Alignments(frames, _version(line["version"]))
    except (KeyError, TypeError, ValueError) as error:
        raise LampoonError("the reader's answer makes no sense") from error


def _alignments(plain: object) -> Alignments:
    meta = plain.get("__meta__") if isinstance(plain, dict) else None
    version = _version(meta.get("version") if isinstance(meta, dict) else None)
    frames = plain.get("__data__") if isinstance(plain, dict) else None
    if not isinstance(frames, dict) or not all(isinstance(n, str) for n in frames):
        raise LampoonError("an alignments file without frames")
    return Alignments(
        {name: _frame(frame, name) for name, frame in frames.items()}, version
    )


def _version(value: object) -> float:
    """Return the version of a file that is read, or raise LampoonError."""
    newer = False
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value in VERSIONS:
            return float(value)
        newer = value > max(VERSIONS)
    raise LampoonError(
        f"alignments of an unknown version: {str(value)[:20]}",
        hint="they are newer than 2.4; update Lampoon"
        if newer
        else "write it again with faceswap 2.0 or later",
    )


def _frame(plain: Any, name: str) -> FrameFaces:
    faces = plain.get("faces") if isinstance(plain, dict) else plain
    meta = plain.get("video_meta") if isinstance(plain, dict) else None
    if not isinstance(faces, list):
        raise LampoonError(f"frame {name[:80]!r} has no list of faces")
    try:
        return FrameFaces(tuple(record_of(face) for face in faces), _meta(meta or {}))
    except LampoonError as error:
        raise LampoonError(f"frame {name[:80]!r}: {error.what}") from error


def _meta(plain: object) -> dict[str, int | bool]:
    """Return what is known of a video's frame: both of its facts, or none."""
    if not isinstance(plain, dict):
        raise LampoonError("video_meta is not a table")
    if not {"pts_time", "keyframe"} <= set(plain):
        return {}
    ticks = plain["pts_time"]
    if isinstance(ticks, bool) or not isinstance(ticks, int | float):
        raise LampoonError("pts_time is not a number")
    if not abs(ticks) < 1 << 62:
        raise LampoonError("pts_time is out of range")
    return {"pts_time": int(ticks), "keyframe": bool(plain["keyframe"])}
