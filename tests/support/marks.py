"""Pictures to mark, and what strangers do to them, in memory."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.media.frame import Frame
from lampoon.media.writer import Encoding, write_clip

Rgb = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 854, 480
BASE = Fraction(1, 12800)
TICKS = 512


def scene(seed: int = 1, size: tuple[int, int] = (WIDTH + 200, HEIGHT)) -> Rgb:
    """A soft landscape with texture, colourful, (height, width, 3)."""
    random = np.random.default_rng(seed)
    picture = np.zeros((size[1], size[0], 3), np.float32)
    for cells, weight in ((6, 120.0), (24, 50.0), (96, 25.0), (300, 14.0)):
        coarse = random.random((cells * 9 // 16 + 2, cells, 3)).astype(np.float32)
        grown = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
        picture += weight * np.asarray(grown, np.float32)
    return np.clip(picture + 10, 0, 255).astype(np.uint8)


def pan(
    frames: int, *, seed: int = 1, pixels_a_frame: float = 0.0, grain: float = 1.0
) -> Iterator[Frame]:
    """A camera on a tripod, or panning over a scene, with a little grain."""
    random = np.random.default_rng(seed + 1000)
    wide = scene(seed)
    for index in range(frames):
        shift = np.array([[1, 0, -pixels_a_frame * index], [0, 1, 0]], np.float64)
        view = cv2.warpAffine(wide, shift, (WIDTH, HEIGHT)).astype(np.float32)
        noisy = view + random.normal(scale=grain, size=(HEIGHT, WIDTH, 1))
        rgb = np.clip(noisy, 0, 255).astype(np.uint8)
        yield Frame.from_rgb(rgb, index, index * TICKS, BASE, TICKS)


def written(path: Path, frames: Iterator[Frame], *, crf: int = 23) -> Path:
    """Encode frames as a stranger would, quickly."""
    encoding = Encoding(crf=crf, preset="veryfast", threads=1)
    write_clip(path, frames, sound_from=None, encoding=encoding)
    return path


def changed(frames: Sequence[Frame], how: str) -> Iterator[Frame]:
    """Give frames cropped, flipped, squeezed or made smaller, by the name of it."""
    for index, frame in enumerate(frames):
        rgb = CHANGES[how](frame.rgb)
        yield Frame.from_rgb(
            np.ascontiguousarray(rgb), index, frame.pts, frame.time_base, frame.duration
        )


def _resized(rgb: Rgb, width: int, height: int) -> Rgb:
    size = (width // 2 * 2, height // 2 * 2)
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _cropped(rgb: Rgb, part: float, x: float = 0.3, y: float = 0.6) -> Rgb:
    height, width = rgb.shape[:2]
    rows, columns = int(height * part) // 2 * 2, int(width * part) // 2 * 2
    top, left = int((height - rows) * y), int((width - columns) * x)
    return rgb[top : top + rows, left : left + columns]


def _upright(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[:2]
    columns = height * 9 // 16 // 2 * 2
    left = (width - columns) // 2
    return rgb[:, left : left + columns]


CHANGES: dict[str, Callable[[Rgb], Rgb]] = {
    "as it is": lambda rgb: rgb,
    "crop 75 %": lambda rgb: _cropped(rgb, 0.75),
    "9:16 crop": _upright,
    "squeeze to 4:3": lambda rgb: _resized(rgb, rgb.shape[0] * 4 // 3, rgb.shape[0]),
    "flip": lambda rgb: rgb[:, ::-1],
    "360p": lambda rgb: _resized(rgb, rgb.shape[1] * 3 // 4, rgb.shape[0] * 3 // 4),
    "95 % and 360p": lambda rgb: _resized(_cropped(rgb, 0.95), 640, 360),
}
