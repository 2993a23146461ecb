"""``lampoon verify``: what a clip declares, whether that holds, what to do with it."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from lampoon.console import aside, bar, emit_json
from lampoon.errors import LampoonError, SettingsError
from lampoon.progress import Tell, silent
from lampoon.verify.batch import check_all, clips_in
from lampoon.verify.blink.calibration import Calibration, load_calibration
from lampoon.verify.calibrate_commands import calibrate_command
from lampoon.verify.check import check, unjudged
from lampoon.verify.digest import digest_of
from lampoon.verify.junit import junit_xml
from lampoon.verify.ledger import Ledger, Terms
from lampoon.verify.made_with import tool_versions, trust_summary
from lampoon.verify.policy import Decision, Policy, default_policy, load_policy
from lampoon.verify.policy_commands import policy_app
from lampoon.verify.report.page import write_report
from lampoon.verify.say import say
from lampoon.verify.second_opinion import require_engine
from lampoon.verify.signature import VerdictKey, load_verdict_key, sign_verdict
from lampoon.verify.verdict import Verdict, verdict_json, worst_exit_code
from lampoon.verify.whole import write_whole
from lampoon.watermark.commands import chosen_registry, chosen_trust
from lampoon.watermark.manifest.trust import TrustList
from lampoon.watermark.registry import Registry

__all__ = ["calibrate_command", "policy_app", "verify_command"]

NO_TRUST = (
    "no trust list: every signer will be unknown (name one with --trust, or keep one "
    "with: lampoon watermark certs trust FOLDER)"
)
PASSPHRASE = "LAMPOON_KEY_PASSPHRASE"


@dataclass(frozen=True, slots=True)
class Judge:
    """Everything that decides a verdict besides the file."""

    trust: TrustList
    policy: Policy
    shadow: Policy | None
    sidecar: Path | None
    second_opinion: bool
    key: VerdictKey | None
    source: Path | None
    calibration: Calibration | None
    registry: Registry | None

    def __call__(self, path: Path, tell: Tell) -> Verdict:
        """Return the verdict; a file that cannot be had is unreadable."""
        try:
            return check(
                path,
                trust=self.trust,
                policy=self.policy,
                shadow=self.shadow,
                sidecar=self.sidecar,
                second_opinion=self.second_opinion,
                source=self.source,
                calibration=self.calibration,
                registry=self.registry,
                tell=tell,
            )
        except LampoonError as error:
            return unjudged(path, str(error), trust=self.trust, policy=self.policy)

    def values(self, verdict: Verdict) -> dict[str, Any]:
        """Return the verdict as JSON values, signed where there is a key."""
        plain = verdict_json(verdict)
        return plain if self.key is None else sign_verdict(plain, self.key)

    @property
    def terms(self) -> Terms:
        """What has to be the same for a verdict of an earlier run to hold."""
        shadow = self.shadow
        return Terms(
            policy=f"{self.policy.id} {self.policy.version_text}",
            shadow=f"{shadow.id} {shadow.version_text}" if shadow else "",
            trust=trust_summary(self.trust)["sha256"],
            program=tool_versions()["lampoon"],
            second_opinion=self.second_opinion,
            signed_by=self.key.kid if self.key else "",
            registry=self.registry is not None,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict as JSON values; ``verdict`` is None where an earlier run made it."""

    values: dict[str, Any]
    verdict: Verdict | None


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
    if resume is not None and (source or calibration):
        raise SettingsError(
            "a resumed batch is compared with nothing else",
            hint="leave out --resume, --source and --calibration go without it",
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
        registry=chosen_registry(registry),
    )
    if not judge.trust.anchors:
        aside.print(NO_TRUST, style="yellow", markup=False, soft_wrap=True)
    show = _line if lines else _whole if as_json else _words
    decisions, cases, verdicts = [], [], []
    for each in _judged(clips, judge, resume, jobs):
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


def _judged(
    clips: list[Path], judge: Judge, resume: Path | None, jobs: int
) -> Iterator[Judged]:
    """Give every verdict in order; new ones go into the ledger at once."""
    with ExitStack() as stack:
        tell = stack.enter_context(_bars(len(clips)))
        if resume is None:
            yield from check_all(clips, _fresh(judge, tell), jobs=jobs)
            return
        ledger = stack.enter_context(Ledger(resume))
        for each in check_all(clips, _known(judge, tell, ledger), jobs=jobs):
            if each.verdict is not None:
                ledger.add(each.values)
            yield each


def _fresh(judge: Judge, tell: Tell) -> Callable[[Path], Judged]:
    def judged(path: Path) -> Judged:
        verdict = judge(path, tell)
        return Judged(judge.values(verdict), verdict)

    return judged


def _known(judge: Judge, tell: Tell, ledger: Ledger) -> Callable[[Path], Judged]:
    """Return the same, with a look into the ledger before."""
    fresh, terms = _fresh(judge, tell), judge.terms

    def judged(path: Path) -> Judged:
        try:
            found = ledger.find(str(path), digest_of(path).sha256, terms)
        except LampoonError:
            found = None
        if found is not None:
            return Judged(found, None)
        return fresh(path)

    return judged


@contextmanager
def _bars(count: int) -> Iterator[Tell]:
    """Give a bar for one clip; several clips speak for themselves as they finish."""
    if count > 1:
        yield silent
        return
    with bar("verify") as tell:
        yield tell
