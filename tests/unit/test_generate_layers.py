"""What an artist made elsewhere lies over the swap, matched by time."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lampoon.errors import LampoonError
from lampoon.generate.job import LayerSettings
from lampoon.generate.layers import open_foreground
from lampoon.media.frame import Frame
from tests.support.media import Recipe, clip_of

SIZE = (64, 48)
FRAMES = 12
STEP = 512
BASE = Fraction(1, 12800)


@pytest.fixture
def footage(tmp_path: Path) -> Path:
    """Twelve frames at 25 a second that begin late, as cuts do."""
    ticks = tuple(range(1024, 1024 + FRAMES * STEP, STEP))
    return clip_of(tmp_path / "footage.mp4", Recipe(ticks=ticks))


def hat(level: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """A square that tells its number by its red, the rest clear."""
    rgba = np.zeros((size[1], size[0], 4), np.uint8)
    rgba[8:24, 16:48] = (level, 0, 0, 255)
    return Image.fromarray(rgba)


def hats(folder: Path, count: int, *, first: int = 1) -> Path:
    folder.mkdir()
    for number in range(first, first + count):
        hat(10 * (number - first)).save(folder / f"hat.{number:04d}.png")
    return folder


def film(path: Path, codec: str, pix_fmt: str, count: int = 6) -> Path:
    """Write numbered hats as a clip at 25 frames a second."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = SIZE
        stream.pix_fmt = pix_fmt
        for number in range(count):
            picture = np.asarray(hat(40 * number))
            native = av.VideoFrame.from_ndarray(picture, format="rgba")
            output.mux(stream.encode(native.reformat(format=pix_fmt)))
        output.mux(stream.encode(None))
    return path


def seen(footage: Path, layer: LayerSettings) -> list[int]:
    """Return the red in the middle of the hat, frame by frame; -1 without a hat."""
    foreground = open_foreground([layer], footage)
    grey = np.full((SIZE[1], SIZE[0], 3), 200, np.uint8)
    found = []
    for index in range(FRAMES):
        frame = Frame.from_rgb(grey, index, 1024 + index * STEP, BASE)
        red, green, _ = (int(each) for each in foreground.over(frame).rgb[16, 32])
        found.append(red if green < 150 else -1)
    return found


def test_numbered_pictures_follow_the_frames(footage: Path, tmp_path: Path) -> None:
    folder = hats(tmp_path / "hats", 4, first=997)  # 999 comes before 1000

    shown = seen(footage, LayerSettings(folder, first_seconds=0.08))

    assert shown == [-1, -1, 0, 10, 20, 30, *[-1] * 6]


def test_one_picture_stays_for_its_time(footage: Path, tmp_path: Path) -> None:
    still = tmp_path / "patch.png"
    hat(90).save(still)

    shown = seen(footage, LayerSettings(still, first_seconds=0.2, last_seconds=0.32))

    assert shown == [*[-1] * 5, 90, 90, 90, *[-1] * 4]


def test_half_opaque_shows_half(footage: Path, tmp_path: Path) -> None:
    still = tmp_path / "patch.png"
    hat(100).save(still)

    shown = seen(footage, LayerSettings(still, opacity=0.5))

    assert shown == [150] * FRAMES


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("hat.mov", "prores_ks", "yuva444p10le"),
        ("hat.mov", "qtrle", "argb"),
        ("hat.webm", "libvpx-vp9", "yuva420p"),
    ],
)
def test_a_clip_with_alpha_is_matched_by_time(
    footage: Path, tmp_path: Path, name: str, codec: str, pix_fmt: str
) -> None:
    clip = film(tmp_path / name, codec, pix_fmt)

    shown = seen(footage, LayerSettings(clip, first_seconds=0.12))

    wanted = [*[-1] * 3, 0, 40, 80, 120, 160, 200, *[-1] * 3]
    assert np.abs(np.subtract(shown, wanted)).max() <= 12  # lossy colours


def test_a_picture_before_the_last_one_is_found_again(
    footage: Path, tmp_path: Path
) -> None:
    clip = film(tmp_path / "hat.mov", "qtrle", "argb")
    foreground = open_foreground([LayerSettings(clip)], footage)
    grey = np.full((SIZE[1], SIZE[0], 3), 200, np.uint8)

    reds = [
        int(foreground.over(Frame.from_rgb(grey, index, 0, BASE)).rgb[16, 32, 0])
        for index in (4, 1, 5, 0)
    ]

    assert reds == [160, 40, 200, 0]


def test_what_changes_a_layer_changes_its_name(footage: Path, tmp_path: Path) -> None:
    still = tmp_path / "patch.png"
    names = set()
    for level in (10, 20):
        hat(level).save(still)
        names.add(open_foreground([LayerSettings(still)], footage).sha256)
    names.add(open_foreground([LayerSettings(still, opacity=0.5)], footage).sha256)

    assert len(names) == 3


def test_every_unfit_layer_is_refused_in_words(footage: Path, tmp_path: Path) -> None:
    folder = hats(tmp_path / "hats", 4)
    small, opaque = tmp_path / "small.png", tmp_path / "opaque.png"
    hat(0, (32, 24)).save(small)
    hat(0).convert("RGB").save(opaque)
    nameless = hats(tmp_path / "nameless", 1)
    hat(0).save(nameless / "hat.png")
    gap = hats(tmp_path / "gap", 4)
    (gap / "hat.0002.png").unlink()
    refused = {
        "there is no such layer": LayerSettings(tmp_path / "none.png"),
        "is 32 x 24, the footage 64 x 48": LayerSettings(small),
        "has no alpha": LayerSettings(opaque),
        "no alpha channel": LayerSettings(clip_of(tmp_path / "opaque.mp4")),
        "frame 2 is missing": LayerSettings(gap),
        "8 frames are missing at its end": LayerSettings(folder, last_seconds=0.48),
        "never seen": LayerSettings(small, first_seconds=7.0),
        "no number": LayerSettings(nameless),
    }
    for words, layer in refused.items():
        with pytest.raises(LampoonError, match=words):
            open_foreground([layer], footage)
