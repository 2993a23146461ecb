"""Whether the label that a clip declares is really in its pictures.

The panel is drawn again for the clip's size and compared, by normalised correlation,
with the place where it belongs. That survives re-encoding and scaling; it says nothing
about a label that somebody else drew in another way.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.label.panel import Overlay, label_overlay
from lampoon.watermark.label.presets import LAYOUT, LabelPreset, Language

Picture = npt.NDArray[np.uint8]

COMPARED_SIDE = 360
"""Larger frames are reduced to this shorter side before they are compared."""

SCALES = (0.92, 0.96, 1.0, 1.04, 1.08)
"""A clip may have been scaled through odd sizes, or cut a little."""

DRAWN_LARGER = 4.0
"""Frames below ``COMPARED_SIDE`` may be small copies of frames so much larger."""

SLACK = 0.03
"""How far from its place the panel is looked for, share of the shorter side."""

SEEN_CORRELATION = 0.68
"""Measured on both samples, black, white and noise, 720p and upright, re-encoded at CRF
18 to 40 and scaled to 240 to 480 lines: with the label at least .74, without it at most
.20; with other words on the same panel ("MODIFIED GENUINE") at most .66."""

LEAST_COMPARED_SIDE = 200
"""Below this nobody can tell the words, and neither can we."""

SEEN_SHARE = 0.8
"""The label stays for the whole clip: so many of the frames looked at must show it."""

BEHIND = 128.0
"""The panel is translucent; mid grey stands for whatever is behind it."""


class LabelSight(StrEnum):
    """What looking for the declared label gave."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class _Template:
    """The panel over grey, float32, and its top left corner in the frame."""

    x: int
    y: int
    picture: npt.NDArray[np.float32]
    words: int


def label_seen(frames: Iterable[Picture], declared: Mapping[str, Any]) -> LabelSight:
    """Return whether ``frames`` show the label that ``declared`` describes.

    ``frames`` are (height, width, 3) uint8, a dozen spread over the clip are
    enough; ``declared`` is the manifest's ``visible_label``. Unknown: no frames,
    frames too small to tell, or a label of a kind that we do not draw.
    """
    label = _declared(declared)
    if label is None:
        return LabelSight.UNKNOWN
    scores = [
        label_correlation(frame, *label)
        for frame in frames
        if min(frame.shape[:2]) >= LEAST_COMPARED_SIDE
    ]
    if not scores:
        return LabelSight.UNKNOWN
    share = sum(score >= SEEN_CORRELATION for score in scores) / len(scores)
    return LabelSight.SEEN if share >= SEEN_SHARE else LabelSight.NOT_SEEN


def label_correlation(
    rgb: Picture, preset: LabelPreset, language: Language = Language.ENGLISH
) -> float:
    """Return how well the best place near the panel's own matches it, -1 to 1.

    It is the correlation of the whole panel or of its words, the lower of the two.
    """
    grey = _reduced(rgb)
    height, width = grey.shape
    best = -1.0
    for template in _templates(preset, width, height, language):
        window = _window(grey, template)
        found = cv2.matchTemplate(window, template.picture, cv2.TM_CCOEFF_NORMED)
        # a picture without any contrast gives infinity or nonsense
        found = np.nan_to_num(found, posinf=-1.0).clip(-1, 1)
        y, x = np.unravel_index(int(found.argmax()), found.shape)
        words = _words_correlation(window, template, int(x), int(y))
        best = max(best, min(float(found.max()), words))
    return best


def _words_correlation(
    window: npt.NDArray[np.float32], template: _Template, x: int, y: int
) -> float:
    """Return how well the words alone match: the panel around them is no proof."""
    height, width = template.picture.shape
    there = window[y : y + height, x + template.words : x + width]
    wanted = template.picture[:, template.words :]
    found = cv2.matchTemplate(there, wanted, cv2.TM_CCOEFF_NORMED)
    return float(np.nan_to_num(found, posinf=-1.0).clip(-1, 1).max())


def _declared(declared: Mapping[str, Any]) -> tuple[LabelPreset, Language] | None:
    if declared.get("layout") != LAYOUT:
        return None
    try:
        language = Language(declared.get("language", Language.ENGLISH))
        return LabelPreset(str(declared.get("preset"))), language
    except (ValueError, TypeError):
        return None


def _reduced(rgb: Picture) -> npt.NDArray[np.float32]:
    """Return the luma of the frame, at most ``COMPARED_SIDE`` on its shorter side."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    factor = COMPARED_SIDE / min(height, width)
    if factor < 1:
        size = (round(width * factor), round(height * factor))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.float32)


def _templates(
    preset: LabelPreset, width: int, height: int, language: Language
) -> Iterator[_Template]:
    for drawn in (1.0, DRAWN_LARGER):
        # a small clip's label is drawn larger than a large clip's becomes by scaling
        size = (round(width * drawn), round(height * drawn))
        overlay = label_overlay(preset, *size, language)
        picture = _over_grey(overlay)
        middle = (
            (overlay.x + picture.shape[1] / 2) / drawn,
            (overlay.y + picture.shape[0] / 2) / drawn,
        )
        for scale in SCALES:
            yield _template(picture, middle, scale / drawn, words=overlay.words)
        if min(width, height) >= COMPARED_SIDE:
            return


def _template(
    picture: npt.NDArray[np.float32],
    middle: tuple[float, float],
    scale: float,
    *,
    words: int,
) -> _Template:
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    x, y = round(middle[0] - size[0] / 2), round(middle[1] - size[1] / 2)
    return _Template(x, y, np.asarray(scaled, np.float32), round(words * scale))


def _over_grey(overlay: Overlay) -> npt.NDArray[np.float32]:
    grey = cv2.cvtColor(np.ascontiguousarray(overlay.rgba[..., :3]), cv2.COLOR_RGB2GRAY)
    alpha = overlay.rgba[..., 3].astype(np.float32) / 255
    return np.asarray(grey * alpha + BEHIND * (1 - alpha), np.float32)


def _window(
    grey: npt.NDArray[np.float32], template: _Template
) -> npt.NDArray[np.float32]:
    """Return the part of the frame where the panel may lie, padded at the edges."""
    height, width = template.picture.shape
    slack = max(2, round(SLACK * min(grey.shape)))
    padded = cv2.copyMakeBorder(grey, slack, slack, slack, slack, cv2.BORDER_REPLICATE)
    top, left = max(0, template.y), max(0, template.x)
    window = padded[top : top + height + 2 * slack, left : left + width + 2 * slack]
    return np.ascontiguousarray(window, np.float32)
