"""The child's side of the sandbox: read one hostile file, send what was found.

Run as ``python -m lampoon.verify.inspection`` with a request on standard input;
standard output carries one JSON message a line.
"""

import os
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import Any

from pydantic_core import to_jsonable_python

from lampoon.errors import LampoonError, UnreadableError
from lampoon.faces.detector import FaceBackend, LiteRTBackend
from lampoon.faces.track import track_faces
from lampoon.media.frame import Frame
from lampoon.media.reader import Clip, probe, read_frames
from lampoon.verify.ahead import decoded_ahead
from lampoon.verify.blink.measure import measure_blinks
from lampoon.verify.evidence import LabelSeen, PictureEvidence
from lampoon.verify.kind import MediaKind
from lampoon.verify.poster import Samples
from lampoon.verify.sandbox import REQUESTS, Limits, Request, limit_this_process
from lampoon.verify.second_opinion import ask
from lampoon.watermark.label.find import label_seen
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.reading import ManifestReading

Send = Callable[[str, Any], None]

PROGRESS_EVERY = 10
"""Frames between two words about progress; they also show that nothing hangs."""


def inspect(request: Request, send: Send, backend: FaceBackend | None) -> None:
    """Read the manifest, then the pictures; send each, or why it failed.

    Without a backend nothing but the manifest is looked at.
    """
    reading = None
    try:
        reading = read_manifest(
            request.path, trust=request.trust, sidecar=request.sidecar
        )
        send("manifest", replace(reading, thumbnail=b""))
    except LampoonError as error:
        send("manifest_failure", error.what)
    if backend is None:
        send("pictures_failure", f"it is a {request.kind.value}")
    else:
        try:
            send("pictures", look(request, reading, send, backend))
        except LampoonError as error:
            send("pictures_failure", error.what)
    if request.second_opinion:
        # last, so that a crash in it costs nothing else
        send("other", ask(request.path, request.trust, request.sidecar))


def look(
    request: Request,
    reading: ManifestReading | None,
    send: Send,
    backend: FaceBackend,
) -> PictureEvidence:
    """Return what the pictures show.

    Raises UnreadableError where they cannot be decoded or are too large.
    """
    clip = probe(request.path)
    limits = request.limits
    if clip.width * clip.height > limits.pixels:
        raise UnreadableError(
            f"pictures of {clip.width} x {clip.height} are too large to be looked at",
            where=request.path,
        )
    samples = Samples(clip.frame_count)
    with (
        closing(_beginning(clip, limits)) as beginning,
        closing(decoded_ahead(beginning)) as frames,
    ):
        tracks = track_faces(
            frames,
            rate=clip.rate,
            backend=backend,
            on_frame=samples.keep,
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
        ),
        label_seen=_label_seen(reading, samples),
        poster=samples.poster(),
    )


def _label_seen(reading: ManifestReading | None, samples: Samples) -> LabelSeen:
    """Return whether the label that the manifest declares is in the pictures."""
    parody = reading.parody if reading else None
    data = parody.data if parody else None
    declared = data.get("visible_label") if isinstance(data, Mapping) else None
    if not isinstance(declared, Mapping):
        return LabelSeen.UNKNOWN
    return LabelSeen(label_seen((frame.rgb for frame in samples.frames), declared))


def _beginning(clip: Clip, limits: Limits) -> Generator[Frame, None, None]:
    """Give the frames of the part that is looked at."""
    frames = read_frames(clip.path)
    first = next(frames, None)
    if first is None:
        raise UnreadableError("not a single frame can be decoded", where=clip.path)
    yield first
    end = first.seconds + limits.measured_seconds
    yield from takewhile(lambda frame: frame.seconds < end, frames)


def _progress(send: Send, done: int, total: int) -> None:
    if done % PROGRESS_EVERY == 0 or done == total:
        send("progress", [done, total])


def main() -> None:
    """Answer the request on standard input."""
    import json

    request = REQUESTS.validate_json(sys.stdin.buffer.read())
    # loading writes to a scratch file, which the limits forbid
    backend = LiteRTBackend() if request.kind is MediaKind.VIDEO else None
    limit_this_process(request.limits)
    # libraries that print must not mix their words with our messages
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(kind: str, value: Any) -> None:
        plain = to_jsonable_python(value, inf_nan_mode="constants")
        answers.write(json.dumps({kind: plain}) + "\n")
        answers.flush()

    send("ready", os.getpid())
    inspect(request, send, backend)


if __name__ == "__main__":
    main()
