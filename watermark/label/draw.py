"""Draw the label into pictures. Every swapped picture that is shown passes here."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.label.cards import Card, closing_card, opening_card
from lampoon.watermark.label.panel import Overlay, label_overlay
from lampoon.watermark.label.presets import (
    FADE_SECONDS,
    LAYOUT,
    POSITION,
    LabelPreset,
    Language,
    card_seconds,
    label_text,
)

Picture = npt.NDArray[np.uint8]

CARD_OPACITY = 0.94


class ParodyLabel:
    """The label of one clip: the same pixels for the same clip, every time.

    ``seconds`` is the clip's length, ``title`` stands on the cards of
    ``eu-artistic``. Raises ValueError for a clip without length, frames too small
    to read anything on, or a language we have no words for; MissingExtraError for
    ``eu-artistic`` without moviepy.
    """

    def __init__(
        self,
        preset: LabelPreset,
        *,
        width: int,
        height: int,
        seconds: Fraction,
        title: str = "",
        language: str = Language.ENGLISH,
    ) -> None:
        """Render panel and cards once."""
        if seconds <= 0:
            raise ValueError("a clip lasts longer than nothing")
        self._preset = LabelPreset(preset)
        self._language = Language(language)
        self._shape = (height, width, 3)
        self._seconds = seconds
        overlay = label_overlay(self._preset, width, height, self._language)
        self._panel = _Blend(overlay)
        self._cards: tuple[Card, ...] = ()
        if self._preset is LabelPreset.EU_ARTISTIC:
            self._cards = tuple(
                make(width, height, title=title, language=self._language)
                for make in (opening_card, closing_card)
            )

    @property
    def text(self) -> str:
        """The words people read."""
        return label_text(self._language)

    @property
    def position(self) -> str:
        """Where the words stay for the whole clip."""
        return POSITION

    def draw(self, rgb: Picture, at: Fraction) -> Picture:
        """Return a new picture, (height, width, 3) uint8, with the label on it.

        ``at`` is seconds from the clip's start; a moment outside the clip is
        labelled too. Raises ValueError for another shape or type.
        """
        if rgb.shape != self._shape or rgb.dtype != np.uint8:
            raise ValueError(f"not a picture of {self._shape} uint8: {rgb.shape}")
        labelled = self._with_card(rgb, at)
        self._panel.onto(labelled)
        return labelled

    def shows_card(self, at: Fraction) -> bool:
        """Return whether a card lies over the picture ``at`` seconds of the clip."""
        lasts = card_seconds(self._seconds)
        return bool(self._cards) and any(
            card_opacity(since, lasts) > 0 for since in (at, self._seconds - at)
        )

    def describe(self) -> Mapping[str, Any]:
        """Return what the manifest says of the visible label, JSON values only."""
        return {
            "present": True,
            "preset": str(self._preset),
            "position": self.position,
            "text": self.text,
            "language": str(self._language),
            "layout": LAYOUT,
            "card_seconds": float(card_seconds(self._seconds)) if self._cards else 0.0,
        }

    def _with_card(self, rgb: Picture, at: Fraction) -> Picture:
        """Return a new picture with the card of this moment, if there is one."""
        for card, since_edge in zip(
            self._cards, (at, self._seconds - at), strict=False
        ):
            opacity = card_opacity(since_edge, card_seconds(self._seconds))
            if opacity > 0:
                return with_card(rgb, card, opacity)
        return rgb.copy()


def label_still(rgb: Picture, preset: LabelPreset = LabelPreset.EU_FULL) -> Picture:
    """Return a new picture with the panel on it: previews, posters, contact sheets.

    Raises ValueError for a picture smaller than 32 pixels.
    """
    height, width = rgb.shape[:2]
    labelled = np.ascontiguousarray(rgb).copy()
    _Blend(label_overlay(preset, width, height, Language.ENGLISH)).onto(labelled)
    return labelled


class _Blend:
    """An overlay with its products worked out, so that a frame costs two steps."""

    def __init__(self, overlay: Overlay) -> None:
        height, width = overlay.rgba.shape[:2]
        alpha = overlay.rgba[..., 3:].astype(np.float32) / 255
        colour = overlay.rgba[..., :3].astype(np.float32) * alpha
        self._add = np.rint(colour).astype(np.uint8)
        self._keep = np.repeat(np.rint((1 - alpha) * 255).astype(np.uint8), 3, axis=2)
        self._rows = slice(overlay.y, overlay.y + height)
        self._columns = slice(overlay.x, overlay.x + width)

    def onto(self, rgb: Picture) -> None:
        """Lay the overlay over ``rgb``, in place, touching its rectangle only."""
        part = rgb[self._rows, self._columns]
        behind = cv2.multiply(part, self._keep, scale=1 / 255)
        part[...] = cv2.add(behind, self._add)


def with_card(rgb: Picture, card: Card, opacity: float) -> Picture:
    """Return a new picture that a card of its size covers by ``opacity``, 0 to 1."""
    mixed = cv2.addWeighted(card.rgb, opacity, rgb, 1 - opacity, 0)
    return np.asarray(mixed, np.uint8)


def card_opacity(since_edge: Fraction, lasts: Fraction) -> float:
    """Return how much a card covers, so many seconds from the clip's start or end.

    It ``lasts`` so many seconds, the last of them fading; then it covers nothing.
    """
    fade = min(FADE_SECONDS, lasts / 2)
    visible = (lasts - since_edge) / fade
    return CARD_OPACITY * float(min(Fraction(1), max(Fraction(0), visible)))
