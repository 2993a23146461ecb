"""``lampoon consent``: make, sign, show, withdraw and check records."""

import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lampoon.consent.chain import append_event, sign_record
from lampoon.consent.check import refusals_with_footage
from lampoon.consent.describe import (
    answer_lines,
    record_json,
    record_lines,
    refusal_json,
    refusal_lines,
)
from lampoon.consent.draft import (
    Wishes,
    draft_record,
    file_name,
    media_entries,
    refuse_hopeless,
    with_targets,
    within_term,
)
from lampoon.consent.notice import NOTICE_TEXT, notice
from lampoon.consent.record import (
    ANY_LABELLED_COUNTERPART,
    EventType,
    Footage,
    LabelPreset,
    Method,
    Purpose,
    Role,
    SignedRecord,
)
from lampoon.consent.rules import Party
from lampoon.consent.signature import (
    SubjectKey,
    generate_key,
    key_beside,
    key_is_locked,
    load_key,
)
from lampoon.consent.store import (
    file_sha256,
    keep_media,
    load_record,
    require_free,
    save_record,
)
from lampoon.console import emit_json, people
from lampoon.errors import ConsentError

app = typer.Typer(
    no_args_is_help=True,
    help="What a performer agreed to: make, sign, show, withdraw and check records.",
)
PASSPHRASE = "LAMPOON_KEY_PASSPHRASE"
EXIT_REFUSED = 30

AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")]
RecordFile = Annotated[Path, typer.Argument(help="A consent record (JSON).")]
KeyFile = Annotated[
    Path | None,
    typer.Option(help="The subject's key; beside the record, unless named."),
]
Day = Annotated[
    datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day, in UTC; included.")
]
Counterparts = Annotated[
    list[str] | None,
    typer.Option(
        "--counterpart",
        "--target",
        help=f"The other's record (file or id), or '{ANY_LABELLED_COUNTERPART}'.",
    ),
]


@app.command()
def new(
    *,
    pseudonym: Annotated[str, typer.Option(help="What the subject is called here.")],
    role: Annotated[list[Role], typer.Option(help="What the subject lends.")],
    media: Annotated[list[Path], typer.Option(help="A clip of them.")],
    purpose: Annotated[list[Purpose], typer.Option(help="What for.")],
    method: Annotated[list[Method], typer.Option(help="How it may be made.")],
    until: Day,
    description: Annotated[str, typer.Option(help="At least 40 characters.")],
    adult: Annotated[
        bool, typer.Option("--adult", help="The subject is an adult (required).")
    ] = False,
    counterpart: Counterparts = None,
    out: Annotated[Path | None, typer.Option(help="Where the draft goes.")] = None,
    label: Annotated[
        LabelPreset, typer.Option(help="The least label.")
    ] = LabelPreset.EU_ARTISTIC,
    listed_footage_only: Annotated[
        bool, typer.Option("--listed-footage-only", help="No footage but --media.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a draft and keep its reference media beside it; nobody has agreed yet.

    Example: lampoon consent new --pseudonym Ada --adult --role driving_performer
    --media ada.mp4 --purpose parody --method autoencoder --until 2027-12-31
    --description "A sketch about a press conference, shown on our own channel"
    --counterpart "any labelled counterpart" --out ada.consent.json
    """
    if not adult:
        raise ConsentError(
            "a minor cannot agree to a face swap",
            hint="add --adult when the subject is an adult",
        )
    place = out or Path(f"{file_name(pseudonym)}.consent.json")
    require_free(place)
    now = datetime.now(UTC)
    wishes = Wishes(
        pseudonym=pseudonym,
        roles=role,
        media=media_entries([file_sha256(path) for path in media], role),
        purposes=purpose,
        methods=method,
        description=description,
        until=until.date(),
        targets=[_target(said) for said in counterpart or ()],
        footage=(
            Footage.LISTED_ONLY if listed_footage_only else Footage.ANY_OF_SUBJECT
        ),
        label=label,
    )
    draft = SignedRecord(
        record=draft_record(wishes, now=now, random=secrets.token_bytes(48))
    )
    for path in media:
        keep_media(path, place.parent)
    save_record(draft, place)
    _answer(draft, place, as_json, "draft written; next: lampoon consent sign")


@app.command("sign")
def sign_command(
    record: RecordFile,
    *,
    key: KeyFile = None,
    counterpart: Counterparts = None,
    renew_until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Renew a signed record to this day."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Agree: sign a draft as its subject. A key is made when there is none.

    The key is locked with the passphrase in LAMPOON_KEY_PASSPHRASE when that is set.

    Example: lampoon consent sign ada.consent.json --counterpart ben.consent.json
    """
    signed = load_record(record)
    if signed.signatures and (renew_until is None or counterpart):
        raise ConsentError(
            "signed already, and what is signed stays as it is",
            where=record,
            hint="renew with --renew-until, or make a new record",
        )
    draft = with_targets(signed.record, [_target(said) for said in counterpart or ()])
    if not signed.signatures:
        refuse_hopeless(draft, record, datetime.now(UTC).date())
    _agree(SignedRecord(record=draft), ask=not (yes or as_json))
    place = key or key_beside(record)
    subject_key = _key(place, make=True)
    now = datetime.now(UTC)
    if not signed.signatures:
        signed = sign_record(draft, subject_key, now)
    if renew_until is not None:
        last = within_term(renew_until.date(), now.date())
        signed = append_event(signed, subject_key, EventType.RENEWED, now, until=last)
    save_record(signed, record)
    _answer(signed, record, as_json, f"signed; keep {place}, it also withdraws")


@app.command()
def show(record: RecordFile, *, as_json: AsJson = False) -> None:
    """Show what a record says, what happened to it, and whether it holds today.

    Example: lampoon consent show ada.consent.json
    """
    _answer(load_record(record), record, as_json, "")


@app.command()
def withdraw(
    record: RecordFile,
    *,
    key: KeyFile = None,
    note: Annotated[str | None, typer.Option(help="Why, if you like.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take consent back, for good; nothing new is made with this record.

    Example: lampoon consent withdraw ada.consent.json
    """
    signed = load_record(record)
    subject_key = _key(key or key_beside(record), make=False)
    now = datetime.now(UTC)
    ended = append_event(signed, subject_key, EventType.WITHDRAWN, now, note=note)
    save_record(ended, record)
    _answer(ended, record, as_json, "withdrawn; give this file to whoever has a copy")


@app.command()
def check(
    performer: Annotated[Path, typer.Argument(help="Record of who is filmed.")],
    donor: Annotated[Path, typer.Argument(help="Record of whose face is put on.")],
    *,
    purpose: Annotated[Purpose, typer.Option(help="What for.")],
    method: Annotated[Method, typer.Option(help="How.")],
    performer_footage: Annotated[
        Path | None, typer.Option(help="Also compare the face in this footage.")
    ] = None,
    donor_footage: Annotated[
        Path | None, typer.Option(help="Also compare the face in this footage.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether both records allow a swap: exit code 0 for yes, 30 for no.

    Example: lampoon consent check ada.consent.json ben.consent.json --purpose parody
    --method autoencoder
    """
    refusals = refusals_with_footage(
        performer,
        donor,
        purpose=purpose,
        method=method,
        now=datetime.now(UTC),
        performer_footage=performer_footage,
        donor_footage=donor_footage,
    )
    if as_json:
        refused_by = [refusal_json(refusal) for refusal in refusals]
        emit_json({"granted": not refusals, "refused_by": refused_by})
    else:
        _say(*refusal_lines(refusals))
    if refusals:
        raise typer.Exit(EXIT_REFUSED)


def _target(said: str) -> str:
    """Return the record id that a person named by id or by file."""
    path = Path(said)
    if said != ANY_LABELLED_COUNTERPART and path.is_file():
        return load_record(path).record.record_id
    return said


def _agree(signed: SignedRecord, *, ask: bool) -> None:
    """Show what is agreed to and, on a terminal, ask."""
    if not (ask and sys.stdin.isatty()):
        return
    if signed.record.notice == notice():
        _say(NOTICE_TEXT)
    _say(*(f"{about:>20}  {said}" for about, said in record_lines(signed)))
    typer.confirm("Do you agree, as this subject?", abort=True)


def _key(place: Path, *, make: bool) -> SubjectKey:
    """Return the key at ``place``; made there when nothing is and it may be."""
    given = os.environ.get(PASSPHRASE)
    if make and not place.exists():
        return generate_key(place, given)
    if not key_is_locked(place):
        return load_key(place)
    if given is None and sys.stdin.isatty():
        given = typer.prompt(f"Passphrase of {place.name}", hide_input=True)
    return load_key(place, given)


def _answer(signed: SignedRecord, place: Path, as_json: bool, done: str) -> None:
    party = Party(signed, place, signed.record.roles[0])
    answer = record_json(party, datetime.now(UTC))
    if as_json:
        emit_json(answer)
        return
    _say(*answer_lines(answer, signed))
    if done:
        _say(f"{place}: {done}")


def _say(*lines: str) -> None:
    for line in lines:
        people.print(line, markup=False, highlight=False, soft_wrap=True)
