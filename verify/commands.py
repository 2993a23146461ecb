"""``lampoon verify``: what a clip declares, whether that holds, what to do with it."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from lampoon.consent.status import load_status
from lampoon.console import aside, emit_json
from lampoon.errors import SettingsError
from lampoon.verify.batch import clips_in
from lampoon.verify.blink.calibration import load_calibration
from lampoon.verify.calibrate_commands import calibrate_command
from lampoon.verify.judge import Judge, Judged, judged_all
from lampoon.verify.junit import junit_xml
from lampoon.verify.policy import Decision, default_policy, load_policy
from lampoon.verify.policy_commands import policy_app
from lampoon.verify.report.page import write_report
from lampoon.verify.say import say
from lampoon.verify.second_opinion import require_engine
from lampoon.verify.signature import VerdictKey, load_verdict_key
from lampoon.verify.verdict import worst_exit_code
from lampoon.verify.whole import write_whole
from lampoon.watermark.commands import chosen_registry, chosen_trust

__all__ = ["calibrate_command", "policy_app", "verify_command"]

NO_TRUST = (
    "no trust list: every signer will be unknown (name one with --trust, or keep one "
    "with: lampoon watermark certs trust FOLDER)"
)
PASSPHRASE = "LAMPOON_KEY_PASSPHRASE"


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
    if second_opinion:
        require_engine()
    judge = Judge(
        trust=chosen_trust(trust),
        policy=default_policy() if policy is None else load_policy(policy),
        shadow=None if shadow is None else load_policy(shadow),
        sidecar=sidecar,
        second_opinion=second_opinion,
        key=_key(sign_with),
        source=source,
        calibration=None if calibration is None else load_calibration(calibration),
        registry=None if provenance_only else chosen_registry(registry),
        consents=None if consent_status is None else load_status(consent_status),
        provenance_only=provenance_only,
    )
    if not judge.trust.anchors:
        aside.print(NO_TRUST, style="yellow", markup=False, soft_wrap=True)
    show = _line if lines else _whole if as_json else _words
    decisions, cases, verdicts = [], [], []
    for each in judged_all(clips, judge, resume, jobs):
        decisions.append(Decision(each.values["policy"]["decision"]))
        show(each)
        if junit is not None:
            cases.append(each.values | {"blink": None})
        if report is not None and each.verdict is not None:
            verdicts.append(each.verdict)
    if junit is not None:
        write_whole(junit_xml(cases), junit)
    if report is not None:
        write_report(verdicts, report)
    raise typer.Exit(worst_exit_code(decisions))


def _line(judged: Judged) -> None:
    typer.echo(json.dumps(judged.values, ensure_ascii=False))


def _whole(judged: Judged) -> None:
    emit_json(judged.values)


def _words(judged: Judged) -> None:
    if judged.verdict is not None:
        say(judged.verdict)


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


def _key(path: Path | None) -> VerdictKey | None:
    if path is None:
        return None
    return load_verdict_key(path, os.environ.get(PASSPHRASE) or None)
