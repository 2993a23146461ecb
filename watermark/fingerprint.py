"""What a clip's pictures look like, so that a mark copied elsewhere is noticed.

A fingerprint is a tiny grey film: 32 x 18 averages, twice a second at first, at most
240 of them. Two clips are compared as pictures (normalised correlation, whatever the
crop) and as motion (correlation of what changes in time): another take of the same
scene agrees in the first and not in the second.
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

COLUMNS, ROWS = 32, 18
MOST_SAMPLES, FIRST_STEP = 240, 0.5
QUERY_STEP = 0.125
QUERY_SIDE = 72
FINER = 2
"""Stored pictures are enlarged so many times before a crop is laid on them."""

MAGIC = b"LFP1"
HEADER = struct.Struct(">4sHHHd")

LIKE, MOVING, ALIKE_MOTION = 0.85, 0.5, 0.5
"""Least likeness of the pictures; grey levels of change in time from which motion
counts; least likeness of motion. Measured in docs/watermark.md."""

Luma = npt.NDArray[np.uint8]
Film = npt.NDArray[np.float32]


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
        change = np.diff(self.cells, axis=0, prepend=np.zeros_like(self.cells[:1]))
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
        return cls(width, height, step, np.cumsum(change, axis=0, dtype=np.uint8))


class FingerprintTaker:
    """Takes a fingerprint while frames go by; holds at most 240 tiny pictures."""

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


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the original a clip shows, as its mark tells.

    ``across`` and ``down`` are the parts of the original's sides that are seen, above
    1 where it was made smaller on a larger canvas; ``flip`` is left to right.
    """

    across: float = 1.0
    down: float = 1.0
    flip: bool = False


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


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How alike a clip and a fingerprint are.

    ``likeness`` and ``motion`` are correlations, -1 to 1; ``moving`` is how many grey
    levels the original changes in time, ``offset_seconds`` where the clip begins in it.
    """

    likeness: float
    motion: float
    moving: float
    offset_seconds: float

    @property
    def same(self) -> bool:
        """Whether the clip shows what the fingerprint was taken of."""
        if self.likeness < LIKE:
            return False
        return self.moving < MOVING or self.motion >= ALIKE_MOTION


class QueryTaker:
    """Keeps small pictures of a clip that is to be compared; at most 240 of them."""

    def __init__(self) -> None:
        self._step = QUERY_STEP
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
        self._due = seconds + self._step
        if len(self.pictures) > MOST_SAMPLES:
            self.pictures = self.pictures[::2]
            self._step *= 2


def resemblance(
    stored: Fingerprint, query: QueryTaker, view: View = View()
) -> Resemblance:
    """Return how alike a clip is to a fingerprint, wherever it was cut or cropped.

    Raises ValueError where the query has no pictures.
    """
    if not query.pictures:
        raise ValueError("there is nothing to compare")
    size = (COLUMNS * FINER, ROWS * FINER)
    film = np.stack(
        [cv2.resize(p, size, interpolation=cv2.INTER_CUBIC) for p in stored.cells]
    ).astype(np.float32)
    seen = _in_cells([picture for _, picture in query.pictures], view)
    film, seen = _cut_to_fit(film, seen)
    x, y = _place(film, seen)
    height, width = seen.shape[1:]
    film = np.ascontiguousarray(film[:, y : y + height, x : x + width])
    moments = np.array([seconds for seconds, _ in query.pictures])
    return _best_offset(film, stored.step, seen, moments)


def _in_cells(pictures: list[Luma], view: View) -> Film:
    """Return the query's pictures at the stored film's scale."""
    width = max(round(COLUMNS * FINER * view.across), 4)
    height = max(round(ROWS * FINER * view.down), 4)
    small = [
        cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in pictures
    ]
    film = np.stack(small).astype(np.float32)
    return np.ascontiguousarray(film[:, :, ::-1]) if view.flip else film


def _cut_to_fit(film: Film, seen: Film) -> tuple[Film, Film]:
    """Return the query without what lies beyond the original on a larger canvas."""
    height, width = film.shape[1:]
    top, left = (max(seen.shape[i] - (height, width)[i - 1], 0) // 2 for i in (1, 2))
    return film, np.ascontiguousarray(seen[:, top : top + height, left : left + width])


def _place(film: Film, seen: Film) -> tuple[int, int]:
    """Return where in the original the query lies, (x, y): best for three moments."""
    total: npt.NDArray[np.float32] | None = None
    picked = seen[:: max(len(seen) // 3, 1)][:3]
    for picture in picked:
        scores = [cv2.matchTemplate(s, picture, cv2.TM_CCOEFF_NORMED) for s in film]
        best = np.max(np.nan_to_num(np.stack(scores)), axis=0)
        total = best if total is None else total + best
    assert total is not None
    y, x = np.unravel_index(int(total.argmax()), total.shape)
    return int(x), int(y)


def _best_offset(
    film: Film, step: float, seen: Film, moments: npt.NDArray[np.float64]
) -> Resemblance:
    """Return the best resemblance over all moments at which the query may begin."""
    film, seen = film.reshape(len(film), -1), seen.reshape(len(seen), -1)
    times = np.arange(len(film)) * step
    moving = float(film.std(axis=0).mean())
    best = Resemblance(-1.0, -1.0, moving, 0.0)
    for offset in np.arange(-times[-1] - step, times[-1] + step, QUERY_STEP):
        nearest = np.abs(moments[None, :] + offset - times[:, None])
        pick = nearest.argmin(axis=1)
        close = nearest[np.arange(len(times)), pick] <= QUERY_STEP / 2 + 0.02
        wanted = min(len(film), max(int(moments[-1] / step * 0.7), 1))
        if close.sum() < wanted:
            continue
        a, b = film[close], seen[pick[close]]
        likeness = float(np.mean(_rows_correlation(a, b)))
        motion = _motion(a, b)
        if likeness + motion > best.likeness + best.motion:
            best = Resemblance(likeness, motion, moving, float(offset))
    return best


def _rows_correlation(a: Film, b: Film) -> Film:
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    power = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1)) + 1e-6
    made: Film = (a * b).sum(axis=1) / power
    return made


def _motion(a: Film, b: Film) -> float:
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    power = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / power if power > 1e-6 else 0.0
