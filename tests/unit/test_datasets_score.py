"""Measures of the eyes side by side, on a bundled performer and its truth."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lampoon.datasets.disturb import CLEAN, SLOW, SMALL, disturbed
from lampoon.datasets.samples import sample
from lampoon.datasets.score import Measure, Scores, rows_of, score_clip
from lampoon.media.reader import probe, read_frames
from tests.support.tamper import Recipe, transcoded
from tests.support.verify import truth_of

SECONDS = 8


def beginning(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The first seconds of a performer, with the truth as rendered clips have it."""
    recipe = Recipe(crf=20, frames=SECONDS * 25)
    clip = transcoded(sample("ben").clip, folder / "ben.mp4", recipe)
    truth = truth_of(sample("ben").truth)
    frames = [
        {
            "seconds": frame["t"],
            **{
                f"{kind}_{side}": frame[f"closure_{side[0]}"]
                for kind in ("closure", "blink_closure")
                for side in ("left", "right")
            },
        }
        for frame in truth["frames"][: SECONDS * 25]
    ]
    blinks = [blink for blink in truth["blinks"] if blink["end"] < SECONDS]
    return clip, {"frames": frames, "blinks": blinks}


def test_half_of_the_frames_keep_their_moments(tmp_path: Path) -> None:
    clip = transcoded(sample("ben").clip, tmp_path / "a.mp4", Recipe(frames=10))

    thin = disturbed(clip, replace(SLOW, height=90), tmp_path / "b.mp4")

    before = [frame.seconds for frame in read_frames(clip)]
    assert [frame.seconds for frame in read_frames(thin)] == before[::2]
    assert (probe(thin).width, probe(thin).height) == (160, 90)


def test_a_clean_clip_is_the_clip_itself(tmp_path: Path) -> None:
    assert (
        disturbed(sample("ben").clip, CLEAN, tmp_path / "b.mp4") == sample("ben").clip
    )


@pytest.mark.slow
def test_every_measure_is_scored_on_the_same_frames_and_blinks(tmp_path: Path) -> None:
    clip, truth = beginning(tmp_path)
    scores: Scores = {}

    score_clip(clip, truth, (CLEAN, SMALL), scores)

    rows = rows_of(scores)
    assert [row["measure"] for row in rows[: len(Measure)]] == [*Measure]
    assert {row["clip"] for row in rows} == {CLEAN.name, SMALL.name}
    assert len({row["frames"] for row in rows}) == 1
    assert {row["blinks"] for row in rows} == {len(truth["blinks"])}
    assert np.mean([row["f1"] for row in rows]) > 0.9
    assert min(row["area_under_curve"] for row in rows) > 0.95
