"""The trainee of the preset ``sketch``: two people's textures, in minutes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import TrainingError
from lampoon.generate.models.sketch import SketchNetwork, SketchShape, build_sketch
from lampoon.generate.texture.appearance import regions
from lampoon.generate.texture.arrays import floats, pixels
from lampoon.generate.texture.beyond import (
    CODE_LENGTH,
    UNIT,
    beyond_all,
    landmark_code,
)
from lampoon.generate.texture.gather import SMALL, Person
from lampoon.generate.texture.unwrap import Unwrapper
from lampoon.generate.train.augment import Warps, trembling, with_other_light
from lampoon.generate.train.losses import texture_loss

if TYPE_CHECKING:
    from pathlib import Path

    from lampoon.generate.texture.arrays import Floats

ITERATIONS = 1100
"""Steps of the preset: about 100 seconds on two cores of 2024."""

WARM_UP, FLAT = 0.02, 0.45
"""Shares of the budget: the rate rises over the first, and falls after the second."""
LAST_RATE = 0.02
LID_WEIGHT, LIP_WEIGHT = 3.0, 2.0
RARE_SHUT, RARE_WIDE = 4.0, 2.0
"""How many times more often a frame of shut lids, or of a wide mouth, is drawn."""

WEIGHTS_FILE, OPTIMIZER_FILE = "weights.npz", "optimizer.npz"
DONOR_FILE, SETTINGS_FILE = "donor.npz", "sketch.json"
FORMAT = 1
PREVIEW_FRAMES = 6


@dataclass(frozen=True, slots=True)
class SketchSettings:
    """How to train: faces a side and step, the highest rate, and the seed of chance."""

    batch: int = 12
    learning_rate: float = 2e-3
    seed: int = 0


class _Side:
    """One person's examples: what the network reads, should write, and how much."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.beyond = beyond_all(
            person.textures, person.visible, person.openness, person.small_look
        )
        self.codes = np.stack(
            [
                landmark_code(landmarks, person.shape, openness)
                for landmarks, openness in zip(
                    person.landmarks, person.openness, strict=True
                )
            ]
        )
        self.weights = _region_weights() * (person.visible.astype(np.float32) / 255)
        shut = np.clip(1 - person.openness[:, :2].mean(1) / 0.7, 0, 1)
        wide = np.clip(person.openness[:, 2] - 0.5, 0, 0.5) * 2
        often = 1 + (RARE_SHUT - 1) * shut + (RARE_WIDE - 1) * wide
        self.often = often / often.sum()

    def drawn(
        self, count: int, warps: Warps, chance: np.random.Generator
    ) -> tuple[Floats, Floats, Floats]:
        """Return inputs, codes and targets (with weights) of frames drawn at random."""
        chosen = chance.choice(len(self.codes), count, p=self.often)
        target = np.empty((count, SMALL, SMALL, 4), np.float32)
        target[..., :3] = self.beyond[chosen]
        target[..., 3] = self.weights[chosen]
        given = np.stack([warps.warped(t, chance) for t in target[..., :3]])
        given = with_other_light(given, chance)
        return given, trembling(self.codes[chosen], chance), target


def _region_weights() -> Floats:
    lids, mouth = regions(SMALL)[:2].max(0), regions(SMALL)[2]
    weight = 1 + (LID_WEIGHT - 1) * lids + (LIP_WEIGHT - 1) * mouth
    plan = Unwrapper(SMALL)
    weight[plan.eyeballs] = LID_WEIGHT
    weight[plan.between_lips | ~plan.covered] = 0
    return floats(weight)


class SketchTrainee:
    """Teaches one network the textures of performer and donor.

    A snapshot holds all that a swap needs: the weights, and the donor's look.
    """

    def __init__(
        self,
        performer: Person,
        donor: Person,
        settings: SketchSettings | None = None,
        shape: SketchShape | None = None,
    ) -> None:
        self.settings = settings or SketchSettings()
        self.network = build_sketch(
            shape or SketchShape(SMALL, CODE_LENGTH), seed=self.settings.seed
        )
        self.sides = (_Side(performer), _Side(donor))
        self.chance = np.random.default_rng(self.settings.seed)
        self._warps = Warps(SMALL, np.random.default_rng(self.settings.seed + 1))
        self._optimizer = self._compiled()

    def _compiled(self) -> Any:
        import keras

        optimizer = keras.optimizers.Adam(
            self.settings.learning_rate, beta_1=0.9, beta_2=0.99, epsilon=1e-6
        )
        self.network.both.compile(
            optimizer=optimizer, loss=texture_loss, jit_compile=False
        )
        optimizer.build(self.network.both.trainable_variables)
        return optimizer

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
            look = donor.person.small_look.texture(openness)
            parts = [performer.person.textures[k], look, look + extra * UNIT]
            rows.append(np.vstack([pixels(p) for p in parts]))
        sheet = np.hstack(rows)
        larger = cv2.resize(sheet, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        return np.asarray(larger, np.uint8)


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

    ``given`` is (n, size, size, 3) of the performer, ``codes`` (n, code).
    """
    made = network.swap.predict_on_batch([given, codes])
    return np.asarray(made, np.float32)
