"""The bundled performers: rendered, CC0, with exact truth beside each clip."""

from dataclasses import dataclass
from pathlib import Path

SAMPLES = ("ada", "ben")


@dataclass(frozen=True, slots=True)
class Sample:
    """One bundled performer: a clip, its truth, and what it is made of."""

    name: str
    clip: Path
    truth: Path


def sample(name: str) -> Sample:
    """Return the bundled clip of a performer, ``"ada"`` or ``"ben"``.

    Raises ValueError for another name.
    """
    if name not in SAMPLES:
        raise ValueError(f"no sample {name!r}; there are {', '.join(SAMPLES)}")
    folder = Path(__file__).parent
    return Sample(name, folder / f"{name}_talk.mp4", folder / f"{name}_talk.json")
