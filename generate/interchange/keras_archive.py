"""The zip file that Keras 3 calls ``.keras``: checked, and one entry taken out."""

import json
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from lampoon.errors import TrainingError
from lampoon.generate.interchange.layer_kinds import insist_on_known_layers

WEIGHTS, CONFIG = "model.weights.h5", "config.json"
KNOWN_ENTRIES = frozenset((WEIGHTS, CONFIG, "metadata.json", "optimizer.pt"))
MAX_CONFIG = 4 << 20
_BROKEN = (
    OSError,
    KeyError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
)


def weights_entry(path: Path, limit: int) -> bytes:
    """Return the HDF5 file inside the ``.keras`` file at ``path``.

    Nothing is unpacked to disk. Raises TrainingError for entries that faceswap does
    not write, a network of unknown layers, and weights of more than ``limit`` bytes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _insist_on_known_entries(archive.infolist())
            with archive.open(CONFIG) as config:
                insist_on_known_layers(json.loads(_bounded(config, MAX_CONFIG, CONFIG)))
            with archive.open(WEIGHTS) as weights:
                return _bounded(weights, limit, WEIGHTS)
    except RecursionError as error:
        raise TrainingError("config.json is nested too deep") from error
    except _BROKEN as error:
        why = str(error).splitlines()[0][:160] if str(error) else "broken"
        raise TrainingError(f"the .keras file cannot be read: {why}") from error


def _insist_on_known_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    for name in names:
        steps = PurePosixPath(name.replace("\\", "/"))
        if steps.is_absolute() or ".." in steps.parts:
            raise TrainingError(
                f"the .keras file holds {name[:60]!r}, which points outside of it",
                hint="nothing of it was unpacked",
            )
        if name not in KNOWN_ENTRIES and name != "assets/":
            raise TrainingError(f"the .keras file holds an unknown {name[:60]!r}")
    if len(names) != len(set(names)):
        raise TrainingError("the .keras file holds one name twice")


def _bounded(entry: IO[bytes], limit: int, name: str) -> bytes:
    """Return all of an entry, or raise once it has grown beyond ``limit`` bytes."""
    data = entry.read(limit + 1)
    if len(data) > limit:
        raise TrainingError(f"{name} grows beyond {limit} bytes when unpacked")
    return data
