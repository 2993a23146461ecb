"""What the training runs on, and which numbers pay there."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Precision(StrEnum):
    """Numbers inside a network; ``auto`` is mixed on a GPU and full elsewhere."""

    AUTO = "auto"
    FULL = "float32"
    MIXED = "mixed_float16"


def has_gpu() -> bool:
    """Return whether the backend of Keras has a GPU to train on."""
    import keras

    return bool(keras.distribution.list_devices("gpu"))


def paying(wish: Precision) -> Precision:
    """Return the precision that a wish comes to on this machine, never ``auto``.

    Half precision halves memory and time on a GPU with tensor cores; on a processor it
    is emulated, and slower.
    """
    if wish is not Precision.AUTO:
        return wish
    return Precision.MIXED if has_gpu() else Precision.FULL


@contextmanager
def calculating_in(precision: Precision) -> Iterator[None]:
    """Have the layers that are made inside calculate in a precision.

    Weights stay float32 in either.
    """
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(paying(precision).value)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
