"""A text file written whole or not at all."""

import os
import secrets
from pathlib import Path

from lampoon.errors import MediaError


def write_whole(text: str, target: Path) -> None:
    """Write ``text`` to ``target``, which is replaced in one step.

    Raises MediaError where it cannot be written; nothing is left behind then.
    """
    partial = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(partial, target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise MediaError(
            f"the report cannot be written: {error.strerror}",
            where=target,
            hint="name a file in a folder that exists",
        ) from error
