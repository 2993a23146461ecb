"""The panel that is laid over the picture: an AI badge and words beside it.

White letters on a dark, slightly translucent panel with a light rim, so that they
stand out on black, on white and on noise alike.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from lampoon.watermark.label.presets import (
    LAYOUTS,
    LEAST_TEXT_PIXELS,
    MARGIN,
    PORTRAIT_TOP_MARGIN,
    WORDS,
    LabelPreset,
    Language,
    Layout,
    Words,
)

FINE = 4
"""Everything is drawn this much larger and reduced: smooth edges."""

PANEL = (14, 14, 18, 205)
"""Dark and four fifths opaque: white on it has a contrast above 10 on any ground."""

RIM = (255, 255, 255, 110)
WHITE = (255, 255, 255, 255)
INK = (14, 14, 18, 255)

LEAST_SIDE_PIXELS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """A picture to lay over a frame with its top left corner at (x, y).

    ``rgba`` is (height, width, 4) uint8, alpha not multiplied in; its words begin at
    the column ``words``, after the badge.
    """

    x: int
    y: int
    rgba: npt.NDArray[np.uint8]
    words: int


@dataclass(frozen=True, slots=True)
class _Measures:
    """Fine pixels: panel, badge and where the words start."""

    width: float
    height: float
    pad: float
    badge_width: float
    line: float


@lru_cache(maxsize=32)
def label_overlay(
    preset: LabelPreset, width: int, height: int, language: Language
) -> Overlay:
    """Return the panel of ``preset`` for frames of this size.

    Raises ValueError for frames smaller than 32 pixels: nothing could be read.
    """
    if min(width, height) < LEAST_SIDE_PIXELS:
        raise ValueError(f"a label cannot be read on {width} x {height} pixels")
    top = PORTRAIT_TOP_MARGIN if height > width else MARGIN
    room = (round(width * (1 - 2 * MARGIN)), round(height * (1 - top - MARGIN)))
    panel = panel_picture(preset, min(width, height), language, room=room)
    x = width - round(width * MARGIN) - panel.rgba.shape[1]
    return replace(panel, x=x, y=round(height * top))


def panel_picture(
    preset: LabelPreset, short: float, language: Language, *, room: tuple[int, int]
) -> Overlay:
    """Return the panel, at (0, 0), for a shorter side of ``short`` pixels.

    It is enlarged where its words could not be read, then reduced where it would not
    fit into ``room`` (width, height).
    """
    layout = LAYOUTS[preset]
    enlarged = max(1.0, LEAST_TEXT_PIXELS / (layout.text * short))
    picture, words = _panel(layout, WORDS[language], short * enlarged)
    size = _fitted(picture.size, room)
    rgba = np.asarray(picture.resize(size, Image.Resampling.BOX), np.uint8)
    return Overlay(0, 0, rgba, round(words * size[0]))


@lru_cache(maxsize=64)
def bold_font(pixels: int) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans Bold at a size in pixels."""
    return ImageFont.truetype(str(bold_font_path()), pixels)


def bold_font_path() -> Path:
    """Return the bold font that matplotlib brings along, free to ship."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"


def _fitted(fine_size: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """Return the final size of a fine picture, smaller where there is no room."""
    width, height = fine_size[0] / FINE, fine_size[1] / FINE
    shrink = min(1.0, room[0] / width, room[1] / height)
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _panel(layout: Layout, words: Words, short: float) -> tuple[Image.Image, float]:
    """Return the panel ``FINE`` times too large, and at which share its words begin."""
    rows = [words.modified, words.parody][-layout.lines :]
    text = bold_font(round(layout.text * short * FINE))
    icon = bold_font(round(layout.icon * short * FINE))
    at = _measures(rows, words.icon, text, icon)
    picture = Image.new("RGBA", (round(at.width), round(at.height)), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    rim = max(FINE, round(0.004 * short * FINE))
    pen.rounded_rectangle(
        (0, 0, at.width - 1, at.height - 1), at.pad * 0.9, PANEL, RIM, rim
    )
    inner = at.pad * 0.55
    badge = (inner, inner, inner + at.badge_width, at.height - 1 - inner)
    pen.rounded_rectangle(badge, at.pad * 0.6, WHITE)
    middle = ((badge[0] + badge[2]) / 2, at.height / 2)
    pen.text(middle, words.icon, INK, icon, anchor="mm")
    first = at.height / 2 - at.line * (len(rows) - 1) / 2
    for index, row in enumerate(rows):
        place = (badge[2] + at.pad * 0.75, first + index * at.line)
        pen.text(place, row, WHITE, text, anchor="lm")
    return picture, badge[2] / at.width


def _measures(
    rows: list[str],
    icon_word: str,
    text: ImageFont.FreeTypeFont,
    icon: ImageFont.FreeTypeFont,
) -> _Measures:
    line = text.size * 1.12
    pad = text.size * 0.55
    height = max(line * len(rows), icon.size * 0.95) + 2 * pad
    inner = pad * 0.55
    badge_width = max(icon.getlength(icon_word) * 1.3, height - 2 * inner)
    words_width = max(text.getlength(row) for row in rows)
    width = inner + badge_width + pad * 0.75 + words_width + pad
    return _Measures(width, height, pad, badge_width, line)
