"""The network of ``studio`` at a tiny size: shapes, one way to the donor, learning."""

import numpy as np
import pytest

from lampoon.generate.models.studio import StudioNetwork, StudioShape, build_studio
from lampoon.generate.train.studio import studio_learner

TINY = StudioShape(side=32, width=2, code=4)


def fresh() -> StudioNetwork:
    import keras

    keras.utils.set_random_seed(1)
    return build_studio(TINY)


def pictures(count: int) -> np.typing.NDArray[np.float32]:
    return np.random.default_rng(1).random((count, 32, 32, 3), dtype=np.float32)


@pytest.mark.slow
def test_pictures_and_masks_come_out_at_the_size_they_went_in() -> None:
    network = fresh()

    for made in (network.performer(pictures(2)), network.donor(pictures(2))):
        shown = np.asarray(made)
        assert shown.shape == (2, 32, 32, 4)
        assert shown.min() >= 0
        assert shown.max() <= 1


@pytest.mark.slow
def test_only_the_performer_goes_through_the_own_block() -> None:
    network = fresh()
    performer, donor = (
        np.asarray(draw(pictures(1))) for draw in (network.performer, network.donor)
    )

    network.own.set_weights([weight + 1 for weight in network.own.get_weights()])

    np.testing.assert_array_equal(np.asarray(network.donor(pictures(1))), donor)
    assert np.abs(np.asarray(network.performer(pictures(1))) - performer).max() > 1e-4


@pytest.mark.slow
def test_steps_make_the_loss_smaller_and_move_every_weight() -> None:
    network = fresh()
    learner = studio_learner(network, batch=2)
    learner.optimizer.learning_rate = 3e-3
    given = pictures(4)
    mask = np.zeros((4, 32, 32, 1), np.float32)
    mask[:, 8:24, 8:24] = 1
    target = np.concatenate([given, np.ones_like(mask), mask], axis=-1)
    before = learner.get_weights()

    losses = []
    for _ in range(20):
        learner.reset_metrics()
        losses.append(float(learner.train_on_batch(given, target)))

    assert losses[-1] < 0.9 * losses[0]
    after = learner.get_weights()
    moved = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert all(moved)


@pytest.mark.parametrize("side", [100, 288, 0])
def test_a_side_that_does_not_halve_is_refused(side: int) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        StudioShape(side=side)
