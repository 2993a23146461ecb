"""The luma plane: read as coded, written without touching anything else."""

from pathlib import Path

import numpy as np
import pytest

from lampoon.media.reader import probe, read_frames
from lampoon.media.rehearsal import rehearse
from lampoon.media.sampling import cheap_frames, keyframes
from lampoon.media.writer import write_clip
from tests.support.marks import pan, written
from tests.support.media import Recipe, clip_of


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p", "yuv420p10le"])
def test_a_decoded_frame_has_its_luma(tmp_path: Path, pix_fmt: str) -> None:
    codec = "libx265" if pix_fmt.endswith("10le") else "libx264"
    clip = clip_of(tmp_path / "clip.mp4", Recipe(pix_fmt=pix_fmt, codec=codec))
    frame = next(read_frames(clip))
    assert frame.luma.shape == (48, 64)
    assert not frame.luma.flags.writeable
    assert abs(float(frame.luma.mean()) - float(frame.in_code().luma.mean())) < 1


def test_luma_lies_upright(tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "clip.mp4", Recipe(rotation=90))
    frame = next(read_frames(clip))
    assert frame.luma.shape == (frame.height, frame.width) == (64, 48)


def test_a_frame_in_code_is_not_converted_again(tmp_path: Path) -> None:
    decoded = next(read_frames(clip_of(tmp_path / "clip.mp4")))
    assert decoded.in_code() is decoded
    drawn = decoded.with_rgb(decoded.rgb).in_code()
    assert drawn.in_code() is drawn
    assert drawn.picture is not None
    assert drawn.picture.coded() is drawn.picture.native


def test_another_luma_leaves_the_colours(tmp_path: Path) -> None:
    frame = next(read_frames(clip_of(tmp_path / "clip.mp4")))
    brighter = np.minimum(frame.luma, 200) + np.uint8(20)
    changed = frame.with_luma(brighter)
    assert np.array_equal(changed.luma, brighter)
    assert (changed.pts, changed.index) == (frame.pts, frame.index)
    again = changed.with_luma(frame.luma)
    assert again.picture is not None
    assert frame.picture is not None
    planes = again.picture.native.to_ndarray(), frame.picture.native.to_ndarray()
    assert np.array_equal(*planes)


def test_a_plane_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    frame = next(read_frames(clip_of(tmp_path / "clip.mp4")))
    with pytest.raises(ValueError, match="luma plane"):
        frame.with_luma(np.zeros((3, 3), np.uint8))
    with pytest.raises(ValueError, match="in code"):
        frame.with_rgb(frame.rgb).with_luma(frame.luma)


def test_marked_luma_is_what_a_lossless_file_holds(tmp_path: Path) -> None:
    frames = [frame.in_code() for frame in pan(2)]
    changed = [frame.with_luma(frame.luma // 2 + 40) for frame in frames]
    clip = written(tmp_path / "clip.mp4", iter(changed), crf=0)
    for before, after in zip(changed, read_frames(clip), strict=True):
        assert np.array_equal(before.luma, after.luma)


def test_keyframes_are_some_of_the_cheap_frames(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    write_clip(clip, pan(40), sound_from=None)
    keys = [frame.seconds for frame in keyframes(clip)]
    cheap = list(cheap_frames(clip))
    assert keys
    assert [frame.seconds for frame, key in cheap if key] == keys
    assert len(keys) < len(cheap) < probe(clip).frame_count


def test_a_rehearsal_gives_back_every_plane() -> None:
    planes = [frame.luma for frame in pan(3)]
    made = rehearse(planes, crf=23)
    assert len(made.planes) == len(made.sizes) == 3
    assert made.sizes[0] > made.sizes[1] > 0
    for before, after in zip(planes, made.planes, strict=True):
        assert np.abs(before.astype(int) - after).mean() < 3
