"""Training and swapping with ``studio`` at its smallest: masks, resume, detours."""

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.errors import TrainingError
from lampoon.faces.landmarks import points68
from lampoon.generate.interchange.model_state import CropStyle
from lampoon.generate.methods.crop import crop_of
from lampoon.generate.methods.protocol import PlateFace
from lampoon.generate.methods.studio import StudioMethod, learned_alpha
from lampoon.generate.models.device import Precision
from lampoon.generate.models.studio import StudioShape
from lampoon.generate.train.aligned_batch import AlignedFaces
from lampoon.generate.train.loop import Budget, train
from lampoon.generate.train.studio import StudioTrainee, StudioTraining
from lampoon.generate.train.supply import Supply
from tests.support.facesets import drawn_track, mean_face

TINY = StudioShape(side=32, width=2, code=4)


def drawn_faces(seed: int) -> AlignedFaces:
    """Smooth colour fields, whose middle counts."""
    chance = np.random.default_rng(seed)
    ramp = np.linspace(0, 1, 32, dtype=np.float32)
    slope = chance.uniform(60, 190, (5, 1, 1, 3)) * ramp[:, None, None]
    weights = np.zeros((5, 32, 32), np.float32)
    weights[:, 8:24, 8:24] = 1
    weights[:, 12:15, 12:20] = 4
    return AlignedFaces(
        np.broadcast_to(slope, (5, 32, 32, 3)).astype(np.uint8), weights
    )


def trainee(precision: Precision = Precision.FULL) -> StudioTrainee:
    settings = StudioTraining(batch=2, learning_rate=3e-3, precision=precision)
    return StudioTrainee(TINY, drawn_faces(1), drawn_faces(2), settings)


def plate() -> PlateFace:
    ramp = np.linspace(60, 200, 320, dtype=np.float32)
    rgb = np.repeat(np.repeat(ramp[None, :, None], 240, 0), 3, 2).astype(np.uint8)
    shapes = np.zeros(52, np.float32)
    return PlateFace(rgb, mean_face(100, 60, 90), shapes, 0.0, 0.0, 0.0, 0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudioTrainee, Path]:
    """A training of 160 steps, whose last snapshot but one is of step 158."""
    folder = tmp_path_factory.mktemp("studio")
    learner = trainee()
    train(learner, folder, budget=Budget(iterations=160), save_every=158)
    return learner, folder


@pytest.mark.slow
def test_a_resumed_training_ends_with_the_very_same_weights_and_moments(
    whole: tuple[StudioTrainee, Path], tmp_path: Path
) -> None:
    shutil.copytree(whole[1] / "step-00000158", tmp_path / "step-00000158")
    resumed = trainee()
    before = resumed.network.weights()

    train(resumed, tmp_path, budget=Budget(iterations=160))

    for name in ("weights.npz", "optimiser.npz"):
        with (
            np.load(whole[1] / "step-00000160" / name) as one,
            np.load(tmp_path / "step-00000160" / name) as other,
        ):
            assert set(one.files) == set(other.files)
            for key in one.files:
                np.testing.assert_array_equal(one[key], other[key])
    after = resumed.network.weights()
    assert not any(np.array_equal(before[name], after[name]) for name in before)


@pytest.mark.slow
def test_the_mask_is_learnt_beside_the_picture_and_used_in_the_swap(
    whole: tuple[StudioTrainee, Path],
) -> None:
    learner, folder = whole
    method = StudioMethod.load(folder / "step-00000160")
    method.begin(drawn_track(1), Path("plate.mp4"))
    (patch,) = method.swap([plate()])

    shown = learner.preview()
    assert shown.shape == (4 * 32, 8 * 32, 3)
    mask = shown[64:96, 128:160].astype(float) / 255
    assert mask[10:22, 10:22].mean() > 0.5 > mask[:4].mean()
    assert mask[10:22, 10:22].mean() > mask[:4].mean() + 0.2
    assert patch is not None
    assert patch.alpha.max() > 0.9
    assert patch.alpha[0].max() == patch.alpha[-1].max() == 0


@pytest.mark.slow
def test_half_precision_trains_and_keeps_whole_weights(tmp_path: Path) -> None:
    learner = trainee(Precision.MIXED)

    report = train(learner, tmp_path, budget=Budget(iterations=3))
    learner.restore(tmp_path / "step-00000003")

    assert np.isfinite(report.losses).all()
    assert learner.iterations == 3
    assert {str(w.dtype) for w in learner.network.decoder.weights} == {"float32"}
    facts = tmp_path / "step-00000003" / "studio.json"
    facts.write_text(facts.read_text().replace("mixed_float16", "float32"))
    with pytest.raises(TrainingError, match='precision = "float32"'):
        learner.restore(tmp_path / "step-00000003")


@pytest.mark.slow
def test_a_spoilt_snapshot_is_refused(
    whole: tuple[StudioTrainee, Path], tmp_path: Path
) -> None:
    learner = whole[0]
    learner.save(tmp_path)
    for name in ("weights.npz", "optimiser.npz", "studio.json"):
        written = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(written[: len(written) // 2])
        with pytest.raises(TrainingError):
            learner.restore(tmp_path)
        (tmp_path / name).write_bytes(written)
    learner.restore(tmp_path)


def test_a_learned_mask_is_followed_where_the_face_is_and_never_far_beyond() -> None:
    face = plate()
    crop = crop_of(face, CropStyle(), 64, whole=True)
    assert crop is not None
    left = np.zeros((64, 64), np.float32)
    left[:, :32] = 1

    half = learned_alpha(crop, left)
    everything = learned_alpha(crop, np.ones((64, 64), np.float32))

    points = points68(face.landmarks) - (crop.x, crop.y)
    middle = int(points[27:36, 0].mean())
    assert half[:, middle + 4 :].max() == 0
    assert half[:, : middle - 12].max() > 0.9
    across = np.flatnonzero(everything.max(axis=0))
    width = float(np.ptp(points[:, 0]))
    assert np.ptp(across) < 1.25 * width


def test_a_face_of_another_size_is_a_mistake() -> None:
    other = AlignedFaces(
        np.zeros((5, 64, 64, 3), np.uint8), np.zeros((5, 64, 64), np.float32)
    )
    with pytest.raises(ValueError, match="another size"):
        StudioTrainee(TINY, other, drawn_faces(2))


def drawn(chance: np.random.Generator) -> npt.NDArray[np.float64]:
    return chance.random(3)


def test_the_batches_of_a_step_are_the_same_however_it_was_reached() -> None:
    whole = Supply(drawn, seed=1, threads=3)
    taken = [whole.take(step) for step in range(9)]
    resumed = Supply(drawn, seed=1, threads=1)
    resumed.restore(whole.as_plain())

    np.testing.assert_array_equal(resumed.take(7), taken[7])
    assert len({batch.tobytes() for batch in taken}) == 9


def test_a_training_that_went_astray_gets_other_batches() -> None:
    supply = Supply(drawn, seed=1, threads=1)
    first = supply.take(4)

    supply.restore({"detour": 0})

    assert not np.array_equal(supply.take(4), first)
    assert supply.as_plain() == {"detour": 1}
