"""Ways to bring a face's colours to the plate's, each over the pixels that count."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.generate.composite.colour import colour_statistics, with_statistics
from lampoon.generate.composite.settings import ColourKind

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

FEWEST = 64
"""Pixels that must count for a statistic to mean anything."""


def matched(rgb: Pixels, plate: Pixels, alpha: Floats, kind: ColourKind) -> Pixels:
    """Return a face in the plate's colours; both (h, w, 3) uint8.

    ``alpha`` (h, w) says which pixels are compared; ``rgb`` itself comes back where
    they are too few. Seamless cloning blends as well and does not belong here.
    """
    way = _WAYS.get(kind)
    if way is None or int((alpha > 0.5).sum()) < FEWEST:
        return rgb
    return way(rgb, plate, alpha)


def seamless(rgb: Pixels, plate: Pixels, alpha: Floats) -> Pixels:
    """Return a face whose gradients are its own and whose rim is the plate's.

    Poisson blending (Perez, Gangnet and Blake 2003) inside the mask; ``rgb`` comes
    back where the mask is too small for it.
    """
    mask = (alpha > 0.05).astype(np.uint8)
    mask[[0, -1]] = 0
    mask[:, [0, -1]] = 0
    x, y, width, height = cv2.boundingRect(mask)
    if min(width, height) < 8:
        return rgb
    middle = x + width // 2, y + height // 2
    made = cv2.seamlessClone(rgb, plate, mask * 255, middle, cv2.NORMAL_CLONE)
    return np.asarray(made, np.uint8)


def _average(rgb: Pixels, plate: Pixels, alpha: Floats) -> Pixels:
    """Return the face with its mean colour moved to the plate's."""
    apart = _mean(plate, alpha) - _mean(rgb, alpha)
    return np.asarray(np.clip(rgb + apart + 0.5, 0, 255), np.uint8)


def _mean(rgb: Pixels, alpha: Floats) -> Floats:
    share = (alpha / alpha.sum())[..., None]
    mean: Floats = (rgb * share).sum((0, 1)).astype(np.float32)
    return mean


def _reinhard(rgb: Pixels, plate: Pixels, alpha: Floats) -> Pixels:
    own, wanted = (colour_statistics(x, alpha) for x in (rgb, plate))
    return with_statistics(rgb, own, wanted, contrast=1.0)


def _histogram(rgb: Pixels, plate: Pixels, alpha: Floats) -> Pixels:
    """Return the face with each channel's histogram made the plate's."""
    made = np.empty_like(rgb)
    for channel in range(3):
        own, wanted = (_cumulative(x[..., channel], alpha) for x in (rgb, plate))
        table = np.interp(own, wanted, np.arange(256))
        made[..., channel] = np.round(table).astype(np.uint8)[rgb[..., channel]]
    return made


def _cumulative(values: Pixels, alpha: Floats) -> Floats:
    counts = np.bincount(values.ravel(), weights=alpha.ravel(), minlength=256)
    counts += 1e-6 * alpha.sum()  # so that the curve rises everywhere
    return np.asarray(np.cumsum(counts) / counts.sum(), np.float32)


def _transport(rgb: Pixels, plate: Pixels, alpha: Floats) -> Pixels:
    """Return the face with its colours carried to the plate's at the least cost.

    The linear Monge-Kantorovich map between two normal distributions (Pitie and
    Kokaram 2007, equation 17).
    """
    (own, spread), (wanted, goal) = (_normal(x, alpha) for x in (rgb, plate))
    root, back = _powers(spread)
    middle, _ = _powers(root @ goal @ root)
    carried = (rgb - own) @ (back @ middle @ back).T + wanted
    return np.asarray(np.clip(carried + 0.5, 0, 255), np.uint8)


def _normal(
    rgb: Pixels, alpha: Floats
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return mean (3,) and covariance (3, 3) of the pixels that count."""
    chosen = alpha > 0.5
    values, weights = rgb[chosen].astype(np.float64), alpha[chosen]
    mean = np.average(values, axis=0, weights=weights)
    return mean, np.cov(values.T, aweights=weights) + np.eye(3)


def _powers(
    matrix: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the square root of a covariance and the inverse of that."""
    values, vectors = np.linalg.eigh(matrix)
    roots = np.sqrt(np.maximum(values, 1e-6))
    return (vectors * roots) @ vectors.T, (vectors / roots) @ vectors.T


_WAYS: dict[ColourKind, Callable[[Pixels, Pixels, Floats], Pixels]] = {
    ColourKind.AVERAGE: _average,
    ColourKind.REINHARD: _reinhard,
    ColourKind.HISTOGRAM: _histogram,
    ColourKind.TRANSPORT: _transport,
}
