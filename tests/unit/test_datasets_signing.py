"""Rendered takes come signed as drawn, and what they show agrees with their truth."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lampoon.datasets.performers.render import render_take
from lampoon.errors import SigningError
from lampoon.faces.track import main_track, track_clip
from lampoon.watermark.manifest.build import SourceType
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.reading import ValidationState
from tests.support.certificates import late_signer, troupe
from tests.support.people import ada, needs_graphics, short_take

pytestmark = [
    pytest.mark.slow,
    pytest.mark.graphics,
    pytest.mark.usefixtures("graphics"),
]

UPPER_LIP, LOWER_LIP = 13, 14
"""The middles of the inner lips on the face mesh."""
EYES = 33, 263
"""The outer corners of the eyes."""


@pytest.fixture(scope="module")
def graphics() -> None:
    needs_graphics()


def test_a_take_that_was_rendered_unsigned_is_rendered_again_to_be_signed(
    tmp_path: Path,
) -> None:
    take = short_take(seconds=0.2)
    plain = render_take(ada(), take, tmp_path)
    assert not read_manifest(plain.clip, trust=troupe().trust).found

    signed = render_take(ada(), take, tmp_path, signer=troupe())
    before = signed.clip.stat().st_mtime_ns
    again = render_take(ada(), take, tmp_path, signer=troupe())

    reading = read_manifest(signed.clip, trust=troupe().trust)
    assert reading.state is ValidationState.TRUSTED
    assert reading.digital_source_types == (str(SourceType.DRAWN),)
    assert again.clip.stat().st_mtime_ns == before
    assert not (tmp_path / ".parts").exists()


def test_a_signer_that_fails_leaves_no_clip(tmp_path: Path) -> None:
    with pytest.raises(SigningError):
        render_take(ada(), short_take(seconds=0.2), tmp_path, signer=late_signer())

    assert not list(tmp_path.glob("*.mp4"))


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
def test_lips_seen_in_the_picture_move_as_the_truth_says(tmp_path: Path) -> None:
    take = short_take(context="speech", seconds=4.0, width=320, height=180, seed=6)
    made = render_take(ada(), take, tmp_path)
    frames = json.loads(made.truth.read_text())["frames"]
    track = main_track(track_clip(made.clip), made.clip)

    assert track.present.all()
    assert track.frame_count == len(frames)
    points = track.landmarks
    gap = np.linalg.norm(points[:, UPPER_LIP] - points[:, LOWER_LIP], axis=1)
    gap /= np.linalg.norm(points[:, EYES[0]] - points[:, EYES[1]], axis=1)
    jaw = np.array([frame["jaw"] for frame in frames])
    shut = np.array([frame["lips_shut"] for frame in frames]) > 0.95
    assert np.corrcoef(gap, jaw)[0, 1] > 0.8
    assert shut.sum() >= 5
    assert np.median(gap[shut]) < 0.2 * np.percentile(gap, 90)
