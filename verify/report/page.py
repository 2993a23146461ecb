"""Verdicts as one HTML file that needs nothing else, and runs nothing."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lampoon.media.timing import seconds_text
from lampoon.verify.blink.statistics import BlinkAnswer, BlinkStatistics
from lampoon.verify.evidence import (
    Agreement,
    ConsentState,
    HardBinding,
    History,
    Integrity,
    LabelSeen,
    Poster,
    ProvenanceEvidence,
    Trust,
)
from lampoon.verify.policy import Decision
from lampoon.verify.report.pattern import pattern_rows
from lampoon.verify.report.pauses import pauses_svg
from lampoon.verify.report.timeline import timeline_svg
from lampoon.verify.verdict import Verdict
from lampoon.verify.whole import write_whole
from lampoon.verify.words import mark_words

INTEGRITY = {
    Integrity.INTACT: "unchanged since it was signed",
    Integrity.ALTERED: "changed since it was signed",
    Integrity.ABSENT: "no record in the file",
    Integrity.REMOTE: "the record is elsewhere and was not fetched",
    Integrity.UNREADABLE: "the record cannot be read",
}
TRUST = {
    Trust.TRUSTED: "the trust list vouches for the signer",
    Trust.UNKNOWN: "nobody we know vouches for the signer",
    Trust.EXPIRED: "the certificate has expired",
    Trust.REVOKED: "the certificate was revoked",
    Trust.INVALID: "the certificate may not sign provenance",
    Trust.ABSENT: "no signer",
}
BINDING = {
    HardBinding.MATCH: "the bytes match the signed hash",
    HardBinding.MISMATCH: "the bytes do not match the signed hash",
    HardBinding.ABSENT: "no hash binds a record to these bytes",
}
HISTORY = {
    History.INTACT: "the records of the parts hold",
    History.BROKEN: "the record of a part does not hold",
    History.NONE: "the parts carry no records",
}
CONSENT = {
    ConsentState.VALID: "valid",
    ConsentState.EXPIRED: "declared, but its term has ended",
    ConsentState.WITHDRAWN: "withdrawn",
    ConsentState.UNVERIFIABLE: "declared by the signer; the file holds no records",
    ConsentState.ABSENT: "nothing declared",
}
LABEL = {
    LabelSeen.SEEN: "found in the pictures",
    LabelSeen.NOT_SEEN: "not found in the pictures",
    LabelSeen.UNKNOWN: "not looked for, or it could not be told",
}
DECISION = {
    Decision.ACCEPT: "Accept",
    Decision.LABEL: "Show with a label",
    Decision.REVIEW: "Let a person look",
    Decision.REJECT: "Reject",
    Decision.ERROR: "Could not be judged",
}
ANSWER = {
    BlinkAnswer.CONSISTENT: "Blinks at a human rate",
    BlinkAnswer.FEW: "Unusually few blinks",
    BlinkAnswer.MANY: "Unusually many blinks",
    BlinkAnswer.INCONCLUSIVE: "Nothing can be concluded from the blinks",
}
SCALE_PER_MINUTE = 70.0


def report_html(verdicts: Sequence[Verdict]) -> str:
    """Return one self-contained page on all verdicts, in their order.

    What strangers wrote into a file is escaped; the page holds no script and names
    no address.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html")
    return template.render(clips=[_clip(verdict) for verdict in verdicts])


def write_report(verdicts: Sequence[Verdict], target: Path) -> None:
    """Write the page to ``target``, whole or not at all.

    Raises MediaError where it cannot be written.
    """
    write_whole(report_html(verdicts), target)


def _clip(verdict: Verdict) -> dict[str, Any]:
    """Return what the template shows of one verdict."""
    found = verdict.provenance
    return {
        "verdict": verdict,
        "name": Path(verdict.asset.path).name,
        "decision": DECISION[verdict.policy.decision],
        "tone": verdict.policy.decision.value,
        "size": _size(verdict),
        "face": _face(verdict.poster),
        "provenance": [*_provenance_rows(found), *_second_row(verdict)],
        "parts": found.parts,
        "label": _label(verdict),
        "mark": mark_words(verdict.watermark),
        "consent": CONSENT[verdict.consent],
        "answer": ANSWER[verdict.blink.statistics.answer],
        "figures": [
            *_blink_rows(verdict.blink.statistics),
            *pattern_rows(verdict.blink),
        ],
        "range": _range(verdict.blink.statistics),
        "timeline": Markup(timeline_svg(verdict.blink)),
        "pauses": Markup(pauses_svg(verdict.blink)),
        "lost": [(why, f"{seconds:.1f} s") for why, seconds in verdict.blink.lost],
    }


def _size(verdict: Verdict) -> str:
    """Return length, picture size and rate in words."""
    asset = verdict.asset
    words = [f"{asset.bytes / 1e6:.1f} MB"]
    if asset.seconds is not None:
        words = [
            seconds_text_of(asset.seconds),
            f"{asset.width} x {asset.height}",
            f"{asset.rate} frames/s",
            *words,
        ]
    return " · ".join(words)


def seconds_text_of(seconds: float) -> str:
    """Return a length as people read it.

    Examples
    --------
    >>> seconds_text_of(75.5)
    '1:15.500'
    """
    return seconds_text(Fraction(seconds).limit_denominator(10**6))


def _face(poster: Poster | None) -> dict[str, float] | None:
    """Return the face's place in the poster, in percent of its size."""
    if poster is None or poster.box is None:
        return None
    x0, y0, x1, y1 = poster.box
    return {
        "left": 100 * x0 / poster.width,
        "top": 100 * y0 / poster.height,
        "width": 100 * (x1 - x0) / poster.width,
        "height": 100 * (y1 - y0) / poster.height,
    }


def _provenance_rows(found: ProvenanceEvidence) -> list[tuple[str, str]]:
    """Return what is known about the record, a line each."""
    rows = [("Integrity", INTEGRITY[found.integrity])]
    if found.manifest is None:
        return rows
    kind = (found.digital_source_type or "").rpartition("/")[2]
    rows += [
        ("Signer", found.signer or "unnamed"),
        ("Trust", TRUST[found.trust]),
        ("Hard binding", BINDING[found.hard_binding]),
        ("Parts", HISTORY[found.history]),
        ("Declared kind", kind or "not declared"),
        ("Signed at", found.signed_at or "no time stamp: the time is not proven"),
        ("Made with", found.generator or "not declared"),
        ("Manifest", found.manifest),
    ]
    if found.codes:
        rows.append(("C2PA codes", ", ".join(found.codes)))
    return rows


def _second_row(verdict: Verdict) -> list[tuple[str, str]]:
    """Return what a second engine said, no line where none was asked."""
    opinion = verdict.second_opinion
    if opinion.other is None:
        return []
    words = opinion.theirs or f"no answer ({opinion.other.failure})"
    name = opinion.other.engine or "independent engine"
    end = "" if opinion.agreement is Agreement.NO_ANSWER else f"; ours: {opinion.ours}"
    return [("Second engine", f"{name}: {words}{end}")]


def _label(verdict: Verdict) -> str:
    """Return what is known about the visible label."""
    seen = LABEL[verdict.label.seen]
    if verdict.label.declared is None:
        return "none declared"
    return f"declared ({verdict.label.declared}); {seen}"


def _blink_rows(found: BlinkStatistics) -> list[tuple[str, str]]:
    """Return the figures behind the blink answer, a line each."""
    screen = found.on_screen_seconds
    rows = [
        ("Measurable", f"{found.measurable_seconds:.1f} of {screen:.1f} s with a face")
    ]
    if found.rate_per_minute is None or found.rate_interval is None:
        return rows
    low, high = found.rate_interval
    rows += [
        ("Blinks", str(found.count)),
        (
            "Rate",
            f"{found.rate_per_minute:.1f} a minute (95 %: {low:.1f} to {high:.1f})",
        ),
        ("Situation", f"{found.context.value} (told by the mouth)"),
    ]
    if found.human_range is not None:
        least, most = found.human_range
        rows.append(
            ("98 of 100 people", f"{least:.1f} to {most:.1f} a minute over this time")
        )
    if found.p_value is not None and found.log10_likelihood_ratio is not None:
        rows.append(("Chance for a human", f"{found.p_value:.2g} (as extreme or more)"))
        ratio = f"{found.log10_likelihood_ratio:+.2f}"
        rows.append(("log10 likelihood ratio", f"{ratio} (above 0: hardly blinks)"))
    if found.power is not None:
        rows.append(
            ("Power", f"{found.power:.0%} of faces that hardly blink would be noticed")
        )
    return rows


def _range(found: BlinkStatistics) -> dict[str, float] | None:
    """Return the places of rate, interval and human range in percent of the scale."""
    if found.rate_per_minute is None or found.rate_interval is None:
        return None
    low, high = found.rate_interval
    least, most = found.human_range or (0.0, 0.0)
    scale = max(SCALE_PER_MINUTE, found.rate_per_minute * 1.1)

    def place(rate: float) -> float:
        return min(100.0 * rate / scale, 100.0)

    return {
        "scale": scale,
        "rate": place(found.rate_per_minute),
        "low": place(low),
        "wide": place(high) - place(low),
        "least": place(least),
        "human": place(most) - place(least),
    }
