"""What every invisible mark can do here, ours or another's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lampoon.media.frame import Frame

Rgb = npt.NDArray[np.uint8]
Beliefs = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MarkRead:
    """What was read: the key where one was, and what was believed of each sign.

    ``beliefs`` are (428,), positive for a 1 of the code word, 0 where nothing was
    seen of it; ``words_tried`` each add 2**-32 to the chance of a false key.
    """

    key: bytes | None
    beliefs: Beliefs
    words_tried: int


class ClipMark(Protocol):
    """A mark that carries 8 bytes through a clip.

    ``name`` is the algorithm's name in C2PA's list where it has one.
    """

    @property
    def name(self) -> str:
        """Return what it is reported under."""
        ...

    def embed(self, frames: Iterable[Frame], key: bytes) -> Iterator[Frame]:
        """Give the frames, marked, in the form in which they are encoded."""
        ...

    def read(self, samples: Iterable[Frame]) -> MarkRead:
        """Return what some frames of a clip carry.

        A sample's ``index`` is its place in the marked clip.
        """
        ...


class PictureMark(Protocol):
    """A mark that carries some bits in each single picture.

    ``strength`` is 1 as its makers ship it; more shows more.
    """

    @property
    def name(self) -> str:
        """Return what it is reported under."""
        ...

    @property
    def capacity(self) -> int:
        """Return how many bits a picture carries, 428 at most."""
        ...

    def mark(self, rgb: Rgb, bits: npt.NDArray[np.uint8], strength: float) -> Rgb:
        """Return a picture, (height, width, 3) uint8, that carries the bits."""
        ...

    def believe(self, rgb: Rgb, strength: float) -> Beliefs:
        """Return what a picture says of each bit, (capacity,), positive for 1."""
        ...
