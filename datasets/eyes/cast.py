"""The cast that the eye-state networks learn from and are tried on.

Everyone is drawn from a seed; nobody of the cast is in two parts of it. Who is only
tried on is left as they were drawn, at a human rate of blinks; those who are learnt
from blink more often, so that there is enough to learn from.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from zlib import crc32

import numpy as np

from lampoon.datasets.performers.blinks import Context
from lampoon.datasets.performers.people import person_of_seed
from lampoon.datasets.performers.person import Person
from lampoon.datasets.performers.scene import Camera, Light
from lampoon.datasets.performers.take import Take

FIRST_SEED = 1000
PEOPLE = 60
TRIED_EVERY, CHECKED_EVERY = 5, 12
"""One in so many is only tried on; one in so many of all is watched while learning."""

LEARN_SECONDS, TRY_SECONDS = 16.0, 24.0
OFTEN = 1.7
"""How many times as often people blink from whom is learnt."""
MOST_OFTEN = 2.4
CONTEXTS = (
    *(Context.SPEECH, Context.REST, Context.SPEECH, Context.READING),
    *(Context.SPEECH, Context.REST),
)
SHUTTER_EVERY = 12
"""One in so many has movement blurred; it takes four times as long to draw."""


class Part(StrEnum):
    """What somebody of the cast is for."""

    LEARN = "learn"
    CHECK = "check"
    TRY = "try"


@dataclass(frozen=True, slots=True)
class Role:
    """One of the cast, what they do, and what it is for."""

    part: Part
    person: Person
    take: Take

    @property
    def name(self) -> str:
        """The clip's name, which tells the part."""
        return f"{self.part}-{self.person.name}-{self.take.context}"


def part_of(seed: int) -> Part:
    """Return what a person is for; it hangs on the seed alone, never on a frame."""
    place = (seed - FIRST_SEED) % PEOPLE
    if place % TRIED_EVERY == TRIED_EVERY - 1:
        return Part.TRY
    return Part.CHECK if place % CHECKED_EVERY == 3 else Part.LEARN


def part_of_name(name: str) -> Part:
    """Return what a person is for, by the number at the end of the name.

    Names without one get a number made of their letters, always the same.
    """
    number = re.search(r"[0-9]+$", name)
    return part_of(int(number.group()) if number else crc32(name.encode()))


def eye_cast(people: int = PEOPLE, *, first_seed: int = FIRST_SEED) -> list[Role]:
    """Return the cast: one take each, in changing light, distance and company."""
    return [_role(seed) for seed in range(first_seed, first_seed + people)]


def _role(seed: int) -> Role:
    part, person = part_of(seed), person_of_seed(seed)
    random = np.random.default_rng([seed, 61])
    if part is not Part.TRY:
        often = min(max(person.blink_rate_factor, 0.8) * OFTEN, MOST_OFTEN)
        person = replace(person, blink_rate_factor=round(often, 3))
    if random.random() < 0.15:
        person = replace(person, look=replace(person.look, glasses=True))
    lights = list(Light)
    take = Take(
        context=CONTEXTS[seed % len(CONTEXTS)],
        seconds=TRY_SECONDS if part is Part.TRY else LEARN_SECONDS,
        light=lights[int(random.integers(len(lights)))],
        camera=Camera.HANDHELD if random.random() < 0.35 else Camera.TRIPOD,
        largest_yaw=float(random.choice([14.0, 22.0, 22.0, 30.0])),
        shutter=0.5 if seed % SHUTTER_EVERY == 7 else 0.0,
        noise=round(float(random.choice([0.8, 1.3, 2.5, 4.0])), 2),
        distance=round(float(random.uniform(0.95, 1.7)), 3),
        seed=seed,
    )
    return Role(part, person, take)
