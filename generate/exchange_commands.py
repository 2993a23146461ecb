"""``lampoon generate import`` and ``export``: to and from faceswap and work by hand."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from lampoon.console import bar, emit_json, people
from lampoon.faces.align import Centring
from lampoon.generate.exchange.alignments import export_alignments, import_alignments
from lampoon.generate.exchange.faces import export_faces, import_faces
from lampoon.generate.exchange.plate import (
    export_landmarks,
    export_masks,
    export_matrices,
)
from lampoon.generate.exchange.project import Who

import_app = typer.Typer(
    no_args_is_help=True,
    help="Take faceswap's models, faces and alignments into a project.",
)
export_app = typer.Typer(
    no_args_is_help=True,
    help="Give a project's model, faces and what work by hand needs; never a swap.",
)


class ModelSide(StrEnum):
    """The sides of a faceswap model."""

    A = "a"
    B = "b"


Source = Annotated[Path, typer.Argument(help="What faceswap saved.")]
Project = Annotated[Path, typer.Argument(help="A lampoon.toml; see docs/formats.md.")]
Of = Annotated[Who, typer.Option("--of", help="Whose footage is meant.")]
Out = Annotated[Path, typer.Option(help="What to write.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")]


@import_app.command("model")
def import_model_command(
    source: Source,
    project: Project,
    *,
    performer_side: Annotated[
        ModelSide, typer.Option(help="The side that the performer was trained on.")
    ] = ModelSide.A,
    as_json: AsJson = False,
) -> None:
    """Swap with a model folder of faceswap: .keras, Keras 2's .h5, or three .h5 files.

    Its plugin is original or lightweight. It is let in only if it draws the donor who
    agreed. Then: lampoon generate swap.

    Example: lampoon generate import model faceswap/model lampoon.toml
    """
    from lampoon.generate.exchange.model import import_model

    found = import_model(project, source, bar, performer_side=performer_side.value)
    likeness = {name: round(v, 3) for name, v in asdict(found.likeness).items()}
    _tell(
        {
            "model": found.name,
            "folder": str(found.folder),
            "iterations": found.iterations,
            "likeness": likeness,
        },
        f"{found.name} after {found.iterations} iterations; it draws the donor "
        f"(distance {found.likeness.own:.2f})",
        as_json,
    )


@import_app.command("alignments")
def import_alignments_command(
    source: Source, project: Project, *, of: Of = Who.PERFORMER, as_json: AsJson = False
) -> None:
    """Take corrected landmarks of the footage from a .fsa file, versions 2.0 to 2.4.

    Example: lampoon generate import alignments ada_alignments.fsa lampoon.toml
    """
    found = import_alignments(project, source, bar, who=of)
    _tell(
        asdict(found),
        f"{found.frames} frames, {found.matched} with the {of}'s face, "
        f"{found.moved} of them corrected",
        as_json,
    )


@import_app.command("faces")
def import_faces_command(
    source: Source, project: Project, *, of: Of = Who.PERFORMER, as_json: AsJson = False
) -> None:
    """Train original or lightweight on faces that faceswap extracted, on these alone.

    Each picture is compared with its frame; what the footage does not show stays out.

    Example: lampoon generate import faces faces/ada lampoon.toml --of performer
    """
    found = import_faces(project, source, bar, who=of)
    _tell(
        {"folder": str(found.folder), "taken": found.taken, "refused": found.refused},
        f"{found.taken} faces taken, {found.refused} not of this footage",
        as_json,
    )


@export_app.command("model")
def export_model_command(
    project: Project, *, out: Out, as_json: AsJson = False
) -> None:
    """Write the trained model as faceswap's model folder; the performer is side A.

    Example: lampoon generate export model lampoon.toml --out faceswap/model
    """
    from lampoon.generate.exchange.model import export_model

    path = export_model(project, out, bar)
    _tell({"model": str(path)}, f"{path}", as_json)


@export_app.command("alignments")
def export_alignments_command(
    project: Project, *, out: Out, of: Of = Who.PERFORMER, as_json: AsJson = False
) -> None:
    """Write where the face is as faceswap's alignments, version 2.4.

    Example: lampoon generate export alignments lampoon.toml --out ada_alignments.fsa
    """
    faces = export_alignments(project, out, bar, who=of)
    _tell({"alignments": str(out), "faces": faces}, f"{faces} faces in {out}", as_json)


@export_app.command("faces")
def export_faces_command(
    project: Project,
    *,
    out: Out,
    of: Of = Who.PERFORMER,
    size: Annotated[int, typer.Option(min=64, max=2048, help="Pixels a side.")] = 512,
    as_json: AsJson = False,
) -> None:
    """Cut the faces out of the footage, as it is, for faceswap to train on.

    Example: lampoon generate export faces lampoon.toml --of donor --out faces/ben
    """
    faces = export_faces(project, out, bar, who=of, size=size)
    _tell({"folder": str(out), "faces": faces}, f"{faces} faces in {out}", as_json)


@export_app.command("masks")
def export_masks_command(
    project: Project, *, out: Out, of: Of = Who.PERFORMER, as_json: AsJson = False
) -> None:
    """Write one grey PNG a frame, white where the face is.

    Example: lampoon generate export masks lampoon.toml --out masks
    """
    frames = export_masks(project, out, bar, who=of)
    _tell({"folder": str(out), "frames": frames}, f"{frames} masks in {out}", as_json)


@export_app.command("matrices")
def export_matrices_command(
    project: Project,
    *,
    out: Out,
    of: Of = Who.PERFORMER,
    size: Annotated[int, typer.Option(min=16, max=8192, help="Pixels a side.")] = 512,
    centring: Annotated[Centring, typer.Option(help="What is mid-crop.")] = (
        Centring.FACE
    ),
    as_json: AsJson = False,
) -> None:
    """Write the matrix from frame to aligned crop, a JSON line a frame.

    Example: lampoon generate export matrices lampoon.toml --out ada.matrices.jsonl
    """
    frames = export_matrices(project, out, bar, who=of, size=size, centring=centring)
    _tell({"file": str(out), "frames": frames}, f"{frames} frames in {out}", as_json)


@export_app.command("landmarks")
def export_landmarks_command(
    project: Project, *, out: Out, of: Of = Who.PERFORMER, as_json: AsJson = False
) -> None:
    """Write the landmarks, 68 and 478 points, a JSON line a frame.

    Example: lampoon generate export landmarks lampoon.toml --out ada.landmarks.jsonl
    """
    frames = export_landmarks(project, out, bar, who=of)
    _tell({"file": str(out), "frames": frames}, f"{frames} frames in {out}", as_json)


def _tell(figures: dict[str, Any], line: str, as_json: bool) -> None:
    if as_json:
        emit_json(figures)
    else:
        people.print(line, markup=False, highlight=False)
