"""Many files to verdicts, a few at a time, in the order in which they were named."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lampoon.errors import UnreadableError
from lampoon.verify.verdict import Verdict

SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts"}
)
"""What counts as a video in a folder; a file that is named is always read."""


def clips_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files to check: files as named, folders as the videos in them.

    Raises UnreadableError for a path that does not exist, and for a folder without
    a single video.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [
                each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES
            ]
            if not inside:
                raise UnreadableError("no video in this folder", where=path)
            found += sorted(inside)
        elif path.exists():
            found.append(path)
        else:
            raise UnreadableError(
                "no such file", where=path, hint="check the spelling of the path"
            )
    return found


def check_all(
    paths: Sequence[Path], judge: Callable[[Path], Verdict], *, jobs: int = 1
) -> Iterator[Verdict]:
    """Give one verdict a path, in order, ``jobs`` files at a time.

    Each file is read in a process of its own anyway, so threads suffice here.
    Raises ValueError for fewer than one job.
    """
    if jobs < 1:
        raise ValueError("jobs count from 1")
    if jobs == 1 or len(paths) == 1:
        yield from map(judge, paths)
        return
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(judge, paths)
