"""Frames decoded ahead: the same frames, whatever happens on either side."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lampoon.errors import UnreadableError
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from lampoon.verify.ahead import FRAMES_AHEAD, decoded_ahead
from tests.support.certificates import plain_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_clip(tmp_path_factory.mktemp("ahead") / "clip.mp4")


def busy_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if "ahead" in each.name]


def test_the_frames_come_in_order_at_their_moments(clip: Path) -> None:
    plain, ahead = list(read_frames(clip)), list(decoded_ahead(read_frames(clip)))

    assert [f.index for f in ahead] == [f.index for f in plain]
    assert [f.seconds for f in ahead] == [f.seconds for f in plain]


def test_quick_pixels_hardly_differ_from_careful_ones(clip: Path) -> None:
    for plain, ahead in zip(
        read_frames(clip), decoded_ahead(read_frames(clip)), strict=True
    ):
        difference = np.abs(plain.rgb.astype(int) - ahead.rgb.astype(int))
        assert difference.mean() < 2
        assert difference.max() < 10


def test_what_breaks_while_decoding_is_raised_to_the_reader(clip: Path) -> None:
    def broken() -> Iterator[Frame]:
        yield from read_frames(clip, stop=3)
        raise UnreadableError("torn in two")

    frames = decoded_ahead(broken())

    assert [next(frames).index for _ in range(3)] == [0, 1, 2]
    with pytest.raises(UnreadableError, match="torn"):
        next(frames)


def test_leaving_early_ends_the_thread(clip: Path) -> None:
    frames = decoded_ahead(read_frames(clip))
    next(frames)

    frames.close()

    assert busy_threads() == []


def test_only_a_few_frames_wait(clip: Path) -> None:
    given: list[int] = []

    def counted() -> Iterator[Frame]:
        for frame in read_frames(clip):
            given.append(frame.index)
            yield frame

    frames = decoded_ahead(counted())
    for taken in range(1, 11):
        next(frames)
        assert len(given) <= taken + FRAMES_AHEAD + 2
    frames.close()
