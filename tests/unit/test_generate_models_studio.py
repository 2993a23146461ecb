"""The network of ``studio`` at a tiny size: shapes, and one way to the donor."""

import numpy as np
import pytest

from lampoon.generate.models.studio import StudioNetwork, StudioShape, build_studio

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


@pytest.mark.parametrize("side", [100, 288, 0])
def test_a_side_that_does_not_halve_is_refused(side: int) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        StudioShape(side=side)
