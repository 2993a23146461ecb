"""Contact sheets: a few frames of plate and swap beside each other, labelled."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.consent.check import ConsentGrant
from lampoon.errors import MediaError
from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.settings import AS_EVER, Composition
from lampoon.generate.convert import Converter
from lampoon.generate.layers import NO_FOREGROUND, Foreground
from lampoon.generate.methods.protocol import SwapMethod
from lampoon.media.reader import read_frames
from lampoon.watermark.label.draw import label_still
from lampoon.watermark.label.presets import LabelPreset

CELL_WIDTH = 640
TURNED_SHARE = 0.5
"""Share of the chosen frames that are picked for turned heads and shut eyes."""

EYE_BLINK = slice(9, 11)
JAW_OPEN = 25
"""Places of eyeBlinkLeft, eyeBlinkRight and jawOpen among the 52 blendshapes."""


def telling_frames(track: FaceTrack, count: int) -> list[int]:
    """Return frame indices worth a look: spread out, turned, shut, wide open.

    Rising and distinct; at most ``count``, fewer for a short track.
    """
    rows = np.flatnonzero(track.present)
    if len(rows) == 0:
        return []
    spread = rows[np.linspace(0, len(rows) - 1, max(count // 2, 1)).astype(int)]
    pose, shapes = track.pose[rows], track.blendshapes[rows]
    measures = [
        pose[:, 0],
        -pose[:, 0],
        pose[:, 1],
        -pose[:, 1],
        shapes[:, EYE_BLINK].mean(axis=1),
        shapes[:, JAW_OPEN],
    ]
    extremes = [int(rows[int(np.argmax(measure))]) for measure in measures]
    chosen = list(dict.fromkeys([*extremes, *(int(row) for row in spread)]))[:count]
    return sorted(track.first_frame + row for row in chosen)


def contact_sheet(
    clip: Path,
    track: FaceTrack,
    method: SwapMethod,
    grant: ConsentGrant,
    *,
    label: LabelPreset,
    foreground: Foreground = NO_FOREGROUND,
    composition: Composition = AS_EVER,
    count: int = 12,
) -> npt.NDArray[np.uint8]:
    """Return plate and swap of chosen frames, (height, width, 3) uint8.

    One row a frame, every swap labelled. Raises as ``Converter`` does.
    """
    chosen = telling_frames(track, count)
    rows: list[npt.NDArray[np.uint8]] = []
    converter = Converter(clip, track, method, grant, composition=composition)
    for swap in foreground.over_all(converter.only(chosen)):
        plate = next(read_frames(clip, first=swap.index, stop=swap.index + 1))
        labelled = label_still(swap.rgb, label)
        rows.append(_row([plate.rgb, labelled]))
    return _two_columns(rows)


def write_picture(path: Path, rgb: npt.NDArray[np.uint8]) -> None:
    """Write RGB, (height, width, 3) uint8; raises MediaError where that fails."""
    try:
        written = cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    except cv2.error:  # a suffix that names no kind of picture
        written = False
    if not written:
        raise MediaError(
            "the picture cannot be written", where=path, hint="name a .png file"
        )


def _row(pictures: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    height = round(pictures[0].shape[0] * CELL_WIDTH / pictures[0].shape[1])
    cells = [
        cv2.resize(picture, (CELL_WIDTH, height), interpolation=cv2.INTER_AREA)
        for picture in pictures
    ]
    return np.concatenate(cells, axis=1).astype(np.uint8)


def _two_columns(rows: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    if len(rows) % 2:
        rows = [*rows, np.zeros_like(rows[0])]
    lines = [
        np.concatenate(pair, axis=1) for pair in zip(rows[::2], rows[1::2], strict=True)
    ]
    return np.concatenate(lines, axis=0).astype(np.uint8)
