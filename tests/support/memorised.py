"""A network of faceswap's own shape whose decoder b knows one picture by heart.

Nothing was trained: the second dense layer's biases hold the picture, and every
upscaling passes its pixels on to their places.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.generate.models.blocks import AlignedNetwork
from lampoon.generate.models.lightweight import LAYOUT, build_lightweight

GRID, BLOCK = 4, 16
"""The dense layer's picture is 4 by 4; each place stands for 16 by 16 pixels."""
LIFT = 12.0
"""Added, so that no value is negative where a leaky ReLU would change it."""


def memorised(bgr: npt.NDArray[np.float32]) -> AlignedNetwork:
    """Return a ``lightweight`` whose decoder b draws ``bgr``, (64, 64, 3), 0 to 1.

    Lightness is exact, colour has half as many pixels; decoder a draws grey.
    """
    network = build_lightweight()
    for weight in network.model.weights:
        weight.assign(np.zeros(weight.shape, np.float32))
    convolutions = [*_convolutions(network.encoder), *_convolutions(network.decoder_b)]
    dense = [one for one in network.encoder.layers if type(one).__name__ == "Dense"][1]
    _, bias = dense.get_weights()
    dense.set_weights([np.zeros((LAYOUT.bottleneck, len(bias))), _latent(bgr)])
    upscalings = convolutions[len(LAYOUT.encoder) : -1]
    for layer, block in zip(upscalings, (16, 8, 4, 2), strict=True):
        kernel, bias = layer.get_weights()
        _route(kernel, block)
        layer.set_weights([kernel, bias])
    _colour(convolutions[-1])
    return network


def _convolutions(group: Any) -> list[Any]:
    return [one for one in group.layers if type(one).__name__ == "Conv2D"]


def _features(block: int) -> dict[tuple[str, int, int], int]:
    """Return the channel of each value that a place of ``block`` pixels holds."""
    half = max(block // 2, 1)
    names = [("L", y, x) for y in range(block) for x in range(block)]
    names += [(k, y, x) for k in "BR" for y in range(half) for x in range(half)]
    return {name: channel for channel, name in enumerate(names)}


def _latent(bgr: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    logit = np.log(np.clip(bgr, 0.004, 0.996) / (1 - np.clip(bgr, 0.004, 0.996)))
    light = logit.mean(axis=2)
    half = logit.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    tints = {"B": half[..., 0] - half.mean(2), "R": half[..., 2] - half.mean(2)}
    grid = np.zeros((GRID, GRID, LAYOUT.grid), np.float32)
    for (kind, y, x), channel in _features(BLOCK).items():
        step = BLOCK if kind == "L" else BLOCK // 2
        source = light if kind == "L" else tints[kind]
        grid[..., channel] = source[y::step, x::step] + LIFT
    return grid.ravel()


def _route(kernel: npt.NDArray[np.float32], block: int) -> None:
    """Let each quarter of a place take its own values; (3, 3, in, 4 out) in place."""
    given, made = _features(block), _features(block // 2)
    room = kernel.shape[3] // 4
    for dy in (0, 1):
        for dx in (0, 1):
            for (kind, y, x), channel in made.items():
                side = block // 2 if kind == "L" else block // 4
                source = (kind, dy * side + y, dx * side + x)
                kernel[1, 1, given[source], (dy * 2 + dx) * room + channel] = 1


def _colour(layer: Any) -> None:
    """Turn lightness and tints into blue, green, red before the sigmoid."""
    kernel, bias = layer.get_weights()
    light, blue, red = range(3)
    kernel[2, 2, light] = 1
    kernel[2, 2, blue] = (1, -1, 0)
    kernel[2, 2, red] = (0, -1, 1)
    bias[:] = (-2 * LIFT, LIFT, -2 * LIFT)
    layer.set_weights([kernel, bias])
