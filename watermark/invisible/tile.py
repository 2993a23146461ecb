"""Where the payload lies: a keyed tile of 64 x 64 chips, repeated over the frame.

A share of the chips is the same in every mark: they tell the detector where the tile
lies. The others carry the code word, each of its 428 signs on several chips. Because
the tile repeats, a crop of any size and place only shifts it.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.code import CODED_SIGNS, Signs

ALGORITHM = "org.lampoon.wm.1"

SIDE = 64
"""Chips across and down a tile."""

OVERSAMPLING = 2
"""Samples a chip in the detector."""

SYNC_SHARE = 0.18
"""Part of the chips that only tell where the tile lies."""

Plane = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.float32]
"""A real plane's spectrum as OpenCV packs it, as large as the plane."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Which chip carries what; the same for all who know ``secret``.

    The default secret is public: whoever has Lampoon can look for the mark. Authority
    comes from the signed manifest that it points to, never from the mark.
    """

    secret: bytes = b""

    @cached_property
    def _draw(self) -> tuple[npt.NDArray[np.intp], Signs, Signs]:
        seed = hashlib.sha256(ALGORITHM.encode() + b"\0" + self.secret).digest()
        random = np.random.Generator(np.random.Philox(int.from_bytes(seed[:16], "big")))
        chips = random.permutation(SIDE * SIDE)
        signs = random.integers(0, 2, SIDE * SIDE).astype(np.float32) * 2 - 1
        whitening = random.integers(0, 2, CODED_SIGNS).astype(np.float32) * 2 - 1
        return chips, signs, whitening

    @property
    def sync_chips(self) -> npt.NDArray[np.intp]:
        """Flat indices of the chips that only tell where the tile lies."""
        return self._draw[0][: round(SIDE * SIDE * SYNC_SHARE)]

    @property
    def data_chips(self) -> npt.NDArray[np.intp]:
        """Flat indices of the chips that carry the code word, sign after sign."""
        return self._draw[0][round(SIDE * SIDE * SYNC_SHARE) :]

    @cached_property
    def carried(self) -> npt.NDArray[np.intp]:
        """Which of the 428 signs each data chip carries."""
        return np.arange(self.data_chips.size) % CODED_SIGNS

    def tile(self, word: Signs) -> Plane:
        """Return the tile of a code word, (64, 64) float32 of -1 and +1."""
        _, signs, whitening = self._draw
        chips = signs.copy()
        chips[self.data_chips] *= (word * whitening)[self.carried]
        return chips.reshape(SIDE, SIDE)

    def beliefs(self, chips: Plane) -> npt.NDArray[np.float64]:
        """Return what a measured tile, (64, 64), says of each sign, (428,)."""
        _, signs, whitening = self._draw
        data = self.data_chips
        seen = (chips.reshape(-1) * signs)[data]
        sums = np.bincount(self.carried, seen, CODED_SIGNS) * whitening
        return np.asarray(sums, np.float64)

    @cached_property
    def sync_spectrum(self) -> Spectrum:
        """Spectrum of the known chips, at the detector's sampling."""
        return packed_spectrum(self.known_chips[0])

    @cached_property
    def mirrored_spectrum(self) -> Spectrum:
        """The same of a picture that was flipped left to right."""
        return packed_spectrum(self.known_chips[1])

    @cached_property
    def known_chips(self) -> tuple[Plane, Plane]:
        """The known chips at the detector's sampling, as they are and mirrored."""
        chips = np.zeros(SIDE * SIDE, np.float32)
        chips[self.sync_chips] = self._draw[1][self.sync_chips]
        grid = sampled(chips.reshape(SIDE, SIDE))
        return grid, np.ascontiguousarray(grid[:, ::-1])


def sampled(chips: Plane) -> Plane:
    """Return a tile at the detector's sampling."""
    grid = np.kron(chips, np.ones((OVERSAMPLING, OVERSAMPLING), np.float32))
    return np.asarray(grid, np.float32)


def spectrum(chips: Plane, *, mirrored: bool = False) -> Spectrum:
    """Return the spectrum of a tile, at the detector's sampling."""
    grid = sampled(chips)
    if mirrored:
        grid = grid[:, ::-1]
    return packed_spectrum(np.ascontiguousarray(grid))


def packed_spectrum(plane: Plane) -> Spectrum:
    """Return the spectrum of any real plane, in the same form."""
    return np.asarray(cv2.dft(plane), np.float32)


def repeated(tile: Plane, width: int, height: int) -> Plane:
    """Return a tile repeated over a grid of chips, (height, width) float32."""
    down, across = -(-height // SIDE), -(-width // SIDE)
    return np.ascontiguousarray(np.tile(tile, (down, across))[:height, :width])


def small(plane: npt.NDArray[np.uint8], width: int, height: int) -> Plane:
    """Return a plane averaged to a smaller grid, float32."""
    shrunk = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    return shrunk.astype(np.float32)
