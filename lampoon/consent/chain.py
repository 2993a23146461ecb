"""What happened to a record since it was signed: a chain of signed events.

Each event holds the hash of the signed event before it, the first one that of the
signed record. So nothing can be changed, inserted or dropped from the middle. That
the *last* events are missing cannot be seen in the file alone: a grant remembers
the head, and a chain that no longer holds it is refused.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from joserfc.util import urlsafe_b64decode
from pydantic import BaseModel, ValidationError

from lampoon.consent.fields import first_faults
from lampoon.consent.record import (
    ConsentRecord,
    Event,
    EventType,
    Scope,
    Signature,
    SignedEvent,
    SignedRecord,
    Term,
)
from lampoon.consent.signature import (
    Signed,
    SubjectKey,
    canonical_json,
    digest,
    sign,
    signature_fault,
)
from lampoon.errors import ConsentError

ENDINGS = (EventType.WITHDRAWN, EventType.EXPIRED)
"""After these nothing follows: a new record is needed."""


class _Root(BaseModel):
    """What the first event is chained to."""

    record: ConsentRecord
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds after all events: the scope and the term.

    ``renewed_on`` is when the present term was agreed to, None for the first one.
    """

    scope: Scope
    term: Term
    renewed_on: datetime | None


def chain_hashes(signed: SignedRecord) -> tuple[str, ...]:
    """Return the hash of the signed record and of each signed event, oldest first."""
    root = _Root(record=signed.record, signatures=signed.signatures)
    return (digest(root), *(digest(entry) for entry in signed.events))


def chain_head(signed: SignedRecord) -> str:
    """Return the hash of the newest link, 64 hex digits."""
    return chain_hashes(signed)[-1]


def salted_sha256(record: ConsentRecord) -> str:
    """Return the only hash of a record that leaves the house, 64 hex digits.

    SHA-256 of the record's 32 salt bytes followed by its canonical JSON without the
    salt: who has the record can recompute it, nobody can guess their way to it.
    """
    bare = record.model_dump(mode="json", by_alias=True, exclude_none=True)
    salt = urlsafe_b64decode(bare.pop("salt").encode("ascii"))
    return hashlib.sha256(salt + canonical_json(bare)).hexdigest()


def record_fault(signed: SignedRecord) -> str:
    """Return what is wrong with the record's own signature, or ""."""
    key = signed.record.subject.key
    if not signed.signatures or key is None:
        return "the record was never signed"
    fault = signature_fault(signed.record, signed.signatures[0], key, Signed.RECORD)
    return f"the signature {fault}" if fault else ""


def event_faults(signed: SignedRecord) -> list[tuple[bool, str]]:
    """Return the faults of the chain; True marks those of a signature.

    The list is empty for a chain that begins with ``given``, links up, is signed
    throughout by the record's key, and has nothing after its end.
    """
    if not signed.events:
        return [(False, "consent was never given: the chain has no events")]
    faults: list[tuple[bool, str]] = []
    hashes = chain_hashes(signed)
    for place, entry in enumerate(signed.events):
        name = f"event {place} ({entry.event.type.value})"
        fault = _signature_of(entry, signed.record)
        if fault:
            faults.append((True, f"the signature of {name} {fault}"))
        before = [other.event for other in signed.events[:place]]
        fault = _link_fault(entry.event, before, signed.record.record_id)
        if not fault and entry.event.previous != hashes[place]:
            fault = "does not follow from what stands before it"
        if fault:
            faults.append((False, f"{name} {fault}"))
    return faults


def standing(signed: SignedRecord) -> Standing:
    """Return what holds after all events, taken at their word.

    Check the chain first: this reads it and proves nothing.
    """
    scope, term, renewed_on = signed.record.scope, signed.record.term, None
    for entry in signed.events:
        event = entry.event
        scope = event.scope or scope
        if event.until is not None:
            term = term.model_copy(update={"until": event.until})
            renewed_on = event.at
    return Standing(scope, term, renewed_on)


def sign_record(record: ConsentRecord, key: SubjectKey, at: datetime) -> SignedRecord:
    """Return the record with the subject's key and signature, and consent given.

    Raises ConsentError when the record names another key already.
    """
    named = record.subject.key
    if named is not None and named != key.public:
        raise ConsentError(
            "the record names another key", hint="sign with the key it was made for"
        )
    subject = record.subject.model_copy(update={"key": key.public})
    keyed = record.model_copy(update={"subject": subject})
    signature = sign(keyed, key, Signed.RECORD)
    signed = SignedRecord(record=keyed, signatures=(signature,))
    return append_event(signed, key, EventType.GIVEN, at)


def append_event(
    signed: SignedRecord,
    key: SubjectKey,
    kind: EventType,
    at: datetime,
    *,
    until: date | None = None,
    scope: Scope | None = None,
    note: str | None = None,
) -> SignedRecord:
    """Return the record with one more event, chained and signed by the subject.

    A clock that went back does not break the chain: the event is dated no earlier
    than the one before it. Raises ConsentError for another key than the record's,
    for a broken chain, and for an event that cannot follow.
    """
    if key.public != signed.record.subject.key:
        raise ConsentError("this key is not the one that signed the record")
    before = [entry.event for entry in signed.events]
    try:
        event = Event(
            type=kind,
            record_id=signed.record.record_id,
            sequence=len(before),
            at=max([at.replace(microsecond=0), *(earlier.at for earlier in before)]),
            by="subject",
            previous=chain_head(signed),
            until=until,
            scope=scope,
            note=note,
        )
    except ValidationError as fault:
        raise ConsentError(first_faults(fault)) from None
    entry = SignedEvent(event=event, signature=sign(event, key, Signed.EVENT))
    longer = signed.model_copy(update={"events": (*signed.events, entry)})
    faults = [record_fault(longer), *(text for _, text in event_faults(longer))]
    if any(faults):
        raise ConsentError(next(fault for fault in faults if fault))
    return longer


def _signature_of(entry: SignedEvent, record: ConsentRecord) -> str:
    if record.subject.key is None:
        return "cannot be checked: the record has no key"
    return signature_fault(
        entry.event, entry.signature, record.subject.key, Signed.EVENT
    )


def _link_fault(event: Event, before: Sequence[Event], record_id: str) -> str:
    """Return why an event cannot stand where it stands, or ""."""
    if event.record_id != record_id:
        return "belongs to another record"
    if event.sequence != len(before):
        return f"says that it is number {event.sequence}"
    if (event.type is EventType.GIVEN) != (not before):
        return "stands in the wrong place: the first event, and no other, is given"
    if (event.type is EventType.RENEWED) != (event.until is not None):
        return "and a last day do not go together"
    if (event.type is EventType.MODIFIED) != (event.scope is not None):
        return "and a scope do not go together"
    if before and event.at < before[-1].at:
        return "is older than the event before it"
    if any(earlier.type in ENDINGS for earlier in before):
        return "follows after the record has ended"
    return ""
