"""faceswap's model folder: ``<name>.keras`` with its weights, ``<name>_state.json``.

Read also as Keras 2 left it (``<name>.h5``) and as the first faceswap did (a ``.h5``
for encoder, decoder_A and decoder_B each). The network is always built here, by its
name; a child process with limits takes the weights out of the file.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import LampoonError, TrainingError
from lampoon.generate.interchange.asking import Answer, answer_to, insist_on_file
from lampoon.generate.interchange.model_files import architecture_of, model_files
from lampoon.generate.interchange.model_state import (
    ModelState,
    first_config,
    insist_on_plain_network,
    read_state,
    state_text,
)
from lampoon.generate.models.blocks import FACE_SIDE, AlignedNetwork, Architecture
from lampoon.generate.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ModelState",
    "SwapModel",
    "build_named",
    "load_weights",
    "read",
    "read_state",
    "write",
]

MAX_FILE = 4 << 30
"""No model file is larger; faceswap keeps the optimiser's state beside the weights."""


@dataclass(frozen=True, slots=True)
class SwapModel:
    """A model as faceswap keeps it: the network and what is known of its training."""

    network: AlignedNetwork
    state: ModelState

    def swap(
        self, faces: npt.NDArray[np.float32], side: str
    ) -> npt.NDArray[np.float32]:
        """Return ``faces`` as the decoder of ``side`` ("a" or "b") draws them.

        Both are (n, 64, 64, 3) float32 BGR, 0 to 1. Raises ValueError for another
        shape or side.
        """
        if faces.ndim != 4 or faces.shape[1:] != (FACE_SIDE, FACE_SIDE, 3):
            raise ValueError(f"faces are (n, 64, 64, 3), not {faces.shape}")
        if side not in ("a", "b"):
            raise ValueError(f"a side is 'a' or 'b', not {side!r}")
        latent = self.network.encoder(np.asarray(faces, np.float32))
        return np.asarray(self.network.decoded(latent, side), np.float32)

    def turned(self) -> SwapModel:
        """Return the same model with its sides exchanged, in place."""
        a, b = self.network.decoder_a, self.network.decoder_b
        kept = a.get_weights()
        a.set_weights(b.get_weights())
        b.set_weights(kept)
        return self


def build_named(name: str) -> AlignedNetwork:
    """Return a fresh network of faceswap's plugin ``name``, or raise TrainingError."""
    from lampoon.generate.models.lightweight import build_lightweight
    from lampoon.generate.models.original import build_original

    if name == Architecture.ORIGINAL:
        return build_original()
    if name == Architecture.LIGHTWEIGHT:
        return build_lightweight()
    known = ", ".join(Architecture)
    raise TrainingError(f"a model of kind {name[:40]!r}", hint=f"known are {known}")


def read(folder: Path) -> SwapModel:
    """Return the model in a faceswap model ``folder``.

    Raises TrainingError where there is not exactly one known model, or where its
    weights are missing, broken or of another shape.
    """
    found = model_files(folder)
    state = read_state(folder, found.stem or Architecture.ORIGINAL.value)
    try:
        name = architecture_of(found.stem, state.name)
        insist_on_plain_network(state)
    except TrainingError as error:
        raise TrainingError(
            error.what, where=found.paths[0], hint=error.hint
        ) from error
    network = build_named(name)
    load_weights(found.paths, network)
    if not (state.config or found.is_keras3):
        state = replace(state, config=first_config(name))
    return SwapModel(network, replace(state, name=name.value))


def load_weights(path: Path | Sequence[Path], network: AlignedNetwork) -> None:
    """Copy the weights in the model file at ``path`` into ``network``.

    ``path`` is a ``.keras`` or ``.h5`` file, or three of the latter. Raises
    TrainingError, and leaves the network as it was, unless every weight is there,
    float32, finite and of the right shape.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    layers = network.layers
    wanted = {
        part: [
            (f"{place}/vars/{number}", list(weight.shape))
            for place, layer in places.items()
            for number, weight in enumerate(layer.weights)
        ]
        for part, places in layers.items()
    }
    request = {"kind": "weights", "paths": [str(p.resolve()) for p in paths]}
    room = 2 * 4 * int(network.model.count_params())
    try:
        for each in paths:
            insist_on_file(each, MAX_FILE)
        with answer_to(
            request | {"wanted": wanted}, where=paths[0], memory_bytes=room
        ) as answer:
            arrays = [
                _arrived(answer, tuple(shape), paths[0])
                for places in wanted.values()
                for _, shape in places
            ]
    except LampoonError as error:
        raise TrainingError(error.what, where=paths[0], hint=error.hint) from error
    left = iter(arrays)
    for places in layers.values():
        for layer in places.values():
            layer.set_weights([next(left) for _ in layer.weights])


def _arrived(
    answer: Answer, shape: tuple[int, ...], where: Path
) -> npt.NDArray[np.float32]:
    """Return the next array of the confined reader's answer, checked again."""
    count = int(np.prod(shape))
    if answer.line() != {"values": count}:
        raise TrainingError("the reader's answer makes no sense", where=where)
    array = np.frombuffer(answer.take(4 * count), "<f4").reshape(shape)
    if not np.isfinite(array).all():
        raise TrainingError("the weights are not numbers", where=where)
    return array


def write(folder: Path, network: AlignedNetwork, state: ModelState) -> Path:
    """Write ``network`` and ``state`` as faceswap does; return the ``.keras`` file.

    Each file appears whole or not at all; optimiser state is not written, faceswap's
    is torch's own.
    """
    target = folder / f"{network.name}.keras"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".partial-") as room:
        partial = Path(room) / "model.keras"
        network.model.save(partial)
        _make_portable(partial)
        partial.replace(target)
    text = state_text(network, state)
    replace_file(folder / f"{network.name}_state.json", text.encode())
    return target


def _make_portable(path: Path) -> None:
    """Drop from the config what Keras before 3.15, faceswap's, does not know yet."""
    rewritten = path.with_name("portable.keras")
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(rewritten, "w", zipfile.ZIP_STORED) as new,
    ):
        for entry in old.infolist():
            with (
                old.open(entry) as source,
                new.open(entry.filename, "w", force_zip64=True) as target,
            ):
                if entry.filename == "config.json":
                    target.write(json.dumps(_known(json.load(source))).encode())
                else:
                    shutil.copyfileobj(source, target, 1 << 20)
    rewritten.replace(path)


def _known(config: Any) -> Any:
    if isinstance(config, list):
        return [_known(thing) for thing in config]
    if not isinstance(config, dict):
        return config
    return {
        key: _known(value)
        for key, value in config.items()
        if key not in ("input_axes", "output_axes") or value is not None
    }
