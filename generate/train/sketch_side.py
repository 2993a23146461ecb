"""One person's textures as examples for the network of the preset ``sketch``."""

import numpy as np

from lampoon.generate.texture.appearance import regions
from lampoon.generate.texture.arrays import Floats, Pixels, pixels
from lampoon.generate.texture.atlas import ATLAS, DETAIL, SMALL, fold, unfold
from lampoon.generate.texture.beyond import UNIT, beyond_all, landmark_code
from lampoon.generate.texture.gather import Person
from lampoon.generate.texture.unwrap import Unwrapper
from lampoon.generate.train.augment import Warps, trembling, with_other_light

LID_WEIGHT, LIP_WEIGHT, FINE_WEIGHT = 3.0, 2.0, 0.6
"""Weights beside plain skin's; lids and eyeballs are four times as many texels in
the cells of an atlas, so each of those counts ``FINE_WEIGHT`` of its weight."""
BETWEEN_LIDS = 0.3
"""Weight of skin texels that show an eyeball: only its charts are drawn."""
RARE_SHUT, RARE_WIDE = 4.0, 2.0
"""How many times more often a frame of shut lids, or of a wide mouth, is drawn."""


class Side:
    """One person's examples: what the network reads, should write, and how much."""

    def __init__(self, person: Person) -> None:
        """Take what the person's textures have beyond the person's usual look."""
        self.person = person
        self.beyond = beyond_all(person)
        self.codes = np.stack(
            [
                landmark_code(landmarks, person.shape, openness)
                for landmarks, openness in zip(
                    person.landmarks, person.openness, strict=True
                )
            ]
        )
        seen = person.visible.astype(np.float32) / 255
        self.weights = (_region_weights() * seen).astype(np.float16)
        shut = np.clip(1 - person.openness[:, :2].mean(1) / 0.7, 0, 1)
        wide = np.clip(person.openness[:, 2] - 0.5, 0, 0.5) * 2
        often = 1 + (RARE_SHUT - 1) * shut + (RARE_WIDE - 1) * wide
        self.often = often / often.sum()

    def pictures(self, openness: Floats, extra: Floats) -> list[Pixels]:
        """Return the usual look as a texture, and with ``extra`` UNITs."""
        look = self.person.small_look.texture(openness)
        made = look + unfold(extra) * UNIT
        return [pixels(look), pixels(made)]

    def drawn(
        self, count: int, warps: Warps, chance: np.random.Generator
    ) -> tuple[Floats, Floats, Floats]:
        """Return inputs, codes and targets (with weights) of frames drawn at random."""
        chosen = chance.choice(len(self.codes), count, p=self.often)
        target = np.empty((count, *ATLAS, 4), np.float32)
        target[..., :3] = self.beyond[chosen]
        target[..., 3] = self.weights[chosen]
        given = np.stack([warps.warped(one, chance) for one in target[..., :3]])
        given = with_other_light(given, chance)
        return given, trembling(self.codes[chosen], chance), target


def _region_weights() -> Floats:
    lids, mouth = regions(DETAIL)[:2].max(0), regions(DETAIL)[2]
    weight = 1 + (LID_WEIGHT - 1) * lids + (LIP_WEIGHT - 1) * mouth
    plan = Unwrapper(DETAIL)
    weight[plan.eyeballs] = LID_WEIGHT
    weight[plan.between_lids] = BETWEEN_LIDS
    weight[plan.between_lips | ~plan.covered] = 0
    atlas = fold(weight)
    atlas[SMALL:] *= FINE_WEIGHT
    return atlas
