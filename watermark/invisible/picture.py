"""The map of a mark laid over the clip, to look at."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import ProvenanceError
from lampoon.media.sampling import keyframes
from lampoon.watermark.invisible.evidence import WatermarkReading

ROWS = 720
"""The picture's shorter side at most."""

STRIP = 34
"""Rows of the line of words under it."""

RED, WEIGHT = (255, 40, 40), 0.45
SEEN = 8
"""Keyframes among which the middle one is taken: the first is often black."""

Rgb = npt.NDArray[np.uint8]


def save_map(clip: Path, reading: WatermarkReading, target: Path) -> None:
    """Write a frame of the clip as PNG, red where the mark is missing.

    Raises ProvenanceError where the file cannot be written, UnreadableError for what
    is no clip.
    """
    drawn = cv2.cvtColor(map_picture(_frame(clip), reading), cv2.COLOR_RGB2BGR)
    _, coded = cv2.imencode(".png", drawn)
    try:
        target.write_bytes(coded.tobytes())
    except OSError as error:
        reason = f"the map cannot be written: {error.strerror}"
        raise ProvenanceError(reason, where=target) from error


def map_picture(frame: Rgb, reading: WatermarkReading) -> Rgb:
    """Return a frame, (height, width, 3), with the map over it and words under it."""
    scale = min(ROWS / min(frame.shape[:2]), 1.0)
    size = (round(frame.shape[1] * scale), round(frame.shape[0] * scale))
    picture = np.asarray(
        cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8
    )
    absent = reading.map.absent if reading.map else None
    if absent is None:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        picture = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    else:
        _redden(picture, np.array(absent, np.uint8))
    strip = np.full((STRIP, size[0], 3), 24, np.uint8)
    words = _words(reading)
    room = size[0] - 16
    letter = min(0.6, 0.6 * room / cv2.getTextSize(words, 0, 0.6, 1)[0][0])
    cv2.putText(strip, words, (8, 23), 0, letter, (235, 235, 235), 1, cv2.LINE_AA)
    return np.vstack([picture, strip]).astype(np.uint8)


def _redden(picture: Rgb, absent: npt.NDArray[np.uint8]) -> None:
    height, width = picture.shape[:2]
    mask = cv2.resize(absent, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    tint = np.array(RED, np.float32) * WEIGHT
    picture[mask] = (picture[mask] * (1 - WEIGHT) + tint).astype(np.uint8)
    outlines, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    cv2.drawContours(picture, outlines, -1, RED, 2)


def _words(reading: WatermarkReading) -> str:
    if not reading.found or reading.map is None:
        return "No invisible mark found: nothing can be told place by place."
    if reading.map.missing is None:
        return "The mark is too faint to tell place by place."
    if not reading.map.missing:
        return "The mark is everywhere in the picture."
    return (
        f"Red, {reading.map.missing:.0%}: the mark is missing here. "
        "A hint, not a proof."
    )


def _frame(clip: Path) -> Rgb:
    kept = []
    for frame in keyframes(clip):
        kept.append(frame)
        if len(kept) == SEEN:
            break
    return kept[len(kept) // 2].rgb
