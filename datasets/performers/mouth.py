"""The mouth while speaking: a shape for each sound, blended as lips blend them.

Lips shut on p, b and m whatever stands beside them; the other shapes reach into
their neighbours (coarticulation, in the manner of Cohen and Massaro 1993).
"""

import re
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.voice import Phoneme, Speech

Vector = npt.NDArray[np.float64]
REACH_SECONDS = 0.045
"""How far a sound's shape reaches into its neighbours: a normal curve's sigma."""
SHUT_LEAD, SHUT_RAMP = 0.03, 0.05
"""Lips meet so long before the sound is heard, and take so long to come together."""


class Shape(StrEnum):
    """What a mouth does for a sound."""

    CLOSED = "closed"
    TEETH_ON_LIP = "teeth on lip"
    OPEN = "open"
    HALF_OPEN = "half open"
    SPREAD = "spread"
    ROUND = "round"
    TONGUE = "tongue"
    REST = "rest"


FORMS: dict[Shape, dict[str, float]] = {
    Shape.CLOSED: {"jawOpen": 0.02},
    Shape.TEETH_ON_LIP: {"jawOpen": 0.06, "mouthRollLower": 0.35, "mouthUpperUp": 0.2},
    Shape.OPEN: {"jawOpen": 0.36, "mouthUpperUp": 0.22, "mouthLowerDown": 0.30},
    Shape.HALF_OPEN: {"jawOpen": 0.22, "mouthUpperUp": 0.16, "mouthLowerDown": 0.24},
    Shape.SPREAD: {
        "jawOpen": 0.13,
        "mouthStretch": 0.32,
        "mouthUpperUp": 0.14,
        "mouthLowerDown": 0.2,
    },
    Shape.ROUND: {"jawOpen": 0.15, "mouthFunnel": 0.42, "mouthPucker": 0.30},
    Shape.TONGUE: {"jawOpen": 0.09, "mouthUpperUp": 0.10, "mouthLowerDown": 0.16},
    Shape.REST: {},
}
SIDED = ("mouthUpperUp", "mouthLowerDown", "mouthStretch", "mouthSmile", "mouthPress")
FIRST_SIGNS = (
    (Shape.CLOSED, "pbm"),
    (Shape.TEETH_ON_LIP, "fv"),
    (Shape.OPEN, "aA0Q"),
    (Shape.HALF_OPEN, "eE@3V&"),
    (Shape.SPREAD, "iIyj"),
    (Shape.ROUND, "oOuUw"),
    (Shape.REST, "_|:;,"),
)


def shape_of(name: str) -> Shape:
    """Return the mouth of a phoneme in espeak-ng's notation.

    >>> shape_of("b"), shape_of("aI"), shape_of("S")
    (<Shape.CLOSED: 'closed'>, <Shape.OPEN: 'open'>, <Shape.TONGUE: 'tongue'>)
    """
    plain = re.sub(r"[',%=]", "", name)
    if not plain:
        return Shape.REST
    found = [shape for shape, signs in FIRST_SIGNS if plain[0] in signs]
    return found[0] if found else Shape.TONGUE


def mouth_weights(times: Vector, speech: Speech) -> dict[str, Vector]:
    """Return (frames,) weights of the mouth's face units at times in seconds."""
    names = sorted({name for form in FORMS.values() for name in form})
    made = {name: np.zeros(len(times)) for name in names}
    total = np.full(len(times), 1e-3)
    for phoneme in speech.phonemes:
        form = FORMS[shape_of(phoneme.name)]
        share = _dominance(times, phoneme)
        total += share
        for name, weight in form.items():
            made[name] += share * weight
    loud = loudness(times, speech)
    shut = lips_shut(times, speech.phonemes)
    active = np.clip(total / 0.4, 0, 1)
    result: dict[str, Vector] = {}
    for name, sums in made.items():
        gain = (0.72 + 0.45 * loud) if name == "jawOpen" else 1.0
        result |= _both(name, sums / total * active * gain * (1 - shut))
    result |= _both("mouthPress", 0.25 * shut)
    return result


def lips_shut(times: Vector, phonemes: tuple[Phoneme, ...]) -> Vector:
    """Return (frames,) 0 to 1: how firmly lips are together for p, b and m."""
    shut = np.zeros(len(times))
    for phoneme in phonemes:
        if shape_of(phoneme.name) is Shape.CLOSED:
            begin = phoneme.start_seconds - SHUT_LEAD
            end = max(phoneme.end_seconds - SHUT_LEAD, begin + 0.04)
            away = np.maximum(np.maximum(begin - times, times - end), 0)
            ramp = np.clip(1 - away / SHUT_RAMP, 0, 1)
            shut = np.maximum(shut, ramp * ramp * (3 - 2 * ramp))
    return shut


def loudness(times: Vector, speech: Speech) -> Vector:
    """Return (frames,) loudness, about 1 for the loud parts of speech."""
    window = round(0.046 * speech.rate)
    padded = np.concatenate([np.zeros(1), np.cumsum(speech.samples.astype(float) ** 2)])
    middle = np.round(times * speech.rate).astype(int)
    first = np.clip(middle - window // 2, 0, len(padded) - 1)
    last = np.clip(middle + window // 2, 0, len(padded) - 1)
    level = np.sqrt(np.maximum(padded[last] - padded[first], 0) / max(window, 1))
    heard = level[level > 0.01]
    top = float(np.percentile(heard, 92)) if len(heard) else 1.0
    return np.asarray(np.clip(level / max(top, 0.02), 0, 1.2))


def _dominance(times: Vector, phoneme: Phoneme) -> Vector:
    """Return (frames,) how much a sound rules the mouth."""
    away = np.maximum(
        np.maximum(phoneme.start_seconds - times, times - phoneme.end_seconds), 0
    )
    return np.asarray(np.exp(-0.5 * (away / REACH_SECONDS) ** 2))


def _both(name: str, values: Vector) -> dict[str, Vector]:
    if name in SIDED:
        return {f"{name}Left": values, f"{name}Right": values}
    return {name: values}
