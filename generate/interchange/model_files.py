"""Which files of a folder are a faceswap model: of today, of Keras 2, or older."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lampoon.errors import TrainingError
from lampoon.generate.models.blocks import Architecture

if TYPE_CHECKING:
    from pathlib import Path

PARTS = ("encoder", "decoder_A", "decoder_B")
"""The networks of a 1.x model, a file each, in this order."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model's weights: one file, or one each for encoder, decoder_A, decoder_B.

    ``stem`` is what their names begin with, "" for ``encoder.h5``.
    """

    paths: tuple[Path, ...]
    stem: str

    @property
    def is_keras3(self) -> bool:
        """Whether today's faceswap wrote it."""
        return self.paths[0].suffix == ".keras"


def model_files(folder: Path) -> ModelFiles:
    """Return the one model in ``folder``.

    A ``.keras`` file goes before a ``.h5`` file, and that before three of them, as
    faceswap leaves the older ones behind when it upgrades a folder. Raises
    TrainingError where there is none, or more than one of a kind.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise TrainingError(
            f"cannot be read: {error.strerror}", where=folder
        ) from error
    keras = [path for path in found if path.suffix == ".keras"]
    threes = _threes(found)
    split = {path for three in threes for path in three.paths}
    whole = [path for path in found if path.suffix == ".h5" and path not in split]
    for kind in (keras, whole):
        if len(kind) == 1:
            return ModelFiles((kind[0],), kind[0].stem)
        if kind:
            break
    if len(threes) == 1 and not keras and not whole:
        return threes[0]
    raise TrainingError(
        f"{len(keras)} .keras files and {len(whole) + len(threes)} older models",
        where=folder,
        hint="a model folder has one model: <plugin>.keras and <plugin>_state.json",
    )


def _threes(found: list[Path]) -> list[ModelFiles]:
    names = {path.name: path for path in found}
    models = []
    for name in names:
        if not name.endswith(f"{PARTS[0]}.h5"):
            continue
        prefix = name.removesuffix(f"{PARTS[0]}.h5")
        wanted = [f"{prefix}{part}.h5" for part in PARTS]
        if all(part in names for part in wanted):
            paths = tuple(names[part] for part in wanted)
            models.append(ModelFiles(paths, prefix.rstrip("_")))
    return models


def architecture_of(stem: str, stated: str) -> Architecture:
    """Return the plugin by its file's name, else by the name in its state.

    The files of the first faceswap have no name; there was but ``original``.
    """
    known = {each.value: each for each in Architecture}
    for name in (stem or Architecture.ORIGINAL.value, stated):
        if name in known:
            return known[name]
    raise TrainingError(
        f"a model of kind {stem[:40]!r}", hint=f"known are {', '.join(known)}"
    )
