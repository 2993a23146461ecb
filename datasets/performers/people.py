"""People drawn from seeds: each one plausible, and unlike the others."""

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.person import (
    Colour,
    HairStyle,
    Look,
    Person,
    Voice,
    as_colour,
)

GROUPS = ("african", "asian", "caucasian")
FEATURES = (
    ("head/head-oval", "head/head-round", "head/head-square", "head/head-rectangular"),
    ("nose/nose-scale-horiz-incr", "nose/nose-scale-horiz-decr"),
    ("nose/nose-scale-vert-incr", "nose/nose-scale-vert-decr"),
    ("nose/nose-point-up", "nose/nose-point-down"),
    ("nose/nose-hump-incr", "nose/nose-curve-concave"),
    ("nose/nose-flaring-incr", "nose/nose-width2-incr", "nose/nose-volume-incr"),
    ("mouth/mouth-scale-horiz-incr", "mouth/mouth-angles-down"),
    ("mouth/mouth-upperlip-volume-incr", "mouth/mouth-upperlip-volume-decr"),
    ("mouth/mouth-lowerlip-volume-incr", "mouth/mouth-lowerlip-volume-decr"),
    ("chin/chin-width-incr", "chin/chin-width-decr", "chin/chin-triangle"),
    ("chin/chin-height-incr", "chin/chin-height-decr", "chin/chin-prominent-incr"),
    ("cheek/*-cheek-volume-incr", "cheek/*-cheek-volume-decr"),
    ("eyes/*-eye-epicanthus-in", "eyes/*-eye-trans-out", "eyes/*-eye-scale-incr"),
    ("ears/*-ear-wing-incr", "ears/*-ear-scale-incr", "ears/*-ear-lobe-incr"),
    ("forehead/forehead-scale-vert-incr", "cheek/*-cheek-bones-incr"),
)
"""Of each line one shape is taken, or none."""

FEATURE_SHARE = 0.8
SKIN_FAIR = np.array([0.64, 0.41, 0.31])
SKIN_DARK = np.array([0.105, 0.055, 0.036])
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

RATE_SPREAD = 0.35
"""Spread of the logarithm of people's blink rates (as the verifier's model)."""


def person_of_seed(seed: int) -> Person:
    """Return the person of a seed, always the same one."""
    random = np.random.default_rng([seed, 4])
    woman = bool(random.random() < 0.5)
    shares = random.dirichlet([0.45, 0.45, 0.45])
    age = float(np.clip(random.beta(1.1, 2.0), 0, 1))
    shape = _macro(shares, age, woman)
    shape |= _features(random)
    fat = float(random.normal(0.15, 0.4))
    if fat > 0:
        shape["head/head-fat-incr"] = round(min(fat, 0.8), 3)
    voices = WOMEN if woman else MEN
    name, pitch = voices[int(random.integers(len(voices)))]
    return Person(
        name=f"seed-{seed}",
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
        seed=seed,
    )


def _macro(
    shares: npt.NDArray[np.float64], age: float, woman: bool
) -> dict[str, float]:
    """Return weights of the macro shapes; they sum to 1."""
    sex = "female" if woman else "male"
    made: dict[str, float] = {}
    for group, share in zip(GROUPS, shares, strict=True):
        made[f"macrodetails/{group}-{sex}-young"] = round(float(share * (1 - age)), 4)
        made[f"macrodetails/{group}-{sex}-old"] = round(float(share * age), 4)
    return {name: weight for name, weight in made.items() if weight > 0.02}


def _features(random: np.random.Generator) -> dict[str, float]:
    made: dict[str, float] = {}
    for choices in FEATURES:
        if random.random() < FEATURE_SHARE:
            name = choices[int(random.integers(len(choices)))]
            made[name] = round(float(random.uniform(0.35, 0.95)), 3)
    return made


def _look(
    random: np.random.Generator,
    shares: npt.NDArray[np.float64],
    age: float,
    woman: bool,
) -> Look:
    dark = float(np.clip(0.92 * shares[0] + 0.22 * shares[1] + random.normal(0, 0.08),
                         0, 1))  # fmt: skip
    skin = np.exp((1 - dark) * np.log(SKIN_FAIR) + dark * np.log(SKIN_DARK))
    skin = skin * random.uniform(0.93, 1.07, 3)
    hair = _pick(random, HAIR, 0.0 if dark > 0.35 or shares[1] > 0.5 else 1.0)
    grey = float(np.clip((age - 0.45) * 2 * random.random(), 0, 0.9))
    styles = [HairStyle.FULL, HairStyle.SHORT] if woman else list(HairStyle)
    painted = 0.35 * random.random() if woman else 0.0
    red = np.array([skin[0] * 0.78, skin[1] * 0.42, skin[2] * 0.50])
    lips = red + painted * np.array([0.10, -0.02, 0.0])
    return Look(
        skin=_colour(skin),
        lips=_colour(lips),
        hair=hair,
        brows=_colour(np.array(hair) * 0.7),
        iris=_pick(random, IRISES, 1.0 - dark),
        shirt=as_colour(random.random(), random.uniform(0.1, 0.8),
                        random.uniform(0.03, 0.4)),
        hair_style=styles[int(random.integers(len(styles)))],
        hair_line=round(float(random.uniform(7.88, 8.03)), 3),
        temples=0.0 if woman else round(float(max(random.normal(0, 0.09), 0)), 3),
        grey=round(grey, 3),
        brow_height=round(float(random.uniform(7.40, 7.46)), 3),
        brow_thickness=round(
            float(random.uniform(0.032, 0.05)) + (0.0 if woman else 0.022), 3
        ),
        brow_density=round(float(random.uniform(0.75, 1.0)), 3),
        lashes=round(float(random.uniform(0.45, 0.7) if woman else 0.4), 3),
        beard=0.0 if woman else round(float(max(random.uniform(-0.5, 0.9), 0)), 3),
        age=round(age * float(random.uniform(0.4, 0.8)), 3),
        freckles=round(float(random.random() * (dark < 0.3) * 0.7), 3),
        glasses=bool(random.random() < 0.15),
    )  # fmt: skip


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
