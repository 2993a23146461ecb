"""``lampoon generate``: from footage and consent to a labelled, signed clip."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from lampoon.console import aside, bar, emit_json, people
from lampoon.generate.coverage import coverage, footage_lacks
from lampoon.generate.exchange_commands import export_app, import_app
from lampoon.generate.extract import extract_faceset
from lampoon.generate.finish import LabelledVideo
from lampoon.generate.lighting import light_of_faceset
from lampoon.generate.pipeline import (
    Outcome,
    coverage_job,
    preview_job,
    run_job,
    train_job,
    training_figures,
)
from lampoon.generate.sheet import write_picture
from lampoon.watermark.commands import default_registry

app = typer.Typer(
    no_args_is_help=True,
    help="Swap a consenting performer's face: extract, train, swap, run, preview.",
)
app.add_typer(import_app, name="import")
app.add_typer(export_app, name="export")

Project = Annotated[Path, typer.Argument(help="A lampoon.toml; see docs/formats.md.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")]


@app.command("extract")
def extract(
    clip: Annotated[Path, typer.Argument(help="Footage of one performer.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder for faces and alignments.")],
    size: Annotated[int, typer.Option(min=64, max=2048, help="Pixels a side.")] = 512,
    every: Annotated[int, typer.Option(min=1, help="Keep every Nth frame.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Cut a performer's aligned faces out of footage, as faceswap stores them.

    Also says what the footage lacks. Interrupted, it goes on where it stopped.

    Example: lampoon generate extract ada.mp4 --out faces/ada
    """
    with bar("extract") as tell:
        faces = extract_faceset(clip, out, size=size, every=every, tell=tell)
    shown = coverage(faces, light_of_faceset(faces))
    if as_json:
        emit_json({"folder": str(out)} | asdict(shown))
        return
    people.print(f"{shown.faces} faces in {out}", highlight=False)
    for line in shown.missing:
        people.print(f"  {line}", markup=False, highlight=False)


@app.command("coverage")
def coverage_command(project: Project, *, as_json: AsJson = False) -> None:
    """Say what both people's footage shows, and what to film before training.

    Example: lampoon generate coverage lampoon.toml
    """
    performer, donor = coverage_job(project, bar)
    lacks = footage_lacks(performer, donor)
    if as_json:
        sides = {"performer": asdict(performer), "donor": asdict(donor)}
        emit_json({**sides, "missing": lacks})
        return
    for who, shown in (("performer", performer), ("donor", donor)):
        people.print(f"{who}: {shown.faces} faces", highlight=False)
        for line in shown.lines():
            people.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
    for line in lacks or ("nothing is missing",):
        people.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command("train")
def train(
    project: Project,
    *,
    from_best: Annotated[
        bool,
        typer.Option("--from-best", help="Go back first to where the loss was lowest."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train the project's model and its shots, going on where it stopped.

    Example: lampoon generate train lampoon.toml
    """
    learned = train_job(project, bar, from_best=from_best, say=_say)
    figures = training_figures(learned.training)
    if as_json:
        shots = [shot.figures() for shot in learned.shots]
        emit_json(figures and {**figures, "shots": shots})
    elif figures is None:
        people.print("This method needs no training.")
    else:
        people.print(
            f"{figures['iterations']} iterations, "
            f"{figures['examples_per_second']} faces a second",
            highlight=False,
        )
        people.print(f"  {learned.folder}", markup=False, highlight=False)
        for shot in learned.shots:
            frames = shot.frames
            people.print(f"  frames {frames.start} to {frames.stop - 1}: own model")


@app.command("swap")
def swap(project: Project, *, as_json: AsJson = False) -> None:
    """Swap with the model trained so far, label, sign.

    Example: lampoon generate swap lampoon.toml
    """
    _tell_outcome(
        run_job(project, bar, registry=default_registry(), train=False), as_json
    )


@app.command("run")
def run(project: Project, *, as_json: AsJson = False) -> None:
    """Do all of it: follow, train, swap, label, sign.

    Example: lampoon generate run lampoon.toml --json
    """
    outcome = run_job(project, bar, registry=default_registry(), say=_say)
    _tell_outcome(outcome, as_json)


@app.command("preview")
def preview(
    project: Project,
    *,
    out: Annotated[Path, typer.Option(help="The picture to write (PNG).")] = Path(
        "preview.png"
    ),
    frames: Annotated[int, typer.Option(min=1, max=60, help="How many.")] = 12,
    as_json: AsJson = False,
) -> None:
    """Show plate and swap of telling frames (turned, shut, open), labelled.

    Example: lampoon generate preview lampoon.toml --out preview.png
    """
    sheet = preview_job(project, bar, count=frames)
    write_picture(out, sheet)
    if as_json:
        emit_json({"preview": str(out), "frames": frames})
    else:
        people.print(f"{out}", highlight=False)


def _say(line: str) -> None:
    aside.print(line, markup=False, highlight=False, soft_wrap=True)


def _tell_outcome(outcome: Outcome, as_json: bool) -> None:
    _tell_video(outcome.video, outcome.figures(), as_json)
    for line in () if as_json else outcome.conversion.lines():
        people.print(f"  {line}", markup=False, highlight=False)


def _tell_video(video: LabelledVideo, figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit_json(figures)
        return
    for key in ("model", "faces"):
        if figures.get(key):
            people.print(
                f"{key}: {figures[key]}", markup=False, highlight=False, soft_wrap=True
            )
    people.print(
        f"{video.clip.path}: {video.clip.frame_count} frames, labelled "
        f"“{video.label_text}”, signed as {video.manifest}",
        markup=False,
        highlight=False,
    )
