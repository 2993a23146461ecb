"""What is behind a performer: a wall or a room out of focus, the same for one seed."""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.scene import Light, Pixels

TONES = {
    Light.STUDIO: ((0.10, 0.12, 0.16), (0.34, 0.37, 0.42)),
    Light.WINDOW: ((0.22, 0.21, 0.19), (0.52, 0.52, 0.50)),
    Light.EVENING: ((0.07, 0.05, 0.05), (0.30, 0.20, 0.14)),
    Light.OFFICE: ((0.24, 0.26, 0.27), (0.50, 0.53, 0.54)),
}
"""Linear colours from the floor to the ceiling."""


def backdrop(width: int, height: int, light: Light, seed: int) -> Pixels:
    """Return (height, width, 3) RGB."""
    random = np.random.default_rng([seed, 77])
    dark, bright = (np.array(tone) for tone in TONES[light])
    tint = random.uniform(0.8, 1.2, 3)
    up = np.linspace(1, 0, height)[:, None, None]
    room = np.broadcast_to(dark + (bright - dark) * up, (height, width, 3)).copy()
    room *= tint
    for _ in range(random.integers(2, 5)):
        _furniture(room, random)
    patches = random.uniform(0.86, 1.14, (9, 16)).astype(np.float32)
    room *= cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC)[
        ..., None
    ]
    blur = np.asarray(cv2.GaussianBlur(room, (0, 0), height / 26), np.float64)
    for _ in range(random.integers(3, 9)):
        _glint(blur, random)
    soft = cv2.GaussianBlur(blur, (0, 0), height / 220)
    coded = np.clip(soft, 0, 1) ** (1 / 2.2)
    return np.asarray(np.round(coded * 255), np.uint8)


def _furniture(room: npt.NDArray[np.float64], random: np.random.Generator) -> None:
    """Darken or brighten one upright or lying box."""
    height, width = room.shape[:2]
    left, top = random.uniform(0, 0.9, 2)
    wide, high = random.uniform(0.08, 0.4, 2)
    rows = slice(int(top * height), int((top + high) * height))
    columns = slice(int(left * width), int((left + wide) * width))
    room[rows, columns] *= random.uniform(0.45, 1.5)


def _glint(room: npt.NDArray[np.float64], random: np.random.Generator) -> None:
    """Add one small lamp, a disc because it is out of focus."""
    height, width = room.shape[:2]
    middle = (int(random.uniform(0, width)), int(random.uniform(0, 0.6 * height)))
    disc = np.zeros((height, width), dtype=np.float32)
    cv2.circle(disc, middle, int(height * random.uniform(0.02, 0.05)), 1.0, -1)
    warm = np.array([1.0, random.uniform(0.75, 1.0), random.uniform(0.5, 1.0)])
    room += disc[..., None] * warm * random.uniform(0.03, 0.16)
