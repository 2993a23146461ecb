"""The child's side of the sandbox: read one hostile file, send what was found.

Run as ``python -m lampoon.verify.inspection`` with a request on standard input;
standard output carries one JSON message a line.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from pydantic_core import to_jsonable_python

from lampoon.errors import LampoonError
from lampoon.verify.readers import WATCHING
from lampoon.verify.sandbox import REQUESTS, Request, limit_this_process
from lampoon.verify.second_opinion import ask
from lampoon.watermark.manifest.read import read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lampoon.verify.evidence import PictureEvidence
    from lampoon.verify.look import Watch
    from lampoon.watermark.manifest.reading import ManifestReading

    Send = Callable[[str, Any], None]

    class Look(Protocol):
        """Looks at the pictures; ``watch`` sees the frames as well."""

        def __call__(
            self,
            request: Request,
            reading: ManifestReading | None,
            send: Send,
            *,
            watch: Watch,
        ) -> PictureEvidence:
            """Return what they show."""
            ...


def inspect(request: Request, send: Send, look: Look | None) -> None:
    """Read the manifest, then the pictures; send each, or why it failed.

    Without ``look`` nothing but the manifest is looked at.
    """
    reading = None
    try:
        reading = read_manifest(
            request.path, trust=request.trust, sidecar=request.sidecar
        )
        send("manifest", replace(reading, thumbnail=b""))
    except LampoonError as error:
        send("manifest_failure", error.what)
    if look is None:
        send("pictures_failure", f"not looked at: this is a {request.kind.value}")
    else:
        _pictures_and_mark(request, reading, send, look)
    if request.second_opinion:
        # last, so that a crash in it costs nothing else
        send("other", ask(request.path, request.trust, request.sidecar))


def inspect_again(request: Request, send: Send) -> None:
    """Read a registered manifest beside the file, and compare the pictures."""
    from lampoon.verify.mark_look import likeness

    reading = read_manifest(request.path, trust=request.trust, sidecar=request.sidecar)
    send("manifest", replace(reading, thumbnail=b""))
    if request.compare is not None:
        alike, label = likeness(request, request.compare, reading, send)
        send("likeness", alike)
        send("label", label)


def _pictures_and_mark(
    request: Request, reading: ManifestReading | None, send: Send, look: Look
) -> None:
    """Send what the pictures show, then the invisible mark, or why there is none."""
    from lampoon.verify.mark_look import MarkSearch

    with MarkSearch(request, send) as mark:
        try:
            send("pictures", look(request, reading, send, watch=mark.watch))
        except LampoonError as error:
            send("pictures_failure", error.what)
            return
        try:
            send("mark", mark.result())
        except LampoonError as error:
            send("mark_failure", error.what)


def _eyes() -> Look:
    """Return what looks at pictures: heavy, so only loaded for a video.

    It is loaded before the limits are set, because loading writes a scratch file.
    """
    import cv2

    import lampoon.verify.mark_look  # noqa: F401 - loaded here, used later
    from lampoon.faces.detector import LiteRTBackend
    from lampoon.verify.eye_watch import EyeWatch
    from lampoon.verify.look import look

    # the looks are threads already: more of them wait for one another, busily
    cv2.setNumThreads(1)
    return partial(look, backend=LiteRTBackend(), eyes=EyeWatch())


def main() -> None:
    """Answer the request on standard input."""
    import json

    ready = _eyes() if WATCHING in sys.argv[1:] else None
    asked = sys.stdin.buffer.read()
    if not asked:
        return
    request = REQUESTS.validate_json(asked)
    again = request.compare is not None
    look = (ready or _eyes()) if request.watched else None
    # libraries that print must not mix their words with our messages
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    speaking = Lock()

    def send(kind: str, value: Any) -> None:
        plain = to_jsonable_python(value, inf_nan_mode="constants")
        with speaking:
            answers.write(json.dumps({kind: plain}) + "\n")
            answers.flush()

    # said before the limits hold: a limit that ends us at once is the file's finding
    send("ready", os.getpid())
    limit_this_process(request.limits)
    if again:
        with suppress(LampoonError):
            inspect_again(request, send)
    else:
        inspect(request, send, look)


if __name__ == "__main__":
    main()
