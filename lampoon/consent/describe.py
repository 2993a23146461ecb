"""A consent file in plain words and as JSON, without what is private to it."""

from datetime import UTC, datetime
from typing import Any

from lampoon.consent.chain import chain_head, salted_sha256, standing
from lampoon.consent.record import Footage, SignedRecord
from lampoon.consent.rules import Party, Refusal, Rule, own_refusals
from lampoon.consent.signature import thumbprint

PRIVATE = ("salt",)
PRIVATE_OF_SUBJECT = ("legal_name", "contact", "guardian")


def state(signed: SignedRecord, refusals: list[Refusal]) -> str:
    """Return one word: draft, valid, withdrawn, expired, or refused."""
    if not signed.signatures and not signed.events:
        return "draft"
    broken = {refusal.rule for refusal in refusals}
    if not broken:
        return "valid"
    if broken <= {Rule.WITHDRAWN, Rule.TERM}:
        return "withdrawn" if Rule.WITHDRAWN in broken else _term_state(refusals)
    return "refused"


def record_json(party: Party, now: datetime) -> dict[str, Any]:
    """Return what ``consent show --json`` says; salt and private names left out."""
    signed = party.signed
    refusals = own_refusals(party, now.astimezone(UTC).date())
    record = signed.record.model_dump(mode="json", by_alias=True, exclude_none=True)
    for name in PRIVATE:
        record.pop(name, None)
    for name in PRIVATE_OF_SUBJECT:
        record["subject"].pop(name, None)
    key = signed.record.subject.key
    events = [entry.event for entry in signed.events]
    return {
        "file": str(party.file),
        "record_id": party.record_id,
        "state": state(signed, refusals),
        "problems": [refusal_json(refusal) for refusal in refusals],
        "kid": thumbprint(key) if key else None,
        "record_sha256": salted_sha256(signed.record),
        "head": chain_head(signed),
        "until": standing(signed).term.until.isoformat(),
        "events": [e.model_dump(mode="json", exclude_none=True) for e in events],
        "record": record,
    }


def refusal_json(refusal: Refusal) -> dict[str, str]:
    """Return a refusal as ``refused_by`` lists it."""
    return {
        "record": refusal.record,
        "rule": refusal.rule.value,
        "detail": refusal.detail,
        "file": refusal.file,
    }


def record_lines(signed: SignedRecord) -> list[tuple[str, str]]:
    """Return what a person should know before signing: (about, said) pairs."""
    record, now = signed.record, standing(signed)
    scope, label = now.scope, record.label_requirements
    changed = [
        n for n, allowed in scope.transformations.model_dump().items() if allowed
    ]
    listed = scope.footage is Footage.LISTED_ONLY
    lines = [
        ("record", record.record_id),
        ("subject", f"{record.subject.pseudonym}, {record.subject.age_class.value}"),
        ("agrees to be", ", ".join(record.roles)),
        ("for", ", ".join(scope.purposes)),
        ("by", ", ".join(scope.methods)),
        ("with", ", ".join(scope.targets) or "nobody yet"),
        ("given to", record.grantee.name),
        ("described as", scope.description),
        ("footage", "the listed files only" if listed else "any of the subject"),
        ("also changed", ", ".join(changed) or "nothing but the face"),
        ("valid", f"{now.term.from_} to {now.term.until}, both included"),
        ("label", f"{label.preset.value} at least, with the word {label.text}"),
        ("may be shared", scope.redistribution),
        ("face measured", "yes" if scope.biometric_processing else "no"),
        ("taken back by", record.withdrawal.how),
    ]
    media = [(f"{m.kind.value}", f"sha256 {m.sha256}") for m in record.media]
    events = [
        (f"{e.event.at:%Y-%m-%d %H:%M} UTC", e.event.type.value) for e in signed.events
    ]
    return [*lines, *media, *events]


def answer_lines(answer: dict[str, Any], signed: SignedRecord) -> list[str]:
    """Return what a person is shown of ``record_json``'s answer, a line each."""
    lines = [f"{about:>20}  {said}" for about, said in record_lines(signed)]
    lines.append(f"{'state':>20}  {answer['state']}")
    problems = answer["problems"] if signed.signatures else []
    return lines + [f"{p['rule']:>20}  {p['detail']}" for p in problems]


def refusal_lines(refusals: list[Refusal]) -> list[str]:
    """Return what a person is told after a check, a line for each refusal."""
    if not refusals:
        return ["granted: both records allow this swap today"]
    told = [refusal.line() for refusal in refusals]
    return ["refused:", *(f"  {name}: {rule}: {why}" for name, rule, why in told)]


def _term_state(refusals: list[Refusal]) -> str:
    late = any("expired" in r.detail or "end on" in r.detail for r in refusals)
    return "expired" if late else "refused"
