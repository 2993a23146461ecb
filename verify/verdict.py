"""The verdict: what was found, what it means, and what the policy does with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lampoon.verify.blink_json import blink_json
from lampoon.verify.evidence import (
    AssetEvidence,
    BlinkEvidence,
    ConsentState,
    Finding,
    LabelEvidence,
    Poster,
    ProvenanceEvidence,
    SecondOpinion,
)
from lampoon.verify.mark_evidence import WatermarkEvidence
from lampoon.verify.policy import Decision, Outcome

SCHEMA = "lampoon.verdict/1"

EXIT_CODES = {
    Decision.ACCEPT: 0,
    Decision.LABEL: 10,
    Decision.REVIEW: 20,
    Decision.REJECT: 30,
    Decision.ERROR: 2,
}

SENTENCES = {
    Finding.LABELLED_PARODY: "A declared parody, signed, and unchanged since.",
    Finding.SIGNED_OTHER: "Signed and unchanged, and not a Lampoon parody.",
    Finding.UNKNOWN_SIGNER: "Signed, but by nobody the trust list knows.",
    Finding.BROKEN_HISTORY: "Signed, but the record of a part of it does not hold.",
    Finding.CONTENT_ALTERED: "Changed after it was signed.",
    Finding.MANIFEST_ALTERED: "Its provenance record was tampered with.",
    Finding.EXPIRED: "Signed with a certificate that has expired.",
    Finding.REVOKED: "Signed with a certificate that was revoked.",
    Finding.SUBSTITUTED: "Its invisible mark belongs to another clip.",
    Finding.RECOVERED: "A parody whose record was stripped, found again by its mark.",
    Finding.UNMARKED: "No provenance: nothing is known about where it comes from.",
    Finding.MALFORMED: "Its provenance record is damaged beyond reading.",
    Finding.UNREADABLE: "The file cannot be read as a video.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One file, judged.

    ``finding`` says what it is, ``reasons`` why in plain words; ``policy`` what the
    house does with it. ``poster`` and the blink timeline are for the report and
    stay out of the JSON.
    """

    asset: AssetEvidence
    finding: Finding
    reasons: tuple[str, ...]
    provenance: ProvenanceEvidence
    watermark: WatermarkEvidence
    consent: ConsentState
    label: LabelEvidence
    blink: BlinkEvidence
    policy: Outcome
    tools: Mapping[str, str]
    trust_list: Mapping[str, Any]
    second_opinion: SecondOpinion = field(default_factory=SecondOpinion)
    poster: Poster | None = field(default=None, repr=False)

    @property
    def exit_code(self) -> int:
        """The decision as the command line gives it."""
        return EXIT_CODES[self.policy.decision]

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        return SENTENCES[self.finding]


SEVERITY = (
    Decision.ACCEPT,
    Decision.LABEL,
    Decision.REVIEW,
    Decision.ERROR,
    Decision.REJECT,
)
"""From mild to severe: an unreadable file outranks a review, never a rejection."""


def worst_exit_code(decisions: Iterable[Decision]) -> int:
    """Return the exit code of the most severe decision, 0 for none."""
    worst = max(decisions, key=SEVERITY.index, default=Decision.ACCEPT)
    return EXIT_CODES[worst]


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Return the verdict as JSON values, schema ``lampoon.verdict/1``."""
    return {
        "schema": SCHEMA,
        "asset": _asset(verdict.asset),
        "finding": verdict.finding.value,
        "summary": verdict.sentence,
        "reasons": list(verdict.reasons),
        "provenance": _provenance(verdict.provenance),
        "second_opinion": _second(verdict.second_opinion),
        "watermark": _watermark(verdict.watermark),
        "consent": {"state": verdict.consent.value},
        "label": {
            "declared": verdict.label.declared,
            "seen": verdict.label.seen.value,
        },
        "blink": blink_json(verdict.blink),
        "policy": outcome_json(verdict.policy),
        "tools": dict(verdict.tools),
        "trust_list": dict(verdict.trust_list),
    }


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return a decision as JSON values; ``shadow`` is there where one was asked."""
    found: dict[str, Any] = {
        "id": outcome.id,
        "version": outcome.version,
        "decision": outcome.decision.value,
        "reasons": list(outcome.reasons),
        "rule": outcome.rule,
    }
    if outcome.shadow is not None:
        found["shadow"] = outcome_json(outcome.shadow)
    return found


def _asset(asset: AssetEvidence) -> dict[str, Any]:
    return {
        "path": asset.path,
        "sha256": asset.sha256,
        "bytes": asset.bytes,
        "seconds": asset.seconds,
        "width": asset.width,
        "height": asset.height,
        "rate": asset.rate,
    }


def _provenance(found: ProvenanceEvidence) -> dict[str, Any]:
    parody = found.parody
    return {
        "integrity": found.integrity.value,
        "trust": found.trust.value,
        "hard_binding": found.hard_binding.value,
        "digital_source_type": found.digital_source_type,
        "history": found.history.value,
        "parody": None
        if parody is None
        else {
            "own": parody.own,
            "content_label": parody.content_label,
            "label_text": parody.label_text,
            "synthetic": parody.synthetic,
            "visible_label": parody.visible_label,
            "position": parody.position,
        },
        "manifest": found.manifest,
        "signer": found.signer or None,
        "signed_at": found.signed_at or None,
        "codes": list(found.codes),
    }


def _second(opinion: SecondOpinion) -> dict[str, Any]:
    other = opinion.other
    return {
        "agreement": opinion.agreement.value,
        "ours": opinion.ours or None,
        "theirs": opinion.theirs or None,
        "engine": other.engine if other else None,
        "state": (other.state or None) if other else None,
        "hard_binding": (other.hard_binding or None) if other else None,
        "codes": list(other.failures) if other else [],
        "failure": (other.failure or None) if other else None,
    }


def _watermark(mark: WatermarkEvidence) -> dict[str, Any]:
    geometry = mark.geometry
    return {
        "found": mark.found,
        "key": mark.key,
        "odds": mark.odds,
        "geometry": None
        if geometry is None
        else {
            "scale": geometry.scale,
            "stretch": geometry.stretch,
            "crop": None if geometry.crop is None else list(geometry.crop),
            "flip": geometry.flip,
            "rotation": geometry.rotation,
        },
        "manifest": mark.manifest,
        "state": mark.state.value,
        "registry": mark.registry,
        "likeness": _short(mark.likeness),
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
