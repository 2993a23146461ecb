"""``lampoon datasets eyes``, ``eyes-cast`` and ``score``: how shut an eye is."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from lampoon.console import bar, emit_json, people
from lampoon.datasets.disturb import DISTURBANCES
from lampoon.datasets.eyes.build import Footage, build, footage_of
from lampoon.datasets.eyes.cast import PEOPLE, Part, eye_cast
from lampoon.datasets.eyes.learn import LESSON
from lampoon.datasets.performers.render import render_take
from lampoon.datasets.score import Scores, rows_of, score_clip

Jobs = Annotated[int, typer.Option(min=1, max=64, help="Processes; 0.3 GB each.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")]
Folder = Annotated[Path, typer.Argument(help="Rendered clips with their truth.")]


app = typer.Typer()
"""Joined to ``lampoon datasets`` by the command line."""


@app.command("eyes-cast")
def eyes_cast_command(
    *,
    out: Annotated[Path, typer.Option(help="The folder it goes into.")],
    count: Annotated[int, typer.Option(min=5, help="How many people.")] = PEOPLE,
    jobs: Jobs = 1,
) -> None:
    """Render the people from whom the eye-state networks are learnt, and tried on.

    Example: lampoon datasets eyes-cast --out eyes --jobs 4
    """
    for role in eye_cast(count):
        with bar(role.name) as tell:
            render_take(
                role.person, role.take, out, name=role.name, jobs=jobs, tell=tell
            )


@app.command("eyes")
def eyes_command(
    folder: Folder,
    *,
    out: Annotated[Path, typer.Option(help="The folder for both networks.")],
    seed: Annotated[int, typer.Option(min=0, help="What is drawn.")] = LESSON.seed,
    as_json: AsJson = False,
) -> None:
    """Learn the eye-state networks from rendered people and write them for LiteRT.

    One person in five is only tried on, one in twelve only watched while learning.

    Example: lampoon datasets eyes eyes --out models
    """
    with bar("eyes cut out, learnt") as tell:
        told = build(folder, out, replace(LESSON, seed=seed), tell=tell)
    if as_json:
        emit_json(told)
        return
    for name, figures in told["tried"].items():
        words = f"{name}: AUC {figures['area_under_curve']:.4f}"
        people.print(words, markup=False, highlight=False)
    people.print(str(out), markup=False, highlight=False, soft_wrap=True)


@app.command("score")
def score_command(
    folder: Folder,
    *,
    everyone: Annotated[
        bool, typer.Option("--everyone", help="Those learnt from as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Set EAR, CNN and LRCN side by side on clips whose truth is known.

    Each clip is measured as it is, at CRF 40, at 320x180 and with half its frames.
    People from whom the networks were learnt are left out.

    Example: lampoon datasets score eyes --json
    """
    chosen = [
        each for each in footage_of(folder) if everyone or each.part is Part.TRY
    ] or footage_of(folder)
    scores: Scores = {}
    with bar("scored", unit="clips") as tell:
        for done, each in enumerate(chosen, start=1):
            score_clip(each.clip, each.truth, DISTURBANCES, scores)
            tell(done, len(chosen))
    rows = rows_of(scores)
    if as_json:
        emit_json({"people": _people(chosen), "rows": rows})
        return
    people.print(_table(rows))


def _people(chosen: list[Footage]) -> list[str]:
    return sorted({str(each.truth["person"]) for each in chosen})


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table()
    for name in ("clip", "measure", "AUC", "EER", "blinks", "precision", "recall"):
        table.add_column(name)
    table.add_column("F1")
    table.add_column("peak ms")
    for row in rows:
        figures = (
            *(row["area_under_curve"], row["equal_error"], row["blinks"]),
            *(row["precision"], row["recall"], row["f1"], row["median_peak_error_ms"]),
        )
        shown = ["-" if each is None else json.dumps(each) for each in figures]
        table.add_row(row["clip"], row["measure"], *shown)
    return table
