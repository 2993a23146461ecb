"""``lampoon generate``; ``lampoon watermark sign|label`` for clips made elsewhere."""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import cv2
import typer

from lampoon.consent.check import ConsentGrant, check_consent, renew_check
from lampoon.consent.record import Method, Purpose
from lampoon.console import bar, emit_json, people
from lampoon.errors import MediaError
from lampoon.generate.coverage import coverage
from lampoon.generate.extract import extract_faceset
from lampoon.generate.finish import Disclosure, LabelledVideo, Origin, finish
from lampoon.generate.pipeline import (
    Outcome,
    preview_job,
    run_job,
    train_job,
    training_figures,
)
from lampoon.media.reader import probe, read_frames
from lampoon.watermark.commands import default_registry, passphrase_from
from lampoon.watermark.label.draw import label_still
from lampoon.watermark.label.presets import LabelPreset
from lampoon.watermark.manifest.signer import FileSigner

app = typer.Typer(
    no_args_is_help=True,
    help="Swap a consenting performer's face: extract, train, swap, run, preview.",
)
sign_app = typer.Typer()

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
    shown = coverage(faces)
    if as_json:
        emit_json({"folder": str(out)} | asdict(shown))
        return
    people.print(f"{shown.faces} faces in {out}", highlight=False)
    for line in shown.missing:
        people.print(f"  {line}", markup=False, highlight=False)


@app.command("train")
def train(project: Project, *, as_json: AsJson = False) -> None:
    """Train the project's model, going on where it stopped.

    Example: lampoon generate train lampoon.toml
    """
    figures = training_figures(train_job(project, bar))
    if as_json:
        emit_json(figures)
    elif figures is None:
        people.print("This method needs no training.")
    else:
        people.print(
            f"{figures['iterations']} iterations, "
            f"{figures['examples_per_second']} faces a second",
            highlight=False,
        )


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
    _tell_outcome(run_job(project, bar, registry=default_registry()), as_json)


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
    _write_picture(out, sheet)
    if as_json:
        emit_json({"preview": str(out), "frames": frames})
    else:
        people.print(f"{out}", highlight=False)


@sign_app.command("label")
def label(
    clip: Annotated[Path, typer.Argument(help="A clip of the right shape.")],
    *,
    preset: Annotated[LabelPreset, typer.Option()] = LabelPreset.EU_FULL,
    out: Annotated[Path, typer.Option(help="Picture to write.")] = Path("label.png"),
) -> None:
    """Show how a label looks on a frame of a clip; ``sign`` puts it on a clip.

    Example: lampoon watermark label parody.mp4 --preset eu-artistic
    """
    middle = probe(clip).frame_count // 2
    frame = next(read_frames(clip, first=middle, stop=middle + 1))
    _write_picture(out, label_still(frame.rgb, preset))
    people.print(f"{out}", highlight=False)


@sign_app.command("sign")
def sign(
    clip: Annotated[Path, typer.Argument(help="A swapped clip made elsewhere.")],
    *,
    performer_consent: Annotated[Path, typer.Option(help="Record of who is filmed.")],
    donor_consent: Annotated[Path, typer.Option(help="Record of whose face it is.")],
    performer_footage: Annotated[Path, typer.Option(help="The plate.")],
    donor_footage: Annotated[Path, typer.Option(help="Footage of the donor.")],
    certificates: Annotated[Path, typer.Option(help="A folder by certs init.")],
    out: Annotated[Path, typer.Option(help="The labelled, signed clip.")],
    method: Annotated[Method, typer.Option()] = Method.AUTOENCODER,
    purpose: Annotated[Purpose, typer.Option()] = Purpose.PARODY,
    preset: Annotated[LabelPreset, typer.Option()] = LabelPreset.EU_FULL,
    title: Annotated[str, typer.Option()] = "Parody",
    model: Annotated[str, typer.Option(help="Name of the model used.")] = "unnamed",
    passphrase_env: Annotated[str | None, typer.Option()] = None,
    as_json: AsJson = False,
) -> None:
    """Label and sign a swap made elsewhere; both people must have agreed to it.

    Example: lampoon watermark sign swap.mp4 --performer-consent ada.json
    --donor-consent ben.json --performer-footage ada.mp4 --donor-footage ben.mp4
    --certificates keys --out parody.mp4
    """
    grant = check_consent(
        performer_consent,
        donor_consent,
        purpose=purpose,
        method=method,
        now=datetime.now(UTC),
        performer_footage=performer_footage,
        donor_footage=donor_footage,
    )
    asked_again = partial(_ask_again, grant, performer_consent, donor_consent)
    with bar("label, encode, sign", unit="frames") as tell:
        video = finish(
            lambda first, stop: read_frames(clip, first=first, stop=stop),
            out,
            origin=Origin(
                plate=clip,
                donor=donor_footage,
                grant=grant,
                still_granted=asked_again,
                work=out.parent,
                registry=default_registry(),
            ),
            disclosure=Disclosure(
                title=title,
                label=preset,
                swap="the face of a consenting performer was replaced elsewhere",
                spans=(),
                model_name="" if method is Method.MESH else model,
            ),
            signer=FileSigner(certificates, passphrase_from(passphrase_env)),
            tell=tell,
        )
    _tell_video(video, {"clip": str(out), "manifest": video.manifest}, as_json)


def _ask_again(grant: ConsentGrant, performer: Path, donor: Path) -> None:
    renew_check(grant, performer, donor, datetime.now(UTC))


def _tell_outcome(outcome: Outcome, as_json: bool) -> None:
    _tell_video(outcome.video, outcome.figures(), as_json)


def _tell_video(video: LabelledVideo, figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit_json(figures)
        return
    people.print(
        f"{video.clip.path}: {video.clip.frame_count} frames, labelled "
        f"“{video.label_text}”, signed as {video.manifest}",
        markup=False,
        highlight=False,
    )


def _write_picture(path: Path, rgb: Any) -> None:
    if not cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)):
        raise MediaError(
            "the picture cannot be written", where=path, hint="name a .png file"
        )
