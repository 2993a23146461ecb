"""``lampoon datasets occluders``: learning to see what lies before a face."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from lampoon.console import bar, emit_json, people
from lampoon.datasets.occluders.build import build
from lampoon.datasets.occluders.film import PEOPLE
from lampoon.datasets.occluders.learn import STEPS

app = typer.Typer()
"""Joined to ``lampoon datasets`` by the command line."""


@app.command("occluders")
def occluders_command(
    *,
    out: Annotated[Path, typer.Option(help="The folder for the network.")],
    count: Annotated[
        int, typer.Option("--people", min=6, max=500, help="How many are filmed.")
    ] = PEOPLE,
    steps: Annotated[int, typer.Option(min=1, help="Batches of 16 faces.")] = STEPS,
    seed: Annotated[int, typer.Option(min=0, help="What is drawn.")] = 11,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer with one JSON value.")
    ] = False,
) -> None:
    """Film people with and without something before the face, and learn to find it.

    One person in six is only tried on; occlusion.json says how well it went.

    Example: lampoon datasets occluders --out models --jobs 4
    """
    told = build(out, bar, people=count, steps=steps, seed=seed, jobs=jobs)
    if as_json:
        emit_json(told)
        return
    for name, figures in told["tried"].items():
        overlaps = figures["iou"]
        said = f"IoU {np.mean(overlaps):.2f}, " if overlaps else ""
        wrong = f"wrongly kept {np.mean(figures['wrongly_kept']):.1%}"
        people.print(f"{name}: {said}{wrong}", markup=False, highlight=False)
    people.print(str(out), markup=False, highlight=False, soft_wrap=True)
