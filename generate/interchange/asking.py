"""Files of strangers are read in a child process with limits; the parent asks it.

The parent opens none of them. What comes back is numbers and text that are checked
again here; a crash, a hang or too much memory over there is an error here.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGXCPU, Signals
from threading import Timer
from typing import IO, Any

from lampoon.confined import bare_environment
from lampoon.errors import LampoonError

READER = "lampoon.generate.interchange.confined_reader"
READY = b"ready\n"
MAX_LINE = 1 << 30
"""Bytes of one line of an answer; alignments of 100 000 faces are in one."""
SECONDS = 300.0
"""How long one file may take; processor time has the same bound."""
SPARE_MEMORY = 1 << 30
"""What Python, numpy and HDF5 map before they hold anything."""


def insist_on_file(path: Path, most_bytes: int) -> int:
    """Return the size of the plain file at ``path``; LampoonError for anything else."""
    try:
        if not path.is_file():
            raise LampoonError("no such file", where=path)
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise LampoonError("cannot be read", where=path) from error
    if size > most_bytes:
        raise LampoonError(f"{size} bytes are too large a file", where=path)
    return size


class Answer:
    """What the child says: lines of JSON, and plain bytes after them."""

    def __init__(self, child: "subprocess.Popen[bytes]", where: Path) -> None:
        self._child = child
        self._where = where

    def line(self) -> Any:
        """Return the next JSON value.

        Raises LampoonError with the child's reason where it could not read the file.
        """
        raw = self._pipe.readline(MAX_LINE)
        if not raw.endswith(b"\n"):
            raise self._ended()
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise self._nonsense() from error
        if isinstance(value, dict) and "fault" in value:
            what, hint = str(value["fault"])[:300], str(value.get("hint", ""))[:300]
            raise LampoonError(what, where=self._where, hint=hint)
        return value

    def take(self, count: int) -> bytes:
        """Return exactly ``count`` bytes."""
        raw = self._pipe.read(count)
        if len(raw) != count:
            raise self._ended()
        return raw

    def begin(self) -> None:
        """Wait until the child is ready to read."""
        if self._pipe.readline(len(READY)) != READY:
            raise LampoonError(
                "the reader could not start",
                hint=f"see what this prints: python -m {READER}",
            )

    @property
    def process(self) -> int:
        """The child's process id."""
        return self._child.pid

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._child.stdout is not None
        return self._child.stdout

    def _nonsense(self) -> LampoonError:
        return LampoonError("the reader's answer makes no sense", where=self._where)

    def _ended(self) -> LampoonError:
        code = self._child.wait()
        if code == -SIGXCPU:
            what = "reading used too much processor time and was stopped"
        elif code < 0 and Signals(-code).name == "SIGKILL":
            what = "reading took too long and was stopped"
        elif code < 0:
            what = f"the reader crashed on it ({Signals(-code).name})"
        else:
            what = "the reader failed on it"
        return LampoonError(what, where=self._where)


@contextmanager
def answer_to(
    request: dict[str, Any],
    *,
    where: Path,
    memory_bytes: int,
    seconds: float = SECONDS,
) -> Iterator[Answer]:
    """Give the child's answer to ``request``; the child is gone when this is left.

    It may use ``memory_bytes`` beside what it needs to run at all, and ``seconds``.
    ``where`` is the file that errors name.
    """
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", READER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=bare_environment() | {"HDF5_PLUGIN_PRELOAD": "::"},  # no filter plugins
    )
    limits = {"memory": SPARE_MEMORY + memory_bytes, "cpu": int(seconds)}
    watch = Timer(seconds, child.kill)
    watch.daemon = True
    watch.start()
    try:
        assert child.stdin is not None
        with suppress(BrokenPipeError):
            child.stdin.write(json.dumps(request | {"limits": limits}).encode())
            child.stdin.close()
        answer = Answer(child, where)
        answer.begin()
        yield answer
    finally:
        watch.cancel()
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()
