"""What happens to a clip on its way: encoded again, made small, thinned out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from lampoon.media.writer import Encoding, write_clip


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done to a clip: size, share of frames kept, quality of the encoding.

    ``height`` None keeps the size; every ``keep``-th frame stays; ``crf`` is x264's, at
    its usual preset.
    """

    name: str
    crf: int = 18
    height: int | None = None
    keep: int = 1


CLEAN = Disturbance("clean")
HARD_PRESSED = Disturbance("CRF 40", crf=40)
SMALL = Disturbance("320x180", height=180)
SLOW = Disturbance("half the frames", keep=2)
DISTURBANCES = (CLEAN, HARD_PRESSED, SMALL, SLOW)
"""The four that blinks are measured under; CLEAN leaves the file as it is."""


def disturbed(clip: Path, what: Disturbance, target: Path) -> Path:
    """Return the clip as it is after ``what``, without sound; CLEAN is itself.

    Raises UnreadableError and MediaError as reading and writing do.
    """
    if what == CLEAN:
        return clip
    kept = _thinned(read_frames(clip), what.keep)
    frames = kept if what.height is None else _scaled(kept, what.height)
    encoding = Encoding(crf=what.crf, threads=1)
    write_clip(target, frames, sound_from=None, encoding=encoding)
    return target


def _thinned(frames: Iterable[Frame], keep: int) -> Iterator[Frame]:
    for number, frame in enumerate(frames):
        if number % keep == 0:
            yield frame


def _scaled(frames: Iterable[Frame], height: int) -> Iterator[Frame]:
    for frame in frames:
        share = Fraction(height, frame.height)
        width = max(2 * round(frame.width * share / 2), 2)
        small = cv2.resize(frame.rgb, (width, height), interpolation=cv2.INTER_AREA)
        yield Frame.from_rgb(
            np.asarray(small, np.uint8),
            frame.index,
            frame.pts,
            frame.time_base,
            frame.duration,
        )
