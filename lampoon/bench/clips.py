"""Which clips are measured on."""

from pathlib import Path

from lampoon.datasets.samples import SAMPLES, sample
from lampoon.errors import MediaError

CLIP_NAMES = frozenset({".mp4", ".mov", ".mkv", ".webm", ".m4v"})


def clips_in(folder: Path | None) -> list[Path]:
    """Return the clips of a folder in the order of their names, else the bundled ones.

    Raises MediaError for a folder that is not there or holds none.
    """
    if folder is None:
        return [sample(name).clip for name in SAMPLES]
    if not folder.is_dir():
        raise MediaError("there is no such folder", where=folder)
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in CLIP_NAMES)
    if not found:
        kinds = ", ".join(sorted(CLIP_NAMES))
        raise MediaError(f"there is no clip in this folder ({kinds})", where=folder)
    return found
