"""A file that appears whole or not at all."""

import os
import secrets
from pathlib import Path

from lampoon.errors import LampoonError

PRIVATE = 0o600
"""The owner reads and writes; nobody else does anything."""


def replace_file(
    path: Path, data: bytes, *, durable: bool = True, private: bool = False
) -> None:
    """Put ``data`` at ``path``, whole or not at all; raises LampoonError.

    A ``durable`` file is on the disk when this returns; any other may be found empty
    after a power cut, so its reader has to look. A ``private`` one can be read by
    nobody but its owner, from its first byte on.
    """
    partial = path.with_name(f".{path.name}.partial-{secrets.token_hex(4)}")
    try:
        with open(partial, "xb", opener=_owners if private else None) as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise LampoonError(
            f"cannot be written: {error.strerror}", where=path
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _owners(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE)
