"""A clip to a faceset: aligned pictures of one performer's face, and where they were.

A faceset is a folder as faceswap extracts it: square head-centred PNGs that carry
their alignment, and ``alignments.fsa``. Extraction streams, and goes on where it was
interrupted.
"""

import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.consent.store import file_sha256
from lampoon.errors import LampoonError
from lampoon.faces.align import Centring, aligned_crop, alignment_matrix
from lampoon.faces.landmarks import points68
from lampoon.faces.track import FaceTrack, main_track, track_clip
from lampoon.generate.faceset import FaceKnowledge, Faceset, is_whole
from lampoon.generate.interchange.alignments import (
    FILE_NAME,
    Alignments,
    FrameFaces,
    write_alignments,
)
from lampoon.generate.interchange.face_png import FaceHeader, FaceSource, face_png
from lampoon.generate.interchange.record import FaceRecord
from lampoon.generate.whole_file import replace_file
from lampoon.media.frame import Frame
from lampoon.media.reader import probe, read_frames
from lampoon.progress import Tell, silent

__all__ = ["Faceset", "extract_faceset"]

SETTINGS = "extract.json"
_SCHEMA = "lampoon.extract/1"
_IN_FLIGHT = 8
"""Frames that wait for a writer at most; this bounds the memory."""


def extract_faceset(
    clip: Path,
    out: Path,
    *,
    size: int = 512,
    every: int = 1,
    track: FaceTrack | None = None,
    threads: int = 2,
    tell: Tell = silent,
) -> Faceset:
    """Return the faceset of the main face in ``clip``, written into ``out``.

    Pictures are ``size`` pixels square, one for every ``every``th frame with a face.
    ``track`` saves the tracking where it is known already. Faces that ``out`` holds
    from an interrupted extraction of the same clip are kept. Raises FaceError where
    the clip has no face, LampoonError where ``out`` holds another clip's faces, and
    UnreadableError for a clip that cannot be read.
    """
    if size < 64 or every < 1:
        raise ValueError("a face has at least 64 pixels, and every is at least 1")
    shape = probe(clip)
    own = _own_note(out, clip, size=size, every=every)
    found = track or main_track(track_clip(clip), clip)
    _claim(out, own)
    chosen = range(0, shape.frame_count, every)
    job = _Job(clip, out, size, found)
    missing = [
        index for index in chosen if job.has_face(index) and not job.is_done(index)
    ]
    if missing:
        first = missing[0] - missing[0] % every
        frames = read_frames(clip, first=first, every=every)
        _write_all(job, frames, set(missing), threads, tell)
    tell(len(chosen), len(chosen))
    faceset = Faceset.load(out)
    write_alignments(out / FILE_NAME, _alignments(job, chosen, faceset))
    return faceset


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    clip: Path
    out: Path
    size: int
    track: FaceTrack

    def name(self, index: int) -> str:
        """Return faceswap's name of a frame, without its ending."""
        return f"{self.clip.stem}_{index + 1:06d}"

    def target(self, index: int) -> Path:
        return self.out / f"{self.name(index)}_0.png"

    def has_face(self, index: int) -> bool:
        row = index - self.track.first_frame
        return 0 <= row < self.track.frame_count and bool(self.track.present[row])

    def is_done(self, index: int) -> bool:
        return is_whole(self.target(index))

    def write(self, index: int, rgb: npt.NDArray[np.uint8]) -> None:
        """Write the face of one frame."""
        row = index - self.track.first_frame
        landmarks = points68(self.track.landmarks[row])
        matrix = alignment_matrix(landmarks, size=self.size, centring=Centring.HEAD)
        crop = aligned_crop(rgb, matrix, self.size)
        source = FaceSource(
            original_filename=self.target(index).name,
            face_index=0,
            source_filename=self.name(index) + self.clip.suffix,
            source_is_video=True,
            frame_size=(rgb.shape[0], rgb.shape[1]),
        )
        own = FaceKnowledge.of_track(self.track, row).as_plain()
        header = FaceHeader(face_record(landmarks), source, own)
        replace_file(self.target(index), face_png(crop, header), durable=False)


def _write_all(
    job: _Job, frames: Iterator[Frame], wanted: set[int], threads: int, tell: Tell
) -> None:
    waiting: deque[Future[None]] = deque()
    last, done = max(wanted), 0
    with ThreadPoolExecutor(threads) as pool:
        try:
            for frame in frames:
                if frame.index in wanted:
                    waiting.append(pool.submit(job.write, frame.index, frame.rgb))
                    done += 1
                if len(waiting) >= _IN_FLIGHT:
                    waiting.popleft().result()
                tell(done, len(wanted))
                if frame.index >= last:
                    break
            while waiting:
                waiting.popleft().result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def face_record(landmarks: npt.NDArray[np.float32]) -> FaceRecord:
    """Return the record of a face with (68, 2) ``landmarks`` in frame pixels."""
    left, top = np.floor(landmarks.min(axis=0)).astype(int)
    right, bottom = np.ceil(landmarks.max(axis=0)).astype(int)
    return FaceRecord(
        x=int(left),
        y=int(top),
        width=int(right - left),
        height=int(bottom - top),
        landmarks=landmarks.astype(np.float32),
    )


def _alignments(job: _Job, chosen: range, faceset: Faceset) -> Alignments:
    """Return what the faces of the folder say, with the frames that have none."""
    faces = {face.source.source_filename: face.record for face in faceset.faces}
    frames = {}
    for index in chosen:
        name = job.name(index) + job.clip.suffix
        frames[name] = FrameFaces((faces[name],) if name in faces else ())
    return Alignments(frames)


def _own_note(out: Path, clip: Path, *, size: int, every: int) -> bytes:
    """Return what says whose faces ``out`` holds; refuse if they are someone else's."""
    own = {
        "schema": _SCHEMA,
        "clip_sha256": file_sha256(clip),
        "size": size,
        "every": every,
    }
    note = out / SETTINGS
    try:
        known = json.loads(note.read_bytes()) if note.is_file() else None
    except (OSError, ValueError) as error:
        raise LampoonError("is not a faceset to go on with", where=out) from error
    if known is None and any(out.glob("*.png")):
        raise LampoonError(
            "holds pictures already", where=out, hint="use another folder"
        )
    if known not in (None, own):
        raise LampoonError(
            "holds the faces of another clip, or with other settings",
            where=out,
            hint="remove it, or extract into another folder",
        )
    return json.dumps(own, indent=2).encode()


def _claim(out: Path, own: bytes) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LampoonError(f"cannot be made: {error.strerror}", where=out) from error
    if not (out / SETTINGS).is_file():
        replace_file(out / SETTINGS, own)
