"""The two eye-state networks, in keras and keras.ops only.

"In Ictu Oculi" (Li, Chang, Lyu 2018) looks with VGG16 and remembers with an LSTM. Both
parts are a thousand times smaller here: an eye is 36 x 48 pixels, and a verifier has a
fraction of a millisecond for a frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lampoon.errors import MissingExtraError
from lampoon.faces.eye_state import CLUES, PATCH_SHAPE, STEPS, STEPS_ASIDE
from lampoon.quiet import quiet_start

if TYPE_CHECKING:
    from pathlib import Path

WIDTHS = ((16, 5), (24, 3), (40, 3))
"""Filters and side of each convolution; every one halves the picture."""
MEMORY = 16
FAINT = 6.0
"""Levels of spread that are noise: a flat picture is not blown up to an eye."""


def load_keras() -> Any:
    """Return keras, its greeting held back; MissingExtraError where it is not."""
    try:
        with quiet_start():
            import keras
    except ImportError as error:
        raise MissingExtraError("keras", "generate") from error
    return keras


def look_network() -> Any:
    """Return the network of single pictures.

    Pictures (n, 36, 48, 1), 0 to 255, become (n, 1 + clues): how shut the eye is, 0
    to 1, then what the second network is told besides.
    """
    keras = load_keras()
    layers = keras.layers
    given = keras.Input((*PATCH_SHAPE, 1), name="pictures")
    x = _evened(keras, given)
    for filters, side in WIDTHS:
        x = layers.Conv2D(filters, side, 2, "same", activation="relu")(x)
    x = layers.Dropout(0.25)(layers.Flatten()(x))
    clues = layers.Dense(CLUES, activation="relu", name="clues")(x)
    shut = layers.Dense(1, activation="sigmoid", name="shut")(clues)
    return keras.Model(given, layers.Concatenate()([shut, clues]), name="eye_look")


def course_network() -> Any:
    """Return the network of moments: (n, 21, clues + 2) becomes (n, 1), 0 to 1.

    One memory comes from the past, one from the future; they meet in the middle.
    """
    keras = load_keras()
    layers = keras.layers
    given = keras.Input((STEPS, CLUES + 2), name="moments")
    past = layers.GRU(MEMORY, unroll=True)(given[:, : STEPS_ASIDE + 1])
    future = layers.GRU(MEMORY, unroll=True, go_backwards=True)(given[:, STEPS_ASIDE:])
    both = layers.Concatenate()([past, future, given[:, STEPS_ASIDE]])
    x = layers.Dense(16, activation="relu")(both)
    blinked = layers.Dense(1, activation="sigmoid")(x)
    return keras.Model(given, blinked, name="eye_course")


def export(model: Any, path: Path) -> None:
    """Write the model for LiteRT, where the verifier runs it without TensorFlow."""
    with quiet_start():
        model.export(str(path), format="litert", verbose=False)


def _evened(keras: Any, pictures: Any) -> Any:
    """Return pictures with the mean taken off and the spread made one."""
    layers, ops = keras.layers, keras.ops
    mean = layers.GlobalAveragePooling2D(keepdims=True)
    apart = layers.Subtract()([pictures, mean(pictures)])
    squared = layers.Multiply()([apart, apart])
    spread = ops.sqrt(mean(squared)) + FAINT
    return apart / spread
