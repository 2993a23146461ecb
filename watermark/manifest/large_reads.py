"""A file that is read in very large pieces.

The library reads what it hashes into fresh memory, up to 256 MiB at a time. Laid out in
small pages that costs nearly as much as hashing, in large ones nearly nothing.
"""

from __future__ import annotations

import ctypes
import io
import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

WORTH_IT = 16 * 2**20
"""Bytes read at once, from which on large pages are asked for."""


class LargeReads(io.FileIO):
    """A file of bytes, opened for reading."""

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a buffer as far as the file goes; return how many bytes were read."""
        view = memoryview(buffer)
        if view.nbytes >= WORTH_IT:
            ask_for_large_pages(view)
        return super().readinto(view) or 0


def ask_for_large_pages(view: memoryview) -> None:
    """Ask the system to lay memory out in large pages; a refusal changes nothing."""
    advice = getattr(mmap, "MADV_HUGEPAGE", None)
    if advice is None:
        return
    address = ctypes.addressof(ctypes.c_char.from_buffer(view))
    start = -(-address // mmap.PAGESIZE) * mmap.PAGESIZE
    length = (address + view.nbytes - start) // mmap.PAGESIZE * mmap.PAGESIZE
    ctypes.CDLL(None).madvise(
        ctypes.c_void_p(start), ctypes.c_size_t(length), ctypes.c_int(advice)
    )
