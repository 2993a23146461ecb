"""The swap, the label and the cards as effects for a moviepy timeline.

::

    from moviepy import VideoFileClip, concatenate_videoclips
    from lampoon.generate import FaceSwap, open_production, write

    production = open_production("lampoon.toml")
    ada = VideoFileClip("ada.mp4").with_effects([FaceSwap(production)])
    write(concatenate_videoclips([ada[4:9], ada[12:15]]), production)

moviepy asks of an effect to be copied and to be applied, and nothing else.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from lampoon.errors import SettingsError
from lampoon.generate.moviepy_clip import Clip, Picture, ShownAt, picture_at
from lampoon.generate.production import Production
from lampoon.media.reader import Clip as Probed
from lampoon.media.reader import read_frames
from lampoon.watermark.label.cards import Card, closing_card, opening_card
from lampoon.watermark.label.draw import card_opacity, with_card
from lampoon.watermark.label.presets import Language, card_seconds

LOOKED_AT = (0.1, 0.5, 0.9)
"""Shares of the footage at which it is compared with what the effect was given."""

THUMBNAIL = (32, 18)
APART = 12.0
"""Mean grey levels between thumbnails beyond which footage was changed; two decoders
of the same frame are 3 apart at most, neighbouring scenes 30."""

LENGTHS_APART_SECONDS = 0.1


class _Effect:
    """What moviepy asks of every effect before it applies it."""

    def copy(self) -> Self:
        """Return the same effect again."""
        return copy.copy(self)


@dataclass(frozen=True)
class FaceSwap(_Effect):
    """Shows the swap in place of the performer's footage, labelled and marked.

    It wants ``VideoFileClip`` of the project's own footage as it is: cut, scale and
    grade afterwards. Every frame carries the label and the mark from the first moment
    that anyone sees it, in previews and saved frames too.
    """

    production: Production

    def apply(self, clip: Clip) -> Clip:
        """Return the swapped clip. Raises SettingsError for any other footage."""
        self.production.ready.agreed.still_granted()
        _insist_on_plate(clip, self.production)
        strips = self.production.strips()
        made = clip.transform(lambda _, seconds: strips.at(seconds).copy())
        made.size = (self.production.plate.width, self.production.plate.height)
        return made


@dataclass(frozen=True)
class ParodyLabel(_Effect):
    """Shows the project's label on any clip; ``write`` sees to it in any case."""

    production: Production

    def apply(self, clip: Clip) -> Clip:
        """Return the clip with the label on every frame, once."""

        def labelled(shown: ShownAt, seconds: float) -> Picture:
            return self.production.stamp.labelled(picture_at(shown, seconds))

        return clip.transform(labelled)


@dataclass(frozen=True)
class OpeningCard(_Effect):
    """Lays the card that says what this is over a clip's first seconds.

    ``seconds`` is 2.5, or a quarter of a shorter clip, unless given. The label preset
    ``eu-artistic`` brings its cards by itself.
    """

    production: Production
    seconds: float | None = None

    def apply(self, clip: Clip) -> Clip:
        """Return the clip opening with its card. ValueError for an endless clip."""
        card = opening_card(*_size(clip), title=_title(self), language=Language.ENGLISH)
        lasts = _lasts(clip, self.seconds)
        return _covered(clip, self.production, lambda at: (card, at), lasts)


@dataclass(frozen=True)
class EndCredit(_Effect):
    """Lays the end credit over a clip's last seconds, as ``OpeningCard`` does."""

    production: Production
    seconds: float | None = None

    def apply(self, clip: Clip) -> Clip:
        """Return the clip ending with its credit. ValueError for an endless clip."""
        card = closing_card(*_size(clip), title=_title(self), language=Language.ENGLISH)
        end, lasts = _length(clip), _lasts(clip, self.seconds)
        return _covered(clip, self.production, lambda at: (card, end - at), lasts)


def _covered(
    clip: Clip,
    production: Production,
    card_at: Callable[[Fraction], tuple[Card, Fraction]],
    lasts: Fraction,
) -> Clip:
    """Return a clip under a card that fades away from the edge it belongs to."""

    def covered(shown: ShownAt, seconds: float) -> Picture:
        picture = picture_at(shown, seconds)
        card, since_edge = card_at(Fraction(seconds))
        opacity = card_opacity(since_edge, lasts)
        if opacity <= 0:
            return picture
        return production.stamp.labelled(with_card(picture, card, opacity))

    return clip.transform(covered)


def _length(clip: Clip) -> Fraction:
    if clip.duration is None:
        raise ValueError("a card needs a clip with an end: clip.with_duration(seconds)")
    return Fraction(clip.duration)


def _lasts(clip: Clip, seconds: float | None) -> Fraction:
    return card_seconds(_length(clip)) if seconds is None else Fraction(seconds)


def _size(clip: Clip) -> tuple[int, int]:
    width, height = clip.size
    return int(width), int(height)


def _title(effect: OpeningCard | EndCredit) -> str:
    return effect.production.ready.agreed.job.label.title


def _insist_on_plate(clip: Clip, production: Production) -> None:
    """Raise SettingsError unless a clip is the project's footage, uncut, unchanged."""
    plate = production.plate
    name = getattr(clip, "filename", None)
    if not name or not Path(name).exists() or not Path(name).samefile(plate.path):
        raise _refusal("FaceSwap is for this project's own footage", plate.path)
    upright = _size(clip) == (plate.width, plate.height)
    if not (upright or _lies_down(clip, plate)) or not _same_length(clip, plate):
        raise _refusal("the footage was cut or scaled before FaceSwap", plate.path)
    if not upright:
        return
    for share in LOOKED_AT:
        at = share * float(plate.seconds)
        index = production.index_at(at)
        ours = next(read_frames(plate.path, first=index, stop=index + 1)).rgb
        if _apart(picture_at(clip.get_frame, at), ours) > APART:
            raise _refusal("the footage was changed before FaceSwap", plate.path)


def _lies_down(clip: Clip, plate: Probed) -> bool:
    """Return whether moviepy failed to see that a phone was held upright.

    moviepy 2.2 overlooks the rotation that newer ffmpegs tell; its own pictures are
    then broken, ours are not.
    """
    turned = plate.rotation % 180 == 90
    return turned and _size(clip) == (plate.height, plate.width)


def _same_length(clip: Clip, plate: Probed) -> bool:
    """Return whether a clip lasts as long as its file; the sound may outlast it."""
    longest = max([plate.seconds, *(sound.seconds for sound in plate.sounds)])
    told = float(clip.duration or 0)
    slack = LENGTHS_APART_SECONDS
    return float(plate.seconds) - slack <= told <= float(longest) + slack


def _refusal(what: str, footage: Path) -> SettingsError:
    hint = "VideoFileClip(that).with_effects([FaceSwap(production)]), then cut"
    return SettingsError(what, where=footage, hint=hint)


def _apart(one: Picture, other: Picture) -> float:
    small = [
        cv2.resize(each, THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.float32)
        for each in (one, other)
    ]
    return float(np.abs(small[0] - small[1]).mean())
