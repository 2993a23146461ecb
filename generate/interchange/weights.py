"""The weights in a model file, and nothing else of it.

A stranger's file says how its network is built, and building what a file says runs
what the file says. So a file is only a bag of numbers here: the network is built by
its name elsewhere, and each weight is taken from the place where faceswap keeps it,
if it has the shape that the network needs. A file that holds anything more is refused.
"""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import TrainingError
from lampoon.generate.interchange.keras_archive import weights_entry
from lampoon.generate.interchange.layer_kinds import insist_on_known_layers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Wanted = dict[str, list[tuple[str, tuple[int, ...]]]]
"""Of encoder, decoder_a, decoder_b: path in a ``.keras`` file and shape, in order."""

SLACK = 4 << 20
"""Bytes that a weights file may hold beside its weights."""
MAX_CONFIG = 4 << 20
MAX_NAMES = 4096
_FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32", 32000: "lzf"}


def weights_in(
    paths: Sequence[Path], wanted: Wanted
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield every wanted weight, float32, in order.

    ``paths`` is one ``.keras`` or ``.h5`` file with all three networks, or three
    ``.h5`` files, one for each. Raises TrainingError unless all of it is there,
    stored in the file itself, float32, finite and of the right shape.
    """
    if len(paths) > 1:
        for path, places in zip(paths, wanted.values(), strict=True):
            with _opened(path) as file:
                yield from _in_order(_keras2_network(file), places)
    elif paths[0].suffix == ".keras":
        room = sum(4 * int(np.prod(s)) for all_ in wanted.values() for _, s in all_)
        packed = io.BytesIO(weights_entry(paths[0], room + SLACK))
        with _opened(packed) as file:
            for places in wanted.values():
                for place, shape in places:
                    yield _array(_reached(file, place), place, shape)
    else:
        with _opened(paths[0]) as file:
            groups = _keras2_groups(file)
            for name, places in wanted.items():
                yield from _in_order(_named(groups, name), places)


@contextmanager
def _opened(source: Path | io.BytesIO) -> Iterator[Any]:
    """Give the HDF5 file; what goes wrong in it becomes our error."""
    h5py = _hdf5()
    try:
        with h5py.File(source, "r") as file:
            _insist_on_known_layers(file)
            yield file
    except (OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
        why = str(error).splitlines()[0][:160] if str(error) else "broken"
        raise TrainingError(f"the weights cannot be read: {why}") from error


def _insist_on_known_layers(file: Any) -> None:
    """Refuse a Keras 2 file whose network is made of anything but plain layers."""
    if "model_config" not in file.attrs:
        return
    text = file.attrs["model_config"]
    raw = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    if len(raw) > MAX_CONFIG:
        raise TrainingError("the file's description of its network is too large")
    try:
        config = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise TrainingError(
            "the file's description of its network is broken"
        ) from error
    insist_on_known_layers(config)


def _keras2_root(file: Any) -> Any:
    """Return where Keras 2 keeps weights: a whole model's group, or the file itself."""
    return _reached(file, "model_weights") if "model_weights" in file else file


def _keras2_network(file: Any) -> list[Any]:
    """Return the datasets of a file that holds one network, in its order."""
    root = _keras2_root(file)
    return [
        dataset
        for name in _names(root, "layer_names")
        for dataset in _datasets(_reached(root, name))
    ]


def _keras2_groups(file: Any) -> dict[str, list[Any]]:
    """Return the datasets of each network in a file, by the network's name."""
    root = _keras2_root(file)
    return {
        name.lower(): _datasets(_reached(root, name))
        for name in _names(root, "layer_names")
    }


def _named(groups: dict[str, list[Any]], name: str) -> list[Any]:
    if name not in groups:
        raise TrainingError(f"the file holds no {name}")
    return groups[name]


def _datasets(group: Any) -> list[Any]:
    return [_reached(group, name) for name in _names(group, "weight_names")]


def _names(group: Any, attribute: str) -> list[str]:
    """Return the names in an attribute, which Keras 2 splits where it is long."""
    parts = [attribute] if attribute in group.attrs else []
    parts += [
        f"{attribute}{place}"
        for place in range(64)
        if f"{attribute}{place}" in group.attrs
    ]
    if not parts:
        raise TrainingError(f"the file lacks {attribute}: Keras 2 did not write it")
    found = [name for part in parts for name in np.ravel(group.attrs[part]).tolist()]
    if len(found) > MAX_NAMES:
        raise TrainingError("the file names too many layers")
    return [
        n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in found
    ]


def _in_order(
    datasets: list[Any], places: list[tuple[str, tuple[int, ...]]]
) -> Iterator[npt.NDArray[np.float32]]:
    if len(datasets) != len(places):
        raise TrainingError(
            f"a network of {len(datasets)} weights where {len(places)} belong"
        )
    for dataset, (_, shape) in zip(datasets, places, strict=True):
        yield _array(dataset, str(dataset.name), shape)


def _reached(group: Any, path: str) -> Any:
    """Return what lies at ``path``, reached by plain links inside the file only."""
    h5py = _hdf5()
    place = group
    for step in path.split("/"):
        if not isinstance(place, h5py.Group) or not step or step not in place:
            raise TrainingError(f"no weights at {path[:120]}")
        if not isinstance(place.get(step, getlink=True), h5py.HardLink):
            raise TrainingError(f"the weights at {path[:120]} are a link to elsewhere")
        place = place[step]
    return place


def _array(place: Any, path: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return one dataset, stored in this file, as it should be."""
    if not isinstance(place, _hdf5().Dataset):
        raise TrainingError(f"no weights at {path[:120]}")
    if place.external or place.is_virtual:
        raise TrainingError(f"the weights at {path[:120]} lie outside the file")
    made = place.id.get_create_plist()
    if any(made.get_filter(n)[0] not in _FILTERS for n in range(made.get_nfilters())):
        raise TrainingError(f"the weights at {path[:120]} are packed in a foreign way")
    if place.dtype != np.float32 or tuple(place.shape) != shape:
        raise TrainingError(
            f"the weights at {path[:120]} are {place.dtype} {place.shape}, not {shape}"
        )
    array = np.asarray(place[()], np.float32)
    if not np.isfinite(array).all():
        raise TrainingError(f"the weights at {path[:120]} are not numbers")
    return array


def _hdf5() -> Any:
    import h5py  # type: ignore[import-untyped]  # h5py has no stubs

    return h5py
