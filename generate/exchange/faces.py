"""faceswap's extracted faces into a project, and a project's out to faceswap.

Faces are let in only if they are of the footage that the records agree to: each
picture is compared with the frame that it names. So a creator can choose and correct
the faces to train on elsewhere, and nobody else's come along.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError, LampoonError
from lampoon.faces.align import Centring, alignment_matrix
from lampoon.generate.exchange.alignments import frame_number
from lampoon.generate.exchange.project import Who, agreed_side
from lampoon.generate.extract import extract_faceset
from lampoon.generate.interchange.asking import SECONDS, answer_to
from lampoon.generate.interchange.face_png import (
    FaceHeader,
    FaceSource,
    face_png,
    source_of,
)
from lampoon.generate.interchange.transport import face_of
from lampoon.generate.models.aligned_crop import shrunk
from lampoon.generate.trainees import CHOSEN_FACES
from lampoon.generate.whole_file import replace_file
from lampoon.media.reader import read_frames
from lampoon.progress import Bar, Tell

Pixels = npt.NDArray[np.uint8]

MOST_FACES = 100_000
MEMORY_BYTES = 1 << 30
SECONDS_A_FACE = 0.5
LOOKED_AT = 48
"""Pixels a side at which a picture is compared with its frame."""
ALIKE = 10.0
"""Mean difference of grey levels, of 255, up to which they show the same."""
_MARGIN = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    rgb: Pixels
    header: FaceHeader


@dataclass(frozen=True, slots=True)
class ImportedFaces:
    """How many faces were taken, and how many were not: no frame shows them."""

    folder: Path
    taken: int
    refused: int


def import_faces(project: Path, source: Path, bar: Bar, *, who: Who) -> ImportedFaces:
    """Take the faces to train on from a folder that faceswap extracted.

    Raises FaceError where no picture shows the footage of this person, and as
    ``agreed_side`` does.
    """
    side = agreed_side(project, who, bar).followed
    paths = sorted(source.glob("*.png"))
    if not 0 < len(paths) <= MOST_FACES:
        raise FaceError(f"{len(paths)} pictures in it", where=source)
    target = side.folder / CHOSEN_FACES
    partial = target.with_name(f".partial-{CHOSEN_FACES}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        with bar("compare with the footage", unit="faces") as tell:
            taken = _taken(side.clip, source, paths, partial, tell)
        if not taken:
            raise FaceError(
                f"none of {len(paths)} pictures is a face in {side.clip.name}",
                where=source,
                hint="extract them from this footage",
            )
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return ImportedFaces(target, taken, len(paths) - taken)


def export_faces(
    project: Path, out: Path, bar: Bar, *, who: Who, size: int = 512
) -> int:
    """Write the faces of one person's footage with their alignments; return how many.

    They are of the footage as it is, never of a swap.
    """
    side = agreed_side(project, who, bar).followed
    with bar("extract", unit="frames") as tell:
        faces = extract_faceset(side.clip, out, size=size, track=side.track, tell=tell)
    return len(faces)


def _taken(
    clip: Path, source: Path, paths: list[Path], target: Path, tell: Tell
) -> int:
    """Write the faces that ``clip`` shows into ``target``; return how many."""
    waiting: dict[int, list[tuple[Path, _Small]]] = {}
    for path, found in _read(source, paths):
        number = frame_number(found.header.source.source_filename)
        if number is not None and found.header.record.landmarks.shape == (68, 2):
            waiting.setdefault(number, []).append((path, _small(found)))
    if not waiting:
        return 0
    good: set[Path] = set()
    frames = read_frames(clip, first=min(waiting), stop=max(waiting) + 1)
    for done, frame in enumerate(frames, start=1):
        for path, small in waiting.get(frame.index, ()):
            if small.is_of(frame.rgb):
                good.add(path)
        tell(done, max(waiting) + 1 - min(waiting))
    chosen = [path for path in paths if path in good]
    for path, found in _read(source, chosen):
        replace_file(
            target / path.name, face_png(found.rgb, found.header), durable=False
        )
    return len(chosen)


@dataclass(frozen=True, slots=True, eq=False)
class _Small:
    """A face as it is compared with its frame."""

    grey: npt.NDArray[np.float32]
    matrix: npt.NDArray[np.float32]

    def is_of(self, rgb: Pixels) -> bool:
        """Return whether the frame shows this face where its landmarks are."""
        seen = _grey(shrunk(rgb, self.matrix, LOOKED_AT))
        inner = slice(_MARGIN, -_MARGIN)
        apart = np.abs(seen - self.grey)[inner, inner]
        return float(apart.mean()) <= ALIKE


def _small(found: _Found) -> _Small:
    points = found.header.record.landmarks
    matrix = alignment_matrix(points, size=LOOKED_AT, centring=Centring.HEAD)
    size = (LOOKED_AT, LOOKED_AT)
    small = cv2.resize(found.rgb, size, interpolation=cv2.INTER_AREA)
    return _Small(_grey(np.asarray(small, np.uint8)), matrix)


def _grey(rgb: Pixels) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)


def _read(source: Path, paths: list[Path]) -> Iterator[tuple[Path, _Found]]:
    """Yield every picture that is a face, read by a child with limits."""
    request: dict[str, Any] = {
        "kind": "faces",
        "paths": [str(path.resolve()) for path in paths],
    }
    with answer_to(
        request,
        where=source,
        memory_bytes=MEMORY_BYTES,
        seconds=SECONDS + SECONDS_A_FACE * len(paths),
    ) as answer:
        for path in paths:
            line = answer.line()
            if not isinstance(line, dict):
                raise LampoonError("the reader's answer makes no sense", where=path)
            if "skipped" not in line:
                yield path, _found(line, answer.take(3 * _side(line) ** 2), path)


def _side(line: dict[str, Any]) -> int:
    side = line.get("side")
    if not isinstance(side, int) or not 0 < side <= 8192:
        raise LampoonError("the reader's answer makes no sense")
    return side


def _found(line: dict[str, Any], raw: bytes, path: Path) -> _Found:
    side = _side(line)
    rgb = np.frombuffer(raw, np.uint8).reshape(side, side, 3)
    try:
        source: FaceSource = source_of(line["source"])
        own = line["own"] if isinstance(line["own"], dict) else {}
        return _Found(rgb, FaceHeader(face_of(line["face"]), source, own))
    except (KeyError, TypeError, LampoonError) as error:
        raise LampoonError("the reader's answer makes no sense", where=path) from error
