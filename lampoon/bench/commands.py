"""``lampoon bench``: figures, each beside a limit measured in the same run."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from lampoon.bench.making import convert_figures, train_figures
from lampoon.bench.reading import verify_figures
from lampoon.console import bar, emit_json, people
from lampoon.datasets.samples import SAMPLES, sample
from lampoon.errors import MediaError
from lampoon.generate.job import Preset


class Bench(StrEnum):
    """What can be measured."""

    TRAIN = "train"
    CONVERT = "convert"
    VERIFY = "verify"


def bench_command(
    which: Annotated[
        Bench | None, typer.Argument(help="One of them; all unless named.")
    ] = None,
    clips: Annotated[
        Path | None, typer.Option(help="Folder of clips for verify.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Measure speed beside what the same machine can do at most, in one run.

    Example: `lampoon bench verify --clips uploads --json`
    """
    wanted = list(Bench) if which is None else [which]
    rows = [row for bench in wanted for row in _rows(bench, clips)]
    if as_json:
        emit_json(rows)
        return
    for row in rows:
        table = Table(show_header=False, title=str(row["bench"]), title_justify="left")
        for name, value in row.items():
            table.add_row(name.replace("_", " "), str(value))
        people.print(table)


def _rows(bench: Bench, clips: Path | None) -> Iterator[dict[str, Any]]:
    if bench is Bench.VERIFY:
        yield from (verify_figures(clip) for clip in _clips(clips))
    elif bench is Bench.CONVERT:
        yield convert_figures(bar)
    else:
        yield from (train_figures(preset, bar) for preset in Preset)


def _clips(folder: Path | None) -> list[Path]:
    if folder is None:
        return [sample(name).clip for name in SAMPLES]
    found = sorted(path for path in folder.iterdir() if path.suffix == ".mp4")
    if not found:
        raise MediaError("there is no .mp4 in this folder", where=folder)
    return found
