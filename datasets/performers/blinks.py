"""Blinks as people make them: when, how long, how deep.

Intervals are log-normal (Cruz et al. 2011 review spontaneous blinks; most intervals
are skewed so), mean rates per context follow Bentivoglio et al. 1997 (rest 17,
conversation 26, reading 4.5 a minute), durations Caffier et al. 2003 (100 to 400 ms).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


class Context(StrEnum):
    """What a performer does."""

    REST = "rest"
    SPEECH = "speech"
    READING = "reading"


RATES = {Context.REST: 17.0, Context.SPEECH: 21.5, Context.READING: 6.0}
"""Mean blinks a minute. Speech: Doughty 2001, as the verifier's baseline; reading:
between Bentivoglio's 4.5 and Doughty's 7.9."""

INTERVAL_SIGMA = 0.65
MEDIAN_SECONDS, DURATION_SIGMA = 0.21, 0.35
SHORTEST, LONGEST = 0.10, 0.40
INCOMPLETE_SHARE = 0.2
DOUBLE_SHARE = 0.06
PAUSE_SECONDS = 0.25
"""Least time from one blink's end to the next one's start, but for double blinks."""
CLOSING, HOLDING = 0.34, 0.12
"""Shares of the duration; the rest is the slower opening."""
LAG_SIGMA = 0.004
EDGE_SECONDS = 0.3
"""No blink begins so soon after the start, nor ends so soon before the end."""


@dataclass(frozen=True, slots=True)
class Blink:
    """One blink; seconds from the take's start, ``amplitude`` 0 to 1 a side.

    ``lag_seconds`` is how much later the left eye moves than the right one.
    """

    start_seconds: float
    duration_seconds: float
    amplitude_left: float
    amplitude_right: float
    lag_seconds: float = 0.0

    @property
    def amplitude(self) -> float:
        """The deeper eye's amplitude."""
        return max(self.amplitude_left, self.amplitude_right)

    @property
    def complete(self) -> bool:
        """Whether the lids meet."""
        return self.amplitude >= 0.95

    @property
    def peak_seconds(self) -> float:
        """The middle of the time in which the eye is shut most."""
        return self.start_seconds + self.duration_seconds * (CLOSING + HOLDING / 2)

    @property
    def end_seconds(self) -> float:
        """When the eye is open again."""
        return self.start_seconds + self.duration_seconds


def draw_blinks(
    seconds: float,
    context: Context,
    random: np.random.Generator,
    *,
    rate_factor: float = 1.0,
) -> list[Blink]:
    """Return blinks of a take, from the distributions above, in order of time."""
    mean = 60.0 / (RATES[context] * rate_factor)
    middle = np.log(mean) - INTERVAL_SIGMA**2 / 2
    made: list[Blink] = []
    start = EDGE_SECONDS + random.random() * random.lognormal(middle, INTERVAL_SIGMA)
    while start < seconds - LONGEST - EDGE_SECONDS:
        blink = draw_blink(float(start), random)
        made.append(blink)
        interval = random.lognormal(middle, INTERVAL_SIGMA)
        if random.random() < DOUBLE_SHARE:
            interval = blink.duration_seconds + random.uniform(0.08, 0.16)
        else:
            interval = max(interval, blink.duration_seconds + PAUSE_SECONDS)
        start += interval
    return made


def draw_blink(start: float, random: np.random.Generator) -> Blink:
    """Return one blink that starts at ``start`` seconds."""
    duration = random.lognormal(np.log(MEDIAN_SECONDS), DURATION_SIGMA)
    duration = float(np.clip(duration, SHORTEST, LONGEST))
    partial = random.random() < INCOMPLETE_SHARE
    depth = random.uniform(0.45, 0.75) if partial else 1.0
    weaker = random.uniform(0.92, 1.0) if partial else 1.0
    sides = (depth, depth * weaker)
    if random.random() < 0.5:
        sides = (sides[1], sides[0])
    lag = float(random.normal(0.0, LAG_SIGMA))
    return Blink(start, duration, float(sides[0]), float(sides[1]), lag)


def closure_over(times: Vector, blinks: Sequence[Blink]) -> Vector:
    """Return (frames, 2) closure of the left and right eye at times in seconds."""
    closure = np.zeros((len(times), 2))
    for blink in blinks:
        depths = (blink.amplitude_left, blink.amplitude_right)
        for side, (depth, late) in enumerate(zip(depths, (0.5, -0.5), strict=True)):
            moved = times - late * blink.lag_seconds - blink.start_seconds
            course = depth * _course(moved / blink.duration_seconds)
            closure[:, side] = np.maximum(closure[:, side], course)
    return closure


def _course(share: Vector) -> Vector:
    """Return closure over shares of a blink's duration: sine squared both ways."""
    closing = np.sin(np.clip(share / CLOSING, 0, 1) * np.pi / 2) ** 2
    left = (1 - share) / (1 - CLOSING - HOLDING)
    opening = np.sin(np.clip(left, 0, 1) * np.pi / 2) ** 2
    course: Vector = np.minimum(closing, opening)
    return course
