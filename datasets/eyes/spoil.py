"""Spoiling pictures of eyes as cameras, encoders and small frames do."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

SMALLEST = 0.33
"""The eye is 24 pixels wide in its picture, so 8 pixels are left."""


@dataclass(frozen=True, slots=True)
class Spoiling:
    """What is done to a picture, in this order.

    ``scale`` is how small it once was, ``blur`` a sigma in pixels, ``quality`` a
    JPEG's (0 for none), then brightness: ``gamma``, ``gain``, ``offset`` in levels,
    ``noise`` in levels.
    """

    scale: float = 1.0
    blur: float = 0.0
    quality: int = 0
    gamma: float = 1.0
    gain: float = 1.0
    offset: float = 0.0
    noise: float = 0.0


def draw_spoiling(random: np.random.Generator) -> Spoiling:
    """Return one at random; a fifth of them leave the picture sharp and clean."""
    if random.random() < 0.2:
        return Spoiling()
    return Spoiling(
        scale=float(random.uniform(SMALLEST, 1)) if random.random() < 0.5 else 1.0,
        blur=float(random.uniform(0.3, 1.6)) if random.random() < 0.3 else 0.0,
        quality=int(random.integers(6, 60)) if random.random() < 0.5 else 0,
        gamma=float(np.exp(random.normal(0, 0.2))),
        gain=float(random.uniform(0.5, 1.4)),
        offset=float(random.uniform(-20, 25)),
        noise=float(random.uniform(0, 9)) if random.random() < 0.5 else 0.0,
    )


def spoiled(
    picture: Pixels, how: Spoiling, random: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Return one picture (rows, columns) after ``how``."""
    rows, columns = picture.shape
    if how.scale < 1:
        small = (max(round(columns * how.scale), 4), max(round(rows * how.scale), 4))
        picture = _pixels(cv2.resize(picture, small, interpolation=cv2.INTER_AREA))
    if how.blur:
        picture = _pixels(cv2.GaussianBlur(picture, (0, 0), how.blur * how.scale))
    if how.quality:
        picture = _as_jpeg(picture, how.quality)
    if how.scale < 1:
        back = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_LINEAR)
        picture = _pixels(back)
    if how.gamma == how.gain == 1 and not (how.offset or how.noise):
        return picture
    level = 255 * (picture.astype(np.float32) / 255) ** how.gamma
    level = level * how.gain + how.offset
    if how.noise:
        level += how.noise * random.standard_normal(level.shape, dtype=np.float32)
    return np.clip(np.round(level), 0, 255).astype(np.uint8)


def _as_jpeg(picture: Pixels, quality: int) -> Pixels:
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return _pixels(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE))


def _pixels(picture: object) -> Pixels:
    return np.asarray(picture, np.uint8)
