"""Training ``studio``: both people at once, their pictures and their masks.

The mask is learnt from the hull of the landmarks, and turns with the face that the
network draws; pixels outside the hull cost nothing in the picture.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import TrainingError
from lampoon.generate.models.device import Precision, calculating_in, paying
from lampoon.generate.models.studio import StudioNetwork, StudioShape, build_studio
from lampoon.generate.train.aligned_batch import AlignedFaces, batch
from lampoon.generate.train.aligned_loss import aligned_loss
from lampoon.generate.train.moments import keep_moments, restore_moments
from lampoon.generate.train.supply import Supply

if TYPE_CHECKING:
    from pathlib import Path

Floats = npt.NDArray[np.float32]

LEARNING_RATE = 5e-5
MASK_SHARE = 1.0
"""Weight of the mask's squared error beside the picture's."""
WEIGHTS_FILE, FACTS_FILE = "weights.npz", "studio.json"
FORMAT = "lampoon.studio/1"
PREVIEW_FACES = 4


@dataclass(frozen=True, slots=True)
class StudioTraining:
    """How to train: faces a side and step, Adam's rate, numbers, the seed of chance."""

    batch: int = 8
    learning_rate: float = LEARNING_RATE
    precision: Precision = Precision.AUTO
    seed: int = 0


class StudioTrainee:
    """Teaches one network two people: side a is filmed, side b lends the likeness.

    A snapshot holds the weights of all four parts, Adam's state and the sizes.
    """

    def __init__(
        self,
        shape: StudioShape,
        a: AlignedFaces,
        b: AlignedFaces,
        settings: StudioTraining | None = None,
    ) -> None:
        """Build a network whose first weights follow from the seed.

        Raises ValueError for faces of another side than the network's.
        """
        import keras

        if {faces.bgr.shape[1] for faces in (a, b)} != {shape.side}:
            raise ValueError("the faces are of another size than the network")
        self.settings = settings or StudioTraining()
        self.sides = (a, b)
        self.iterations = 0
        keras.utils.set_random_seed(self.settings.seed)
        self.network = build_studio(shape, self.settings.precision)
        self._learner = studio_learner(self.network, self.settings)
        self._optimiser = self._learner.optimizer
        self._supply = Supply(self._batch, seed=self.settings.seed)

    @property
    def examples_per_step(self) -> int:
        """Faces of both sides in a step."""
        return 2 * self.settings.batch

    def step(self, progress: float) -> float:
        """Take one step on a batch of each side; return the loss. The rate is flat."""
        inputs, targets = self._supply.take(self.iterations)
        self._learner.reset_metrics()  # or the loss is a mean over all steps
        loss = float(self._learner.train_on_batch(inputs, targets))
        self.iterations += 1
        return loss

    def save(self, folder: Path) -> None:
        """Write weights, Adam's state, and the facts that a swap needs."""
        np.savez(folder / WEIGHTS_FILE, **self.network.weights())  # type: ignore[arg-type]  # stubs mix the arrays up with allow_pickle
        keep_moments(self._optimiser, folder)
        facts = {
            "format": FORMAT,
            "network": self.network.shape.as_plain(),
            "precision": paying(self.settings.precision).value,
            "iterations": self.iterations,
            "chance": self._supply.as_plain(),
        }
        (folder / FACTS_FILE).write_text(json.dumps(facts, indent=1), encoding="utf-8")

    def restore(self, folder: Path) -> None:
        """Go back to what ``save`` wrote; TrainingError if it is broken.

        So is one in other numbers: the optimiser's state is another one there.
        """
        facts = stored_facts(folder)
        if facts.get("precision") != paying(self.settings.precision):
            raise TrainingError(
                f"a training in {facts.get('precision')}",
                where=folder,
                hint=f'write precision = "{facts.get("precision")}" under [studio]',
            )
        load_weights(self.network, folder)
        restore_moments(self._optimiser, folder)
        try:
            self._supply.restore(facts["chance"])
            self.iterations = int(facts["iterations"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise TrainingError("a snapshot is broken", where=folder) from error

    def preview(self) -> npt.NDArray[np.uint8]:
        """Return a sheet of both people, RGB uint8.

        Performer: face, drawn again, drawn as the donor, that inside its mask over the
        face. Donor: face, drawn again, the mask, the drawing inside it over the face.
        """
        a, b = (_spread(side) for side in self.sides)
        own, swap, donor = (
            np.asarray(draw(faces), np.float32)
            for draw, faces in (
                (self.network.performer, a),
                (self.network.donor, a),
                (self.network.donor, b),
            )
        )
        mask = np.repeat(donor[..., 3:], 3, axis=-1)
        left = _column(a, own[..., :3], swap[..., :3], _over(swap, a))
        right = _column(b, donor[..., :3], mask, _over(donor, b))
        sheet = np.concatenate([left, right], axis=1)
        return (sheet[..., ::-1].clip(0, 1) * 255).round().astype(np.uint8)

    def _batch(self, chance: np.random.Generator) -> tuple[Floats, Floats]:
        """Return inputs and targets with masks of both sides, half a, half b."""
        pairs = [batch(side, self.settings.batch, chance) for side in self.sides]
        inputs, targets = (
            np.concatenate(arrays) for arrays in zip(*pairs, strict=True)
        )
        mask = np.minimum(targets[..., 3:], 1)
        return inputs, np.concatenate([targets, mask], axis=-1)


def studio_loss(target: Any, made: Any) -> Any:
    """Return the picture's weighted loss and the mask's squared error, a scalar.

    ``target`` is (n, h, w, 5) float32: colour, what each pixel counts, and the mask;
    ``made`` (n, h, w, 4): colour and mask. Keras tensors of any backend.
    """
    from keras import ops

    picture = aligned_loss(target[..., :4], made[..., :3])
    mask = ops.mean(ops.square(target[..., 4:] - made[..., 3:]))
    return picture + MASK_SHARE * mask


def studio_learner(network: StudioNetwork, settings: StudioTraining) -> Any:
    """Return a compiled model of a batch of performers, then one of donors.

    Its ``train_on_batch`` takes (2 * batch, side, side, 3) and returns the loss. In
    half precision the loss is scaled so that small gradients are not lost.
    """
    import keras

    ops = keras.ops
    side = network.shape.side
    precision = paying(settings.precision)
    with calculating_in(precision):
        inputs = keras.Input((side, side, 3), batch_size=2 * settings.batch)
        performer, donor = ops.split(inputs, 2, axis=0)
        made = ops.concatenate([network.performer(performer), network.donor(donor)], 0)
        learner = keras.Model(inputs, made)
    optimiser = keras.optimizers.Adam(settings.learning_rate)
    if precision is Precision.MIXED:
        optimiser = keras.optimizers.LossScaleOptimizer(optimiser)
    learner.compile(
        optimizer=optimiser, loss=studio_loss, jit_compile=False, auto_scale_loss=False
    )
    optimiser.build(learner.trainable_variables)
    return learner


def stored_facts(folder: Path) -> dict[str, Any]:
    """Return what a snapshot says of itself; TrainingError if it is broken."""
    try:
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise ValueError(f"format {facts['format']}")
        return dict(facts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            "this is no studio model that can be read", where=folder
        ) from error


def load_weights(network: StudioNetwork, folder: Path) -> None:
    """Give a network the weights of a snapshot; TrainingError if it is broken."""
    try:
        with (
            (folder / WEIGHTS_FILE).open("rb") as file,
            np.load(file, allow_pickle=False) as stored,
        ):
            network.set_weights(stored)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise TrainingError("a snapshot is broken", where=folder) from error


def _spread(faces: AlignedFaces) -> Floats:
    """Return a few faces of a side, always the same, (n, side, side, 3) from 0 to 1."""
    places = np.linspace(0, len(faces.bgr) - 1, PREVIEW_FACES).astype(int)
    return np.asarray(faces.bgr[places].astype(np.float32) / 255, np.float32)


def _column(*rows: Floats) -> Floats:
    """Return rows of faces, (n, h, w, 3) each, below one another."""
    lines = [np.concatenate(list(row), axis=1) for row in rows]
    return np.asarray(np.concatenate(lines), np.float32)


def _over(drawn: Floats, faces: Floats) -> Floats:
    """Return drawings (n, h, w, 4) inside their masks over (n, h, w, 3) faces."""
    mask = drawn[..., 3:]
    return np.asarray(drawn[..., :3] * mask + faces * (1 - mask), np.float32)
