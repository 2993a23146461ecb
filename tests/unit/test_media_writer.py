from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from lampoon.datasets.samples import sample
from lampoon.errors import MediaError, UnreadableError
from lampoon.media.frame import Frame
from lampoon.media.reader import probe, read_frames
from lampoon.media.writer import Encoding, write_clip
from tests.support.media import Recipe, clip_of, picture, sound_packets

QUICK = Encoding(preset="ultrafast", crf=12)
MILLISECONDS = Fraction(1, 1000)
UNEVEN = (0, 512, 1536, 2048, 4608, 5120, 5121, 9000)
IN_MATROSKA = Recipe(ticks=range(0, 480, 40), time_base=MILLISECONDS)


def some_frames(count: int = 4) -> Iterator[Frame]:
    for index in range(count):
        yield Frame.from_rgb(picture(index), index, index * 40, MILLISECONDS)


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("even.mp4", Recipe()),
        ("uneven.mp4", Recipe(ticks=UNEVEN)),
        ("late.mp4", Recipe(ticks=[t + 700 for t in UNEVEN], sounds=("aac",))),
        (
            "ntsc.mp4",
            Recipe(ticks=range(0, 20020, 1001), time_base=Fraction(1, 30000)),
        ),
        ("turned.mp4", Recipe(rotation=90)),
        ("ten.mp4", Recipe(codec="libx265", pix_fmt="yuv420p10le")),
        ("vp9.webm", replace(IN_MATROSKA, codec="libvpx-vp9")),
        ("odd.mkv", replace(IN_MATROSKA, size=(63, 47), pix_fmt="yuv444p")),
        ("one.mp4", Recipe(ticks=(0,))),
        ("cast.ts", Recipe(ticks=range(0, 36000, 3600), time_base=Fraction(1, 90000))),
    ],
)
def test_every_frame_keeps_its_moment(
    tmp_path: Path, name: str, recipe: Recipe
) -> None:
    source = clip_of(tmp_path / name, recipe)
    target = tmp_path / "out.mp4"
    before = list(read_frames(source))
    clip = write_clip(target, before, sound_from=source, encoding=Encoding())
    after = list(read_frames(target))
    assert [f.seconds for f in after] == [f.seconds for f in before]
    assert clip.time_base == before[0].time_base
    assert clip.seconds == probe(source).seconds
    assert (clip.codec, clip.rotation) == ("h264", 0)


@pytest.mark.parametrize(
    ("name", "sounds"),
    [
        ("a.mp4", ("aac",)),
        ("b.mp4", ("libmp3lame", "ac3")),
        ("c.mkv", ("libopus",)),
        ("d.mkv", ("flac",)),
        ("e.mov", ("alac",)),
    ],
)
def test_sound_is_copied_bit_by_bit(
    tmp_path: Path, name: str, sounds: tuple[str, ...]
) -> None:
    recipe = IN_MATROSKA if name.endswith("mkv") else Recipe()
    source = clip_of(tmp_path / name, replace(recipe, sounds=sounds))
    target = tmp_path / "out.mp4"
    write_clip(target, read_frames(source), sound_from=source, encoding=QUICK)
    before, after = sound_packets(source), sound_packets(target)
    assert len(before) == len(sounds)
    for old, new in zip(before, after, strict=True):
        assert [payload for _, payload in new] == [payload for _, payload in old]
        tick = MILLISECONDS if name.endswith("mkv") else Fraction(0)
        moved = [abs(a - b) for (a, _), (b, _) in zip(old, new, strict=True)]
        assert max(moved) <= tick


def test_sound_that_mp4_cannot_hold_becomes_aac_once(tmp_path: Path) -> None:
    source = clip_of(
        tmp_path / "pcm.mkv", replace(IN_MATROSKA, sounds=("pcm_s16le", "libopus"))
    )
    target = tmp_path / "out.mp4"
    clip = write_clip(target, read_frames(source), sound_from=source, encoding=QUICK)
    assert [sound.codec for sound in clip.sounds] == ["aac", "opus"]
    assert abs(clip.sounds[0].seconds - Fraction(1, 2)) < Fraction(3, 100)


def test_sound_and_picture_stay_together_when_a_clip_starts_late(
    tmp_path: Path,
) -> None:
    frames = [
        Frame.from_rgb(picture(i), i, 5_000_000 + 40 * i, MILLISECONDS)
        for i in range(3)
    ]
    clip = write_clip(tmp_path / "out.mp4", frames, sound_from=None, encoding=QUICK)
    first = next(read_frames(clip.path))
    assert first.pts == 0


def test_a_plate_written_unchanged_keeps_its_colours(tmp_path: Path) -> None:
    source, target = sample("ben").clip, tmp_path / "out.mp4"
    encoding = Encoding(crf=12, preset="veryfast")
    write_clip(target, read_frames(source, stop=8), sound_from=None, encoding=encoding)
    for old, new in zip(read_frames(source, stop=8), read_frames(target), strict=True):
        difference = new.rgb.astype(int) - old.rgb
        assert np.abs(difference).mean() < 1.0
        assert np.abs(difference.mean(axis=(0, 1))).max() < 0.15


def test_an_old_matrix_is_turned_into_the_new_one(tmp_path: Path) -> None:
    source = clip_of(tmp_path / "old.mp4", Recipe(matrix=6))
    target = tmp_path / "out.mp4"
    write_clip(target, read_frames(source), sound_from=None, encoding=QUICK)
    with av.open(str(target)) as container:
        native = next(container.decode(video=0))
        assert (native.colorspace, native.color_range) == (1, 1)
        assert (native.color_primaries, native.color_trc) == (1, 1)
    error = next(read_frames(target)).rgb.astype(int) - picture(0)
    assert np.abs(error.mean(axis=(0, 1))).max() < 1.5


def test_changed_pixels_are_what_is_written(tmp_path: Path) -> None:
    source = clip_of(tmp_path / "in.mp4")
    changed = [f.with_rgb(255 - f.rgb) for f in read_frames(source)]
    clip = write_clip(tmp_path / "out.mp4", changed, sound_from=None, encoding=QUICK)
    for old, new in zip(changed, read_frames(clip.path), strict=True):
        assert np.abs(old.rgb.astype(int) - new.rgb).mean() < 2.5


def test_an_odd_picture_grows_by_one_repeated_pixel(tmp_path: Path) -> None:
    rgb = picture(0, (63, 47))
    frames = [Frame.from_rgb(rgb, 0, 0, MILLISECONDS)]
    clip = write_clip(tmp_path / "out.mp4", frames, sound_from=None, encoding=QUICK)
    assert (clip.width, clip.height) == (64, 48)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError, ValueError])
def test_an_interrupted_clip_leaves_nothing(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    def breaking() -> Iterator[Frame]:
        yield from some_frames()
        raise interruption

    folder = tmp_path / "out"
    folder.mkdir()
    source = clip_of(tmp_path / "in.mp4", Recipe(sounds=("aac",)))
    with pytest.raises(interruption):
        write_clip(folder / "out.mp4", breaking(), sound_from=source)
    assert list(folder.iterdir()) == []


def test_an_older_clip_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    target.write_bytes(b"older")
    with pytest.raises(ValueError, match="does not follow"):
        write_clip(target, [*some_frames(), *some_frames()], sound_from=None)
    assert target.read_bytes() == b"older"


def test_unreadable_sound_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing")
    with pytest.raises(UnreadableError, match=r"broken\.mp4"):
        write_clip(tmp_path / "out.mp4", some_frames(), sound_from=broken)
    assert not (tmp_path / "out.mp4").exists()


def test_no_frames_is_an_error_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no frames"):
        write_clip(tmp_path / "out.mp4", [], sound_from=None)
    assert list(tmp_path.iterdir()) == []


def test_a_comment_is_kept_and_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    clip = write_clip(
        tmp_path / "out.mp4",
        some_frames(),
        sound_from=None,
        comment="parody",
        tell=lambda done, total: told.append((done, total)),
        total=4,
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    with av.open(str(clip.path)) as container:
        assert container.metadata["comment"] == "parody"


@pytest.mark.parametrize("size", [(320, 180), (448, 192)])
def test_the_same_frames_give_the_same_pictures_again(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    """Also where x264's widest vectors do not fit the width."""
    width, height = size
    random = np.random.default_rng(3)
    wall = random.integers(0, 255, (height + 40, width + 80, 3)).astype(np.uint8)
    wall = np.asarray(cv2.GaussianBlur(wall, (0, 0), 2), np.uint8)

    def frames() -> Iterator[Frame]:
        for index in range(40):
            part = wall[index // 2 : index // 2 + height, index : index + width]
            noise = np.random.default_rng(index).integers(0, 9, part.shape)
            rgb = np.minimum(part + noise, 255).astype(np.uint8)
            yield Frame.from_rgb(rgb, index, index * 40, MILLISECONDS)

    written = []
    for time in range(4):
        target = tmp_path / f"{time}.mp4"
        write_clip(target, frames(), sound_from=None, encoding=Encoding(threads=1))
        with av.open(str(target)) as container:
            written.append([bytes(packet) for packet in container.demux(video=0)])
        random.integers(0, 255, int(random.integers(1, 3_000_000)))
    assert written[1:] == written[:1] * 3
