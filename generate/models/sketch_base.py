"""The base that ships: a ``sketch`` network that has seen many rendered performers.

``sketch_base.md`` says what it was made of and what it can do.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lampoon.errors import TrainingError
from lampoon.generate.models.sketch import SketchNetwork
from lampoon.generate.whole_file import replace_file

BASE = Path(__file__).with_name("sketch_base.npz")


def start_from_base(network: SketchNetwork) -> bool:
    """Give a fresh network the base's weights, in both decoders; False if none fits."""
    base = _stored(BASE)
    if [w.shape for w in base] != [w.shape for w in network.swap.weights]:
        return False
    network.start_from([weight.astype(np.float32) for weight in base])
    return True


@lru_cache(maxsize=1)
def _stored(path: Path) -> tuple[np.ndarray[Any, np.dtype[np.float16]], ...]:
    if not path.exists():
        return ()
    try:
        with np.load(path, allow_pickle=False) as stored:
            return tuple(stored[name] for name in sorted(stored.files))
    except (OSError, ValueError) as error:
        raise TrainingError(
            "the base of the preset sketch cannot be read",
            where=path,
            hint="install Lampoon again",
        ) from error


def keep_base(network: SketchNetwork, path: Path) -> None:
    """Write a network's encoder and donor's decoder as a base, in half precision."""
    from io import BytesIO

    weights = {
        f"weight_{k:03}": np.asarray(value, np.float16)
        for k, value in enumerate(network.swap.get_weights())
    }
    whole = BytesIO()
    np.savez_compressed(whole, allow_pickle=False, **weights)
    replace_file(path, whole.getvalue())
