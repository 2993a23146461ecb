"""``lampoon verify``: what a clip declares, whether that holds, what to do with it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from lampoon.console import aside, bar, emit_json, people
from lampoon.errors import SettingsError
from lampoon.progress import Tell, silent
from lampoon.verify.batch import check_all, clips_in
from lampoon.verify.check import check
from lampoon.verify.policy import Decision, Policy, load_policy
from lampoon.verify.report.page import write_report
from lampoon.verify.verdict import Verdict, verdict_json, worst_exit_code
from lampoon.watermark.commands import chosen_trust
from lampoon.watermark.manifest.describe import clean

COLOURS = {
    Decision.ACCEPT: "green",
    Decision.LABEL: "blue",
    Decision.REVIEW: "yellow",
    Decision.REJECT: "red",
    Decision.ERROR: "red",
}

NO_TRUST = (
    "no trust list: every signer will be unknown (name one with --trust, or keep one "
    "with: lampoon watermark certs trust FOLDER)"
)


def verify_command(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Videos, or folders of them."),
    ],
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Answer with JSON; several paths: JSON lines."),
    ] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Answer with one JSON object a line.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Also write a report: one HTML file.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Decide by this YAML file, not by the default.")
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
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Files at a time.")] = 1,
) -> None:
    """Check what a clip declares and whether it holds, and measure its blinks.

    Exit code: 0 accept, 10 label, 20 review, 30 reject, 2 for a file that cannot be
    read. Of several files the most severe counts: reject, error, review, label,
    accept.

    Example: **lampoon verify demo/parody.mp4 --report report.html**
    """
    clips = clips_in(paths)
    if sidecar is not None and len(clips) > 1:
        raise SettingsError(
            "a sidecar belongs to one clip", where=sidecar, hint="name a single clip"
        )
    rules: Policy | None = None if policy is None else load_policy(policy)
    anchors = chosen_trust(trust)
    if not anchors.anchors:
        aside.print(NO_TRUST, style="yellow", markup=False, soft_wrap=True)
    judge = partial(check, trust=anchors, policy=rules, sidecar=sidecar)
    judge = partial(judge, second_opinion=second_opinion)
    lines = jsonl or (as_json and len(clips) > 1)
    verdicts = []
    with _bars(len(clips)) as tell:
        for verdict in check_all(clips, partial(judge, tell=tell), jobs=jobs):
            verdicts.append(verdict)
            if lines:
                typer.echo(json.dumps(verdict_json(verdict), ensure_ascii=False))
            elif as_json:
                emit_json(verdict_json(verdict))
            else:
                _say(verdict)
    if report is not None:
        write_report(verdicts, report)
    raise typer.Exit(worst_exit_code(verdicts))


@contextmanager
def _bars(count: int) -> Iterator[Tell]:
    """Give a bar for one clip; several clips speak for themselves as they finish."""
    if count > 1:
        yield silent
        return
    with bar("verify") as tell:
        yield tell


def _say(verdict: Verdict) -> None:
    """Print one verdict for people."""
    decision = verdict.policy.decision
    people.print(clean(verdict.asset.path), style="bold", markup=False, highlight=False)
    people.print(f"  {decision.value}", style=COLOURS[decision], end="  ")
    _line(verdict.sentence)
    for reason in (*verdict.reasons, *verdict.policy.reasons):
        _line(f"  · {clean(reason)}")
    blink = verdict.blink.statistics
    answer = blink.answer.value.replace("_", " ")
    rate = (
        ""
        if blink.rate_per_minute is None
        else f", {blink.count} in {blink.measurable_seconds:.0f} s"
    )
    _line(f"  · blinks: {answer}{rate} ({clean(blink.reason)})")
    _line(f"  · policy {verdict.policy.id} {verdict.policy.version}")


def _line(text: str) -> None:
    people.print(text, markup=False, highlight=False, soft_wrap=True)
