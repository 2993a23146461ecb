"""The trainee of faceswap's networks: a shared encoder, and a decoder for each side."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import TrainingError
from lampoon.generate.interchange import modelfile
from lampoon.generate.models.blocks import FACE_SIDE, AlignedNetwork, Architecture
from lampoon.generate.train.aligned_batch import AlignedFaces, aligned_faces, batch
from lampoon.generate.train.aligned_loss import aligned_loss
from lampoon.generate.train.moments import FILE_NAME as MOMENTS
from lampoon.generate.train.moments import keep_moments, restore_moments
from lampoon.generate.train.supply import Supply

if TYPE_CHECKING:
    from pathlib import Path

    from lampoon.generate.faceset import Faceset

LEARNING_RATE, EPSILON = 5e-5, 1e-7
"""faceswap's Adam; its betas are .9 and .999."""
_CHANCE = "chance.json"
_PREVIEW_FACES = 4
IMPORTED = "imported.json"
"""Beside a model that was not trained here."""
_AVERAGE_OVER = 100
"""Steps over which the loss is averaged for faceswap's lowest_avg_loss."""


@dataclass(frozen=True, slots=True)
class AlignedSettings:
    """How to train: faces a side and step, Adam's rate, and the seed of all chance."""

    batch: int = 16
    learning_rate: float = LEARNING_RATE
    seed: int = 0


def aligned_trainee(
    architecture: Architecture,
    performer: Faceset,
    donor: Faceset,
    settings: AlignedSettings | None = None,
) -> AlignedTrainee:
    """Return a fresh network of ``architecture`` with the faces that it will learn.

    Its first weights follow from the seed. Raises FaceError for fewer than 25 faces.
    """
    import keras

    chosen = settings or AlignedSettings()
    a, b = aligned_faces(performer), aligned_faces(donor)
    keras.utils.set_random_seed(chosen.seed)
    return AlignedTrainee(modelfile.build_named(architecture), a, b, chosen)


class AlignedTrainee:
    """Teaches one network the faces of two sides, as faceswap does.

    Side a is the performer who is filmed, side b the donor of the face: the swap runs
    a face of a through the encoder and decoder b. A snapshot is a model folder that
    faceswap opens, with the optimiser's state beside it.
    """

    def __init__(
        self,
        network: AlignedNetwork,
        a: AlignedFaces,
        b: AlignedFaces,
        settings: AlignedSettings | None = None,
    ) -> None:
        self.settings = settings or AlignedSettings()
        self.network = network
        self.sides = (a, b)
        self._supply = Supply(self._batch, seed=self.settings.seed)
        self.iterations = 0
        self.average_loss = 0.0
        self._history = modelfile.ModelState(network.name)
        self._optimiser, self._learner = _learner(network, self.settings)

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
        share = 1 / min(self.iterations, _AVERAGE_OVER)
        self.average_loss += share * (loss - self.average_loss)
        return loss

    def save(self, folder: Path) -> None:
        """Write faceswap's model, Adam's state and the state of chance."""
        state = replace(
            self._history,
            iterations=self.iterations,
            lowest_average_loss=self.average_loss,
        )
        modelfile.write(folder, self.network, state)
        keep_moments(self._optimiser, folder)
        chance = json.dumps(self._supply.as_plain())
        (folder / _CHANCE).write_text(chance, encoding="utf-8")

    def restore(self, folder: Path) -> None:
        """Go back to what ``save`` wrote; raises TrainingError if it is broken.

        A model that faceswap trained comes without the optimiser's state, which is
        torch's own: its training goes on with a fresh one.
        """
        state = modelfile.read_state(folder, self.network.name)
        modelfile.load_weights(folder / f"{self.network.name}.keras", self.network)
        self.iterations = state.iterations
        self.average_loss = state.lowest_average_loss
        self._history = state
        if (folder / IMPORTED).is_file() and not (folder / MOMENTS).exists():
            self._supply.restore({})
            return
        restore_moments(self._optimiser, folder)
        try:
            chance = json.loads((folder / _CHANCE).read_text(encoding="utf-8"))
            self._supply.restore(chance)
        except (OSError, ValueError, AttributeError) as error:
            raise TrainingError("a snapshot is broken", where=folder) from error

    def preview(self) -> npt.NDArray[np.uint8]:
        """Return rows of face, reconstruction and swap for each side, RGB uint8."""
        rows = []
        for side, own, other in ((0, "a", "b"), (1, "b", "a")):
            faces = self.sides[side].bgr
            places = np.linspace(0, len(faces) - 1, _PREVIEW_FACES).astype(int)
            shown = faces[places].astype(np.float32) / 255
            latent = self.network.encoder(shown)
            made = [np.asarray(self.network.decoded(latent, w)) for w in (own, other)]
            rows.append(np.concatenate([_row(part) for part in (shown, *made)], axis=1))
        bgr = np.concatenate(rows, axis=0)
        large = cv2.resize(bgr, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        return cv2.cvtColor(large, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)

    def _batch(
        self, chance: np.random.Generator
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return inputs and targets of both sides, half a, half b."""
        pairs = [batch(side, self.settings.batch, chance) for side in self.sides]
        inputs, targets = (
            np.concatenate(arrays) for arrays in zip(*pairs, strict=True)
        )
        return inputs, targets


def _row(faces: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return (n, h, w, 3) faces from 0 to 1 side by side, uint8."""
    return (
        (np.concatenate(list(faces), axis=1).clip(0, 1) * 255).round().astype(np.uint8)
    )


def _learner(network: AlignedNetwork, settings: AlignedSettings) -> tuple[Any, Any]:
    """Return Adam and a model that takes both sides at once: half a, half b.

    One run of the encoder for both sides reads its weights once a step.
    """
    import keras

    ops = keras.ops
    inputs = keras.Input((FACE_SIDE, FACE_SIDE, 3), batch_size=2 * settings.batch)
    halves = ops.split(network.encoder(inputs), 2, axis=0)
    made = [
        _only(decoder(half))
        for decoder, half in zip(
            (network.decoder_a, network.decoder_b), halves, strict=True
        )
    ]
    learner = keras.Model(inputs, ops.concatenate(made, axis=0))
    optimiser = keras.optimizers.Adam(settings.learning_rate, epsilon=EPSILON)
    learner.compile(optimizer=optimiser, loss=aligned_loss, jit_compile=False)
    optimiser.build(learner.trainable_variables)
    return optimiser, learner


def _only(made: Any) -> Any:
    return made[0] if isinstance(made, list | tuple) else made
