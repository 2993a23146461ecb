"""The pauses between blinks as a histogram, against those of people."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lampoon.verify.blink.habits import LEAST_PAUSES, human_pauses
from lampoon.verify.blink.human import Context
from lampoon.verify.evidence import BlinkEvidence
from lampoon.verify.report.drawing import (
    BLINK,
    DIM,
    INK,
    house_style,
    inline_svg,
    quiet_frame,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES, HEIGHT_INCHES = 9.0, 2.1
SHORTEST, LONGEST = 0.25, 64.0
BINS = 16
TICKS = (0.5, 1, 2, 4, 8, 16, 32)


def pauses_svg(blink: BlinkEvidence) -> str:
    """Return an inline SVG of the pauses, empty where there were too few.

    Each pause is a bar's part, on a scale of doublings; the grey hill is how the
    pauses of people who do the same are spread, one person's and all people's.
    """
    seconds = np.array(blink.habits.pauses.seconds)
    if len(seconds) < LEAST_PAUSES:
        return ""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), layout="constrained")
        place = figure.subplots()
        _bars(place, seconds)
        _people(place, len(seconds), blink.statistics.context)
        _dress(place)
        return inline_svg(figure, "Pauses between blinks against those of people")


def _bars(place: "Axes", seconds: npt.NDArray[np.float64]) -> None:
    kept = np.log2(np.clip(seconds, SHORTEST, LONGEST))
    place.hist(kept, bins=_edges().tolist(), color=BLINK, alpha=0.55, rwidth=0.9)


def _people(place: "Axes", count: int, context: Context) -> None:
    """Draw how many of so many pauses would fall into each bar's width."""
    middle, between, within = human_pauses(context)
    spread = float(np.hypot(between, within)) / np.log(2)
    x = np.linspace(np.log2(SHORTEST), np.log2(LONGEST), 200)
    z = (x - middle / np.log(2)) / spread
    width = float(np.diff(_edges())[0])
    hill = count * width * np.exp(-(z**2) / 2) / (spread * np.sqrt(2 * np.pi))
    place.fill_between(x, hill, color=DIM, alpha=0.25, linewidth=0)


def _edges() -> npt.NDArray[np.float64]:
    return np.linspace(np.log2(SHORTEST), np.log2(LONGEST), BINS + 1)


def _dress(place: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    quiet_frame(place)
    place.set_xlim(np.log2(SHORTEST), np.log2(LONGEST))
    place.set_xticks(
        [float(np.log2(tick)) for tick in TICKS], labels=[f"{t:g}" for t in TICKS]
    )
    place.set_xlabel("seconds from one blink to the next", color=INK)
    place.yaxis.set_major_locator(MaxNLocator(integer=True))
