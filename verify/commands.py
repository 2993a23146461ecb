"""``lampoon verify``: what a clip declares, whether that holds, what to do with it."""

from pathlib import Path
from typing import Annotated

import typer

from lampoon.errors import SettingsError
from lampoon.verify.batch import clips_in
from lampoon.verify.readers import standing_by

__all__ = ["verify_command"]


def verify_command(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Files, patterns, folders of videos."),
    ],
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Answer with JSON; several paths: JSON lines."),
    ] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Answer with one JSON object a line.")
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(help="Keep JSON lines here; what it holds is not read again."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Also write a report: one HTML file.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(help="Also write JUnit XML for a build server.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Decide by this YAML file, not by the default.")
    ] = None,
    shadow: Annotated[
        Path | None,
        typer.Option(help="Note what this policy would decide; it changes nothing."),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(help="Trust list: JSON, PEM, or a folder of lists."),
    ] = None,
    sidecar: Annotated[
        Path | None, typer.Option(help="A manifest (.c2pa) that lies beside the file.")
    ] = None,
    second_opinion: Annotated[
        bool,
        typer.Option(
            "--second-opinion", help="Ask an independent engine as well, offline."
        ),
    ] = False,
    sign_with: Annotated[
        Path | None, typer.Option(help="Sign each JSON verdict: Ed25519 key (PEM).")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(help="The clip it is said to be made from: compare the blinks."),
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="How genuine clips of your own look (JSON).")
    ] = None,
    registry: Annotated[
        str | None,
        typer.Option(
            metavar="URL_OR_PATH", help="Whose marks to know; else your own registry."
        ),
    ] = None,
    consent_status: Annotated[
        Path | None,
        typer.Option(help="Which consents still hold: see lampoon consent status."),
    ] = None,
    provenance_only: Annotated[
        bool,
        typer.Option("--provenance-only", help="Decode nothing: no blinks, no mark."),
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Files at a time.")] = 1,
) -> None:
    """Check what a clip declares and whether it holds, and measure its blinks.

    Of pictures and sound the provenance alone is checked. Exit code: 0 accept, 10
    label, 20 review, 30 reject, 2 for a file that cannot be read. Of several files
    the most severe counts: reject, error, review, label, accept.

    Example: **lampoon verify demo/parody.mp4 --report report.html**
    """
    clips = clips_in(paths)
    lines = jsonl or resume is not None or (as_json and len(clips) > 1)
    _refuse_misfits(clips, sidecar, resume, report)
    if resume is not None and (source or calibration or consent_status):
        raise SettingsError(
            "a resumed batch is compared with nothing else",
            hint="leave out --resume: --source, --calibration and --consent-status "
            "go without it",
        )
    if provenance_only and (source or calibration):
        raise SettingsError(
            "blinks are to be compared and not to be measured",
            hint="leave out --provenance-only",
        )
    if sign_with is not None and not (lines or as_json):
        raise SettingsError("only JSON can be signed", hint="add --json or --jsonl")
    with standing_by(watching=not provenance_only):
        # loaded while the first reader loads what it needs, on the other core
        from lampoon.verify.answer import Wish, answer

        wish = Wish(
            shape="lines" if lines else "json" if as_json else "words",
            resume=resume,
            report=report,
            junit=junit,
            policy=policy,
            shadow=shadow,
            trust=trust,
            sidecar=sidecar,
            second_opinion=second_opinion,
            sign_with=sign_with,
            source=source,
            calibration=calibration,
            registry=registry,
            consent_status=consent_status,
            provenance_only=provenance_only,
            jobs=jobs,
        )
        code = answer(clips, wish)
    raise typer.Exit(code)


def _refuse_misfits(
    clips: list[Path], sidecar: Path | None, resume: Path | None, report: Path | None
) -> None:
    """Refuse options that do not go together."""
    if sidecar is not None and len(clips) > 1:
        raise SettingsError(
            "a sidecar belongs to one clip", where=sidecar, hint="name a single clip"
        )
    if resume is not None and report is not None:
        raise SettingsError(
            "a report needs the pictures of every clip, and a resumed batch has none",
            hint="leave out --report or --resume",
        )
