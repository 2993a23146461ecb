"""Many files to verdicts, a few at a time, in the order in which they were named."""

import glob
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from lampoon.errors import UnreadableError

SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts"}
)
"""What counts as a video in a folder; a file that is named is always read."""

MARKS = frozenset("*?[")
WAITING = 2
"""Finished verdicts a job may be ahead of the one that is waited for."""

Made = TypeVar("Made")


def clips_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files to check: files as named, folders as the videos in them.

    A path that does not exist and has ``*``, ``?`` or ``[`` in it is a pattern
    (``**`` stands for folders), for shells that leave that to us. Of several names
    one that does not exist stays in the list, for its own verdict to say so.

    Raises UnreadableError for a single path that does not exist, a folder without a
    single video, and a pattern that nothing fits.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += _inside(path)
        elif path.exists() or path.is_symlink():
            found.append(path)
        elif MARKS & set(str(path)):
            found += _fitting(path)
        elif len(paths) > 1:
            found.append(path)
        else:
            raise UnreadableError(
                "no such file", where=path, hint="check the spelling of the path"
            )
    return list(dict.fromkeys(found))


def _inside(folder: Path) -> list[Path]:
    inside = [each for each in folder.rglob("*") if each.suffix.lower() in SUFFIXES]
    if not inside:
        raise UnreadableError("no video in this folder", where=folder)
    return sorted(inside)


def _fitting(pattern: Path) -> list[Path]:
    named = (Path(each) for each in glob.glob(str(pattern), recursive=True))
    found = sorted(each for each in named if each.is_file())
    if not found:
        raise UnreadableError("no file fits this pattern", where=pattern)
    return found


def check_all(
    paths: Iterable[Path], judge: Callable[[Path], Made], *, jobs: int = 1
) -> Iterator[Made]:
    """Give what ``judge`` makes of each path, in order, ``jobs`` files at a time.

    Each file is read in a process of its own anyway, so threads suffice here. Few
    results wait for their turn, so memory does not grow with the batch. Raises
    ValueError for fewer than one job.
    """
    if jobs < 1:
        raise ValueError("jobs count from 1")
    if jobs == 1:
        yield from map(judge, paths)
        return
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting: deque[Future[Made]] = deque()
        for path in paths:
            waiting.append(pool.submit(judge, path))
            if len(waiting) >= WAITING * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
