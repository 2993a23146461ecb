"""The bytes of a clip's manifest store, as a registry keeps them."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lampoon.errors import ProvenanceError

C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The identity of the box that holds a manifest in an MP4 (C2PA 2.2, A.5.1)."""

PURPOSE = b"manifest\0"
OFFSET_BYTES = 8
MOST_BYTES = 64 * 2**20


def manifest_store(path: Path) -> bytes:
    """Return the JUMBF bytes of the manifest store in an MP4.

    They can be checked against the clip, or later against a copy of it that lost
    them: ``read_manifest(copy, trust=..., sidecar=...)``. Raises ProvenanceError where
    there is none.
    """
    try:
        with path.open("rb") as file:
            for kind, start, size in _boxes(file, path.stat().st_size):
                if kind != b"uuid" or not 36 < size <= MOST_BYTES:
                    continue
                file.seek(start)
                content = file.read(size)
                if content[:16] == C2PA_BOX and content[20:29] == PURPOSE:
                    return content[20 + len(PURPOSE) + OFFSET_BYTES :]
    except (OSError, struct.error) as error:
        raise ProvenanceError(f"cannot be read: {error}", where=path) from error
    raise ProvenanceError("there is no manifest in it", where=path)


def _boxes(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Give kind, start and size of the content of each box at the top."""
    at = 0
    while at + 8 <= end:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            header = 16
        size = size or end - at
        if size < header:
            return
        yield kind, at + header, size - header
        at += size
