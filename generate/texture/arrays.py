"""The arrays of this room by name, and plain ways to make them."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Pixels = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]


def floats(values: npt.ArrayLike) -> Floats:
    """Return values as float32, without a copy where they are that already."""
    return np.asarray(values, np.float32)


def pixels(values: npt.ArrayLike) -> Pixels:
    """Return values from 0 to 255, rounded and cut off there, as uint8."""
    return np.asarray(np.clip(floats(values) + 0.5, 0, 255), np.uint8)
