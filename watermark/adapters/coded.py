"""Eight bytes through a mark of single pictures, under the code of our own mark.

The 428 signs of the code word are dealt to the pictures in turn, as many to each as
it carries, each part for some pictures on end, so that an encoder finds it again.
Whoever reads is told which picture is which and how large pictures were, so nothing
is lost on that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.media.frame import Frame
from lampoon.watermark.adapters.protocol import Beliefs, MarkRead, PictureMark, Rgb
from lampoon.watermark.invisible.code import CODED_SIGNS, LIST_SIZE, decode, encode

_ORDER = np.random.Generator(np.random.Philox(0)).permutation(CODED_SIGNS)
"""A lost part is then lost all over the word, where the code can bear it."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A picture's mark that carries keys through clips; a ``ClipMark``.

    Of a word too long for a picture each part stays for ``hold`` pictures. Pictures
    are brought to ``size``, width and height, before they are read, if it is told.
    """

    picture: PictureMark
    strength: float = 1.0
    hold: int = 1
    size: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Return what it is reported under."""
        return self.picture.name

    @property
    def turns(self) -> int:
        """Return how many parts it takes to carry a whole code word."""
        return -(-CODED_SIGNS // self.picture.capacity)

    def held(self, frames: int) -> "Coded":
        """Return the same mark, each part as long as fits once into so many frames."""
        return replace(self, hold=max(frames // self.turns, 1))

    def embed(self, frames: Iterable[Frame], key: bytes) -> Iterator[Frame]:
        """Give the frames, marked, in code."""
        bits = (encode(key) > 0).astype(np.uint8)
        for frame in frames:
            part = bits[self._signs_of(frame.index)]
            rgb = self.picture.mark(frame.rgb, part, self.strength)
            yield frame.with_rgb(rgb).in_code()

    def read(self, samples: Iterable[Frame]) -> MarkRead:
        """Return what some frames carry; each says as much as it is sure of."""
        beliefs: Beliefs = np.zeros(CODED_SIGNS)
        for frame in samples:
            seen = self.picture.believe(self._restored(frame.rgb), self.strength)
            np.add.at(beliefs, self._signs_of(frame.index), seen)
        word = decode(beliefs) if beliefs.any() else None
        if word is None:
            return MarkRead(None, beliefs, LIST_SIZE)
        return MarkRead(word.key, beliefs, word.rank + 1)

    def _restored(self, rgb: Rgb) -> Rgb:
        """Return a picture in the size in which it was marked."""
        if self.size is None or self.size == rgb.shape[1::-1]:
            return rgb
        return np.asarray(
            cv2.resize(rgb, self.size, interpolation=cv2.INTER_CUBIC), np.uint8
        )

    def _signs_of(self, index: int) -> npt.NDArray[np.intp]:
        """Return which signs a picture carries, (capacity,), from all over the word."""
        capacity = self.picture.capacity
        turn = index // self.hold % self.turns
        return _ORDER[(turn * capacity + np.arange(capacity)) % CODED_SIGNS]
