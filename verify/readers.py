"""Starting the limited child that reads a file, where it helps before it is asked.

A reader loads its libraries first, which takes as long as the command's own start: so
one may stand by while the command loads its own.
"""

from __future__ import annotations

import queue
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lampoon.confined import bare_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

Reader = subprocess.Popen[bytes]

WATCHING = "watching"
"""The word that tells a reader to load what looks at pictures before it is asked."""

_WAITING: queue.SimpleQueue[Reader] = queue.SimpleQueue()


def new_reader(*, watching: bool) -> Reader:
    """Start a reader; it waits for one request on its standard input."""
    words = [WATCHING] if watching else []
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "lampoon.verify.inspection", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=bare_environment(),
    )


def ready_reader(*, watching: bool) -> Reader:
    """Return the reader that stands by, or a new one; it serves one request."""
    try:
        return _WAITING.get_nowait()
    except queue.Empty:
        return new_reader(watching=watching)


def end_reader(reader: Reader) -> None:
    """End a reader, whatever it does."""
    reader.kill()
    for pipe in (reader.stdin, reader.stdout):
        if pipe is not None and not pipe.closed:
            pipe.close()
    reader.wait()


@contextmanager
def standing_by(*, watching: bool) -> Iterator[None]:
    """Have one reader stand by inside; one that nobody asked is ended."""
    _WAITING.put(new_reader(watching=watching))
    try:
        yield
    finally:
        while not _WAITING.empty():
            end_reader(_WAITING.get_nowait())
