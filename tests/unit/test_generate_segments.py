"""A swap in stretches: what is finished is never made again."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from lampoon.generate.segments import LabelledFrames, Segments
from lampoon.media.frame import Frame
from lampoon.media.join import Part
from lampoon.media.reader import read_frames
from lampoon.watermark.label.draw import ParodyLabel
from lampoon.watermark.label.find import SEEN_CORRELATION, label_correlation
from lampoon.watermark.label.presets import LabelPreset
from tests.support.media import picture

BASE = Fraction(1, 12800)
COUNT, SIZE = 20, 8
WIDTH, HEIGHT = 320, 192  # x264 repeats itself bit for bit only in whole blocks


class Studio:
    """Gives frames, notes what was asked for, and fails where told to."""

    def __init__(self, breaks_at: int = COUNT) -> None:
        self.asked: list[tuple[int, int]] = []
        self.breaks_at = breaks_at

    def swapped(self, first: int, stop: int) -> Iterator[Frame]:
        self.asked.append((first, stop))
        for index in range(first, stop):
            if index == self.breaks_at:
                raise KeyboardInterrupt
            rgb = picture(index, (WIDTH, HEIGHT))
            yield Frame.from_rgb(rgb, index, 512 * index, BASE)


def labelled() -> LabelledFrames:
    label = ParodyLabel(
        LabelPreset.EU_FULL, width=WIDTH, height=HEIGHT, seconds=Fraction(1)
    )
    return LabelledFrames(label, Fraction(0), b"segments")


def seal(plain: Path, target: Path) -> None:
    """Stand for signing: the file appears whole under its name."""
    target.write_bytes(plain.read_bytes())


def complete(folder: Path, studio: Studio) -> list[Part]:
    segments = Segments(folder, COUNT, size=SIZE)
    return segments.complete(studio.swapped, labelled(), seal)


def test_an_interrupted_swap_renders_only_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        complete(tmp_path, Studio(breaks_at=10))
    again = Studio()

    complete(tmp_path, again)

    assert again.asked == [(8, 16), (16, 20)]


def test_a_resumed_swap_is_the_same_as_one_in_a_go(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        complete(tmp_path / "twice", Studio(breaks_at=10))

    twice = complete(tmp_path / "twice", Studio())
    once = complete(tmp_path / "once", Studio())

    assert [p.path.read_bytes() for p in twice] == [p.path.read_bytes() for p in once]
    assert [part.first_tick for part in once] == [0, 8 * 512, 16 * 512]


def test_every_frame_of_a_stretch_carries_the_label(tmp_path: Path) -> None:
    for part in complete(tmp_path, Studio()):
        for frame in read_frames(part.path):
            seen = label_correlation(frame.rgb, LabelPreset.EU_FULL)
            assert seen >= SEEN_CORRELATION


def test_what_a_kill_left_behind_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / ".00000000.labelled.mp4"
    left.write_bytes(b"half")

    complete(tmp_path, Studio())

    assert not left.exists()


def test_removing_stretches_leaves_other_files_alone(tmp_path: Path) -> None:
    complete(tmp_path, Studio())
    other = tmp_path / "notes.txt"
    other.write_text("mine")

    Segments(tmp_path, COUNT, size=SIZE).remove()

    assert list(tmp_path.iterdir()) == [other]


def test_only_a_stretch_with_other_settings_is_made_anew(tmp_path: Path) -> None:
    def settings(changed: str) -> Callable[[int, int], str]:
        return lambda first, stop: changed if first == 8 else "as ever"

    for changed in ("one colour", "another colour"):
        studio = Studio()
        segments = Segments(tmp_path, COUNT, size=SIZE, depends=settings(changed))
        parts = segments.complete(studio.swapped, labelled(), seal)

    assert studio.asked == [(8, 16)]
    assert [part.first_tick for part in parts] == [0, 8 * 512, 16 * 512]
