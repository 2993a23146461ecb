"""How far each eye is shut: the share of its open area that a lid covers.

The weight at which lids meet differs between people, so it is measured on each:
the eyeball's visible area, from the front, in a flat picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.figure import UNITS, Floats, weights_vector

Vector = npt.NDArray[np.float64]
Areas = Callable[[Floats], tuple[int, int]]

LARGEST_WEIGHT = 1.12
STEPS = 57
SHUT_SHARE = 0.01
"""Of the open eye's area: with less than this in sight an eye counts as shut."""
BEYOND = 0.02
"""Added to the weight at which an eye is shut, so that it really is."""
BLINKS = ("eyeBlinkLeft", "eyeBlinkRight")


@dataclass(frozen=True, slots=True, eq=False)
class Eyelids:
    """One person's lids: ``closure`` (steps, 2) over ``weights`` (steps,).

    ``open_area`` is the visible area of each eye at rest, in pixels.
    """

    weights: Vector
    closure: Vector
    shut_weight: tuple[float, float]
    open_area: tuple[int, int]

    def weight(self, side: int, closure: Vector) -> Vector:
        """Return the weights that close eye ``side`` (0 left, 1 right) so far."""
        measured = self.closure[:, side]
        rising = np.r_[True, np.diff(measured) > 1e-6]
        rising &= self.weights <= self.shut_weight[side]
        known = np.r_[measured[rising], 1.0001]
        weights = np.r_[self.weights[rising], self.shut_weight[side]]
        return np.asarray(np.interp(closure, known, weights))

    def closure_of(self, areas: tuple[int, int]) -> tuple[float, float]:
        """Return closure (left, right), 0 to 1, from visible areas."""
        left, right = (
            float(np.clip((1 - area / max(whole, 1)) / (1 - SHUT_SHARE), 0, 1))
            for area, whole in zip(areas, self.open_area, strict=True)
        )
        return left, right


def measure_eyelids(areas: Areas) -> Eyelids:
    """Return a person's lids by closing them step by step.

    ``areas`` gives the visible eyeball pixels (left, right) of face-unit weights.
    """
    weights = np.linspace(0, LARGEST_WEIGHT, STEPS)
    seen = np.array(
        [areas(weights_vector(dict.fromkeys(BLINKS, w))) for w in weights], float
    )
    share = np.maximum.accumulate(1 - seen / np.maximum(seen[:1], 1), axis=0)
    shut = []
    for side in range(2):
        met = np.flatnonzero(share[:, side] >= 1 - SHUT_SHARE)
        place = int(met[0]) if len(met) else STEPS - 1
        shut.append(float(min(weights[place] + BEYOND, LARGEST_WEIGHT)))
    return Eyelids(
        weights,
        np.minimum(share / (1 - SHUT_SHARE), 1.0),
        (shut[0], shut[1]),
        (int(seen[0, 0]), int(seen[0, 1])),
    )


def measured_closure(eyelids: Eyelids, areas: Areas, weights: Floats) -> Vector:
    """Return (frames, 2) closure, by area, of (frames, units) weights.

    Squints and lids that follow the gaze count too: it is what the eye shows.
    """
    lids = [i for i, name in enumerate(UNITS) if name.startswith(("eye", "cheek"))]
    known: dict[bytes, tuple[float, float]] = {}
    rows = []
    for frame in weights:
        only = np.zeros_like(frame)
        only[lids] = np.round(frame[lids], 3)
        key = only.tobytes()
        if key not in known:
            known[key] = eyelids.closure_of(areas(only))
        rows.append(known[key])
    return np.array(rows, dtype=np.float64).reshape(-1, 2)
