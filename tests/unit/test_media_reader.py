import contextlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lampoon.datasets.samples import sample
from lampoon.errors import UnreadableError
from lampoon.media.reader import probe, read_frames
from tests.support.media import Recipe, clip_of, picture

MILLISECONDS = Fraction(1, 1000)
IN_MATROSKA = Recipe(ticks=range(0, 480, 40), time_base=MILLISECONDS)


def test_a_clip_is_described_without_decoding_it() -> None:
    clip = probe(sample("ada").clip)
    assert (clip.width, clip.height, clip.frame_count) == (640, 360, 1000)
    assert (clip.rate, clip.seconds) == (Fraction(25), Fraction(40))
    assert (clip.codec, clip.bit_depth, clip.variable_rate) == ("h264", 8, False)
    assert [sound.codec for sound in clip.sounds] == ["aac"]


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("h264.mp4", Recipe()),
        ("ten.mp4", Recipe(codec="libx265", pix_fmt="yuv420p10le")),
        ("vp9.webm", replace(IN_MATROSKA, codec="libvpx-vp9")),
        ("av1.mkv", replace(IN_MATROSKA, codec="libsvtav1")),
        ("old.mkv", replace(IN_MATROSKA, matrix=6)),
        ("odd.mkv", replace(IN_MATROSKA, size=(63, 47), pix_fmt="yuv444p")),
    ],
)
def test_every_codec_gives_the_pictures_that_went_in(
    tmp_path: Path, name: str, recipe: Recipe
) -> None:
    clip = clip_of(tmp_path / name, recipe)
    frames = list(read_frames(clip))
    assert [frame.index for frame in frames] == list(range(12))
    for frame in frames:
        error = np.abs(frame.rgb.astype(int) - picture(frame.index, recipe.size))
        assert error.mean() < 4
    assert probe(clip).frame_count == 12


def test_ten_bits_are_told(tmp_path: Path) -> None:
    recipe = Recipe(codec="libx265", pix_fmt="yuv420p10le")
    assert probe(clip_of(tmp_path / "ten.mp4", recipe)).bit_depth == 10


def test_moments_of_a_variable_rate_are_exact(tmp_path: Path) -> None:
    ticks = (700, 1212, 2236, 5308, 5309, 9000)
    clip = clip_of(tmp_path / "vfr.mp4", Recipe(ticks=ticks))
    assert [f.seconds for f in read_frames(clip)] == [Fraction(t, 12800) for t in ticks]
    assert probe(clip).variable_rate


def test_the_american_rate_is_exact(tmp_path: Path) -> None:
    recipe = Recipe(ticks=range(0, 30030, 1001), time_base=Fraction(1, 30000))
    clip = probe(clip_of(tmp_path / "ntsc.mp4", recipe))
    assert clip.rate == Fraction(30000, 1001)
    assert clip.seconds == Fraction(30030, 30000)


def test_a_rate_that_milliseconds_only_hint_at_is_still_exact(tmp_path: Path) -> None:
    ticks = [round(i * 1001 / 30) for i in range(30)]
    recipe = replace(IN_MATROSKA, ticks=ticks)
    clip = probe(clip_of(tmp_path / "rounded.mkv", recipe))
    assert not clip.variable_rate
    assert abs(clip.rate - Fraction(30000, 1001)) < Fraction(1, 20)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_rotated_clip_comes_upright(tmp_path: Path, rotation: int) -> None:
    path = clip_of(tmp_path / "turned.mp4", Recipe(rotation=rotation))
    expected = np.rot90(picture(0), rotation // 90)
    frame = next(read_frames(path))
    assert (frame.height, frame.width) == expected.shape[:2]
    assert np.abs(frame.rgb.astype(int) - expected).mean() < 2.5
    clip = probe(path)
    assert (clip.rotation, clip.width) == (rotation, frame.width)


def test_any_part_of_a_clip_is_the_same_as_in_the_whole() -> None:
    path = sample("ada").clip
    whole = {f.index: f for f in read_frames(path, stop=160) if f.index > 120}
    part = list(read_frames(path, first=123, stop=160, every=7))
    assert [frame.index for frame in part] == list(range(123, 160, 7))
    for frame in part:
        assert frame.pts == whole[frame.index].pts
        assert np.array_equal(frame.rgb, whole[frame.index].rgb)


def test_a_part_beyond_the_end_is_empty() -> None:
    assert list(read_frames(sample("ada").clip, first=5000)) == []
    assert list(read_frames(sample("ada").clip, first=5, stop=5)) == []


def test_pixels_cannot_be_changed_by_accident() -> None:
    frame = next(read_frames(sample("ada").clip))
    with pytest.raises(ValueError, match="read-only"):
        frame.rgb[0, 0] = 0


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.95])
def test_a_file_that_is_cut_short_is_unreadable(tmp_path: Path, share: float) -> None:
    whole = sample("ada").clip.read_bytes()
    path = tmp_path / "short.mp4"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableError):
        probe(path)
    with pytest.raises(UnreadableError):
        list(read_frames(path, stop=3))


@pytest.mark.parametrize(
    "text",
    [
        b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n",
        b"ffconcat version 1.0\nfile '/etc/hostname'\n",
        b"not a clip at all",
    ],
)
def test_nothing_that_a_file_names_is_opened(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "list.mp4"
    path.write_bytes(text)
    with pytest.raises(UnreadableError):
        probe(path)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(UnreadableError, match=r"nowhere\.mp4"):
        probe("nowhere.mp4")


@pytest.mark.parametrize("name", ["a.mp4", "b.mkv", "c.ts"])
def test_flipped_bytes_raise_our_error_or_none(tmp_path: Path, name: str) -> None:
    recipe = IN_MATROSKA if name == "b.mkv" else Recipe()
    whole = clip_of(tmp_path / name, recipe).read_bytes()
    random = np.random.default_rng(7)
    for _ in range(40):
        broken = np.frombuffer(whole, np.uint8).copy()
        places = random.integers(0, len(broken), 6)
        broken[places] = random.integers(0, 256, 6)
        path = tmp_path / f"broken-{name}"
        path.write_bytes(broken.tobytes())
        with contextlib.suppress(UnreadableError):  # any other error fails the test
            probe(path)
            for frame in read_frames(path):
                assert frame.rgb.ndim == 3
