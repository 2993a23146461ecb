"""The mark from frames to a reading, past what strangers do to clips."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from lampoon.watermark.invisible.detect import Effort, detect
from lampoon.watermark.invisible.embed import MarkedFrames
from lampoon.watermark.invisible.evidence import WatermarkReading
from tests.support.marks import changed, pan, written

KEY = bytes.fromhex("feedface00c0ffee")
QUICK = Effort(timeline=False, threads=1)


@pytest.fixture(scope="module")
def marked() -> list[Frame]:
    return list(MarkedFrames(pan(12), KEY))


def reading_of(
    folder: Path, frames: list[Frame], how: str, crf: int
) -> WatermarkReading:
    clip = written(folder / "upload.mp4", changed(frames, how), crf=crf)
    return detect(clip, effort=QUICK)


@pytest.mark.parametrize(
    ("how", "crf"),
    [
        ("as it is", 28),
        ("as it is", 33),
        ("360p", 23),
        ("crop 75 %", 23),
        ("9:16 crop", 23),
        ("squeeze to 4:3", 23),
        ("flip", 23),
        ("95 % and 360p", 30),
    ],
)
def test_the_key_survives(
    tmp_path: Path, marked: list[Frame], how: str, crf: int
) -> None:
    reading = reading_of(tmp_path, marked, how, crf)
    assert reading.key == KEY
    assert reading.odds is not None
    assert reading.odds < 1e-6


def test_the_geometry_is_told(tmp_path: Path, marked: list[Frame]) -> None:
    cropped = reading_of(tmp_path, marked, "crop 75 %", 23).geometry
    flipped = reading_of(tmp_path, marked, "flip", 23).geometry
    assert cropped is not None
    assert flipped is not None
    assert cropped.scale == pytest.approx(4 / 3, rel=0.01)
    assert (cropped.flip, flipped.flip) == (False, True)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_on_its_side_is_read(
    tmp_path: Path, marked: list[Frame], quarters: int
) -> None:
    turned = (
        Frame.from_rgb(
            np.ascontiguousarray(np.rot90(frame.rgb, quarters)),
            frame.index,
            frame.pts,
            frame.time_base,
            frame.duration,
        )
        for frame in marked[:6]
    )
    reading = detect(written(tmp_path / "turned.mp4", turned), effort=QUICK)
    assert reading.key == KEY
    assert reading.geometry is not None
    assert abs(reading.geometry.rotation) == pytest.approx(
        180 if quarters == 2 else 90, abs=1
    )


def test_the_mark_is_faint(marked: list[Frame]) -> None:
    for plain, painted in zip(pan(12), marked, strict=True):
        before, after = plain.luma.astype(float), painted.luma.astype(float)
        assert 10 * np.log10(255**2 / ((before - after) ** 2).mean()) > 44


def test_where_the_picture_stands_still_in_grain_so_does_the_mark(
    marked: list[Frame],
) -> None:
    painted = [
        after.luma.astype(int) - before.in_code().luma
        for before, after in zip(pan(12), marked, strict=True)
    ]
    moved = [float((one != painted[0]).mean()) for one in painted[1:]]
    assert max(moved) < 0.01


def test_moments_and_colours_stay(marked: list[Frame]) -> None:
    for plain, painted in zip(pan(12), marked, strict=True):
        assert (plain.index, plain.pts, plain.duration) == (
            painted.index,
            painted.pts,
            painted.duration,
        )
        coded = plain.in_code()
        assert np.array_equal(painted.with_luma(coded.luma).rgb, coded.rgb)


def test_a_clip_without_a_mark_has_none(tmp_path: Path) -> None:
    reading = detect(written(tmp_path / "plain.mp4", pan(6)), effort=QUICK)
    assert not reading.found
    assert reading.key is None
    assert reading.words_tried > 0


def test_the_same_frames_are_marked_the_same_way() -> None:
    once, again = (list(MarkedFrames(pan(3), KEY)) for _ in range(2))
    for one, other in zip(once, again, strict=True):
        assert np.array_equal(one.luma, other.luma)


def test_no_more_than_a_few_frames_wait() -> None:
    taken = 0

    def counted() -> Iterator[Frame]:
        nonlocal taken
        for frame in pan(20):
            taken += 1
            yield frame

    ahead = [taken - given for given, _ in enumerate(MarkedFrames(counted(), KEY), 1)]
    assert max(ahead) <= 8


@pytest.mark.slow
def test_a_mark_on_a_panning_scene_costs_little_and_is_found(tmp_path: Path) -> None:
    plain = written(tmp_path / "plain.mp4", pan(50, pixels_a_frame=1.3))
    frames = list(MarkedFrames(pan(50, pixels_a_frame=1.3), KEY))
    clip = written(tmp_path / "marked.mp4", iter(frames))
    assert clip.stat().st_size < plain.stat().st_size * 1.12
    again = written(tmp_path / "again.mp4", read_frames(clip), crf=30)
    assert detect(again, effort=QUICK).key == KEY


def zoomed(frames: int, rate: float) -> Iterator[Frame]:
    for frame in pan(frames):
        height, width = frame.luma.shape
        grow = cv2.getRotationMatrix2D(
            ((width - 1) / 2, (height - 1) / 2), 0, 1 + rate * frame.index
        )
        grown = cv2.warpAffine(frame.rgb, grow, (width, height))
        yield frame.with_rgb(np.asarray(grown, np.uint8))


@pytest.mark.slow
def test_a_mark_that_grows_with_a_zoom_is_followed(tmp_path: Path) -> None:
    frames = MarkedFrames(zoomed(50, 0.003), KEY)
    reading = detect(written(tmp_path / "zoom.mp4", iter(frames), crf=28))
    assert reading.key == KEY
    assert [part.marked for part in reading.parts] == [True]


@pytest.mark.slow
def test_a_splice_is_seen(tmp_path: Path) -> None:
    frames = list(MarkedFrames(pan(50), KEY))
    foreign = [
        frame.with_rgb(other.rgb)
        for frame, other in zip(frames[25:], pan(50, seed=7), strict=False)
    ]
    clip = written(tmp_path / "spliced.mp4", iter(frames[:25] + foreign))
    parts = detect(clip).parts
    assert [part.marked for part in parts] == [True, False]
    assert parts[0].end_seconds == pytest.approx(1.0, abs=0.25)


@pytest.mark.slow
def test_a_replaced_half_is_seen(tmp_path: Path, marked: list[Frame]) -> None:
    def replaced() -> list[Frame]:
        made = []
        for frame, other in zip(marked, pan(12, seed=9), strict=True):
            rgb = frame.rgb.copy()
            rgb[:, : rgb.shape[1] // 2] = other.rgb[:, : rgb.shape[1] // 2]
            made.append(frame.with_rgb(rgb))
        return made

    whole = detect(written(tmp_path / "whole.mp4", iter(marked)))
    half = detect(written(tmp_path / "half.mp4", iter(replaced())))
    assert whole.map is not None
    assert half.map is not None
    assert whole.map.missing is not None
    assert half.map.missing is not None
    assert whole.map.missing < 0.1
    assert 0.35 < half.map.missing < 0.65


@pytest.mark.slow
def test_three_seconds_out_of_the_middle_are_enough(tmp_path: Path) -> None:
    frames = list(islice(MarkedFrames(pan(110), KEY), 20, 95))
    assert detect(written(tmp_path / "cut.mp4", iter(frames)), effort=QUICK).key == KEY
