"""The train step of ``studio``: both people at once, their pictures and masks."""

from typing import Any

from lampoon.generate.models.studio import StudioNetwork
from lampoon.generate.train.aligned_loss import aligned_loss

LEARNING_RATE = 5e-5
MASK_SHARE = 1.0
"""Weight of the mask's squared error beside the picture's."""


def studio_loss(target: Any, made: Any) -> Any:
    """Return the picture's weighted loss and the mask's squared error, a scalar.

    ``target`` is (n, h, w, 5) float32: colour, what each pixel counts, and the mask;
    ``made`` (n, h, w, 4): colour and mask. Keras tensors of any backend.
    """
    from keras import ops

    picture = aligned_loss(target[..., :4], made[..., :3])
    mask = ops.mean(ops.square(target[..., 4:] - made[..., 3:]))
    return picture + MASK_SHARE * mask


def studio_learner(network: StudioNetwork, batch: int) -> Any:
    """Return a compiled model of ``batch`` performers, then ``batch`` donors.

    Its ``train_on_batch`` takes (2 * batch, side, side, 3) and returns the loss.
    """
    import keras

    ops = keras.ops
    side = network.shape.side
    inputs = keras.Input((side, side, 3), batch_size=2 * batch)
    performer, donor = ops.split(inputs, 2, axis=0)
    made = ops.concatenate([network.performer(performer), network.donor(donor)], 0)
    learner = keras.Model(inputs, made)
    optimiser = keras.optimizers.Adam(LEARNING_RATE)
    learner.compile(optimizer=optimiser, loss=studio_loss, jit_compile=False)
    return learner
