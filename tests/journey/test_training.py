"""A creator's training: studio, a model a shot, and what is left to look at."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from lampoon.errors import ConsentRefusedError, TrainingError
from lampoon.generate.pipeline import preview_job, run_job, train_job
from lampoon.generate.train.snapshots import folder_sha256, newest_model
from lampoon.verify.check import check
from lampoon.verify.evidence import Finding
from lampoon.watermark.label.find import SEEN_CORRELATION, label_correlation
from lampoon.watermark.label.presets import LabelPreset
from lampoon.watermark.manifest.trust import TrustList
from tests.support.performers import withdraw
from tests.support.projects import Project, no_bar, project

pytestmark = pytest.mark.slow

STUDIO = """
[studio]
side = 128
width = 2
code = 4
batch = 2
[training]
timelapse_every = 2
"""
SHOT = """
[[shots]]
first_seconds = 0.4
last_seconds = 0.9
training_iterations = 2
"""


def with_lines(ready: Project, preset: str, lines: str) -> None:
    """Choose a preset of a project and add lines to its file."""
    text = ready.file.read_text()
    text = text.replace('"autoencoder"', f'"autoencoder"\npreset = "{preset}"')
    ready.file.write_text(text + lines)


def test_studio_goes_all_the_way_on_a_machine_without_a_gpu(tmp_path: Path) -> None:
    ready = project(tmp_path, method="autoencoder", iterations=4, frames=26)
    with_lines(ready, "studio", STUDIO)
    said: list[str] = []

    outcome = run_job(ready.file, no_bar, registry=ready.registry, say=said.append)

    assert outcome.training is not None
    assert outcome.training.iterations == 4
    verdict = check(ready.clip, trust=TrustList.load(ready.certificates))
    assert verdict.finding is Finding.LABELLED_PARODY
    assert verdict.label.seen == "seen"
    assert any("made for a GPU" in line for line in said)
    (model,) = (tmp_path / "work").glob("model-studio-128x2x4-*")
    kept = {path.name for path in model.iterdir()}
    assert {"preview.png", "loss.png", "timelapse.webp"} <= kept
    for name in ("preview.png", "timelapse/step-00000002.png"):
        shown = cv2.imread(str(model / name), cv2.IMREAD_COLOR_RGB)
        assert shown is not None
        seen = label_correlation(shown.astype(np.uint8), LabelPreset.EU_FULL)
        assert seen >= SEEN_CORRELATION


@pytest.fixture(scope="module")
def sketch(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose sketch was trained and swapped."""
    ready = project(
        tmp_path_factory.mktemp("sketch"), method="autoencoder", iterations=3
    )
    run_job(ready.file, no_bar, registry=ready.registry)
    return ready


def test_sketch_trains_swaps_and_resumes(sketch: Project) -> None:
    sketch.clip.unlink()

    again = run_job(sketch.file, no_bar, registry=sketch.registry)

    assert again.training is not None
    assert again.training.iterations == 3
    verdict = check(sketch.clip, trust=TrustList.load(sketch.certificates))
    assert verdict.finding is Finding.LABELLED_PARODY
    source_type = verdict.provenance.digital_source_type or ""
    assert source_type.endswith("compositeWithTrainedAlgorithmicMedia")


def test_a_shot_learns_further_and_leaves_the_model_as_it_is(sketch: Project) -> None:
    (training,) = (sketch.file.parent / "work").glob("model-sketch-*")
    model = newest_model(training)
    before = folder_sha256(model)
    with_lines(sketch, "sketch", SHOT)

    with pytest.raises(TrainingError, match="was not trained on this model yet"):
        preview_job(sketch.file, no_bar, count=2)
    learned = train_job(sketch.file, no_bar)

    assert newest_model(training) == model
    assert folder_sha256(model) == before
    (shot,) = learned.shots
    assert shot.frames == range(10, 23)
    assert shot.training is not None
    assert shot.training.iterations == 2
    assert "trained further for 1 shot" in learned.model_name
    assert learned.words_between(0, 10) == learned.words_between(39, 60) == ""
    assert shot.sha256 in learned.words_between(22, 30)


def test_a_shot_wants_consent_as_everything_does(sketch: Project) -> None:
    withdraw(sketch.pair.donor, sketch.pair.donor_key)

    with pytest.raises(ConsentRefusedError):
        train_job(sketch.file, no_bar)
