"""An optimiser's state in a file of its own, to go on from."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from lampoon.errors import TrainingError

FILE_NAME = "optimiser.npz"


def keep_moments(optimiser: Any, folder: Path) -> None:
    """Write every variable of a Keras optimiser into ``folder``."""
    moments = {
        str(place): np.asarray(variable)
        for place, variable in enumerate(optimiser.variables)
    }
    np.savez(folder / FILE_NAME, **moments)  # type: ignore[arg-type]  # stubs mix the arrays up with allow_pickle


def restore_moments(optimiser: Any, folder: Path) -> None:
    """Give a built Keras optimiser what was kept; TrainingError if it is broken."""
    try:
        with (
            (folder / FILE_NAME).open("rb") as file,
            np.load(file, allow_pickle=False) as moments,
        ):
            values = [moments[str(n)] for n in range(len(optimiser.variables))]
        for variable, value in zip(optimiser.variables, values, strict=True):
            variable.assign(value)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise TrainingError("a snapshot is broken", where=folder) from error
