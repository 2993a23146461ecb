"""Several people in the frame: only the consented one is swapped."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from lampoon.consent.record import Method
from lampoon.datasets.samples import sample
from lampoon.faces.track import FaceTrack, main_track, track_clip
from lampoon.generate.bystanders import without_bystanders
from lampoon.generate.convert import Converter
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from lampoon.media.writer import Encoding, write_clip
from tests.support.faces import performer_frames
from tests.support.paint import GreenPaint
from tests.support.performers import granted, tiny_pair
from tests.support.texture import tracked

pytestmark = pytest.mark.slow

WIDTH, HEIGHT, COUNT = 640, 240, 54


def person(name: str, index: int) -> npt.NDArray[np.uint8]:
    """Return a performer's upright middle, 240 pixels high."""
    rgb = performer_frames(name, 0, COUNT)[index].rgb
    width = rgb.shape[1]
    middle = rgb[:, width // 2 - rgb.shape[0] // 2 :][:, : rgb.shape[0]]
    small = cv2.resize(middle, (HEIGHT, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def together(index: int, *, cross: bool) -> npt.NDArray[np.uint8]:
    """Return ada and ben side by side; crossing, ada walks before ben and past."""
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    share = np.clip((index - 6) / 40, 0, 1) if cross else 0.0
    way = WIDTH - HEIGHT
    for name, left in (("ben", way - round(way * share)), ("ada", round(way * share))):
        picture[:, left : left + HEIGHT] = person(name, index)
    return picture


def plate(folder: Path, *, cross: bool) -> Path:
    """Write the clip of both."""

    def frames() -> Iterator[Frame]:
        for index in range(COUNT):
            picture = together(index, cross=cross)
            yield Frame.from_rgb(picture, index, index * 512, Fraction(1, 12800))

    path = folder / "both.mp4"
    write_clip(
        path, frames(), sound_from=None, encoding=Encoding(crf=14, preset="fast")
    )
    return path


def swapped(clip: Path, folder: Path) -> tuple[FaceTrack, list[Frame], Converter]:
    tracks = track_clip(clip)
    track = without_bystanders(main_track(tracks, clip), tracks, clip)
    converter = Converter(
        clip, track, GreenPaint(), granted(tiny_pair(folder), Method.MESH)
    )
    return track, list(converter.stretch(0, COUNT)), converter


def painted(frame: Frame, before: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return np.asarray((frame.rgb != before).any(2))


def test_the_other_face_keeps_every_pixel(tmp_path: Path) -> None:
    clip = plate(tmp_path, cross=False)
    track, made, _ = swapped(clip, tmp_path)
    of_ada = bool(np.nanmedian(track.boxes[:, 0]) < WIDTH / 2)
    for frame, before in zip(made, read_frames(clip), strict=True):
        changed = painted(frame, before.rgb)
        halves = changed[:, : WIDTH // 2], changed[:, WIDTH // 2 :]
        own, other = halves if of_ada else halves[::-1]
        assert own.sum() > 1000
        assert not other.any()


def test_who_crosses_is_never_taken_for_the_other(tmp_path: Path) -> None:
    clip = plate(tmp_path, cross=True)
    track, made, converter = swapped(clip, tmp_path)
    of_ada = []
    for frame, before in zip(made, read_frames(clip), strict=True):
        columns = np.nonzero(painted(frame, before.rgb))[1]
        share = np.clip((frame.index - 6) / 40, 0, 1)
        if len(columns) and abs(share - 0.5) > 0.15:  # they stand apart
            on_the_right = columns.mean() > WIDTH / 2
            of_ada.append(on_the_right == (share > 0.5))
    assert len(of_ada) > 8
    assert len(set(of_ada)) == 1
    assert 0 < track.present.sum() < COUNT
    assert converter.report.figures()["plate_kept"]["lost"]["frames"] > 0


def test_a_clip_of_one_person_is_left_as_it_is() -> None:
    track = tracked("ada", 0, 8)
    assert without_bystanders(track, [track], sample("ada").clip) is track
