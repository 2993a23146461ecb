"""The trainee of the preset ``sketch``: two people's textures, in minutes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from lampoon.errors import TrainingError
from lampoon.generate.models.sketch import SketchNetwork, SketchShape, build_sketch
from lampoon.generate.models.sketch_base import start_from_base
from lampoon.generate.texture.arrays import floats, pixels
from lampoon.generate.texture.atlas import ATLAS, SMALL, unfold
from lampoon.generate.texture.beyond import CODE_LENGTH
from lampoon.generate.train.augment import Warps
from lampoon.generate.train.losses import texture_loss
from lampoon.generate.train.sketch_side import Side

if TYPE_CHECKING:
    from pathlib import Path

    from lampoon.generate.texture.arrays import Floats
    from lampoon.generate.texture.gather import Person

ITERATIONS = 400
"""Steps of the preset: about 90 processor seconds on a core of 2024."""

WARM_UP, FLAT = 0.02, 0.45
"""Shares of the budget: the rate rises over the first, and falls after the second."""
LAST_RATE = 0.02

WEIGHTS_FILE, OPTIMIZER_FILE = "weights.npz", "optimizer.npz"
DONOR_FILE, SETTINGS_FILE = "donor.npz", "sketch.json"
FORMAT = 2
PREVIEW_FRAMES = 6


@dataclass(frozen=True, slots=True)
class SketchSettings:
    """How to train: faces a side and step, the highest rate, and the seed of chance."""

    batch: int = 12
    learning_rate: float = 2e-3
    seed: int = 0


class SketchTrainee:
    """Teaches one network the textures of performer and donor.

    A network of the usual shape starts from the base that ships, unless told not to.
    A snapshot holds all that a swap needs: the weights, and the donor's look.
    """

    def __init__(
        self,
        performer: Person,
        donor: Person,
        settings: SketchSettings | None = None,
        shape: SketchShape | None = None,
        *,
        from_base: bool = True,
    ) -> None:
        self.settings = settings or SketchSettings()
        self.network = build_sketch(
            shape or SketchShape(*ATLAS, CODE_LENGTH), seed=self.settings.seed
        )
        if from_base:
            start_from_base(self.network)
        self.sides = (Side(performer), Side(donor))
        self.chance = np.random.default_rng(self.settings.seed)
        self._warps = Warps(SMALL, np.random.default_rng(self.settings.seed + 1))
        self._optimizer = compiled(self.network.both, self.settings.learning_rate)

    @property
    def examples_per_step(self) -> int:
        """Faces seen in one step, both sides together."""
        return 2 * self.settings.batch

    def step(self, progress: float) -> float:
        """Take one step, ``progress`` (0 to 1) of the budget spent; return the loss."""
        rate = self.settings.learning_rate * rate_share(progress)
        self._optimizer.learning_rate.assign(rate)
        drawn = [
            side.drawn(self.settings.batch, self._warps, self.chance)
            for side in self.sides
        ]
        (a, code_a, target_a), (b, code_b, target_b) = drawn
        target = np.concatenate([target_a, target_b])
        loss = self.network.both.train_on_batch([a, code_a, b, code_b], target)
        return float(loss)

    def save(self, folder: Path) -> None:
        """Write all that a swap needs and all that is needed to go on."""
        np.savez(folder / WEIGHTS_FILE, **self.network.weights())
        state: dict[str, Any] = {
            f"state_{k:03}": np.asarray(variable)
            for k, variable in enumerate(self._optimizer.variables)
        }
        np.savez(folder / OPTIMIZER_FILE, **state)
        donor = self.sides[1].person
        np.savez(folder / DONOR_FILE, shape=donor.shape, **donor.appearance.arrays())
        facts = {
            "format": FORMAT,
            "preset": "sketch",
            "network": self.network.shape.as_json(),
            "chance": self.chance.bit_generator.state,
        }
        (folder / SETTINGS_FILE).write_text(json.dumps(facts, indent=1))

    def restore(self, folder: Path) -> None:
        """Go back to what ``save`` wrote; TrainingError if it is broken."""
        hint = "delete this snapshot; training goes on from the one before"
        try:
            facts = json.loads((folder / SETTINGS_FILE).read_text())
            with (
                (folder / WEIGHTS_FILE).open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                self.network.set_weights(stored, folder)
            with (
                (folder / OPTIMIZER_FILE).open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                for k, variable in enumerate(self._optimizer.variables):
                    variable.assign(stored[f"state_{k:03}"])
            self.chance.bit_generator.state = facts["chance"]
        except (OSError, BadZipFile, KeyError, ValueError, TypeError) as error:
            raise TrainingError(
                "this snapshot cannot be read", where=folder, hint=hint
            ) from error

    def preview(self) -> npt.NDArray[np.uint8]:
        """Return performer, donor's usual look and swap as textures, unlabelled."""
        performer, donor = self.sides
        spread = np.linspace(0, len(performer.codes) - 1, PREVIEW_FRAMES).astype(int)
        given = performer.beyond[spread].astype(np.float32)
        made = swapped(self.network, given, performer.codes[spread])
        rows = []
        for k, extra in zip(spread.tolist(), made, strict=True):
            openness = performer.person.openness[k]
            seen = unfold(floats(performer.person.textures[k]))
            rows.append(np.vstack([pixels(seen), *donor.pictures(openness, extra)]))
        return np.hstack(rows)


def compiled(model: Any, rate: float) -> Any:
    """Make a Keras model ready to learn textures; return its optimiser, built."""
    import keras

    optimizer = keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.99, epsilon=1e-6)
    model.compile(optimizer=optimizer, loss=texture_loss, jit_compile=False)
    optimizer.build(model.trainable_variables)
    return optimizer


def rate_share(progress: float) -> float:
    """Return the share of the highest rate at a progress from 0 to 1.

    It rises, stays, and falls along a cosine to its last value.
    """
    if progress < WARM_UP:
        return 0.1 + 0.9 * progress / WARM_UP
    if progress < FLAT:
        return 1.0
    done = (min(progress, 1.0) - FLAT) / (1 - FLAT)
    return LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + float(np.cos(np.pi * done)))


def swapped(network: SketchNetwork, given: Floats, codes: Floats) -> Floats:
    """Return what the donor's texture has beyond the donor's look, in UNITs.

    ``given`` is (n, *ATLAS, 3) of the performer, ``codes`` (n, code).
    """
    made = network.swap.predict_on_batch([given, codes])
    return np.asarray(made, np.float32)
