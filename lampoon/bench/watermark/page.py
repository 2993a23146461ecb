"""The comparison as one HTML file that needs nothing else, with curves."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lampoon.bench.watermark.quality import vmaf_program
from lampoon.bench.watermark.summary import Cell, Row, Summary, summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVES = {
    "H.264, worse to the right": {
        "CRF 18": "none",
        "23": "H.264 CRF 23",
        "28": "H.264 CRF 28",
        "33": "H.264 CRF 33",
        "40": "H.264 CRF 40",
    },
    "smaller": {"whole": "none", "2/3": "2/3 size", "1/2": "1/2 size"},
    "cropped": {
        "100 %": "none",
        "90 %": "crop 90 %",
        "75 %": "crop 75 %",
        "50 %": "crop 50 %",
    },
}
"""Panels of the figure: what stands at each place, and the attack that it is."""

INK, FAINT = "#010101", "#020202"
LINES = ("#100001", "#100002", "#100003", "#100004", "#100005", "#100006")
"""Stand-ins, exchanged for the page's own colours."""

MARKERS = "osD^vP"


def page(rows: Sequence[Row], absent: dict[str, str]) -> str:
    """Return the page; ``absent`` names methods that did not run, and why."""
    told = summary(rows)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
    )
    first = rows[0]
    return environment.get_template("page.html").render(
        summary=told,
        absent=absent,
        frames=first["frames"],
        samples=first["samples"],
        has_vmaf=vmaf_program() is not None,
        curves=Markup(curves_svg(told)),
        lines=len(LINES),
    )


def curves_svg(told: Summary) -> str:
    """Return an inline SVG: signs read right, and exact keys, along three attacks."""
    import matplotlib
    from matplotlib.figure import Figure

    panels = {t: p for t, p in CURVES.items() if set(p.values()) <= set(told.attacks)}
    if not panels:
        return ""
    with matplotlib.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "lampoon", "font.size": 9.0}
    ):
        figure = Figure(figsize=(10.5, 5.4), layout="constrained")
        axes = figure.subplots(2, len(panels), squeeze=False, sharey="row")
        for column, (title, places) in enumerate(panels.items()):
            for row, exact in enumerate((True, False)):
                _panel(axes[row][column], told, places, exact=exact)
            axes[0][column].set_title(title, color=INK, loc="left", fontsize=10)
        axes[0][0].set_ylabel("exact keys, of 1", color=INK)
        axes[1][0].set_ylabel("signs read right, of 1", color=INK)
        target = io.StringIO()
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None})
    return _inline(target.getvalue())


def _panel(axes: "Axes", told: Summary, places: dict[str, str], *, exact: bool) -> None:
    for number, method in enumerate(told.methods):
        met = [told.cells.get((attack, method)) for attack in places.values()]
        heights = [_height(cell, exact=exact) for cell in met]
        shown = number % len(LINES)
        axes.plot(
            range(len(heights)),
            heights,
            color=LINES[shown],
            marker=MARKERS[shown],
            markersize=5,
            linewidth=1.6,
        )
    axes.set_xticks(range(len(places)), labels=list(places))
    axes.set_ylim(*((-0.05, 1.05) if exact else (0.42, 1.03)))
    axes.tick_params(colors=INK, length=3)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)


def _height(cell: Cell | None, *, exact: bool) -> float:
    """Return what is drawn of a cell; nothing of one that is not there."""
    if cell is None:
        return float("nan")
    return cell.exact / cell.clips if exact else cell.bit_accuracy


def _inline(svg: str) -> str:
    """Return the SVG element alone, scaling with the page, in the page's colours."""
    head, _, rest = svg[svg.index("<svg") :].partition(">")
    view = re.search(r'viewBox="[^"]+"', head)
    rest = re.sub(r"<metadata>.*?</metadata>", "", rest, flags=re.DOTALL)
    rest = rest.replace(INK, "var(--ink)").replace(FAINT, "var(--line)")
    for number, stand_in in enumerate(LINES):
        rest = rest.replace(stand_in, f"var(--method-{number})")
    rest = re.sub(
        r"font: ([\d.]+)px [^;\"]+", r"font: \1px system-ui, sans-serif", rest
    )
    frame = view.group(0) if view else ""
    return (
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" {frame} role="img" '
        f'aria-label="Exact keys and signs read right, by attack">{rest}'
    )
