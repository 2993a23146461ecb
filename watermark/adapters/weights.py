"""Weights that the user has: looked at where they are said to be, never fetched."""

import hashlib
import importlib
from pathlib import Path
from types import ModuleType

from lampoon.errors import ProvenanceError

READ = 1 << 20


def needed_module(name: str, *, whose: str, install: str) -> ModuleType:
    """Return a module that the user has to have installed.

    Raises ProvenanceError, with what to install, where it cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        missing = getattr(error, "name", None) or name
        raise ProvenanceError(
            f"{whose} needs {missing}, which is not installed",
            hint=f"pip install {install}",
        ) from error


def needed_file(path: Path, *, whose: str) -> Path:
    """Return the path of a file with weights; raises ProvenanceError without one."""
    if path.is_file() and path.stat().st_size:
        return path
    raise ProvenanceError(
        f"weights of {whose} are not there; nothing is ever downloaded",
        where=path,
        hint="get them from their makers and name where they lie",
    )


def md5(path: Path) -> str:
    """Return a file's MD5, which is what makers publish; no proof against malice."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(READ):
            digest.update(block)
    return digest.hexdigest()
