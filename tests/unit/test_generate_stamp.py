"""Frames that were labelled and marked ahead of their timeline are known again."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from lampoon.generate.stamp import Stamp
from lampoon.media.frame import Frame
from lampoon.watermark.label.draw import ParodyLabel
from lampoon.watermark.label.find import SEEN_CORRELATION, label_correlation
from lampoon.watermark.label.presets import LabelPreset
from tests.support.media import picture

WIDTH, HEIGHT = 320, 192
URN = "urn:c2pa:00112233-4455-4677-8899-aabbccddeeff"
COUNT = 4


def plain() -> Iterator[Frame]:
    for index in range(COUNT):
        rgb = picture(index, (WIDTH, HEIGHT))
        yield Frame.from_rgb(rgb, index, index, Fraction(1, 25))


def label(preset: LabelPreset = LabelPreset.EU_FULL) -> ParodyLabel:
    seconds = Fraction(2 * COUNT - 1, 50)  # ends while the last frame is seen
    return ParodyLabel(preset, width=WIDTH, height=HEIGHT, seconds=seconds)


def test_a_frame_that_comes_back_is_not_marked_again() -> None:
    stamp = Stamp(LabelPreset.EU_FULL, URN)
    drawn = list(stamp.drawn(plain()))

    back = list(stamp.completed(drawn, label()))

    for before, after in zip(drawn, back, strict=True):
        apart = np.abs(after.luma.astype(int) - before.luma)
        assert apart.mean() < 0.1  # RGB and back; a mark moves every pixel by 1 or 2


def test_the_newest_frames_reach_the_encoder_without_a_detour() -> None:
    stamp = Stamp(LabelPreset.EU_FULL, URN)
    drawn = stamp.drawn(plain())

    back = stamp.completed(drawn, label())

    for frame in back:
        assert frame.in_code() is frame


def test_a_changed_frame_is_labelled_and_marked() -> None:
    stamp = Stamp(LabelPreset.EU_FULL, URN)
    mirrored = [f.with_rgb(f.rgb[:, ::-1].copy()) for f in stamp.drawn(plain())]

    back = list(stamp.completed(mirrored, label()))

    for before, after in zip(mirrored, back, strict=True):
        seen = label_correlation(after.rgb, LabelPreset.EU_FULL)
        assert seen >= SEEN_CORRELATION
        below = slice(HEIGHT // 2, None)
        assert (after.luma[below] != before.luma[below]).mean() > 0.2


def test_a_label_is_drawn_once() -> None:
    stamp = Stamp(LabelPreset.EU_FULL, URN)
    once = stamp.labelled(picture(0, (WIDTH, HEIGHT)))

    assert stamp.labelled(once) is once


@pytest.mark.parametrize("moment", [0, COUNT - 1])
def test_the_cards_of_eu_artistic_lie_over_swapped_frames_too(moment: int) -> None:
    stamp = Stamp(LabelPreset.EU_ARTISTIC, URN)
    drawn = list(stamp.drawn(plain()))

    back = list(stamp.completed(drawn, label(LabelPreset.EU_ARTISTIC)))

    assert back[moment].rgb.mean() < 0.7 * drawn[moment].rgb.mean()


def test_an_odd_picture_keeps_its_size() -> None:
    stamp = Stamp(LabelPreset.EU_FULL, URN)
    odd = (f.with_rgb(f.rgb[:-1, :-1].copy()) for f in plain())

    sizes = {frame.rgb.shape for frame in stamp.drawn(odd)}

    assert sizes == {(HEIGHT - 1, WIDTH - 1, 3)}
