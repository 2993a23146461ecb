"""How clearly the tile lies in a residual at some pose, asked of its spectrum.

All tiles laid on each other have the spectrum of the residual at the multiples of one
tile. So the residual is transformed once, and a pose costs one small cut out of that
instead of a cut of the whole picture.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.tile import (
    OVERSAMPLING,
    SIDE,
    Layout,
    Plane,
    Spectrum,
)

POINTS = SIDE * OVERSAMPLING
"""Multiples of one tile that are looked at, each way, the middle one being 0."""

ROOM = 2
"""How much larger than the residual its transform is: values lie close enough."""

Signs = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Field:
    """A residual that is searched, and its spectrum, made where it is wanted."""

    plane: Plane

    @cached_property
    def spectrum(self) -> Spectrum:
        """The spectrum about the picture's centre, (rows, columns, 2), 0 in the middle.

        Laid around the centre it is smooth, so that values between may be mixed.
        """
        height, width = self.plane.shape
        rows = cv2.getOptimalDFTSize(height * ROOM)
        columns = cv2.getOptimalDFTSize(width * ROOM)
        rows, columns = rows + rows % 2, columns + columns % 2
        wide = np.zeros((rows, columns), np.float32)
        # mixing neighbours fades the picture's rim: it is made up for beforehand
        even = self.plane * np.outer(_rim(height, rows), _rim(width, columns))
        up, left = height // 2, width // 2
        wide[: height - up, : width - left] = even[up:, left:]
        wide[rows - up :, : width - left] = even[:up, left:]
        wide[: height - up, columns - left :] = even[up:, :left]
        wide[rows - up :, columns - left :] = even[:up, :left]
        # every other sign turned, a transform comes with its middle in the middle
        wide *= _alternating(rows, columns)
        return np.asarray(cv2.dft(wide, flags=cv2.DFT_COMPLEX_OUTPUT), np.float32)

    def at(self, across: float, down: float, turn: float) -> Spectrum:
        """Return it at the multiples of a tile, (128, 128, 2), nothing beyond its edge.

        ``across`` and ``down`` are the residual's samples per sample of the detector;
        ``turn`` is in radians.
        """
        rows, columns = self.spectrum.shape[:2]
        wide, high, half = columns / POINTS, rows / POINTS, POINTS // 2
        cos, sin = math.cos(turn), math.sin(turn)
        right, sunk = cos / across * wide, -sin / down * wide
        raised, below = sin / across * high, cos / down * high
        middle_x, middle_y = columns // 2, rows // 2
        cut = np.array(
            [
                [right, sunk, middle_x - half * (right + sunk)],
                [raised, below, middle_y - half * (raised + below)],
            ],
            np.float32,
        )
        return np.asarray(
            cv2.warpAffine(
                self.spectrum,
                cut,
                (POINTS, POINTS),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=0,
            ),
            np.float32,
        )


class Lattice:
    """The known chips of one layout, both ways round, to hold against a field."""

    def __init__(self, layout: Layout) -> None:
        plain, mirrored = (_whole(known) for known in layout.known_chips)
        # a complex number turned by a right angle keeps apart from one that is not
        both = np.conj(plain) + 1j * np.conj(mirrored)
        both[0] = both[:, 0] = both[POINTS // 2, POINTS // 2] = 0
        self._both = np.stack([both.real, both.imag], axis=2).astype(np.float32)
        self._signs = _alternating(POINTS, POINTS)

    def peaks(self, seen: Spectrum) -> tuple[float, float]:
        """Return the highest peak in standard deviations, as it is and mirrored."""
        product = cv2.mulSpectrums(seen, self._both, 0)
        surfaces = cv2.split(cv2.idft(product, flags=cv2.DFT_SCALE))
        plain, mirrored = (
            self._peak(np.asarray(each, np.float32)) for each in surfaces
        )
        return plain, mirrored

    def _peak(self, surface: Plane) -> float:
        upright = surface * self._signs
        return float(upright.max() / (cv2.norm(upright) / POINTS + 1e-9))


def _rim(length: int, room: int) -> npt.NDArray[np.float32]:
    """Return what evens out the loss of a transform of ``room`` points."""
    away = np.arange(length) - length // 2
    return np.asarray(1 / np.sinc(away / room) ** 2, np.float32)


def _whole(grid: Plane) -> npt.NDArray[np.complex128]:
    """Return the spectrum of a tile, 0 in the middle."""
    return np.asarray(np.fft.fftshift(np.fft.fft2(grid)))


def _alternating(rows: int, columns: int) -> Signs:
    """Return +1 and -1 like a chessboard."""
    down, across = (
        (1 - 2 * (np.arange(length) % 2)).astype(np.float32)
        for length in (rows, columns)
    )
    return np.asarray(np.outer(down, across), np.float32)
