"""Opening card and end credit of ``eu-artistic``, composed with moviepy.

They are laid over the first and last seconds, so a clip's time and sound stay as they
are. Each is rendered once to one picture.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import ImageFont

from lampoon.errors import MissingExtraError
from lampoon.watermark.label.panel import bold_font, bold_font_path, panel_picture
from lampoon.watermark.label.presets import WORDS, LabelPreset, Language

BACKGROUND = (14, 14, 18)
LEAST_FONT_PIXELS = 8
TITLE_LETTERS = 90
"""A longer title is cut on the card; the manifest has all of it."""
WORD_LETTERS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """A whole frame, (height, width, 3) uint8."""

    rgb: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Line:
    """Text, its size as a share of the shorter side, and where its middle is."""

    text: str
    size: float
    middle: float


def opening_card(width: int, height: int, *, title: str, language: Language) -> Card:
    """Return the card that a clip opens with: what this is, then its title.

    Raises MissingExtraError without moviepy.
    """
    words = WORDS[language]
    lines = [
        _Line(_cut(title), 0.055, 0.62),
        _Line(words.explained, 0.042, 0.80),
    ]
    return _compose(width, height, lines, language)


def closing_card(width: int, height: int, *, title: str, language: Language) -> Card:
    """Return the end credit: what this was.

    Raises MissingExtraError without moviepy.
    """
    lines = [
        _Line(WORDS[language].explained, 0.048, 0.66),
        _Line(_cut(title), 0.038, 0.84),
    ]
    return _compose(width, height, lines, language)


def _compose(width: int, height: int, lines: list[_Line], language: Language) -> Card:
    try:
        from moviepy import ColorClip, CompositeVideoClip, ImageClip, TextClip
    except ImportError as error:
        raise MissingExtraError("moviepy", "generate") from error
    ground = ColorClip((width, height), color=BACKGROUND)
    badge = ImageClip(_large_panel(width, height, language))
    clips = [ground, badge.with_position(("center", int(height * 0.38 - badge.h / 2)))]
    for line in lines:
        if not line.text:
            continue
        size, rows = _fitted(line, width, height)
        if len(rows) * size > 0.2 * height:
            continue  # a very small clip: the panel says what matters
        text = TextClip(
            font=str(bold_font_path()),
            text="\n".join(rows),
            font_size=size,
            color="white",
            margin=(size, size // 2),
            interline=size // 4,
            text_align="center",
        )
        clips.append(
            text.with_position(("center", int(height * line.middle - text.h / 2)))
        )
    with CompositeVideoClip(clips, size=(width, height)) as card:
        picture = np.asarray(card.with_duration(1).get_frame(0), np.uint8)
    return Card(np.ascontiguousarray(picture[..., :3]))


def _large_panel(width: int, height: int, language: Language) -> npt.NDArray[np.uint8]:
    room = (int(width * 0.86), int(height * 0.34))
    short = 2.2 * min(width, height)
    return panel_picture(LabelPreset.EU_FULL, short, language, room=room).rgba


def _fitted(line: _Line, width: int, height: int) -> tuple[int, list[str]]:
    """Return the font's size and the rows at which a line keeps to its place."""
    size = max(LEAST_FONT_PIXELS, round(line.size * min(width, height)))
    while True:
        rows = _rows(line.text, size, width * 0.84)
        low = len(rows) * size * 1.3 <= height * 0.18
        if (low and len(rows) < 4) or size <= LEAST_FONT_PIXELS:
            return size, rows
        size = max(LEAST_FONT_PIXELS, int(size * 0.94))


def _rows(text: str, size: int, width: float) -> list[str]:
    """Return ``text`` broken at spaces, rows as even as they can be."""
    font, words = bold_font(size), text.split()
    longest = max((font.getlength(word) for word in words), default=0.0)
    width = max(width, longest)
    best = _broken(words, font, width)
    while width > longest:
        width *= 0.97
        tighter = _broken(words, font, max(width, longest))
        if len(tighter) > len(best):
            break
        best = tighter
    return best


def _broken(words: list[str], font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    rows: list[str] = []
    for word in words:
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and font.getlength(longer) <= width:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


def _cut(title: str) -> str:
    words = (word[:WORD_LETTERS] for word in title.split())
    clean = " ".join(words)
    return clean if len(clean) <= TITLE_LETTERS else clean[: TITLE_LETTERS - 1] + "…"
