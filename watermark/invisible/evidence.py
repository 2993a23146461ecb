"""What the detector says."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MarkGeometry:
    """How the picture was changed since it was marked, as the mark tells.

    ``scale`` is the size of what is seen relative to a whole picture of this file's
    rows, down the picture; above 1 means cropped and enlarged, or cropped alone.
    ``stretch`` is the width relative to that. ``crop`` is the part of the picture that
    is left, (across, down), at most 1, supposing a picture of ``aspect``.
    ``flip`` is left to right; ``rotation`` in degrees.
    """

    scale: float
    stretch: float
    flip: bool
    rotation: float
    phase: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class MarkedPart:
    """A stretch of the clip, in seconds from its start, with or without the mark."""

    start_seconds: float
    end_seconds: float
    marked: bool


@dataclass(frozen=True, slots=True)
class MarkMap:
    """Where in the picture the mark is: a hint, not a proof.

    ``cells`` are rows of scores in standard deviations, over the whole clip; where
    the rest is clear and a cell is near zero, something may cover the mark: such cells
    are ``absent``. None where the mark is too faint to be told place by place.
    """

    cells: tuple[tuple[float, ...], ...]
    absent: tuple[tuple[bool, ...], ...] | None

    @property
    def missing(self) -> float | None:
        """The part of the picture without the mark; None where that is unclear."""
        if self.absent is None:
            return None
        cells = [cell for row in self.absent for cell in row]
        return round(sum(cells) / len(cells), 3)


@dataclass(frozen=True, slots=True)
class WatermarkReading:
    """The mark in a clip, or that none was found.

    ``key`` has 8 bytes. ``odds`` bounds the chance that pictures without a mark would
    have led to this answer: the words tried so far over 2**32. ``margin`` is the code
    word in standard deviations.
    """

    found: bool
    key: bytes | None = None
    odds: float | None = None
    margin: float = 0.0
    geometry: MarkGeometry | None = None
    parts: tuple[MarkedPart, ...] = ()
    map: MarkMap | None = None
    words_tried: int = 0
    frames_seen: int = 0
    seconds: float = field(default=0.0, compare=False)
