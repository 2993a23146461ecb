"""Blinks of the bundled performers, as files, against their truth."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lampoon.datasets.samples import sample
from lampoon.verify.blink.calibration import load_calibration
from lampoon.verify.blink.events import SeenBy
from lampoon.verify.blink.human import Context
from lampoon.verify.blink.statistics import BlinkAnswer
from lampoon.verify.calibrate_commands import calibrate_command
from lampoon.verify.check import check
from lampoon.watermark.manifest.trust import TrustList
from tests.support.tamper import Recipe, transcoded
from tests.support.verify import missed_and_invented, truth_of

pytestmark = pytest.mark.slow

FRAMES = 375
"""Fifteen seconds are enough where the whole clip is measured elsewhere."""

OVER_THE_EYES = (0.2, 0.28, 0.85, 0.60)


@pytest.mark.parametrize("name", ["ada", "ben"])
def test_every_blink_of_a_performer_is_found_and_no_other(name: str) -> None:
    found = check(sample(name).clip, trust=TrustList()).blink
    truth = truth_of(sample(name).truth)["blinks"]

    assert missed_and_invented(found.events, truth) == ([], [])
    alone = [event for event in found.events if event.seen_by is not SeenBy.BOTH]
    # half a blink of ada's is seen by landmarks alone where every frame is looked at
    assert [event.complete for event in alone] in ([], [False])
    assert found.doubtful == ()
    assert found.statistics.answer is BlinkAnswer.CONSISTENT
    assert found.statistics.measurable_seconds == pytest.approx(40.0, abs=1.0)
    complete = [each["kind"] == "full" for each in truth]
    assert [event.complete for event in found.events] == complete


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(crf=33, frames=FRAMES),
        Recipe(crf=23, width=320, height=180, frames=FRAMES),
        Recipe(crf=23, every=2, frames=FRAMES),
    ],
    ids=["crf 33", "320x180", "12.5 frames a second"],
)
def test_blinks_survive_being_encoded_again(tmp_path: Path, recipe: Recipe) -> None:
    clip = transcoded(sample("ben").clip, tmp_path / "again.mp4", recipe)

    found = check(clip, trust=TrustList()).blink

    truth = truth_of(sample("ben").truth)["blinks"]
    shown = [each for each in truth if each["end"] < FRAMES / 25]
    assert len(shown) >= 4
    assert missed_and_invented(found.events, shown) == ([], [])


def test_genuine_clips_calibrate_what_is_unusual(tmp_path: Path) -> None:
    clip = transcoded(
        sample("ada").clip, tmp_path / "ada.mp4", Recipe(crf=30, frames=FRAMES)
    )
    app = typer.Typer()
    app.command()(calibrate_command)
    kept = tmp_path / "calibration.json"

    said = CliRunner().invoke(app, [str(clip), "--out", str(kept)])

    assert said.exit_code == 0
    assert "speech: 1 clips; no false-alarm rate below 100.0%" in said.stdout
    assert load_calibration(kept).count(Context.SPEECH) == 1


def test_covered_eyes_are_not_measurable(tmp_path: Path) -> None:
    recipe = Recipe(crf=23, bar=OVER_THE_EYES, frames=FRAMES)
    clip = transcoded(sample("ada").clip, tmp_path / "bar.mp4", recipe)

    found = check(clip, trust=TrustList()).blink

    assert found.events == ()
    assert found.statistics.answer is BlinkAnswer.INCONCLUSIVE
    assert found.statistics.reason.startswith("not measurable")
    assert found.statistics.measurable_seconds < 1.0
