"""faceswap's model folder: ``<name>.keras`` with its weights, ``<name>_state.json``.

A stranger's file says how its network is built, and building what a file says runs
what the file says. So the network is always built here, by its name, and only the
weights are copied, each from the path where faceswap keeps it, if its shape fits.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import LampoonError, TrainingError
from lampoon.generate.interchange.model_state import fresh_config, state_text
from lampoon.generate.models.blocks import FACE_SIDE, AlignedNetwork, Architecture
from lampoon.generate.whole_file import replace_file

_WEIGHTS = "model.weights.h5"
_SLACK = 4 << 20
"""Bytes that a weights file may hold beside its weights."""
_MAX_STATE = 16 << 20


@dataclass(frozen=True, slots=True)
class ModelState:
    """What is known of a model's training; ``config`` are faceswap's own options."""

    name: str
    iterations: int = 0
    lowest_average_loss: float = 0.0
    config: dict[str, Any] = field(default_factory=dict)


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
    found = sorted(path for path in folder.glob("*.keras") if path.is_file())
    if len(found) != 1:
        raise TrainingError(
            f"{len(found)} .keras files; a model folder has one", where=folder
        )
    state = read_state(folder, found[0].stem)
    if state.config.get("learn_mask") or state.config.get("lowmem"):
        raise TrainingError("a model with learn_mask or lowmem", where=found[0])
    network = build_named(found[0].stem)
    load_weights(found[0], network)
    return SwapModel(network, state)


def read_state(folder: Path, name: str) -> ModelState:
    """Return what ``<name>_state.json`` in ``folder`` says, or a fresh state."""
    path = folder / f"{name}_state.json"
    if not path.is_file():
        return ModelState(name)
    try:
        if path.stat().st_size > _MAX_STATE:
            raise TrainingError("the state file is too large", where=path)
        plain = json.loads(path.read_text(encoding="utf-8"))
        return ModelState(
            name,
            int(plain.get("iterations", 0)),
            float(plain.get("lowest_avg_loss", 0.0)),
            dict(plain.get("config", {})),
        )
    except (ValueError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise TrainingError("the state file is broken", where=path) from error


def load_weights(path: Path, network: AlignedNetwork) -> None:
    """Copy the weights in the ``.keras`` file at ``path`` into ``network``.

    Raises TrainingError, and leaves the network as it was, unless every weight is
    there, float32 and of the right shape.
    """
    size = 4 * network.model.count_params() + _SLACK
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryFile() as plain:
            entry = archive.getinfo(_WEIGHTS)
            if entry.file_size > size:
                raise TrainingError("the weights are too large", where=path)
            with archive.open(entry) as packed:
                _copy(packed, plain, size)
            arrays = _arrays(plain, network)
    except (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        raise TrainingError(
            f"the weights cannot be read: {error}", where=path
        ) from error
    except LampoonError as error:
        raise TrainingError(error.what, where=path, hint=error.hint) from error
    for layer, values in arrays:
        layer.set_weights(values)


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
    config = state.config or fresh_config(network.name)
    text = state_text(network, state.iterations, state.lowest_average_loss, config)
    replace_file(folder / f"{network.name}_state.json", text.encode())
    return target


def _hdf5() -> Any:
    import h5py  # type: ignore[import-untyped]  # h5py has no stubs

    return h5py


def _copy(source: IO[bytes], target: IO[bytes], limit: int) -> None:
    left = limit
    while piece := source.read(1 << 20):
        left -= len(piece)
        if left < 0:
            raise TrainingError("the weights are larger than they say")
        target.write(piece)
    target.seek(0)


def _arrays(
    plain: IO[bytes], network: AlignedNetwork
) -> list[tuple[Any, list[npt.NDArray[np.float32]]]]:
    h5py = _hdf5()
    found = []
    with h5py.File(plain, "r") as weights:
        for path, layer in network.layers.items():
            found.append(
                (
                    layer,
                    [
                        _array(weights, f"{path}/vars/{place}", weight.shape)
                        for place, weight in enumerate(layer.weights)
                    ],
                )
            )
    return found


def _array(weights: Any, path: str, shape: Any) -> npt.NDArray[np.float32]:
    """Return one dataset, reached by plain links only and stored in this file."""
    h5py = _hdf5()
    place = weights
    for step in path.split("/"):
        if not isinstance(place, h5py.Group) or step not in place:
            raise TrainingError(f"no weights at {path}")
        if not isinstance(place.get(step, getlink=True), h5py.HardLink):
            raise TrainingError(f"the weights at {path} are a link to elsewhere")
        place = place[step]
    if not isinstance(place, h5py.Dataset) or place.external or place.is_virtual:
        raise TrainingError(f"the weights at {path} lie outside the file")
    if place.dtype != np.float32 or tuple(place.shape) != tuple(shape):
        raise TrainingError(
            f"the weights at {path} are {place.dtype} {place.shape}, not {tuple(shape)}"
        )
    array = np.asarray(place[()], np.float32)
    if not np.isfinite(array).all():
        raise TrainingError(f"the weights at {path} are not numbers")
    return array


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
