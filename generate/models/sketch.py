"""The network of the preset ``sketch``: one shared encoder, two decoders, textures.

It sees what a performer's texture has beyond the performer's usual look, and how the
landmarks stand; each decoder says what its own person's texture then has beyond that
person's usual look. Its last layers start at nothing, so that an untrained network
changes nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lampoon.errors import MissingExtraError, TrainingError

if TYPE_CHECKING:
    from pathlib import Path

SLOPE = 0.1
SIDES = ("performer", "donor")
"""Names of the decoders, as layers of ``both``."""

BLOCK = 4
"""Pixels are gathered into blocks of this width before the first convolution."""


@dataclass(frozen=True, slots=True)
class SketchShape:
    """Sizes of the network: rows and columns, length of the landmark code, and widths.

    ``rows`` and ``columns`` of a texture must be multiples of 16.
    """

    rows: int
    columns: int
    code: int
    encoder: tuple[int, int, int] = (48, 64, 96)
    bottleneck: tuple[int, int] = (32, 128)
    landmark_widths: tuple[int, int] = (96, 64)
    grid: int = 64
    decoder: tuple[int, int] = (64, 48)

    def as_json(self) -> dict[str, Any]:
        """Return plain values for a settings file."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> SketchShape:
        """Return what ``as_json`` gave; TypeError for unknown or missing values."""
        plain: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**plain)


@dataclass(frozen=True, slots=True, eq=False)
class SketchNetwork:
    """The network and its parts, Keras models that share their weights.

    ``both`` takes textures and codes of performer and donor, four inputs, and gives
    what each decoder makes of its own person; ``swap`` takes a performer's texture
    and code and gives the donor's.
    """

    shape: SketchShape
    both: Any
    swap: Any

    def start_from(self, base: list[Any]) -> None:
        """Take the weights of a base, in the order of ``swap``, for both decoders.

        ValueError when they are of another shape.
        """
        self.swap.set_weights(base)
        donor = self.both.get_layer(SIDES[1]).get_weights()
        self.both.get_layer(SIDES[0]).set_weights(donor)

    def weights(self) -> dict[str, Any]:
        """Return every weight by its place, as ``np.savez`` stores them."""
        return {
            f"weight_{k:03}": np.asarray(value)
            for k, value in enumerate(self.both.get_weights())
        }

    def set_weights(self, stored: Any, where: Path) -> None:
        """Take weights that ``weights`` gave; TrainingError when they do not fit."""
        try:
            found = [stored[f"weight_{k:03}"] for k in range(len(self.both.weights))]
            self.both.set_weights(found)
        except (KeyError, ValueError) as error:
            raise TrainingError(
                "these weights are of another network",
                where=where,
                hint="train anew, or choose the preset they were made with",
            ) from error


def _keras() -> Any:
    try:
        import keras
    except ModuleNotFoundError as error:
        raise MissingExtraError("keras", "generate") from error
    return keras


def build_sketch(shape: SketchShape, *, seed: int = 0) -> SketchNetwork:
    """Return a fresh network; the same for the same seed.

    MissingExtraError when Keras is not installed.
    """
    keras = _keras()
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    encoder = _encoder(keras, shape)
    decoders = [_decoder(keras, shape, side) for side in SIDES]
    picture = (shape.rows, shape.columns, 3)
    inputs = [layers.Input(size) for size in (picture, (shape.code,)) * 2]
    made = [
        decoders[0](encoder(inputs[:2])),
        decoders[1](encoder(inputs[2:])),
    ]
    both = keras.Model(inputs, layers.Concatenate(axis=0)(made), name="both")
    swap = keras.Model(inputs[:2], decoders[1](encoder(inputs[:2])), name="swap")
    return SketchNetwork(shape, both, swap)


def _convolved(
    keras: Any, x: Any, width: int, *, kernel: int = 3, stride: int = 1
) -> Any:
    layer = keras.layers.Conv2D(
        width, kernel, strides=stride, padding="same", kernel_initializer="he_uniform"
    )
    return keras.layers.LeakyReLU(SLOPE)(layer(x))


def _gathered(keras: Any, x: Any) -> Any:
    """Return blocks of pixels as channels: 16 times as deep."""
    layers, (rows, columns, depth) = keras.layers, x.shape[1:]
    rows, columns = rows // BLOCK, columns // BLOCK
    x = layers.Reshape((rows, BLOCK, columns, BLOCK, depth))(x)
    x = layers.Permute((1, 3, 2, 4, 5))(x)
    return layers.Reshape((rows, columns, BLOCK * BLOCK * depth))(x)


def _spread(keras: Any, x: Any, by: int) -> Any:
    """Return channels as blocks of pixels: more pixels, less deep."""
    layers, (rows, columns, depth) = keras.layers, x.shape[1:]
    depth //= by * by
    x = layers.Reshape((rows, columns, by, by, depth))(x)
    x = layers.Permute((1, 3, 2, 4, 5))(x)
    return layers.Reshape((rows * by, columns * by, depth))(x)


def _encoder(keras: Any, shape: SketchShape) -> Any:
    layers = keras.layers
    picture = layers.Input((shape.rows, shape.columns, 3))
    code = layers.Input((shape.code,))
    x = _gathered(keras, picture)
    for width, stride in zip(shape.encoder, (1, 2, 2), strict=True):
        x = _convolved(keras, x, width, stride=stride)
    x = layers.Flatten()(_convolved(keras, x, shape.bottleneck[0], kernel=1))
    x = layers.Dense(shape.bottleneck[1])(x)
    y = layers.LeakyReLU(SLOPE)(layers.Dense(shape.landmark_widths[0])(code))
    y = layers.Dense(shape.landmark_widths[1])(y)
    x = layers.Concatenate()([x, y])
    grid = (shape.rows // 16, shape.columns // 16, shape.grid)
    x = layers.LeakyReLU(SLOPE)(layers.Dense(int(np.prod(grid)))(x))
    x = layers.Reshape(grid)(x)
    return keras.Model([picture, code], x, name="encoder")


def _decoder(keras: Any, shape: SketchShape, name: str) -> Any:
    layers, (first, second) = keras.layers, shape.decoder
    grid = layers.Input((shape.rows // 16, shape.columns // 16, shape.grid))
    x = _spread(keras, _convolved(keras, grid, first * 4), 2)
    x = _spread(keras, _convolved(keras, x, second * 4), 2)
    more = layers.Conv2D(second, 3, padding="same", kernel_initializer="he_uniform")(
        _convolved(keras, x, second)
    )
    x = layers.LeakyReLU(SLOPE)(layers.Add()([x, more]))
    x = layers.Conv2D(3 * BLOCK * BLOCK, 3, padding="same", kernel_initializer="zeros")(
        x
    )
    x = _spread(keras, x, BLOCK)
    return keras.Model(grid, x, name=name)
