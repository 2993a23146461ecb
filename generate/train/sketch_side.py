"""One person's textures as examples for the network of the preset ``sketch``."""

import numpy as np

from lampoon.generate.texture.appearance import regions
from lampoon.generate.texture.arrays import Floats, floats
from lampoon.generate.texture.beyond import beyond_all, landmark_code
from lampoon.generate.texture.gather import SMALL, Person
from lampoon.generate.texture.unwrap import Unwrapper
from lampoon.generate.train.augment import Warps, trembling, with_other_light

LID_WEIGHT, LIP_WEIGHT = 3.0, 2.0
RARE_SHUT, RARE_WIDE = 4.0, 2.0
"""How many times more often a frame of shut lids, or of a wide mouth, is drawn."""


class Side:
    """One person's examples: what the network reads, should write, and how much."""

    def __init__(self, person: Person) -> None:
        """Take what the person's textures have beyond the person's usual look."""
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
