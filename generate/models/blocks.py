"""The bricks of faceswap's networks, and what a pair of them is.

Keras is imported inside functions, so that reading a preset does not load TensorFlow.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

FACE_SIDE = 64
"""Faces go in and come out as (64, 64, 3) float32 BGR, 0 to 1."""
SLOPE = 0.1


class Architecture(StrEnum):
    """The networks that faceswap knows by these names."""

    ORIGINAL = "original"
    LIGHTWEIGHT = "lightweight"


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths of one network of this family.

    ``encoder`` are the strided convolutions; ``bottleneck`` and ``grid`` the two dense
    layers, the second one shaped (4, 4, ``grid``); ``middle`` the first upscaling,
    still in the encoder; ``decoder`` the upscalings of each side.
    """

    encoder: tuple[int, ...]
    bottleneck: int
    grid: int
    middle: int
    decoder: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AlignedNetwork:
    """One shared encoder, a decoder per side, and the model faceswap saves of them."""

    name: str
    model: Any
    encoder: Any
    decoder_a: Any
    decoder_b: Any

    def decoded(self, latent: Any, side: str) -> Any:
        """Return the faces of ``side`` ("a" or "b"): (n, 64, 64, 3) float32 BGR."""
        decoder = {"a": self.decoder_a, "b": self.decoder_b}[side]
        faces = decoder(latent)
        return faces[0] if isinstance(faces, list | tuple) else faces

    @property
    def layers(self) -> dict[str, dict[str, Any]]:
        """Every layer with weights, by network, under its path in a weights file."""
        groups = {
            "encoder": ("functional", self.encoder),
            "decoder_a": ("functional_1", self.decoder_a),
            "decoder_b": ("functional_2", self.decoder_b),
        }
        return {
            part: _numbered(f"layers/{root}/layers", group.layers)
            for part, (root, group) in groups.items()
        }


def _numbered(root: str, layers: list[Any]) -> dict[str, Any]:
    """Return the layers that have weights, counted by kind as Keras 3 does."""
    found: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for layer in layers:
        if not layer.weights:
            continue
        kind = type(layer).__name__.lower()
        count = counts.get(kind, 0)
        counts[kind] = count + 1
        found[f"{root}/{kind}" if count == 0 else f"{root}/{kind}_{count}"] = layer
    return found


@lru_cache(maxsize=1)
def pixel_shuffler() -> type[Any]:
    """Return the layer class that doubles both sides and quarters the channels.

    Channel (dy * 2 + dx) * C + c of a pixel becomes channel c at (dy, dx) of the four
    pixels in its place. Its class and module name are those in faceswap's files, which
    find the layer by them.
    """
    import keras

    class PixelShuffler(keras.layers.Layer):  # type: ignore[misc]  # keras is untyped
        def __init__(self, size: tuple[int, int] = (2, 2), **base: Any) -> None:
            self.data_format = base.pop("data_format", "channels_last")
            super().__init__(**base)
            self.size = tuple(size)

        def call(self, inputs: Any) -> Any:
            ops = keras.ops
            high, wide = self.size
            _, rows, columns, channels = inputs.shape
            left = channels // (high * wide)
            split = ops.reshape(inputs, (-1, rows, columns, high, wide, left))
            woven = ops.transpose(split, (0, 1, 3, 2, 4, 5))
            return ops.reshape(woven, (-1, rows * high, columns * wide, left))

        def compute_output_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
            count, rows, columns, channels = shape
            high, wide = self.size
            return (count, rows * high, columns * wide, channels // (high * wide))

        def get_config(self) -> dict[str, Any]:
            config: dict[str, Any] = super().get_config()
            return {**config, "size": self.size, "data_format": self.data_format}

    PixelShuffler.__module__ = "lib.model.layers"
    PixelShuffler.__qualname__ = "PixelShuffler"
    return PixelShuffler


class Namer:
    """Counts names the way faceswap does: one counter a name, over the whole model."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def next(self, stem: str) -> str:
        """Return ``stem`` with its number: conv_128_0, conv_128_1, ..."""
        count = self._counts.get(stem, 0)
        self._counts[stem] = count + 1
        return f"{stem}_{count}"


def strided(inputs: Any, filters: int, name: str) -> Any:
    """Return C(f): 5x5 convolution of stride 2, then leaky ReLU."""
    from keras import layers

    convolved = layers.Conv2D(
        filters,
        5,
        strides=2,
        padding="same",
        kernel_initializer="he_uniform",
        name=f"{name}_conv2d",
    )(inputs)
    return layers.LeakyReLU(SLOPE, name=f"{name}_leakyrelu")(convolved)


def upscaled(inputs: Any, filters: int, name: str) -> Any:
    """Return U(f): 3x3 convolution to 4f, leaky ReLU, depth to space."""
    from keras import layers

    convolved = layers.Conv2D(
        4 * filters,
        3,
        padding="same",
        kernel_initializer="he_uniform",
        name=f"{name}_conv2d_conv2d",
    )(inputs)
    leaky = layers.LeakyReLU(SLOPE, name=f"{name}_conv2d_leakyrelu")(convolved)
    return pixel_shuffler()((2, 2), name=f"{name}_pixelshuffler")(leaky)


def build(name: str, layout: Layout) -> AlignedNetwork:
    """Return a fresh network of ``layout``; its layers are named as faceswap's are."""
    import keras

    name = str(name)  # an enum member would be written to HDF5 as something else
    namer = Namer()
    side = FACE_SIDE
    faces = [
        keras.Input((side, side, 3), name=f"face_in_{which}") for which in ("a", "b")
    ]
    encoder = _encoder(layout, namer)
    decoders = [_decoder(layout, namer, which) for which in ("a", "b")]
    outputs = [
        decoder(encoder(face))[0] for decoder, face in zip(decoders, faces, strict=True)
    ]
    model = keras.Model(faces, outputs, name=name)
    return AlignedNetwork(name, model, encoder, decoders[0], decoders[1])


def _encoder(layout: Layout, namer: Namer) -> Any:
    import keras
    from keras import layers

    inputs = keras.Input((FACE_SIDE, FACE_SIDE, 3), name="input_layer")
    flow = inputs
    for filters in layout.encoder:
        flow = strided(flow, filters, namer.next(f"conv_{filters}"))
    flow = layers.Flatten(name="flatten")(flow)
    flow = layers.Dense(layout.bottleneck, name="dense")(flow)
    flow = layers.Dense(16 * layout.grid, name="dense_1")(flow)
    flow = layers.Reshape((4, 4, layout.grid), name="reshape")(flow)
    flow = upscaled(flow, layout.middle, namer.next(f"upscale_{layout.middle}"))
    return keras.Model(inputs, flow, name="encoder")


def _decoder(layout: Layout, namer: Namer, which: str) -> Any:
    import keras
    from keras import layers

    name = "input_layer_1" if which == "a" else "input_layer_2"
    inputs = keras.Input((8, 8, layout.middle), name=name)
    flow = inputs
    for filters in layout.decoder:
        flow = upscaled(flow, filters, namer.next(f"upscale_{filters}"))
    face = namer.next(f"face_out_{which}")
    flow = layers.Conv2D(
        3,
        5,
        padding="same",
        kernel_initializer="he_uniform",
        name=f"{face}_conv2d",
    )(flow)
    flow = layers.Activation("sigmoid", name=face)(flow)
    return keras.Model(inputs, [flow], name=f"decoder_{which}")
