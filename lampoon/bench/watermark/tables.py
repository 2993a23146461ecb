"""The comparison as tables for a terminal."""

from collections.abc import Sequence

from rich.table import Table

from lampoon.bench.watermark.summary import Price, Row, summary


def tables(rows: Sequence[Row]) -> list[Table]:
    """Return what was read under each attack, then what each method costs."""
    told = summary(rows)
    first = rows[0]
    title = (
        f"exact keys of clips (signs read right); {len(told.clips)} clips, "
        f"{first['frames']} frames, {first['samples']} read"
    )
    read = Table(title=title, title_justify="left")
    read.add_column("attack")
    for method in told.methods:
        read.add_column(method, justify="right")
    for attack in told.attacks:
        cells = [told.cell(attack, method) for method in told.methods]
        read.add_row(attack, *cells, end_section=attack == told.attacks[-1])
    read.add_row("all of them", *(str(told.total(method)) for method in told.methods))
    costs = Table(title="what each costs, medians over clips", title_justify="left")
    costs.add_column("")
    for method in told.methods:
        costs.add_column(method, justify="right")
    for name, shown in COSTS.items():
        costs.add_row(name, *(_shown(told.prices[m], *shown) for m in told.methods))
    return [read, costs]


COSTS = {
    "PSNR, all samples": ("psnr", "{:.1f}"),
    "PSNR-Y": ("psnr_y", "{:.1f}"),
    "VMAF": ("vmaf", "{:.1f}"),
    "growth at CRF 23": ("bitrate_growth", "{:+.1%}"),
    "frames a second, embedding": ("embed_fps", "{:.2f}"),
    "seconds a reading": ("detect_seconds", "{:.2f}"),
    "strength (1: as shipped)": ("strength", "{:.2f}"),
}


def _shown(price: Price, name: str, form: str) -> str:
    value = getattr(price, name)
    return "-" if value is None else form.format(value)
