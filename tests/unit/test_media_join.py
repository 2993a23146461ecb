"""Parts of a clip, joined without a second encode."""

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from lampoon.datasets.samples import sample
from lampoon.errors import MediaError
from lampoon.media.frame import Frame
from lampoon.media.join import Part, join_clips
from lampoon.media.reader import read_frames
from lampoon.media.writer import Encoding, write_clip
from tests.support.media import picture

QUICK = Encoding(preset="veryfast")


def frames(ticks: list[int], base: Fraction) -> list[Frame]:
    return [
        Frame.from_rgb(picture(index), index, tick, base)
        for index, tick in enumerate(ticks)
    ]


def parts_of(given: list[Frame], folder: Path, size: int) -> list[Part]:
    parts = []
    for first in range(0, len(given), size):
        path = folder / f"{first}.mp4"
        write_clip(path, given[first : first + size], sound_from=None, encoding=QUICK)
        parts.append(Part(path, given[first].pts))
    return parts


@pytest.mark.parametrize(
    ("ticks", "base"),
    [
        ([512 * k for k in range(40)], Fraction(1, 12800)),
        ([1001 * k + 77 for k in range(40)], Fraction(1, 30000)),
        ([0, 40, 50, 51, 300, 310, 900, 905, 990, 1200, 1201, 1500], Fraction(1, 1000)),
        ([k + 20000 for k in range(30)], Fraction(1, 25)),  # starts after 800 seconds
        ([3 * k for k in range(20)], Fraction(1, 90)),
    ],
    ids=["25", "29.97", "variable", "late", "coarse"],
)
def test_the_whole_has_every_moment_of_the_source(
    tmp_path: Path, ticks: list[int], base: Fraction
) -> None:
    given = frames(ticks, base)
    whole = write_clip(tmp_path / "w.mp4", given, sound_from=None, encoding=QUICK)

    join_clips(
        tmp_path / "joined.mp4",
        parts_of(given, tmp_path, 7),
        time_base=base,
        sound_from=None,
    )

    joined = list(read_frames(tmp_path / "joined.mp4"))
    assert [f.seconds for f in joined] == [f.seconds for f in read_frames(whole.path)]
    for made, source in zip(joined, given, strict=True):
        assert np.abs(made.rgb.astype(int) - source.rgb).mean() < 6


def test_sound_comes_along_bit_for_bit(tmp_path: Path) -> None:
    source = sample("ada").clip
    given = list(islice(read_frames(source), 30))
    parts = parts_of(given, tmp_path, 12)

    join_clips(
        tmp_path / "joined.mp4",
        parts,
        time_base=given[0].time_base,
        sound_from=source,
    )

    def packets(path: Path) -> list[tuple[int | None, bytes]]:
        with av.open(str(path)) as clip:
            return [(p.pts, bytes(p)) for p in clip.demux(audio=0) if p.size]

    assert packets(tmp_path / "joined.mp4") == packets(source)


def test_parts_that_do_not_fit_leave_nothing(tmp_path: Path) -> None:
    given = frames([512 * k for k in range(8)], Fraction(1, 12800))
    parts = parts_of(given, tmp_path, 4)

    with pytest.raises(MediaError, match="too early"):
        join_clips(
            tmp_path / "joined.mp4",
            [parts[1], parts[0]],
            time_base=given[0].time_base,
            sound_from=None,
        )
    assert not list(tmp_path.glob("*joined*"))


def test_nothing_cannot_be_joined(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing"):
        join_clips(tmp_path / "j.mp4", [], time_base=Fraction(1, 25), sound_from=None)
