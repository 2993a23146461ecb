"""One contract for every mark that carries a key through a clip, ours and others'."""

from collections.abc import Callable

import pytest

from lampoon.watermark.adapters.coded import Coded
from lampoon.watermark.adapters.ours import LampoonMark
from lampoon.watermark.adapters.protocol import ClipMark
from lampoon.watermark.invisible.code import CODED_SIGNS
from tests.support.marks import pan
from tests.support.pictures import CornerMark

KEY = bytes.fromhex("0123456789abcdef")
FRAMES = 4

MARKS: dict[str, Callable[[], ClipMark]] = {
    "ours": LampoonMark,
    "a whole word a picture": lambda: Coded(CornerMark()),
    "a quarter of a word a picture": lambda: Coded(CornerMark(107)),
    "a quarter that stays": lambda: Coded(CornerMark(107)).held(FRAMES),
}


SLOW = pytest.param("ours", marks=pytest.mark.slow)


@pytest.fixture(params=[SLOW, *[name for name in MARKS if name != "ours"]])
def mark(request: pytest.FixtureRequest) -> ClipMark:
    return MARKS[request.param]()


def test_what_was_embedded_is_read(mark: ClipMark) -> None:
    read = mark.read(mark.embed(pan(FRAMES), KEY))

    assert read.key == KEY
    assert read.beliefs.shape == (CODED_SIGNS,)


def test_pictures_without_a_mark_have_no_key(mark: ClipMark) -> None:
    read = mark.read(frame.in_code() for frame in pan(1))

    assert read.key is None
    assert read.words_tried > 0


def test_frames_keep_their_moments_and_size(mark: ClipMark) -> None:
    marked = list(mark.embed(pan(FRAMES), KEY))

    assert [f.seconds for f in marked] == [f.seconds for f in pan(FRAMES)]
    assert {(f.width, f.height) for f in marked} == {(854, 480)}


def test_every_mark_has_a_name(mark: ClipMark) -> None:
    assert mark.name
