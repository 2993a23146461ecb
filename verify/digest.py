"""The bytes of a file, read once from end to end and never parsed."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lampoon.errors import UnreadableError
from lampoon.verify.kind import HEAD_BYTES

BLOCK_BYTES = 1 << 20

C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The identity of the box that holds a manifest in an MP4 (C2PA 2.2, A.5.1)."""

C2PA_WORD = b"c2pa"
"""Stands in every manifest store, whatever the format (C2PA 2.2, 11.1)."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What reading the bytes once gives.

    ``names_manifest`` tells whether the box of a manifest is named early on, as in
    a signed video; ``mentions_manifest`` whether C2PA is mentioned anywhere.
    """

    sha256: str
    size: int
    names_manifest: bool
    mentions_manifest: bool


def digest_of(path: Path) -> Digest:
    """Return hash and size of a file, and whether it speaks of a manifest."""
    hasher, size, names, mentions = hashlib.sha256(), 0, False, False
    with _opened(path) as file:
        while block := file.read(BLOCK_BYTES):
            if size == 0:
                names = C2PA_BOX in block
            mentions = mentions or C2PA_WORD in block
            hasher.update(block)
            size += len(block)
    return Digest(hasher.hexdigest(), size, names, mentions)


def head_of(path: Path) -> bytes:
    """Return the first bytes; refuse a path that is no file, or none we may read."""
    with _opened(path) as file:
        return file.read(HEAD_BYTES)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Give a file open for reading; raise UnreadableError where that is impossible."""
    if path.exists() and not path.is_file():
        raise UnreadableError("is not a file", where=path)
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise UnreadableError(
            f"cannot be read: {error.strerror or error}",
            where=path,
            hint="name a video file that exists and that you may read",
        ) from error
