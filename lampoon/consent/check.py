"""Record + face + purpose to a ``ConsentGrant``: no grant, no swap.

Only :func:`check_consent` makes a grant. Everything that writes a swap asks for one.
"""

from dataclasses import InitVar, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

from lampoon.consent.chain import (
    chain_hashes,
    chain_head,
    salted_sha256,
    standing,
)
from lampoon.consent.face import Embed
from lampoon.consent.footage import (
    Shown,
    footage_refusals,
    known_footage,
    list_refusals,
)
from lampoon.consent.record import (
    LabelPreset,
    Method,
    Purpose,
    Role,
)
from lampoon.consent.rules import Party, Question, Refusal, Rule, record_refusals
from lampoon.consent.store import find_media, load_record
from lampoon.errors import ConsentRefusedError

__all__ = [
    "ConsentGrant",
    "GrantedRole",
    "Refusal",
    "Rule",
    "check_consent",
    "check_records",
    "refusals_with_footage",
    "renew_check",
    "require_grant",
]

_SEAL = object()
"""What only this module has; a grant without it cannot be made."""

_LABELS = (LabelPreset.EU_ARTISTIC, LabelPreset.EU_FULL)
"""Label presets, the weaker first."""


@dataclass(frozen=True, slots=True)
class GrantedRole:
    """What a grant remembers of one record; names nobody.

    ``record_sha256`` is salted and may leave the house, as may ``expires`` and
    ``scope`` (purposes and methods). ``record_id``, ``head`` (the newest link of the
    record's chain) and ``footage_sha256`` stay inside.
    """

    role: Role
    record_id: str
    record_sha256: str
    expires: date
    scope: tuple[str, ...]
    head: str
    footage_sha256: str


@dataclass(frozen=True, slots=True)
class ConsentGrant:
    """Both people agree to this swap, as checked on a day.

    ``label`` is the least label preset that both records ask for. A grant is made by
    :func:`check_consent` alone; constructing, copying or pickling one raises
    TypeError, so another process checks for itself.
    """

    purpose: Purpose
    method: Method
    performer: GrantedRole
    donor: GrantedRole
    label: LabelPreset
    checked_on: date
    seal: InitVar[object]
    _kept: object = field(init=False, repr=False, compare=False)

    def __post_init__(self, seal: object) -> None:
        """Refuse to exist without the seal."""
        if seal is not _SEAL:
            raise TypeError("only check_consent makes a ConsentGrant")
        object.__setattr__(self, "_kept", seal)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("a ConsentGrant does not travel: check consent again there")


def require_grant(value: object) -> ConsentGrant:
    """Return ``value`` when it is a grant that the check made; TypeError otherwise.

    For functions that take a grant, against callers without types.
    """
    if type(value) is ConsentGrant and getattr(value, "_kept", None) is _SEAL:
        return value
    raise TypeError("a ConsentGrant is needed: get one from check_consent")


def check_records(
    performer: Path, donor: Path, purpose: Purpose, method: Method, now: datetime
) -> list[Refusal]:
    """Return every refusal of both records, without looking at any footage.

    Raises ConsentError for a file that is no consent record, ValueError for a time
    without a zone.
    """
    return _pair_refusals(_parties(performer, donor), purpose, method, now)


def check_consent(
    performer: Path,
    donor: Path,
    *,
    purpose: Purpose,
    method: Method,
    now: datetime,
    performer_footage: Path,
    donor_footage: Path,
    embed: Embed | None = None,
) -> ConsentGrant:
    """Return a grant when both records allow this swap with this footage.

    ``performer`` is the record of the person who is filmed, ``donor`` that of the
    person whose face is put on. ``embed`` turns a clip into embeddings; dlib's, when
    left out. Raises ConsentRefusedError with every rule that refuses, ConsentError
    for a file that is no record or cannot be read, MissingExtraError without dlib.
    """
    parties = _parties(performer, donor)
    footage = known_footage((performer_footage, donor_footage))
    refusals = _pair_refusals(parties, purpose, method, now)
    _raise_if_any(refusals + footage_refusals(parties, footage, refusals, embed))
    asked = [party.signed.record.label_requirements.preset for party in parties]
    return ConsentGrant(
        purpose=purpose,
        method=method,
        performer=_granted(parties[0], footage),
        donor=_granted(parties[1], footage),
        label=max(asked, key=_LABELS.index),
        checked_on=now.astimezone(UTC).date(),
        seal=_SEAL,
    )


def refusals_with_footage(
    performer: Path,
    donor: Path,
    *,
    purpose: Purpose,
    method: Method,
    now: datetime,
    performer_footage: Path | None = None,
    donor_footage: Path | None = None,
    embed: Embed | None = None,
) -> list[Refusal]:
    """Return every refusal of both records, looking at what footage is given.

    Raises as :func:`check_consent` does, but no ConsentRefusedError.
    """
    parties = _parties(performer, donor)
    refusals = _pair_refusals(parties, purpose, method, now)
    footage = known_footage((performer_footage, donor_footage))
    return refusals + footage_refusals(parties, footage, refusals, embed)


def renew_check(
    grant: ConsentGrant, performer: Path, donor: Path, now: datetime
) -> None:
    """Read both records again, before a job resumes and before it publishes.

    Raises ConsentRefusedError when one was withdrawn, expired, changed or replaced
    since the grant, or when events are gone that were there then; ConsentError when
    a record cannot be read; TypeError for anything but a grant.
    """
    require_grant(grant)
    parties = _parties(performer, donor)
    refusals = _pair_refusals(parties, grant.purpose, grant.method, now)
    for party, granted in zip(parties, (grant.performer, grant.donor), strict=True):
        refusals += _changes(party, granted)
        refusals += list_refusals(party, granted.footage_sha256)
    _raise_if_any(refusals)


def _parties(performer: Path, donor: Path) -> tuple[Party, Party]:
    return (
        Party(load_record(performer), performer, Role.DRIVING_PERFORMER),
        Party(load_record(donor), donor, Role.FACE_DONOR),
    )


def _pair_refusals(
    parties: tuple[Party, Party], purpose: Purpose, method: Method, now: datetime
) -> list[Refusal]:
    refusals: list[Refusal] = []
    for party, other in (parties, parties[::-1]):
        question = Question(purpose, method, other.record_id, now)
        refusals += record_refusals(party, question)
        for entry in party.signed.record.media:
            _, fault = find_media(entry, party.file.parent)
            if fault:
                refusals.append(party.refusal(Rule.MEDIA, fault))
    return refusals


def _changes(party: Party, granted: GrantedRole) -> list[Refusal]:
    """Return how a record differs from the one that was granted."""
    if salted_sha256(party.signed.record) != granted.record_sha256:
        detail = "is another record than the one this grant was given for"
        return [party.refusal(Rule.SIGNATURE, detail)]
    if granted.head not in chain_hashes(party.signed):
        detail = "events are gone that were there when this grant was given"
        return [party.refusal(Rule.CHAIN, detail)]
    return []


def _granted(party: Party, footage: dict[Role, Shown]) -> GrantedRole:
    now = standing(party.signed)
    return GrantedRole(
        role=party.role,
        record_id=party.record_id,
        record_sha256=salted_sha256(party.signed.record),
        expires=now.term.until,
        scope=(
            *(purpose.value for purpose in now.scope.purposes),
            *(method.value for method in now.scope.methods),
        ),
        head=chain_head(party.signed),
        footage_sha256=footage[party.role].sha256,
    )


def _raise_if_any(refusals: list[Refusal]) -> None:
    if refusals:
        raise ConsentRefusedError(tuple(refusal.line() for refusal in refusals))
