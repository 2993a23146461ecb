"""Hostile files are read in a child process with limits; it answers in JSON.

The child reads the manifest first and the pictures after it, and sends each part as
soon as it has it. Whatever happens to it then, a crash, a hang, too much memory, is
an answer too: the parent never decodes a byte of the file.
"""

import contextlib
import json
import logging
import queue
import re
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter, ValidationError

from lampoon.confined import Confines, confine_this_process
from lampoon.errors import LampoonError
from lampoon.progress import Tell, silent
from lampoon.verify.evidence import LabelSeen, OtherReading, PictureEvidence
from lampoon.verify.kind import MediaKind
from lampoon.verify.mark_evidence import Geometry, Likeness, WatermarkEvidence
from lampoon.verify.readers import Reader, end_reader, ready_reader
from lampoon.watermark.manifest.reading import ManifestReading
from lampoon.watermark.manifest.trust import TrustList

log = logging.getLogger(__name__)

READ_BYTES_PER_SECOND = 20 * 2**20
"""The slowest disk that is waited for before a silent child counts as hanging."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost.

    ``stall_seconds`` is the longest silence of the child, beyond the time that
    reading the bytes takes; ``measured_seconds`` is how much of a long clip is
    looked at for blinks.
    """

    memory_bytes: int = 6 * 2**30
    cpu_seconds: int = 3600
    wall_seconds: float = 3600.0
    stall_seconds: float = 60.0
    pixels: int = 8192 * 4608
    measured_seconds: float = 600.0
    answer_bytes: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Comparison:
    """A registered fingerprint, as base64, and how the mark lies in the clip."""

    fingerprint: str
    geometry: Geometry


@dataclass(frozen=True, slots=True)
class Request:
    """What the child is asked.

    With ``compare`` it looks at the manifest (in ``sidecar``) and the likeness alone;
    without ``pictures`` at the manifest.
    """

    path: Path
    trust: TrustList
    sidecar: Path | None = None
    limits: Limits = field(default_factory=Limits)
    kind: MediaKind = MediaKind.VIDEO
    second_opinion: bool = False
    compare: Comparison | None = None
    pictures: bool = True

    @property
    def watched(self) -> bool:
        """Whether the eyes in the pictures are to be looked at."""
        video = self.kind is MediaKind.VIDEO
        return video and self.pictures and self.compare is None


@dataclass(slots=True)
class Observation:
    """What came back; a part that is None failed, and its failure says why."""

    manifest: ManifestReading | None = None
    pictures: PictureEvidence | None = None
    manifest_failure: str = ""
    pictures_failure: str = ""
    mark: WatermarkEvidence | None = None
    mark_failure: str = ""
    likeness: Likeness | None = None
    label: LabelSeen = LabelSeen.UNKNOWN
    other: OtherReading | None = None
    ready: bool = False


REQUESTS = TypeAdapter(Request)
MANIFESTS = TypeAdapter(ManifestReading)
PICTURES = TypeAdapter(PictureEvidence)
MARKS = TypeAdapter(WatermarkEvidence)
LIKENESSES = TypeAdapter(Likeness)
OTHERS = TypeAdapter(OtherReading)

KEY = re.compile("[0-9a-f]{16}")


def observe(request: Request, *, tell: Tell = silent) -> Observation:
    """Return what a limited child process could read of one file.

    Never raises for anything that the file does: failures are words in the
    observation. Raises LampoonError where the reader itself cannot start.
    """
    seen = Observation()
    with _child(request) as child:
        ending = _listen(child, request, seen, tell)
    if not seen.ready:
        raise LampoonError(
            f"the reader could not start: {ending or 'no answer'}",
            hint="see what this prints: python -m lampoon.verify.inspection",
        )
    if seen.manifest is None and not seen.manifest_failure:
        seen.manifest_failure = ending or "the reader gave no answer"
    if seen.pictures is None and not seen.pictures_failure:
        seen.pictures_failure = ending or "the reader gave no answer"
    if seen.mark is None and not seen.mark_failure:
        seen.mark_failure = ending or seen.pictures_failure
    if seen.other is None and request.second_opinion:
        seen.other = OtherReading("", failure=ending or "it gave no answer")
    return seen


@contextlib.contextmanager
def _child(request: Request) -> Iterator[Reader]:
    """Give the running child; it is dead when this is left."""
    child = ready_reader(watching=request.watched)
    try:
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(REQUESTS.dump_json(request))
            child.stdin.close()
        yield child
    finally:
        end_reader(child)


def _listen(child: Reader, request: Request, seen: Observation, tell: Tell) -> str:
    """Take the child's messages until it ends; return why it ended early, or ""."""
    assert child.stdout is not None
    lines: queue.Queue[bytes] = queue.Queue()
    reader = threading.Thread(
        target=_pump, args=(child.stdout, lines, request.limits), daemon=True
    )
    reader.start()
    started, limits = time.monotonic(), request.limits
    silence = limits.stall_seconds + _bytes(request.path) / READ_BYTES_PER_SECOND
    try:
        while True:
            left = limits.wall_seconds - (time.monotonic() - started)
            line = lines.get(timeout=max(min(silence, left), 0.01))
            if not line:
                return _how_it_ended(child)
            _take(line, seen, tell)
    except queue.Empty:
        return "reading took too long and was stopped"
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        log.debug("sandbox answer refused: %s", error)
        return "the reader gave an answer that makes no sense"
    finally:
        child.kill()
        reader.join()


def _pump(pipe: IO[bytes], lines: "queue.Queue[bytes]", limits: Limits) -> None:
    """Move lines from the pipe to the queue; an empty one says that it is over."""
    total = 0
    while line := pipe.readline(limits.answer_bytes):
        total += len(line)
        if total > limits.answer_bytes:
            break
        lines.put(line)
    lines.put(b"")


def _take(line: bytes, seen: Observation, tell: Tell) -> None:
    """Put one message of the child where it belongs."""
    message: dict[str, Any] = json.loads(line)
    (kind, value), *_ = message.items()
    if kind == "ready":
        seen.ready = True
    elif kind == "progress":
        tell(int(value[0]), int(value[1]))
    elif kind == "manifest":
        seen.manifest = MANIFESTS.validate_python(value)
    elif kind == "pictures":
        seen.pictures = PICTURES.validate_python(value)
    elif kind == "mark":
        seen.mark = _mark(value)
    elif kind == "likeness":
        seen.likeness = LIKENESSES.validate_python(value)
    elif kind == "label":
        seen.label = LabelSeen(value)
    elif kind == "other":
        seen.other = OTHERS.validate_python(value)
    elif kind == "manifest_failure":
        seen.manifest_failure = str(value)[:500]
    elif kind == "pictures_failure":
        seen.pictures_failure = str(value)[:500]
    elif kind == "mark_failure":
        seen.mark_failure = str(value)[:500]
    else:
        raise ValueError(f"unknown message {kind!r}")


def _mark(value: Any) -> WatermarkEvidence:
    """Return the child's reading of the mark; refuse a key that is none."""
    mark = MARKS.validate_python(value)
    if mark.found and not KEY.fullmatch(mark.key or ""):
        raise ValueError("this is no key")
    return mark


def _how_it_ended(child: Reader) -> str:
    """Return in words why the child is gone, empty where it finished."""
    code = child.wait()
    if code == 0:
        return ""
    if code == -signal.SIGXCPU:
        return "reading used too much processor time and was stopped"
    if code < 0:
        return f"the reader crashed on it ({signal.Signals(-code).name})"
    return "the reader failed on it"


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def limit_this_process(limits: Limits) -> None:
    """Put the limits on the calling process, for good."""
    confine_this_process(Confines(limits.memory_bytes, limits.cpu_seconds))
