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
from lampoon.generate.interchange.record import (
    ALIGNMENTS_VERSION,
    FaceRecord,
    record_of,
)
from lampoon.generate.interchange.unpickle import MAX_BYTES, inflate, read_pickle
from lampoon.generate.whole_file import replace_file

FILE_NAME = "alignments.fsa"


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
    """Return what the ``.fsa`` file at ``path`` says; nothing in it is run.

    Raises LampoonError where it is not an alignments file of version 2.0 or later, or
    is broken, or holds anything but plain data.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise LampoonError(f"an alignments file of {size} bytes", where=path)
        packed = path.read_bytes()
    except OSError as error:
        raise LampoonError(f"cannot be read: {error.strerror}", where=path) from error
    plain = read_pickle(inflate(packed, where=path), where=path)
    try:
        return _alignments(plain)
    except LampoonError as error:
        hint = error.hint or "write it again with faceswap 2.0 or later"
        raise LampoonError(error.what, where=path, hint=hint) from error


def write_alignments(path: Path, alignments: Alignments) -> None:
    """Write ``alignments`` to ``path`` in one step: the old file stays until then."""
    plain = {
        "__meta__": {"version": ALIGNMENTS_VERSION},
        "__data__": {
            name: {
                "faces": [face.as_plain_with_thumb() for face in frame.faces],
                "video_meta": dict(frame.video_meta),
            }
            for name, frame in alignments.frames.items()
        },
    }
    replace_file(path, zlib.compress(pickle.dumps(plain, protocol=4)))


def _alignments(plain: object) -> Alignments:
    meta = plain.get("__meta__") if isinstance(plain, dict) else None
    version = meta.get("version") if isinstance(meta, dict) else None
    if not isinstance(version, int | float) or not 2 <= version < 3:
        raise LampoonError(f"alignments of an unknown version: {str(version)[:20]}")
    frames = plain.get("__data__") if isinstance(plain, dict) else None
    if not isinstance(frames, dict) or not all(isinstance(n, str) for n in frames):
        raise LampoonError("an alignments file without frames")
    return Alignments(
        {name: _frame(frame, name) for name, frame in frames.items()}, float(version)
    )


def _frame(plain: Any, name: str) -> FrameFaces:
    faces = plain.get("faces") if isinstance(plain, dict) else plain
    meta = plain.get("video_meta", {}) if isinstance(plain, dict) else {}
    if not isinstance(faces, list) or not isinstance(meta, dict):
        raise LampoonError(f"frame {name[:80]!r} has no list of faces")
    try:
        known = {
            key: meta[key]
            for key in ("pts_time", "keyframe")
            if isinstance(meta.get(key), int)
        }
        return FrameFaces(tuple(record_of(face) for face in faces), known)
    except LampoonError as error:
        raise LampoonError(f"frame {name[:80]!r}: {error.what}") from error
