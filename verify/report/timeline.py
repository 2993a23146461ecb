"""Eye openness over time as an SVG that takes the colours of the page."""

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lampoon.verify.evidence import BlinkEvidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES, HEIGHT_INCHES = 9.0, 2.6
SECONDS_PER_ROW = 60.0
MOST_ROWS = 10
MOST_POINTS = 4000

# stand-ins that are exchanged for the page's own colours afterwards
INK, FAINT, LEFT, RIGHT, BLINK, DIM = (
    "#010101",
    "#020202",
    "#030303",
    "#040404",
    "#050505",
    "#060606",
)
PAGE_COLOURS = {
    INK: "var(--ink)",
    FAINT: "var(--line)",
    LEFT: "var(--left)",
    RIGHT: "var(--right)",
    BLINK: "var(--blink)",
    DIM: "var(--dim)",
}


def timeline_svg(blink: BlinkEvidence) -> str:
    """Return an inline SVG of both eyes' openness, empty where nothing was seen.

    Blinks are shaded, incomplete ones lighter; grey stretches could not be
    measured. Long clips take a row a minute, at most ten rows.
    """
    import matplotlib
    from matplotlib.figure import Figure

    times = np.array(blink.timeline.seconds)
    if not len(times):
        return ""
    starts = _rows(times)
    # literal, so that a misspelt setting is a type error
    with matplotlib.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "lampoon",
            "font.family": ["sans-serif"],
            "font.size": 9.0,
        }
    ):
        figure = Figure(
            figsize=(WIDTH_INCHES, HEIGHT_INCHES * len(starts)), layout="constrained"
        )
        axes = figure.subplots(len(starts), 1, squeeze=False)[:, 0]
        for place, start in zip(axes, starts, strict=True):
            _row(place, blink, times, start)
        target = io.StringIO()
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None})
    return _inline(target.getvalue())


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
    for event in blink.events:
        if start <= event.peak_seconds < end:
            place.axvspan(
                event.start_seconds,
                event.end_seconds,
                color=BLINK,
                alpha=0.34 if event.complete else 0.16,
                linewidth=0,
            )
            place.plot(
                event.peak_seconds,
                1.27,
                marker="v",
                markersize=5,
                color=BLINK,
                markerfacecolor=BLINK if event.complete else "none",
            )
    place.plot(times[chosen], left, color=LEFT, linewidth=1.1)
    place.plot(times[chosen], right, color=RIGHT, linewidth=1.1)
    _dress(place, start, end)


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
    place.tick_params(colors=INK, length=3)
    place.grid(axis="y", color=FAINT, linewidth=0.6)
    for side in ("top", "right", "left"):
        place.spines[side].set_visible(False)
    place.spines["bottom"].set_color(FAINT)


def _values(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    """Return the values with NaN where an eye did not count, (frames,)."""
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _inline(svg: str) -> str:
    """Return the SVG element alone, scaling with the page, in the page's colours."""
    body = svg[svg.index("<svg") :]
    head, _, rest = body.partition(">")
    view = re.search(r'viewBox="[^"]+"', head)
    frame = view.group(0) if view else ""
    rest = re.sub(r"<metadata>.*?</metadata>", "", rest, flags=re.DOTALL)
    for stand_in, colour in PAGE_COLOURS.items():
        rest = rest.replace(stand_in, colour)
    rest = re.sub(
        r"font: ([\d.]+)px [^;\"]+", r"font: \1px system-ui, sans-serif", rest
    )
    return (
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" {frame} role="img" '
        f'aria-label="Eye openness over time">{rest}'
    )
