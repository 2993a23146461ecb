"""``lampoon watermark detect``: what people and machines are told, and shown."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from lampoon.errors import ProvenanceError
from lampoon.watermark.commands import app
from lampoon.watermark.fingerprint import FingerprintTaker, watched
from lampoon.watermark.invisible.describe import place_in_words
from lampoon.watermark.invisible.embed import MarkedFrames
from lampoon.watermark.registry import Entry, Registry
from tests.support.marks import changed, pan, written

KEY = bytes.fromhex("feedface00c0ffee")
URN = "urn:c2pa:47b6ffd4-e38c-4917-a4d8-617b6f6b20fd"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["detect", *[str(word) for word in words]])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A marked and registered clip, one cropped of it, one with a foreign middle."""
    folder = tmp_path_factory.mktemp("house")
    taker = FingerprintTaker()
    frames = list(watched(MarkedFrames(pan(10), KEY), taker))
    written(folder / "cropped.mp4", changed(frames, "crop 75 %"))
    pasted = []
    for frame, other in zip(frames, pan(10, seed=5), strict=True):
        rgb = frame.rgb.copy()
        rgb[120:360, 290:570] = other.rgb[120:360, 290:570]
        pasted.append(frame.with_rgb(rgb))
    written(folder / "pasted.mp4", iter(pasted))
    written(folder / "plain.mp4", pan(4))
    registry = Registry.at(folder / "registry.db")
    registry.put(Entry(KEY, URN, b"store", taker.fingerprint().to_bytes()))
    registry.close()
    return folder


def test_machines_are_told_key_odds_geometry_and_record(house: Path) -> None:
    said = run(house / "cropped.mp4", "--registry", house / "registry.db", "--json")
    told = json.loads(said.stdout)
    assert said.exit_code == 0
    assert (told["found"], told["key"], told["manifest"]) == (True, KEY.hex(), URN)
    assert told["odds"] < 1e-6
    lie = told["geometry"]
    assert lie["scale"] == pytest.approx(4 / 3, rel=0.005)
    assert lie["crop"] == pytest.approx([0.75, 0.75], abs=0.005)
    assert lie["flip"] is False
    assert lie["rotation"] == pytest.approx(0.0, abs=0.1)


@pytest.mark.slow
def test_without_a_registry_record_and_crop_are_not_known(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMPOON_HOME", str(tmp_path))
    told = json.loads(run(house / "cropped.mp4", "--json").stdout)
    assert told["manifest"] is None
    assert told["geometry"]["crop"] is None


@pytest.mark.slow
def test_a_clip_without_a_mark_is_exit_code_one(house: Path) -> None:
    said = run(house / "plain.mp4", "--registry", house / "registry.db")
    assert said.exit_code == 1
    assert "proves nothing" in said.stdout


def test_the_picture_is_red_where_something_was_put(
    house: Path, tmp_path: Path
) -> None:
    drawn = tmp_path / "map.png"
    said = run(house / "pasted.mp4", "--map", drawn)
    assert "A hint, not a proof" in said.stdout
    shown = cv2.imread(str(drawn))
    assert shown is not None
    rows, columns = np.nonzero(np.all(shown == (40, 40, 255), axis=2))
    assert [rows.min(), rows.max()] == pytest.approx([120, 360], abs=56)
    assert [columns.min(), columns.max()] == pytest.approx([290, 570], abs=56)


@pytest.mark.slow
def test_a_map_that_cannot_be_written_is_said(house: Path, tmp_path: Path) -> None:
    failed = run(house / "pasted.mp4", "--map", tmp_path / "gone" / "map.png")
    assert isinstance(failed.exception, ProvenanceError)
    assert "cannot be written" in str(failed.exception)


@pytest.mark.parametrize(
    ("across", "down", "words"),
    [
        ((0, 8), (0, 9), "the left half"),
        ((8, 16), (0, 9), "the right half"),
        ((0, 16), (5, 9), "the lower half"),
        ((4, 8), (3, 6), "25% to 50% from the left, 33% to 67% from the top"),
        ((0, 0), (0, 0), None),
    ],
)
def test_a_place_has_words(
    across: tuple[int, int], down: tuple[int, int], words: str | None
) -> None:
    cells = np.zeros((9, 16), np.bool_)
    cells[slice(*down), slice(*across)] = True
    assert place_in_words(tuple(map(tuple, cells.tolist()))) == words
