"""What ``lampoon verify`` does with its paths and options."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lampoon.console import aside, emit_json
from lampoon.verify.judge import Judge, Judged, judged_all
from lampoon.verify.policy import Decision, default_policy, load_policy
from lampoon.verify.verdict import worst_exit_code
from lampoon.watermark.kept import chosen_registry, chosen_trust

if TYPE_CHECKING:
    from pathlib import Path

    from lampoon.consent.status import StatusList
    from lampoon.verify.blink.calibration import Calibration
    from lampoon.verify.signature import VerdictKey

NO_TRUST = (
    "no trust list: every signer will be unknown (name one with --trust, or keep one "
    "with: lampoon watermark certs trust FOLDER)"
)
PASSPHRASE = "LAMPOON_KEY_PASSPHRASE"


@dataclass(frozen=True, slots=True)
class Wish:
    """The command's options; what each means stands there."""

    shape: Literal["lines", "json", "words"]
    resume: Path | None
    report: Path | None
    junit: Path | None
    policy: Path | None
    shadow: Path | None
    trust: Path | None
    sidecar: Path | None
    second_opinion: bool
    sign_with: Path | None
    source: Path | None
    calibration: Path | None
    registry: str | None
    consent_status: Path | None
    provenance_only: bool
    jobs: int


def answer(clips: list[Path], wish: Wish) -> int:
    """Say the verdict on every clip, write what is wished, and return the exit code."""
    judge = _judge(wish)
    if not judge.trust.anchors:
        aside.print(NO_TRUST, style="yellow", markup=False, soft_wrap=True)
    decisions, cases, verdicts = [], [], []
    for each in judged_all(clips, judge, wish.resume, wish.jobs):
        decisions.append(Decision(each.values["policy"]["decision"]))
        _show(each, wish)
        if wish.junit is not None:
            cases.append(each.values | {"blink": None})
        if wish.report is not None and each.verdict is not None:
            verdicts.append(each.verdict)
    if wish.junit is not None:
        from lampoon.verify.junit import junit_xml
        from lampoon.verify.whole import write_whole

        write_whole(junit_xml(cases), wish.junit)
    if wish.report is not None:
        from lampoon.verify.report.page import write_report

        write_report(verdicts, wish.report)
    return worst_exit_code(decisions)


def _judge(wish: Wish) -> Judge:
    """Return what decides; what is not wished for is not loaded."""
    if wish.second_opinion:
        from lampoon.verify.second_opinion import require_engine

        require_engine()
    return Judge(
        trust=chosen_trust(wish.trust),
        policy=default_policy() if wish.policy is None else load_policy(wish.policy),
        shadow=None if wish.shadow is None else load_policy(wish.shadow),
        sidecar=wish.sidecar,
        second_opinion=wish.second_opinion,
        key=_key(wish.sign_with),
        source=wish.source,
        calibration=_calibration(wish.calibration),
        registry=None if wish.provenance_only else chosen_registry(wish.registry),
        consents=_consents(wish.consent_status),
        provenance_only=wish.provenance_only,
    )


def _show(judged: Judged, wish: Wish) -> None:
    if wish.shape == "lines":
        sys.stdout.write(json.dumps(judged.values, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    elif wish.shape == "json":
        emit_json(judged.values)
    elif judged.verdict is not None:
        from lampoon.verify.say import say

        say(judged.verdict)


def _key(path: Path | None) -> VerdictKey | None:
    if path is None:
        return None
    from lampoon.verify.signature import load_verdict_key

    return load_verdict_key(path, os.environ.get(PASSPHRASE) or None)


def _calibration(path: Path | None) -> Calibration | None:
    if path is None:
        return None
    from lampoon.verify.blink.calibration import load_calibration

    return load_calibration(path)


def _consents(path: Path | None) -> StatusList | None:
    if path is None:
        return None
    from lampoon.consent.status import load_status

    return load_status(path)
