"""Model files as faceswap lays them out, a few numbers large and made without Keras."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]  # h5py has no stubs
import numpy as np

from lampoon.generate.interchange.weights import Wanted

ROOTS = {
    "encoder": "functional",
    "decoder_a": "functional_1",
    "decoder_b": "functional_2",
}
SHAPES = [("conv2d/vars/0", (2, 2, 3, 4)), ("conv2d/vars/1", (4,))]
WANTED: Wanted = {
    part: [(f"layers/{root}/layers/{place}", shape) for place, shape in SHAPES]
    for part, root in ROOTS.items()
}
FIRST = WANTED["encoder"][0][0]
CONFIG = {
    "class_name": "Functional",
    "module": "keras.src.models.functional",
    "config": {"layers": [{"class_name": "Conv2D", "module": "keras.layers"}]},
}


def weights_h5(change: Callable[[Any], None] = lambda file: None) -> bytes:
    """Return a weights file, changed as asked."""
    whole = io.BytesIO()
    with h5py.File(whole, "w") as file:
        for places in WANTED.values():
            for place, shape in places:
                file[place] = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
        change(file)
    return whole.getvalue()


def keras_file(path: Path, changed: Mapping[str, bytes] | None = None) -> Path:
    """Write a ``.keras`` file; ``changed`` replaces entries, or adds some."""
    entries = {
        "metadata.json": b"{}",
        "config.json": json.dumps(CONFIG).encode(),
        "model.weights.h5": weights_h5(),
    } | dict(changed or {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def keras2_file(path: Path, change: Callable[[Any], None] = lambda file: None) -> Path:
    """Write a Keras 2 ``.h5`` file of three networks, changed as asked."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(CONFIG)
        root = file.create_group("model_weights")
        root.attrs["layer_names"] = [b"face_in_a", *(part.encode() for part in WANTED)]
        root.create_group("face_in_a").attrs["weight_names"] = np.zeros(0, "S1")
        for part in WANTED:
            group = root.create_group(part)
            names = ["conv_0/kernel:0", "conv_0/bias:0"]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, (_, shape) in zip(names, SHAPES, strict=True):
                group[name] = np.zeros(shape, np.float32)
        change(file)
    return path
