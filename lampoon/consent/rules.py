"""What a record must say before a swap is made: each rule with its own name.

Everything here is arithmetic on records that were read already; files, footage and
faces are looked at by ``lampoon.consent.check``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from lampoon.consent.chain import Standing, event_faults, record_fault, standing
from lampoon.consent.record import (
    ANY_LABELLED_COUNTERPART,
    MAX_TERM_YEARS,
    EventType,
    Method,
    Purpose,
    Role,
    SignedRecord,
)
from lampoon.consent.subject import AgeClass

LABEL_WORDS = frozenset({"AI", "MODIFIED", "PARODY"})
"""The words that every label preset of the house shows."""


class Rule(StrEnum):
    """The names of the rules, as ``refused_by[].rule`` gives them."""

    SIGNATURE = "signature"
    CHAIN = "chain"
    AGE = "age"
    TRANSFORMATIONS = "transformations"
    WITHDRAWN = "withdrawn"
    TERM = "term"
    ROLE = "role"
    PURPOSE = "purpose"
    METHOD = "method"
    COUNTERPART = "counterpart"
    BIOMETRIC = "biometric"
    LABEL = "label"
    MEDIA = "media"
    FOOTAGE = "footage"
    FACE = "face"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which rule of which record refuses, and why.

    ``record`` is the record's id, ``file`` where it was read.
    """

    record: str
    rule: Rule
    detail: str
    file: str

    def line(self) -> tuple[str, str, str]:
        """Return (file and id, rule, detail), as ``ConsentRefusedError`` tells it."""
        name = f"{Path(self.file).name} ({self.record})"
        return name, self.rule.value, self.detail


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a swap: a record, where it was read, and the part it plays."""

    signed: SignedRecord
    file: Path
    role: Role

    @property
    def record_id(self) -> str:
        """The id of the record."""
        return self.signed.record.record_id

    def refusal(self, rule: Rule, detail: str) -> Refusal:
        """Return a refusal by this side's record."""
        return Refusal(self.record_id, rule, detail, str(self.file))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one record: for what, how, with whom, when (with a zone)."""

    purpose: Purpose
    method: Method
    counterpart: str
    now: datetime

    @property
    def today(self) -> date:
        """The day in UTC; ValueError when ``now`` has no zone."""
        if self.now.tzinfo is None:
            raise ValueError("the time of a consent check needs a time zone")
        return self.now.astimezone(UTC).date()


def own_refusals(party: Party, today: date) -> list[Refusal]:
    """Return what makes a record unusable on a day, whatever it is wanted for."""
    now = standing(party.signed)
    rules: tuple[Callable[[Party, Standing, date], Iterator[Refusal]], ...] = (
        _integrity,
        _never,
        _ended,
        _term,
        _measured,
        _label,
    )
    return [refusal for rule in rules for refusal in rule(party, now, today)]


def record_refusals(party: Party, question: Question) -> list[Refusal]:
    """Return every refusal of one record, none when it allows what is asked."""
    now = standing(party.signed)
    return [
        *own_refusals(party, question.today),
        *_scope(party, now, question),
        *_counterpart(party, now, question),
    ]


def latest_end(start: date) -> date:
    """Return the last day that a term from ``start`` may include.

    >>> latest_end(date(2024, 2, 29))
    datetime.date(2034, 2, 28)
    """
    try:
        same_day = start.replace(year=start.year + MAX_TERM_YEARS)
    except ValueError:  # the 29th of February
        same_day = date(start.year + MAX_TERM_YEARS, 3, 1)
    return same_day - timedelta(days=1)


def _integrity(party: Party, now: Standing, today: date) -> Iterator[Refusal]:
    fault = record_fault(party.signed)
    if fault:
        yield party.refusal(Rule.SIGNATURE, fault)
    for by_signature, text in event_faults(party.signed):
        yield party.refusal(Rule.SIGNATURE if by_signature else Rule.CHAIN, text)


def _never(party: Party, now: Standing, today: date) -> Iterator[Refusal]:
    """Refuse what no record can allow."""
    if party.signed.record.subject.age_class is not AgeClass.ADULT:
        yield party.refusal(Rule.AGE, "the subject is a minor: never, with any record")
    scopes = (party.signed.record.scope, now.scope)
    for name in ("nudity", "sexual"):
        if any(getattr(scope.transformations, name) for scope in scopes):
            detail = f"the record speaks of {name}: no such swap is ever made"
            yield party.refusal(Rule.TRANSFORMATIONS, detail)


def _ended(party: Party, now: Standing, today: date) -> Iterator[Refusal]:
    """Refuse after any event that ends a record, wherever it stands in the chain."""
    for entry in party.signed.events:
        event = entry.event
        if event.type is EventType.WITHDRAWN:
            detail = f"the subject withdrew consent on {event.at.date()}"
            yield party.refusal(Rule.WITHDRAWN, detail)
        if event.type is EventType.EXPIRED:
            detail = f"the subject let the record end on {event.at.date()}"
            yield party.refusal(Rule.TERM, detail)


def _term(party: Party, now: Standing, today: date) -> Iterator[Refusal]:
    first, last = now.term.from_, now.term.until
    start = now.renewed_on.astimezone(UTC).date() if now.renewed_on else first
    if today < first:
        yield party.refusal(Rule.TERM, f"not valid before {first}; today is {today}")
    if today > last:
        yield party.refusal(Rule.TERM, f"expired on {last}; today is {today}")
    if last < first:
        yield party.refusal(Rule.TERM, f"ends on {last}, before it begins on {first}")
    if last > latest_end(start):
        detail = f"{start} to {last} is longer than {MAX_TERM_YEARS} years"
        yield party.refusal(Rule.TERM, detail)
    ahead = [e.event for e in party.signed.events if e.event.at.date() > today]
    for event in ahead:
        detail = f"{event.type.value} only on {event.at.date()}; today is {today}"
        yield party.refusal(Rule.TERM, detail)


def _scope(party: Party, now: Standing, question: Question) -> Iterator[Refusal]:
    roles = party.signed.record.roles
    if party.role not in roles:
        detail = f"agrees to be {_either(roles)}, not {party.role.value}"
        yield party.refusal(Rule.ROLE, detail)
    if question.purpose not in now.scope.purposes:
        allowed = _either(now.scope.purposes)
        detail = f"agrees to {allowed}, not to {question.purpose.value}"
        yield party.refusal(Rule.PURPOSE, detail)
    if question.method not in now.scope.methods:
        detail = f"allows {_either(now.scope.methods)}, not {question.method.value}"
        yield party.refusal(Rule.METHOD, detail)


def _counterpart(party: Party, now: Standing, question: Question) -> Iterator[Refusal]:
    if question.counterpart == party.record_id:
        detail = "is given for both faces: each person needs a record"
        yield party.refusal(Rule.COUNTERPART, detail)
        return
    if not {question.counterpart, ANY_LABELLED_COUNTERPART} & set(now.scope.targets):
        detail = f"does not name {question.counterpart} among its targets"
        yield party.refusal(Rule.COUNTERPART, detail)


def _measured(party: Party, now: Standing, today: date) -> Iterator[Refusal]:
    if not now.scope.biometric_processing:
        detail = "does not agree that the face is measured, and a swap measures it"
        yield party.refusal(Rule.BIOMETRIC, detail)


def _label(party: Party, now: Standing, today: date) -> Iterator[Refusal]:
    """Refuse when the record asks for words that our labels do not show.

    Both presets stay for the whole clip, so every ``min_seconds`` is met.
    """
    asked = set(party.signed.record.label_requirements.text.upper().split())
    if asked - LABEL_WORDS:
        words = " ".join(sorted(LABEL_WORDS))
        extra = " ".join(sorted(asked - LABEL_WORDS))
        detail = f"asks for the label word {extra}; labels say {words}"
        yield party.refusal(Rule.LABEL, detail)


def _either(names: tuple[StrEnum, ...]) -> str:
    return " or ".join(name.value for name in names)
