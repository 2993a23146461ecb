"""A new, unsigned record from the few things that a person wants to say."""

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import ValidationError

from lampoon.consent.fields import first_faults
from lampoon.consent.notice import notice
from lampoon.consent.record import (
    MEDIA_OF_ROLE,
    ConsentRecord,
    Footage,
    LabelPreset,
    LabelRequirements,
    Media,
    Method,
    Purpose,
    Role,
    Scope,
    SignedRecord,
    Transformations,
    Withdrawal,
)
from lampoon.consent.rules import Party, Rule, latest_end, own_refusals
from lampoon.consent.subject import AgeClass, Grantee, Subject
from lampoon.errors import ConsentError

SALT_BYTES = 32
NOTHING_ELSE = Transformations(
    age=False,
    gender=False,
    voice=False,
    nudity=False,
    political=False,
    sexual=False,
    ads=False,
)
"""Only the face is changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a subject decides; everything else in a record has a careful default.

    ``targets`` are record ids, or ``ANY_LABELLED_COUNTERPART``; they may be left for
    the moment of signing, because both ids are known only then.
    """

    pseudonym: str
    roles: Sequence[Role]
    media: Sequence[Media]
    purposes: Sequence[Purpose]
    methods: Sequence[Method]
    description: str
    until: date
    targets: Sequence[str] = ()
    grantee: str = "whoever holds this record"
    footage: Footage = Footage.ANY_OF_SUBJECT
    label: LabelPreset = LabelPreset.EU_ARTISTIC
    redistribution: str = "public"


def draft_record(wishes: Wishes, *, now: datetime, random: bytes) -> ConsentRecord:
    """Return an unsigned record of an adult, valid from the day of ``now``.

    ``random`` gives the record's id and salt: at least 48 bytes from the system, never
    used twice. Raises ValueError for fewer, and ConsentError for a wish that the schema
    or the longest term does not allow.
    """
    if len(random) < SALT_BYTES + 16:
        raise ValueError(f"48 random bytes are needed, not {len(random)}")
    within_term(wishes.until, now.date())
    try:
        return _record(wishes, now, random)
    except ValidationError as fault:
        raise ConsentError(first_faults(fault)) from None


def media_entries(sha256s: Sequence[str], roles: Sequence[Role]) -> list[Media]:
    """Return the record's entry of each file, for each role that needs footage."""
    kinds = [MEDIA_OF_ROLE[role] for role in roles if role in MEDIA_OF_ROLE]
    return [Media(sha256=sha256, kind=kind) for sha256 in sha256s for kind in kinds]


def record_id(now: datetime, random: bytes) -> str:
    """Return a UUID version 7 from a moment and at least 10 random bytes (RFC 9562)."""
    milliseconds = int(now.timestamp() * 1000)
    number = int.from_bytes(milliseconds.to_bytes(6, "big") + random[:10], "big")
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))


def _record(wishes: Wishes, now: datetime, random: bytes) -> ConsentRecord:
    salt = base64.urlsafe_b64encode(random[:SALT_BYTES]).rstrip(b"=").decode()
    return ConsentRecord.model_validate(
        {
            "schema": "lampoon.consent/1",
            "record_id": record_id(now, random[SALT_BYTES:]),
            "created": now.replace(microsecond=0),
            "language": "en",
            "notice": notice(),
            "subject": Subject(pseudonym=wishes.pseudonym, age_class=AgeClass.ADULT),
            "roles": tuple(wishes.roles),
            "grantee": Grantee(name=wishes.grantee),
            "replica_kind": "independently_created",
            "media": tuple(wishes.media),
            "scope": _scope(wishes),
            "term": {
                "from": now.date(),
                "until": wishes.until,
                "survives_death": False,
            },
            "label_requirements": LabelRequirements(
                preset=wishes.label, text="PARODY", min_seconds=3
            ),
            "withdrawal": Withdrawal(
                how="lampoon consent withdraw, and telling the grantee",
                effect="takedown",
                sla_hours=48,
            ),
            "salt": salt,
        }
    )


def _scope(wishes: Wishes) -> Scope:
    return Scope.model_validate(
        {
            "purposes": tuple(wishes.purposes),
            "description": wishes.description,
            "projects": (),
            "methods": tuple(wishes.methods),
            "targets": tuple(wishes.targets),
            "footage": wishes.footage,
            "transformations": NOTHING_ELSE,
            "territories": (),
            "channels": (),
            "monetised": False,
            "redistribution": wishes.redistribution,
            "derivative_training": False,
            "biometric_processing": True,
        }
    )


def within_term(last: date, start: date) -> date:
    """Return the last day when a term from ``start`` may end there.

    Raises ConsentError for a day before ``start`` or after the longest term.
    """
    if start <= last <= latest_end(start):
        return last
    raise ConsentError(f"the last day must lie from {start} to {latest_end(start)}")


def with_targets(record: ConsentRecord, targets: list[str]) -> ConsentRecord:
    """Return an unsigned record that names more counterparts.

    Raises ConsentError for what is neither a record id nor the wildcard.
    """
    if not targets:
        return record
    every = tuple(dict.fromkeys((*record.scope.targets, *targets)))
    scope = record.scope.model_dump() | {"targets": every}
    try:
        checked = type(record.scope).model_validate(scope)
    except ValidationError:
        raise ConsentError(
            "a counterpart is named by its record id", hint="or by its record file"
        ) from None
    return record.model_copy(update={"scope": checked})


def refuse_hopeless(record: ConsentRecord, place: Path, today: date) -> None:
    """Raise ConsentError for a draft that no signature can make usable."""
    if not record.scope.targets:
        raise ConsentError(
            "the draft names no counterpart", where=place, hint="add --counterpart"
        )
    party = Party(SignedRecord(record=record), place, record.roles[0])
    unsigned = (Rule.SIGNATURE, Rule.CHAIN)
    hopeless = [r for r in own_refusals(party, today) if r.rule not in unsigned]
    if hopeless:
        raise ConsentError("; ".join(r.detail for r in hopeless), where=place)


def file_name(pseudonym: str) -> str:
    """Return a pseudonym as part of a file name.

    >>> file_name("Ada L.")
    'ada-l'
    """
    kept = (sign if sign.isalnum() else "-" for sign in pseudonym.lower())
    return "".join(kept).strip("-") or "subject"
