"""The shapes that make one face unlike another, and how far each may go.

Each feature is a slider between two shapes of the mesh; 1 is the shape as MakeHuman's
artists made it. Reaches are chosen by eye: what stays plausible on every base shape
when many features are far out together.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Feature:
    """A slider from ``less`` to ``more``, with the largest weights of both."""

    less: str
    more: str
    least: float
    most: float

    def shape(self, place: float) -> dict[str, float]:
        """Return the shape at a place of the slider, -1 to 1."""
        name, reach = (self.more, self.most) if place > 0 else (self.less, self.least)
        weight = round(abs(place) * reach, 3)
        return {name: weight} if weight else {}


def _slider(
    stem: str, least: float, most: float | None = None, *, ends: str = "decr incr"
) -> Feature:
    less, more = ends.split()
    return Feature(
        f"{stem}-{less}", f"{stem}-{more}", least, least if most is None else most
    )


OUTLINES = (
    *("head/head-oval", "head/head-round", "head/head-square", "head/head-diamond"),
    *("head/head-rectangular", "head/head-invertedtriangular"),
)
"""Outlines of the face; a person has one of them, more or less."""

FEATURES = (
    _slider("head/head-scale-vert", 0.35, 0.25),
    _slider("head/head-scale-horiz", 0.35),
    _slider("head/head-angle", 0.3, ends="in out"),
    _slider("forehead/forehead-scale-vert", 0.5, 0.15),
    _slider("forehead/forehead-nubian", 0.4, 0.25),
    _slider("forehead/forehead-temple", 0.5, 0.25),
    _slider("forehead/forehead-trans", 0.3, ends="backward forward"),
    _slider("eyebrows/eyebrows-angle", 0.8, ends="down up"),
    _slider("eyebrows/eyebrows-trans", 0.8, ends="down up"),
    _slider("eyebrows/eyebrows-trans", 0.8, ends="backward forward"),
    _slider("eyes/*-eye-scale", 0.6),
    _slider("eyes/*-eye-height2", 0.6),
    _slider("eyes/*-eye-trans", 0.7, ends="in out"),
    _slider("eyes/*-eye-trans", 0.6, ends="down up"),
    _slider("eyes/*-eye-corner1", 0.6, ends="down up"),
    _slider("eyes/*-eye-corner2", 0.7, ends="down up"),
    _slider("eyes/*-eye-epicanthus", 0.7, ends="out in"),
    _slider("eyes/*-eye-eyefold-angle", 0.6, ends="down up"),
    _slider("eyes/*-eye-eyefold", 0.6, ends="concave convex"),
    _slider("eyes/*-eye-push1", 0.5, ends="in out"),
    _slider("eyes/*-eye-push2", 0.5, ends="in out"),
    _slider("eyes/*-eye-bag", 0.5),
    _slider("nose/nose-scale-horiz", 0.8),
    _slider("nose/nose-scale-vert", 0.8),
    _slider("nose/nose-scale-depth", 0.6),
    _slider("nose/nose-point", 0.8, ends="down up"),
    _slider("nose/nose-point-width", 0.8),
    _slider("nose/nose-hump", 0.8),
    _slider("nose/nose-curve", 0.7, ends="concave convex"),
    _slider("nose/nose-flaring", 0.8),
    _slider("nose/nose-width1", 0.8),
    _slider("nose/nose-width2", 0.8),
    _slider("nose/nose-width3", 0.7),
    _slider("nose/nose-volume", 0.7),
    _slider("nose/nose-greek", 0.6),
    _slider("nose/nose-base", 0.6, ends="down up"),
    _slider("nose/nose-septumangle", 0.6),
    _slider("nose/nose-trans", 0.7, ends="down up"),
    _slider("mouth/mouth-scale-horiz", 0.7),
    _slider("mouth/mouth-scale-vert", 0.5),
    _slider("mouth/mouth-trans", 0.6, ends="down up"),
    _slider("mouth/mouth-trans", 0.5, ends="backward forward"),
    _slider("mouth/mouth-angles", 0.5, ends="down up"),
    _slider("mouth/mouth-upperlip-height", 0.7),
    _slider("mouth/mouth-upperlip-volume", 0.8),
    _slider("mouth/mouth-upperlip-width", 0.6),
    _slider("mouth/mouth-lowerlip-height", 0.7),
    _slider("mouth/mouth-lowerlip-volume", 0.8),
    _slider("mouth/mouth-cupidsbow", 0.7),
    _slider("mouth/mouth-philtrum-volume", 0.6),
    _slider("mouth/mouth-laugh-lines", 0.6, ends="out in"),
    _slider("chin/chin-width", 0.8),
    _slider("chin/chin-height", 0.7),
    _slider("chin/chin-bones", 0.7),
    _slider("chin/chin-prominent", 0.7),
    _slider("chin/chin-jaw-drop", 0.7),
    _slider("chin/chin-prognathism", 0.5),
    _slider("chin/chin-cleft", 0.6),
    _slider("cheek/*-cheek-bones", 0.8),
    _slider("cheek/*-cheek-volume", 0.9),
    _slider("cheek/*-cheek-inner", 0.6),
    _slider("cheek/*-cheek-trans", 0.6, ends="down up"),
    _slider("ears/*-ear-wing", 0.6),
    _slider("ears/*-ear-scale", 0.6),
    _slider("ears/*-ear-lobe", 0.7),
    _slider("ears/*-ear-rot", 0.5, ends="backward forward"),
)

SPREAD = 0.75
"""Spread of the sliders' places before they are cut at 1."""


def draw_features(random: np.random.Generator) -> dict[str, float]:
    """Return an outline and a place on every slider."""
    outline = OUTLINES[int(random.integers(len(OUTLINES)))]
    made = {outline: round(float(random.uniform(0.1, 0.7)), 3)}
    places = np.clip(random.normal(0, SPREAD, len(FEATURES)), -1, 1)
    for feature, place in zip(FEATURES, places, strict=True):
        made |= feature.shape(float(place))
    return made
