"""The clip that is compared with a fingerprint: small pictures, and how it lies.

``View`` says which part of the original is seen, ``QueryTaker`` keeps pictures while
frames go by, ``Query`` gives pictures at any moment.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.fingerprint import Luma

QUERY_SIDE, MOST_QUERIES = 96, 1500

SLACK = 0.021
"""Seconds before its first and after its last frame that a clip still answers for."""

Film = npt.NDArray[np.float32]
Moments = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the original a clip shows, as its mark tells.

    ``across`` and ``down`` are the parts of the original's sides that are seen, above
    1 where it was made smaller on a larger canvas; ``flip`` is left to right.
    """

    across: float = 1.0
    down: float = 1.0
    flip: bool = False


WHOLE = View()


def view_of(
    seen: tuple[int, int],
    original: tuple[int, int],
    scale: float,
    stretch: float,
    flip: bool,
) -> View:
    """Return the view of a clip of size ``seen`` whose mark has a scale and stretch.

    >>> view_of((960, 540), (1280, 720), 4 / 3, 1.0, False)
    View(across=0.75, down=0.75, flip=False)
    """
    row = min(seen) * scale
    down = seen[1] / row * min(original) / original[1]
    across = seen[0] / (row * stretch) * min(original) / original[0]
    return View(round(across, 4), round(down, 4), flip)


class QueryTaker:
    """Keeps small pictures of a clip that is to be compared; at most 1500 of them."""

    def __init__(self) -> None:
        self._step = 0.0
        self._due = 0.0
        self.pictures: list[tuple[float, Luma]] = []

    def add(self, seconds: float, luma: Luma) -> None:
        """Take one frame's luma at seconds from the clip's start."""
        if seconds + 1e-6 < self._due:
            return
        height, width = luma.shape
        scale = QUERY_SIDE / min(width, height)
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        picture = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
        self.pictures.append((seconds, np.asarray(picture, np.uint8)))
        if len(self.pictures) > MOST_QUERIES:
            self.pictures = self.pictures[::2]
            self._step = 2 * seconds / MOST_QUERIES
        self._due = seconds + self._step


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """Pictures at rising moments, which can be asked for in between."""

    pictures: Film
    moments: Moments

    def covers(self, wanted: Moments) -> npt.NDArray[np.bool_]:
        """Return which moments lie in the clip."""
        first, last = self.moments[0] - SLACK, self.moments[-1] + SLACK
        return np.asarray((wanted >= first) & (wanted <= last))

    def at(self, wanted: Moments) -> Film:
        """Return the pictures at moments, mixed of the ones before and after."""
        last = len(self.moments) - 1
        after = np.clip(np.searchsorted(self.moments, wanted), min(1, last), last)
        before = np.maximum(after - 1, 0)
        length = np.maximum(self.moments[after] - self.moments[before], 1e-9)
        part = np.clip((wanted - self.moments[before]) / length, 0, 1)
        mix = part.astype(np.float32).reshape(-1, *[1] * (self.pictures.ndim - 1))
        mixed: Film = self.pictures[before] * (1 - mix) + self.pictures[after] * mix
        return mixed
