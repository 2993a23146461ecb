"""What the pictures of one clip show; this runs in the limited child."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from itertools import takewhile
from typing import Any

from lampoon.errors import UnreadableError
from lampoon.faces.detector import Face, FaceBackend
from lampoon.faces.track import track_faces
from lampoon.media.frame import Frame
from lampoon.media.reader import Clip, probe, read_frames
from lampoon.verify.ahead import decoded_ahead
from lampoon.verify.blink.measure import measure_blinks
from lampoon.verify.evidence import PictureEvidence
from lampoon.verify.eye_watch import EyeWatch
from lampoon.verify.label_look import declared_label_seen
from lampoon.verify.poster import Samples
from lampoon.verify.sandbox import Limits, Request
from lampoon.watermark.manifest.reading import ManifestReading

Watch = Callable[[Iterator[Frame], Clip], Iterator[Frame]]

PROGRESS_EVERY = 10
"""Frames between two words about progress; they also show that nothing hangs."""


def look(
    request: Request,
    reading: ManifestReading | None,
    send: Callable[[str, Any], None],
    *,
    backend: FaceBackend,
    eyes: EyeWatch,
    watch: Watch,
) -> PictureEvidence:
    """Return what the pictures show.

    ``eyes`` is new for every clip; ``watch`` lets somebody else see the frames as they
    are decoded. Raises UnreadableError where they cannot be decoded or are too large.
    """
    clip = probe(request.path)
    limits = request.limits
    if clip.width * clip.height > limits.pixels:
        raise UnreadableError(
            f"pictures of {clip.width} x {clip.height} are too large to be looked at",
            where=request.path,
        )
    samples = Samples(clip.frame_count)

    def keep(frame: Frame, faces: list[Face]) -> None:
        samples.keep(frame, faces)
        eyes.keep(frame, faces)

    with (
        closing(_beginning(clip, limits)) as beginning,
        closing(decoded_ahead(watch(beginning, clip))) as frames,
    ):
        tracks = track_faces(
            frames,
            rate=clip.rate,
            backend=backend,
            on_frame=keep,
            thrifty=True,
            tell=partial(_progress, send),
            total=clip.frame_count,
        )
    seconds = float(clip.seconds)
    return PictureEvidence(
        seconds=seconds,
        width=clip.width,
        height=clip.height,
        rate=str(clip.rate),
        blink=measure_blinks(
            tracks,
            min(seconds, limits.measured_seconds),
            cut_off=seconds > limits.measured_seconds,
            watch=eyes,
        ),
        label_seen=declared_label_seen(
            reading, (frame.rgb for frame in samples.frames)
        ),
        poster=samples.poster(),
    )


def _beginning(clip: Clip, limits: Limits) -> Generator[Frame, None, None]:
    """Give the frames of the part that is looked at."""
    frames = read_frames(clip.path)
    first = next(frames, None)
    if first is None:
        raise UnreadableError("not a single frame can be decoded", where=clip.path)
    yield first
    end = first.seconds + limits.measured_seconds
    yield from takewhile(lambda frame: frame.seconds < end, frames)


def _progress(send: Callable[[str, Any], None], done: int, total: int) -> None:
    if done % PROGRESS_EVERY == 0 or done == total:
        send("progress", [done, total])
