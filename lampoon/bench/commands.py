"""``lampoon bench``: figures, each beside a limit or peer measured in the same run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from lampoon.bench.clips import clips_in
from lampoon.bench.drawing import render_figures
from lampoon.bench.making import Way, convert_figures, train_figures
from lampoon.bench.reading import verify_figures
from lampoon.bench.swap import swap_figures
from lampoon.bench.watermark.commands import (
    compared,
    tell_compared,
    watermark_command,
)
from lampoon.bench.watermark.methods import chosen_methods
from lampoon.bench.watermark.run import Budget
from lampoon.console import bar, emit_json, people
from lampoon.generate.job import Preset
from lampoon.generate.models.device import has_gpu
from lampoon.generate.trainees import load_keras

app = typer.Typer(invoke_without_command=True)

Row = dict[str, Any]
AsJson = Annotated[bool, typer.Option("--json", help="A list of rows, for machines.")]


@app.callback()
def everything(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Measure what is named, or all of it, each beside a limit or peer in one run.

    Example: lampoon bench --json
    """
    if context.invoked_subcommand is not None:
        return
    rows = [*_train(), convert_figures(bar), *_verify(None)]
    methods = chosen_methods()
    marks = compared(clips_in(None), methods, Budget())
    if as_json:
        emit_json([*rows, *marks, *methods.absent_rows()])
        return
    _print(rows)
    tell_compared(marks, methods)


@app.command("train")
def train(*, as_json: AsJson = False) -> None:
    """Faces a second in training, beside what the processor multiplies.

    Example: lampoon bench train --json
    """
    _tell(_train(), as_json)


@app.command("render")
def render(*, as_json: AsJson = False) -> None:
    """Time to draw a frame of a performer, beside an empty one and beside encoding it.

    By itself only, as Mesa and TensorFlow must not share a process.

    Example: lampoon bench render --json
    """
    _tell([render_figures()], as_json)


@app.command("convert")
def convert(
    *,
    way: Annotated[
        list[Way] | None, typer.Option("--method", help="Method or preset; repeatable.")
    ] = None,
    height: Annotated[
        int | None, typer.Option(min=180, max=2160, help="Enlarge the plate to this.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Frames a second from plate to signed clip, beside decoding and encoding alone.

    Example: lampoon bench convert --method sketch --height 1080 --json
    """
    chosen = way or [Way.MESH]
    _tell([convert_figures(bar, one, height=height) for one in chosen], as_json)


@app.command("verify")
def verify(
    *,
    clips: Annotated[
        Path | None, typer.Option(help="Folder of clips; else the bundled ones.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Seconds for a verdict, beside decoding the clip and hashing its bytes.

    Example: lampoon bench verify --clips uploads --json
    """
    _tell(_verify(clips), as_json)


@app.command("swap")
def swap(
    donor: Annotated[Path, typer.Argument(help="A clip of a rendered performer.")],
    plate: Annotated[Path, typer.Argument(help="Another clip of the same one.")],
    *,
    work: Annotated[Path, typer.Option(help="Where trainings are kept.")],
    cpu_seconds: Annotated[
        list[float] | None, typer.Option(help="A budget; more than once for more.")
    ] = None,
    base: Annotated[bool, typer.Option(help="Start from the base that ships.")] = True,
    as_json: AsJson = False,
) -> None:
    """How far `mesh` and `sketch` are from a known answer, a person's own other clip.

    Example: lampoon bench swap ada-1.mp4 ada-2.mp4 --work bench-work --cpu-seconds 112
    """
    budgets = tuple(cpu_seconds or (112.0, 337.0))
    rows = swap_figures(donor, plate, work, bar, cpu_seconds=budgets, base=base)
    _tell(rows, as_json)


app.command("watermark")(watermark_command)


def _train() -> list[Row]:
    chosen = [one for one in Preset if one is not Preset.STUDIO or _gpu()]
    return [train_figures(preset, bar) for preset in chosen]


def _gpu() -> bool:
    """Return whether there is a GPU; the preset studio is measured on nothing else."""
    load_keras()
    return has_gpu()


def _verify(folder: Path | None) -> list[Row]:
    clips, rows = clips_in(folder), []
    with bar("verify", unit="clips") as tell:
        for done, clip in enumerate(clips, start=1):
            rows.append(verify_figures(clip))
            tell(done, len(clips))
    return rows


def _tell(rows: Sequence[Row], as_json: bool) -> None:
    if as_json:
        emit_json(list(rows))
    else:
        _print(rows)


def _print(rows: Sequence[Row]) -> None:
    for row in rows:
        table = Table(show_header=False, title=str(row["bench"]), title_justify="left")
        for name, value in row.items():
            table.add_row(name.replace("_", " "), str(value))
        people.print(table)
