"""Where a user keeps whom to trust, and the registry of their own marks.

Nothing heavy is loaded where there is nothing kept: a verdict begins here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lampoon.errors import ProvenanceError
from lampoon.watermark.manifest.trust import TrustList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lampoon.watermark.registry import Registry


def default_trust_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where trust lists lie unless a command is told otherwise.

    >>> default_trust_folder({"LAMPOON_HOME": "/srv/lampoon"}).as_posix()
    '/srv/lampoon/trust'
    """
    home = environment.get("LAMPOON_HOME")
    base = Path(home) if home else Path.home() / ".config" / "lampoon"
    return base / "trust"


def registry_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the user's own registry of marks lies, or would lie."""
    return default_trust_folder(environment).parent / "registry.sqlite"


def chosen_registry(choice: str | None) -> Registry | None:
    """Return the registry to ask: of a URL or file, else the user's own, if any.

    Nothing is made and nothing settled: it is only read. Raises ProvenanceError for a
    file that is not there, or no registry.
    """
    path = registry_file() if choice is None else Path(choice)
    if choice is None and not path.is_file():
        return None
    from lampoon.watermark.registry import Registry

    if choice is not None and "://" in choice:
        return Registry(choice)
    if path.is_file():
        return Registry.at(path)
    raise ProvenanceError(
        "there is no registry", where=path, hint="name a SQLite file or a database URL"
    )


def chosen_trust(path: Path | None) -> TrustList:
    """Return the trust list at ``path``, else the user's own, else an empty one.

    Raises ProvenanceError for a ``path`` that is no trust list.
    """
    if path is not None:
        return TrustList.load(path)
    folder = default_trust_folder()
    return TrustList.load(folder) if folder.is_dir() else TrustList()
