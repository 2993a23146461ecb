"""Eye openness over time as an SVG that takes the colours of the page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lampoon.verify.blink.events import BlinkEvent
from lampoon.verify.evidence import BlinkEvidence
from lampoon.verify.report.drawing import (
    BLINK,
    DIM,
    FAINT,
    INK,
    LEFT,
    RIGHT,
    house_style,
    inline_svg,
    quiet_frame,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES, HEIGHT_INCHES = 9.0, 2.6
SECONDS_PER_ROW = 60.0
MOST_ROWS = 10
MOST_POINTS = 4000


def timeline_svg(blink: BlinkEvidence) -> str:
    """Return an inline SVG of both eyes' openness, empty where nothing was seen.

    Blinks are shaded, incomplete ones lighter; a mark stands over each, a cross over
    those that the networks alone saw. Grey stretches could not be
    measured. Long clips take a row a minute, at most ten rows.
    """
    from matplotlib.figure import Figure

    times = np.array(blink.timeline.seconds)
    if not len(times):
        return ""
    starts = _rows(times)
    with house_style():
        figure = Figure(
            figsize=(WIDTH_INCHES, HEIGHT_INCHES * len(starts)), layout="constrained"
        )
        axes = figure.subplots(len(starts), 1, squeeze=False)[:, 0]
        for place, start in zip(axes, starts, strict=True):
            _row(place, blink, times, start)
        return inline_svg(figure, "Eye openness over time")


def _rows(times: npt.NDArray[np.float64]) -> list[float]:
    """Return the starting second of each row."""
    if times[-1] - times[0] <= SECONDS_PER_ROW:
        return [float(times[0])]
    starts = np.arange(times[0], times[-1], SECONDS_PER_ROW)
    return [float(start) for start in starts[:MOST_ROWS]]


def _row(
    place: "Axes", blink: BlinkEvidence, times: npt.NDArray[np.float64], start: float
) -> None:
    """Draw one row of at most a minute."""
    end = min(start + SECONDS_PER_ROW, float(times[-1]) + 0.04)
    chosen = np.flatnonzero((times >= start) & (times < end))
    step = max(len(chosen) // MOST_POINTS, 1)
    chosen = chosen[::step]
    left = _values(blink.timeline.left)[chosen]
    right = _values(blink.timeline.right)[chosen]
    _shade_unmeasured(place, times[chosen], np.isnan(left) & np.isnan(right))
    _mark_blinks(place, blink, start, end)
    if len(blink.timeline.blinked) == len(times):
        seen = 1.0 - _values(blink.timeline.blinked)[chosen]
        place.plot(times[chosen], seen, color=BLINK, linewidth=0.7, alpha=0.8)
    place.plot(times[chosen], left, color=LEFT, linewidth=1.1)
    place.plot(times[chosen], right, color=RIGHT, linewidth=1.1)
    _dress(place, start, end)


def _mark_blinks(place: "Axes", blink: BlinkEvidence, start: float, end: float) -> None:
    for event in blink.events:
        if start <= event.peak_seconds < end:
            place.axvspan(
                event.start_seconds,
                event.end_seconds,
                color=BLINK,
                alpha=0.34 if event.complete else 0.16,
                linewidth=0,
            )
            _mark(place, event, "v")
    for event in blink.doubtful:
        if start <= event.peak_seconds < end:
            _mark(place, event, "x")


def _mark(place: "Axes", event: BlinkEvent, shape: str) -> None:
    place.plot(
        event.peak_seconds,
        1.27,
        marker=shape,
        markersize=5,
        color=BLINK,
        markerfacecolor=BLINK if event.complete else "none",
    )


def _shade_unmeasured(
    place: "Axes",
    times: npt.NDArray[np.float64],
    unmeasured: npt.NDArray[np.bool_],
) -> None:
    """Grey the stretches in which no eye counted."""
    if unmeasured.any():
        place.fill_between(
            times,
            -0.05,
            1.35,
            where=list(unmeasured),
            color=DIM,
            alpha=0.25,
            linewidth=0,
        )


def _dress(place: "Axes", start: float, end: float) -> None:
    """Name the axes and keep everything else quiet."""
    place.set_xlim(start, end)
    place.set_ylim(-0.05, 1.35)
    place.set_yticks([0.0, 0.5, 1.0], labels=["shut", "half", "open"])
    place.set_xlabel("seconds", color=INK)
    place.grid(axis="y", color=FAINT, linewidth=0.6)
    quiet_frame(place)


def _values(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    """Return the values with NaN where an eye did not count, (frames,)."""
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
