"""One verdict in a few lines for people at a terminal."""

from lampoon.console import people
from lampoon.verify.policy import Decision
from lampoon.verify.verdict import Verdict
from lampoon.verify.words import mark_words
from lampoon.watermark.manifest.describe import clean

COLOURS = {
    Decision.ACCEPT: "green",
    Decision.LABEL: "blue",
    Decision.REVIEW: "yellow",
    Decision.REJECT: "red",
    Decision.ERROR: "red",
}


def say(verdict: Verdict) -> None:
    """Print one verdict; what strangers wrote is cleaned first."""
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
    _line(f"  · invisible mark: {mark_words(verdict.watermark)}")
    _line(f"  · policy {verdict.policy.id} {verdict.policy.version}")
    shadow = verdict.policy.shadow
    if shadow is not None:
        would = f"would say {shadow.decision.value} (rule {shadow.rule})"
        _line(f"  · on trial: {shadow.id} {shadow.version} {would}")


def _line(text: str) -> None:
    people.print(text, markup=False, highlight=False, soft_wrap=True)
