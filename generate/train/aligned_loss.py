"""How far a face is from what it should be: structure and pixels, where it matters."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

_WINDOW, _SPREAD = 11, 1.5
"""Side and standard deviation of the window of SSIM: Wang et al. 2004, III.B."""
_C1, _C2 = 0.01**2, 0.03**2
"""Constants of SSIM for pixels from 0 to 1: Wang et al. 2004, equation 13."""


def aligned_loss(target: Any, made: Any) -> Any:
    """Return the mean of (1 - SSIM) + squared error over weighted pixels, a scalar.

    ``target`` is (n, h, w, 4) float32, colour and last the weight of each pixel;
    ``made`` (n, h, w, 3). Keras tensors of any backend.
    """
    from keras import ops

    wanted, weights = target[..., :3], target[..., 3:]
    unlike = 1 - similarity(wanted, made)
    squared = ops.square(wanted - made)
    return ops.mean((unlike + squared) * weights)


def similarity(one: Any, other: Any) -> Any:
    """Return SSIM at every pixel, the shape of its (n, h, w, 3) arguments, at most 1.

    Source: Wang et al. 2004, equation 13; edges are mirrored.
    """
    from keras import ops

    stacked = ops.concatenate(
        [one, other, one * one, other * other, one * other], axis=-1
    )
    mean_1, mean_2, square_1, square_2, product = ops.split(
        _smooth(stacked), 5, axis=-1
    )
    spread_1 = square_1 - mean_1 * mean_1
    spread_2 = square_2 - mean_2 * mean_2
    shared = product - mean_1 * mean_2
    above = (2 * mean_1 * mean_2 + _C1) * (2 * shared + _C2)
    below = (mean_1**2 + mean_2**2 + _C1) * (spread_1 + spread_2 + _C2)
    return above / below


def _smooth(pictures: Any) -> Any:
    from keras import ops

    half = _WINDOW // 2
    edge = [[0, 0], [half, half], [half, half], [0, 0]]
    padded = ops.pad(pictures, edge, mode="reflect")
    channels = pictures.shape[-1]
    line = np.repeat(_gauss()[:, None], channels, axis=1)[..., None]
    down = ops.depthwise_conv(padded, line[:, None])
    return ops.depthwise_conv(down, line[None])


@lru_cache(maxsize=1)
def _gauss() -> npt.NDArray[np.float32]:
    steps = np.arange(_WINDOW) - _WINDOW // 2
    bell = np.exp(-(steps**2) / (2 * _SPREAD**2))
    return np.asarray(bell / bell.sum(), np.float32)
