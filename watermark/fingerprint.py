"""What a clip's pictures look like, so that a mark copied elsewhere is noticed.

A fingerprint is a tiny grey film: 64 x 36 averages in 51 shades, twice a second at
first, at most 120 of them. ``resemblance`` compares a clip with it.
"""

import math
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import ProvenanceError
from lampoon.media.frame import Frame

FINGERPRINT = "org.lampoon.fp.1"

COLUMNS, ROWS = 64, 36
MOST_SAMPLES, FIRST_STEP = 120, 0.5
LEVEL = 5
"""Grey levels that are told apart."""

MAGIC = b"LFP2"
HEADER = struct.Struct(">4sHHHd")

Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """A tiny grey film: (samples, rows, columns) uint8, one every ``step`` seconds.

    ``width`` and ``height`` are those of the clip that it was taken of.
    """

    width: int
    height: int
    step: float
    cells: npt.NDArray[np.uint8]

    def to_bytes(self) -> bytes:
        """Return the fingerprint as it is stored."""
        head = HEADER.pack(MAGIC, self.width, self.height, len(self.cells), self.step)
        shades = self.cells // LEVEL
        change = np.diff(shades, axis=0, prepend=np.zeros_like(shades[:1]))
        return head + zlib.compress(change.tobytes(), 9)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Fingerprint":
        """Return a stored fingerprint. Raises ProvenanceError for anything else."""
        try:
            magic, width, height, count, step = HEADER.unpack_from(data)
            size = count * ROWS * COLUMNS
            inflater = zlib.decompressobj()
            plain = inflater.decompress(data[HEADER.size :], size + 1)
        except (struct.error, zlib.error) as error:
            raise ProvenanceError("this is no fingerprint") from error
        fits = len(plain) == size and 0 < count <= MOST_SAMPLES and width and height
        if magic != MAGIC or not fits or not math.isfinite(step) or step <= 0:
            raise ProvenanceError("this is no fingerprint")
        change = np.frombuffer(plain, np.uint8).reshape(count, ROWS, COLUMNS)
        shades = np.cumsum(change, axis=0, dtype=np.uint8)
        cells = np.minimum(shades, 255 // LEVEL) * LEVEL + LEVEL // 2
        return cls(width, height, step, np.minimum(cells, 255).astype(np.uint8))


class FingerprintTaker:
    """Takes a fingerprint while frames go by; holds at most 120 tiny pictures."""

    def __init__(self) -> None:
        self._step = FIRST_STEP
        self._size = (0, 0)
        self._next = 0
        self._cells: list[Luma] = []

    def add(self, seconds: float, luma: Luma) -> None:
        """Take one frame's luma, (height, width) uint8, at seconds from the start."""
        if seconds + 1e-6 < self._next * self._step:
            return
        self._size = (luma.shape[1], luma.shape[0])
        cells = cv2.resize(luma, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
        self._cells.append(np.asarray(cells, np.uint8))
        self._next = int((seconds + 1e-6) / self._step) + 1
        if len(self._cells) > MOST_SAMPLES:
            self._cells = self._cells[::2]
            self._step *= 2
            self._next = int((seconds + 1e-6) / self._step) + 1

    def fingerprint(self) -> Fingerprint:
        """Return the fingerprint so far. Raises ValueError before the first frame."""
        if not self._cells:
            raise ValueError("no frame has been taken")
        return Fingerprint(*self._size, self._step, np.stack(self._cells))


def watched(frames: Iterable[Frame], taker: FingerprintTaker) -> Iterator[Frame]:
    """Give frames on, each shown to the taker as it goes by."""
    start: float | None = None
    for frame in frames:
        moment = float(frame.seconds)
        start = moment if start is None else start
        taker.add(moment - start, frame.luma)
        yield frame
