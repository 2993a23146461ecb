"""The comparison is fair by construction, and says what it did and did not do."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lampoon.bench.clips import clips_in
from lampoon.bench.commands import app
from lampoon.bench.watermark.attacks import PUBLISHED, Attack, attacks
from lampoon.bench.watermark.clips import attacked, natives, reread, spread, write
from lampoon.bench.watermark.methods import chosen_methods
from lampoon.bench.watermark.page import page
from lampoon.bench.watermark.peers import PEERS
from lampoon.bench.watermark.quality import Distortion, vmaf, vmaf_program
from lampoon.bench.watermark.run import Budget, compare
from lampoon.bench.watermark.strength import matched
from lampoon.bench.watermark.summary import summary
from lampoon.errors import MediaError, SettingsError
from lampoon.media.frame import Frame
from lampoon.watermark.adapters.coded import Coded
from lampoon.watermark.adapters.videoseal import VIDEOSEAL
from tests.support.marks import pan, written
from tests.support.pictures import CornerMark

RATE = Fraction(25)
KEY = b"8 bytes!"
COUNT = 10


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten frames of a pan, as every marked clip is published."""
    path = tmp_path_factory.mktemp("bench") / "published.mkv"
    write(path, natives((_small(frame) for frame in pan(COUNT)), RATE), PUBLISHED)
    return path


def _small(frame: Frame) -> Frame:
    return frame.with_rgb(frame.rgb[:180, :320])


def named(start: str, seconds: float = COUNT / 25) -> Attack:
    return next(each for each in attacks(seconds) if each.name.startswith(start))


def test_attacks_have_different_names_and_the_first_is_none() -> None:
    names = [attack.name for attack in attacks(1.0)]

    assert len(set(names)) == len(names)
    assert names[0] == "none"


@pytest.mark.parametrize(
    ("start", "size"),
    [
        ("none", (320, 180)),
        ("1/2 size", (160, 90)),
        ("crop 75 %", (240, 134)),
        ("crop to 9:16", (100, 180)),
        ("squeeze to 4:3", (240, 180)),
        ("platform: CRF 26", (212, 120)),
    ],
)
def test_an_attack_leaves_what_it_says(
    published: Path, tmp_path: Path, start: str, size: tuple[int, int]
) -> None:
    left = list(reread(attacked(published, named(start), RATE, tmp_path), RATE))

    assert (left[0].width, left[0].height) == size
    assert [frame.index for frame in left] == list(range(COUNT))


def test_a_cut_out_middle_keeps_its_place(published: Path, tmp_path: Path) -> None:
    left = attacked(published, named("middle half"), RATE, tmp_path)

    assert [frame.index for frame in reread(left, RATE)] == [3, 4, 5, 6, 7]


def test_a_lower_rate_keeps_the_moments(published: Path, tmp_path: Path) -> None:
    left = list(reread(attacked(published, named("rate 5 to 4"), RATE, tmp_path), RATE))

    assert len(left) == COUNT * 4 // 5
    assert left[-1].index >= COUNT - 2


@pytest.mark.slow
def test_every_attack_leaves_frames(published: Path, tmp_path: Path) -> None:
    for attack in attacks(COUNT / 25):
        left = attacked(published, attack, RATE, tmp_path)
        assert spread(left, RATE, 3), attack.name


def test_samples_are_spread_over_what_is_left(published: Path) -> None:
    assert [frame.index for frame in spread(published, RATE, 4)] == [0, 2, 5, 7]
    assert len(spread(published, RATE, 99)) == COUNT


def test_methods_are_made_as_strong_as_they_may_be() -> None:
    frames = list(pan(2))

    mark = matched(Coded(CornerMark()), frames, KEY, 44.0)

    shown = Distortion()
    for before, after in zip(frames, mark.embed(frames, KEY), strict=True):
        shown.add(before, after)
    assert shown.psnr == pytest.approx(44.0, abs=0.4)
    assert mark.strength != 1.0


def test_the_same_pictures_are_not_distorted(published: Path) -> None:
    same = Distortion()
    for frame in reread(published, RATE):
        same.add(frame, frame)

    assert (same.psnr, same.psnr_y) == (99.0, 99.0)


@pytest.mark.skipif(vmaf_program() is None, reason="no ffmpeg with libvmaf here")
def test_vmaf_is_high_for_the_same_frames(published: Path) -> None:
    score = vmaf(published, published)

    assert score is not None
    assert score > 95


@pytest.mark.slow
def test_one_row_a_method_clip_and_attack(tmp_path: Path) -> None:
    clip = written(tmp_path / "pan.mp4", pan(12))

    rows = list(
        compare(
            [clip],
            [CornerMark()],
            Budget(frames=8, samples=3),
            chosen=lambda name: name in ("none", "flip"),
        )
    )

    ours, theirs = rows[:2], rows[2:]
    assert [row["attack"] for row in rows] == ["none", "flip"] * 2
    assert [row["exact"] for row in ours] == [True, True]
    assert theirs[0]["bit_accuracy"] > theirs[1]["bit_accuracy"]
    assert {row["method"] for row in theirs} == {"corners"}
    assert theirs[0]["psnr"] == pytest.approx(ours[0]["psnr"], abs=0.5)
    assert {(row["frames"], row["samples"]) for row in rows} == {(8, 3)}
    assert ours[0]["embed_fps"] > 0


def test_a_clip_of_a_moment_is_refused(tmp_path: Path) -> None:
    clip = written(tmp_path / "short.mp4", pan(2))

    with pytest.raises(MediaError, match="2 frames are too few"):
        list(compare([clip], [], Budget()))


def test_every_method_runs_or_is_named_with_a_reason() -> None:
    methods = chosen_methods()

    told = {mark.name for mark in methods.marks} | set(methods.absent)
    assert told >= {peer.name for peer in PEERS} | {VIDEOSEAL}
    assert all(methods.absent.values())
    assert "rivaGan" in methods.absent


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(SettingsError, match="no method nosuch"):
        chosen_methods(["nosuch"])


def row(method: str, attack: str, **more: Any) -> dict[str, Any]:
    """One row as ``compare`` gives it."""
    plain = {
        "bench": "watermark",
        "method": method,
        "clip": "a.mp4",
        "attack": attack,
        "exact": True,
        "wrong_key": False,
        "bit_accuracy": 1.0,
        "vmaf": None,
        "psnr_y": 45.0,
        "psnr": 46.5,
        "bitrate_growth": 0.02,
        "embed_fps": 100.0,
        "detect_seconds": 0.1,
        "strength": 1.0,
        "frames": 28,
        "samples": 8,
    }
    return plain | more


ROWS = [
    row("ours", "none"),
    row("ours", "2/3 size"),
    row("ours", "1/2 size", exact=False, bit_accuracy=0.8),
    row("ours", "none", clip="b.mp4", exact=False, bit_accuracy=0.6),
    row("theirs", "none", wrong_key=True, exact=False),
]


def test_rows_are_counted_by_attack_and_method() -> None:
    told = summary(ROWS)

    assert told.cell("none", "ours") == "1/2 (0.80)"
    assert told.cell("none", "theirs") == "0/1 (1.00), 1 WRONG"
    assert told.cell("1/2 size", "theirs") == "-"
    assert str(told.total("ours")) == "2/4 (0.85)"
    assert told.prices["ours"].vmaf is None


def test_the_page_needs_nothing_else_and_names_what_did_not_run() -> None:
    html = page(ROWS, {"rivaGan": "not installed"})

    assert "<svg" in html
    assert "src=" not in html
    assert "https://" not in html
    assert "rivaGan: not installed" in html
    assert "1 WRONG" in html


def test_a_page_without_the_attacks_of_a_curve_has_no_curves() -> None:
    assert "<svg" not in page([row("ours", "flip")], {})


def test_names_cannot_break_the_page() -> None:
    html = page([replace_clip("<script>alert(1)</script>.mp4")], {})

    assert "<script>" not in html


def replace_clip(name: str) -> dict[str, Any]:
    return row("ours", "none", clip=name)


def test_an_unknown_attack_is_told_before_anything_is_measured() -> None:
    said = CliRunner().invoke(app, ["watermark", "--attack", "tickling"])

    assert isinstance(said.exception, SettingsError)
    assert "no attack begins with tickling" in str(said.exception)


def test_a_folder_without_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no clip in this folder"):
        clips_in(tmp_path)
    with pytest.raises(MediaError, match="no such folder"):
        clips_in(tmp_path / "nowhere")


@pytest.mark.slow
def test_the_command_gives_rows_and_a_page(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    written(tmp_path / "clips" / "pan.mp4", pan(10))
    words = ["watermark", "--clips", str(tmp_path / "clips"), "--frames", "8"]
    words += ["--samples", "2", "--attack", "none", "--html", str(tmp_path / "p.html")]

    said = CliRunner().invoke(app, [*words, "--json"])

    rows = json.loads(said.stdout)
    ours = [r for r in rows if r.get("method") == "org.lampoon.wm.1"]
    assert [r["exact"] for r in ours] == [True]
    assert any("not_run" in r for r in rows)
    assert "<table>" in (tmp_path / "p.html").read_text(encoding="utf-8")
