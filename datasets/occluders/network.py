"""The occlusion network, in keras and keras.ops only: a small U in texture space.

A face laid flat is the same everywhere, so a few thousand weights learn what a cheek, a
lip or a lid may look like, and what lies before it. The form is that of Ronneberger,
Fischer and Brox (2015), sixty times thinner.
"""

from pathlib import Path
from typing import Any

from lampoon.datasets.eyes.network import load_keras
from lampoon.generate.composite.occlusion import CHANNELS, TEXELS
from lampoon.quiet import quiet_start

WIDTHS = (8, 16, 28, 40)
"""Filters at full size and after each halving."""


def occlusion_network() -> Any:
    """Return the network: (n, 64, 64, 9) becomes (n, 64, 64, 1), 0 to 1 hidden."""
    keras = load_keras()
    layers = keras.layers
    given = keras.Input((TEXELS, TEXELS, CHANNELS), name="face")
    x, kept = given, []
    for width in WIDTHS[:-1]:
        x = _conv(layers, x, width)
        kept.append(x)
        x = layers.AveragePooling2D(2)(_conv(layers, x, width))
    x = _conv(layers, _conv(layers, x, WIDTHS[-1]), WIDTHS[-1])
    for width, beside in zip(WIDTHS[-2::-1], kept[::-1], strict=True):
        x = layers.UpSampling2D(interpolation="bilinear")(layers.Conv2D(width, 1)(x))
        x = _conv(layers, layers.Concatenate()([x, beside]), width)
    hidden = layers.Conv2D(1, 1, activation="sigmoid", name="hidden")(x)
    return keras.Model(given, hidden, name="occlusion")


def _conv(layers: Any, given: Any, width: int) -> Any:
    return layers.Conv2D(width, 3, padding="same", activation="relu")(given)


def export(model: Any, path: Path) -> None:
    """Write the model for LiteRT, where a swap runs it without TensorFlow."""
    with quiet_start():
        model.export(str(path), format="litert", verbose=False)
