"""Figures as SVG that takes the colours of the page it stands in."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the page's own letters, and the same picture every time."""
    import matplotlib

    # literal, so that a misspelt setting is a type error
    with matplotlib.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "lampoon",
            "font.family": ["sans-serif"],
            "font.size": 9.0,
        }
    ):
        yield


def quiet_frame(place: "Axes") -> None:
    """Leave of the frame only what carries the ticks."""
    place.tick_params(colors=INK, length=3)
    for side in ("top", "right", "left"):
        place.spines[side].set_visible(False)
    place.spines["bottom"].set_color(FAINT)


def inline_svg(figure: "Figure", label: str) -> str:
    """Return the SVG element alone, scaling with the page, in the page's colours.

    ``label`` is read to who does not see it.
    """
    target = io.StringIO()
    figure.savefig(target, format="svg", transparent=True, metadata={"Date": None})
    svg = target.getvalue()
    head, _, rest = svg[svg.index("<svg") :].partition(">")
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
        f'aria-label="{label}">{rest}'
    )
