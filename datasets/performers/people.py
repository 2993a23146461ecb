"""People drawn from seeds: each one plausible, and unlike the others."""

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.features import draw_features
from lampoon.datasets.performers.person import (
    Colour,
    Frame,
    HairStyle,
    Look,
    Person,
    Voice,
    as_colour,
)

GROUPS = ("african", "asian", "caucasian")
SKIN_FAIR = np.array([0.70, 0.46, 0.36])
SKIN_DARK = np.array([0.085, 0.044, 0.029])
MEN = (("en-us+m3", 40), ("en+m5", 30), ("en-us+m7", 45), ("en-us+m1", 38))
WOMEN = (("en-us+f3", 55), ("en-us+f4", 45), ("en-us+f2", 65), ("en+f5", 55))
IRISES: tuple[tuple[Colour, float], ...] = (
    ((0.045, 0.024, 0.012), 1.0),
    ((0.10, 0.055, 0.02), 0.6),
    ((0.10, 0.15, 0.07), 0.35),
    ((0.12, 0.21, 0.32), 0.4),
    ((0.17, 0.20, 0.22), 0.25),
)
HAIR: tuple[tuple[Colour, float], ...] = (
    ((0.012, 0.010, 0.009), 1.0),
    ((0.040, 0.022, 0.013), 1.0),
    ((0.10, 0.05, 0.022), 0.6),
    ((0.26, 0.16, 0.07), 0.35),
    ((0.24, 0.08, 0.025), 0.2),
)
"""Colours, and how often fair-skinned people have them; dark skin takes the first."""

ANCESTRY = 0.25
"""Concentration of the mixture of base shapes: most people are mostly one."""

GLASSES_SHARE = 0.25
FRAME_COLOURS: tuple[tuple[Colour, float], ...] = (
    ((0.012, 0.011, 0.012), 1.0),
    ((0.09, 0.035, 0.012), 0.5),
    ((0.30, 0.24, 0.14), 0.4),
    ((0.03, 0.04, 0.13), 0.25),
    ((0.25, 0.02, 0.03), 0.2),
)
FIRST_CAST_DRAW = 1_000_000
"""The table's draws begin here; those before belong to seeds beyond the table."""
RATE_SPREAD = 0.35
"""Spread of the logarithm of people's blink rates (as the verifier's model)."""


@dataclass(frozen=True, slots=True)
class SeedTable:
    """Which draw each of the first seeds is; ``window`` in a row look unlike."""

    draws: tuple[int, ...]
    window: int


def person_of_seed(seed: int) -> Person:
    """Return the person of a seed, always the same one.

    Those of the table's seeds are chosen so that ``seed_table().window`` of them in a
    row look unlike; other seeds draw anybody.
    """
    draws = seed_table().draws
    draw = draws[seed] if seed < len(draws) else seed
    return replace(draw_person(draw), name=f"seed-{seed}")


@cache
def seed_table() -> SeedTable:
    """Return which draws the first seeds are."""
    file = resources.files("lampoon.datasets.performers") / "draws.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    return SeedTable(tuple(told["draws"]), int(told["window"]))


def draw_person(draw: int) -> Person:
    """Return one of endlessly many people."""
    random = np.random.default_rng([draw, 5, 0])
    woman = bool(random.random() < 0.5)
    shares = random.dirichlet([ANCESTRY] * len(GROUPS))
    age = float(random.beta(0.8, 1.2))
    shape = _macro(random, shares, age, woman)
    shape |= draw_features(random)
    fat = float(np.clip(random.normal(0.1, 0.6), -0.8, 1.0))
    shape["head/head-fat-incr" if fat > 0 else "head/head-fat-decr"] = round(
        abs(fat), 3
    )
    voices = WOMEN if woman else MEN
    name, pitch = voices[int(random.integers(len(voices)))]
    return Person(
        name=f"draw-{draw}",
        shape=shape,
        look=_look(random, shares, age, woman),
        voice=Voice(
            name=name,
            words_per_minute=int(random.integers(135, 172)),
            pitch=int(np.clip(pitch + random.integers(-6, 7), 10, 90)),
        ),
        blink_rate_factor=round(
            float(np.clip(np.exp(random.normal(0, RATE_SPREAD)), 0.45, 2.2)), 3
        ),
        seed=draw,
    )


def _macro(
    random: np.random.Generator,
    shares: npt.NDArray[np.float64],
    age: float,
    woman: bool,
) -> dict[str, float]:
    """Return weights of the macro shapes; they sum to 1.

    Nobody is wholly one sex's shape.
    """
    other = float(random.beta(1.0, 4.0)) * 0.5
    sexes = {"female": 1 - other, "male": other}
    if not woman:
        sexes = {"female": other, "male": 1 - other}
    made = {
        f"macrodetails/{group}-{sex}-{when}": round(float(share * much * part), 4)
        for group, share in zip(GROUPS, shares, strict=True)
        for sex, much in sexes.items()
        for when, part in (("young", 1 - age), ("old", age))
    }
    return {name: weight for name, weight in made.items() if weight > 0.02}


def _look(
    random: np.random.Generator,
    shares: npt.NDArray[np.float64],
    age: float,
    woman: bool,
) -> Look:
    dark = float(np.clip(1.02 * shares[0] + 0.24 * shares[1] + random.normal(0, 0.14),
                         0, 1))  # fmt: skip
    skin = np.exp((1 - dark) * np.log(SKIN_FAIR) + dark * np.log(SKIN_DARK))
    skin = skin * random.uniform(0.94, 1.06, 3)
    hair = _pick(random, HAIR, 0.0 if dark > 0.35 or shares[1] > 0.5 else 1.0)
    grey = float(np.clip((age - 0.45) * 2 * random.random(), 0, 0.9))
    frames = list(Frame)
    styles = [HairStyle.FULL, HairStyle.SHORT] if woman else list(HairStyle)
    painted = 0.35 * random.random() if woman else 0.0
    red = np.array([skin[0] * 0.78, skin[1] * 0.42, skin[2] * 0.50])
    lips = red + painted * np.array([0.10, -0.02, 0.0])
    return Look(
        skin=_colour(skin),
        lips=_colour(lips),
        hair=hair,
        brows=_colour(np.array(hair) * 0.7),
        iris=_pick(random, IRISES, max(1.0 - 1.8 * dark, 0.0)),
        shirt=as_colour(random.random(), random.uniform(0.1, 0.8),
                        random.uniform(0.03, 0.4)),
        hair_style=styles[int(random.integers(len(styles)))],
        hair_line=round(float(random.uniform(7.88, 8.03)), 3),
        temples=0.0 if woman else _within(random.normal(0, 0.09), 0.25),
        grey=round(grey, 3),
        brow_height=round(float(random.uniform(7.39, 7.47)), 3),
        brow_thickness=round(
            float(random.uniform(0.026, 0.052)) + (0.0 if woman else 0.024), 3
        ),
        brow_density=round(float(random.uniform(0.6, 1.0)), 3),
        lashes=round(float(random.uniform(0.45, 0.7) if woman else 0.4), 3),
        beard=0.0 if woman else _within(random.uniform(-0.6, 1.0), 1.0),
        age=round(age * float(random.uniform(0.4, 0.8)), 3),
        freckles=round(float(random.random() * (dark < 0.3) * 0.7), 3),
        glasses=bool(random.random() < GLASSES_SHARE),
        frame=frames[int(random.integers(len(frames)))],
        frame_colour=_pick(random, FRAME_COLOURS, 1.0),
    )  # fmt: skip


def _within(value: float, most: float) -> float:
    return round(float(np.clip(value, 0.0, most)), 3)


def _pick(
    random: np.random.Generator,
    choices: tuple[tuple[Colour, float], ...],
    variety: float,
) -> Colour:
    """Return one colour; with no variety it is the first, darkest one."""
    odds = np.array([weight for _, weight in choices])
    odds[1:] *= variety
    place = int(random.choice(len(choices), p=odds / odds.sum()))
    return _colour(np.array(choices[place][0]) * random.uniform(0.85, 1.15, 3))


def _colour(values: npt.NDArray[np.float64]) -> Colour:
    red, green, blue = (round(float(v), 4) for v in np.clip(values, 0.003, 0.95))
    return red, green, blue
