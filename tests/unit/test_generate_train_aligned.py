"""Training faceswap's networks: augmentation, loss, and going on bit for bit."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.errors import FaceError, TrainingError
from lampoon.faces.align import Centring, alignment_matrix
from lampoon.generate.faceset import Faceset
from lampoon.generate.interchange import modelfile
from lampoon.generate.interchange.modelfile import ModelState
from lampoon.generate.models.aligned_crop import moved_points
from lampoon.generate.train.aligned import IMPORTED, AlignedSettings, AlignedTrainee
from lampoon.generate.train.aligned_batch import (
    AlignedFaces,
    aligned_faces,
    batch,
    recoloured,
    warped,
)
from lampoon.generate.train.aligned_loss import aligned_loss, similarity
from lampoon.generate.train.aligned_regions import (
    eye_region,
    face_region,
    loss_weights,
    mouth_region,
)
from lampoon.generate.train.loop import Budget, train
from tests.support.networks import tiny_network

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning:keras"
)
REAL_FACES = Path("tests/data/faceswap/faces")


def drawn_faces(seed: int, count: int = 6) -> AlignedFaces:
    """Smooth colour fields that differ by seed, equally weighted."""
    chance = np.random.default_rng(seed)
    ramp = np.linspace(0, 1, 64, dtype=np.float32)
    slope = chance.uniform(60, 190, (count, 1, 1, 3)) * ramp[:, None, None]
    return AlignedFaces(
        (slope + 40 * ramp[None, None, :, None]).astype(np.uint8),
        np.ones((count, 64, 64), np.float32),
    )


def trainee(*, seed: int = 0) -> AlignedTrainee:
    settings = AlignedSettings(batch=2, learning_rate=1e-3, seed=seed)
    return AlignedTrainee(tiny_network(), drawn_faces(1), drawn_faces(2), settings)


def weights_of(one: AlignedTrainee) -> list[npt.NDArray[np.float32]]:
    return [np.asarray(weight) for weight in one.network.model.weights]


def test_faces_of_the_real_program_can_be_trained_on() -> None:
    faceset = Faceset.load(REAL_FACES)
    many = Faceset(faceset.folder, faceset.faces * 9)

    faces = aligned_faces(many)

    assert faces.bgr.shape == (27, 64, 64, 3)
    assert faces.weights.shape == (27, 64, 64)
    assert 0.1 < float((faces.weights[0] > 0).mean()) < 0.6


def test_of_footage_too_long_for_memory_faces_spread_over_it_are_taken() -> None:
    faceset = Faceset.load(REAL_FACES)
    many = Faceset(faceset.folder, faceset.faces * 9)
    first, last = (aligned_faces(many).bgr[place] for place in (0, -1))

    few = aligned_faces(many, most_bytes=5 * 64 * 64 * 7)

    assert few.bgr.shape == (5, 64, 64, 3)
    np.testing.assert_array_equal(few.bgr[0], first)
    np.testing.assert_array_equal(few.bgr[-1], last)


def test_fewer_than_25_faces_are_refused_as_faceswap_does() -> None:
    with pytest.raises(FaceError, match="3 faces are too few"):
        aligned_faces(Faceset.load(REAL_FACES))


def test_a_batch_warps_the_input_and_not_the_target() -> None:
    inputs, targets = batch(drawn_faces(1), 4, np.random.default_rng(0))

    assert inputs.shape == (4, 64, 64, 3)
    assert targets.shape == (4, 64, 64, 4)
    assert inputs.dtype == targets.dtype == np.float32
    difference = np.abs(inputs - targets[..., :3]).mean()
    assert 0.001 < difference < 0.2
    assert targets.min() >= 0
    assert targets.max() <= 1


def test_the_same_chance_makes_the_same_batch() -> None:
    first, second = (
        batch(drawn_faces(1), 4, np.random.default_rng(9)) for _ in range(2)
    )

    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_weights_move_with_the_face() -> None:
    dot = np.full((1, 64, 64, 3), 30, np.uint8)
    dot[:, 20:30, 20:30] = 200
    weights = (dot[..., 0] > 100).astype(np.float32)

    _, targets = batch(AlignedFaces(dot, weights), 6, np.random.default_rng(2))

    for target in targets:
        bright = target[..., 1] > target[..., 1].mean()
        shared = (bright & (target[..., 3] > 0.5)).sum() / (target[..., 3] > 0.5).sum()
        assert shared > 0.9


def test_colours_change_within_faceswaps_bounds() -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    chance = np.random.default_rng(4)

    means = np.array([recoloured(grey, chance).mean() for _ in range(60)])

    assert means.std() > 5
    assert means.min() > 60
    assert means.max() < 215


def test_a_warp_bends_by_a_few_pixels() -> None:
    ramp = np.repeat(np.arange(64, dtype=np.float32)[None, :, None], 64, 0)
    picture = np.repeat(ramp, 3, 2)

    bent = warped(picture, np.random.default_rng(1))

    shift = np.abs(bent - picture)[8:-8, 8:-8]
    assert 0.3 < shift.mean() < 4


def test_eyes_and_mouth_count_more_than_the_face_and_outside_counts_nothing() -> None:
    face = Faceset.load(REAL_FACES).faces[0]
    points = face.record.landmarks
    matrix = alignment_matrix(points, size=64, centring=Centring.FACE)
    aligned = moved_points(points, matrix)

    weights = loss_weights(aligned, 64)

    inner = face_region(aligned, 64, 64) * (weights >= 1)
    eyes, mouth = eye_region(aligned, 64, 64) > 0, mouth_region(aligned, 64, 64) > 0
    assert weights[eyes & (inner > 0)].min() == pytest.approx(4)
    assert weights[mouth & (inner > 0)].min() == pytest.approx(3)
    assert weights[0].max() == weights[-1].max() == 0


@pytest.mark.slow
def test_the_loss_is_nought_for_the_same_and_ignores_what_does_not_count() -> None:
    chance = np.random.default_rng(0)
    face = chance.uniform(0, 1, (2, 64, 64, 3)).astype(np.float32)
    weights = np.zeros((2, 64, 64, 1), np.float32)
    weights[:, 20:40, 20:40] = 1
    target = np.concatenate([face, weights], axis=-1)
    elsewhere, inside = face.copy(), face.copy()
    elsewhere[:, :8] = 0.5
    inside[:, 25:35, 25:35] = 0.5

    same, far, near = (
        float(aligned_loss(target, made)) for made in (face, elsewhere, inside)
    )

    assert same == pytest.approx(0, abs=1e-5)
    assert far == pytest.approx(0, abs=1e-5)
    assert near > 0.01


@pytest.mark.slow
def test_similarity_is_that_of_the_paper() -> None:
    """Against the definition, written out for one pixel."""
    chance = np.random.default_rng(0)
    one, other = chance.uniform(0, 1, (2, 1, 32, 32, 3)).astype(np.float32)

    found = np.asarray(similarity(one, other))[0, 16, 15, 1]

    line = np.exp(-(np.arange(-5, 6) ** 2) / 4.5)
    bell = np.outer(line, line) / line.sum() ** 2
    x, y = (face[0, 11:22, 10:21, 1].astype(np.float64) for face in (one, other))
    mx, my = (bell * x).sum(), (bell * y).sum()
    vx, vy = (bell * x * x).sum() - mx**2, (bell * y * y).sum() - my**2
    both = (bell * x * y).sum() - mx * my
    wanted = (2 * mx * my + 1e-4) * (2 * both + 9e-4)
    wanted /= (mx**2 + my**2 + 1e-4) * (vx + vy + 9e-4)
    assert found == pytest.approx(wanted, abs=1e-4)


@pytest.mark.slow
def test_training_learns_and_both_sides_move(tmp_path: Path) -> None:
    learner = trainee()
    before = weights_of(learner)

    report = train(learner, tmp_path, budget=Budget(iterations=60), save_every=1000)

    first, last = learner.step(1.0), report.losses[0]
    assert learner.examples_per_step == 4
    assert first < last
    for old, new in zip(before, weights_of(learner), strict=True):
        assert not np.array_equal(old, new)


@pytest.mark.slow
def test_a_resumed_training_has_the_very_same_weights(tmp_path: Path) -> None:
    whole, part, resumed = trainee(), trainee(), trainee()
    train(whole, tmp_path / "whole", budget=Budget(iterations=9))
    train(part, tmp_path / "parts", budget=Budget(iterations=4))

    train(resumed, tmp_path / "parts", budget=Budget(iterations=9))

    assert resumed.iterations == 9
    for one, other in zip(weights_of(whole), weights_of(resumed), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_snapshot_is_a_model_folder_of_faceswap(tmp_path: Path) -> None:
    train(trainee(), tmp_path, budget=Budget(iterations=2))

    names = {path.name for path in (tmp_path / "step-00000002").iterdir()}
    assert {"tiny.keras", "tiny_state.json"} <= names


@pytest.mark.slow
def test_a_spoilt_snapshot_is_refused(tmp_path: Path) -> None:
    learner = trainee()
    learner.save(tmp_path)
    for name in ("tiny.keras", "optimiser.npz", "chance.json"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(TrainingError):
            learner.restore(tmp_path)
        (tmp_path / name).write_bytes(whole)
    learner.restore(tmp_path)


@pytest.mark.slow
def test_the_preview_shows_both_sides_in_three_ways() -> None:
    preview = trainee().preview()

    assert preview.shape == (2 * 2 * 64, 2 * 3 * 4 * 64, 3)
    assert preview.dtype == np.uint8


@pytest.mark.slow
def test_a_model_of_faceswap_is_trained_on_and_keeps_what_it_was(
    tmp_path: Path,
) -> None:
    theirs, after = tmp_path / "theirs", tmp_path / "after"
    theirs.mkdir()
    after.mkdir()
    config = {"centering": "face", "coverage": 100.0, "eye_multiplier": 5}
    state = ModelState("tiny", 7, 0.5, config, {"1": {"iterations": 7}})
    modelfile.write(theirs, tiny_network(), state)
    (theirs / IMPORTED).write_text("{}", encoding="utf-8")
    one = trainee()

    one.restore(theirs)
    one.step(0)
    one.save(after)

    kept = modelfile.read_state(after, "tiny")
    assert kept.iterations == 8
    assert kept.sessions == state.sessions
    assert kept.config["eye_multiplier"] == 5
