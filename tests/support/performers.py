"""The rendered performers ada and ben, with consent: ada is filmed, ben lends his face.

Records are signed by keys made on the spot and valid from 2026-01-01 to 2035-12-31.
The footage is the reference media itself, so checking it needs no face model.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from lampoon.consent.chain import append_event, sign_record
from lampoon.consent.check import ConsentGrant, check_consent, check_records
from lampoon.consent.draft import Wishes, draft_record, media_entries
from lampoon.consent.record import (
    ConsentRecord,
    EventType,
    Method,
    Purpose,
    Role,
    SignedRecord,
)
from lampoon.consent.store import keep_media, load_record, save_record
from lampoon.datasets.samples import sample
from tests.support.keys import consent_key

GIVEN = datetime(2026, 1, 1, 12, tzinfo=UTC)
TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""A day on which the records below are valid."""

UNTIL = date(2035, 12, 31)
DESCRIPTION = (
    "A rendered performer, who does not exist, agrees to tests of labelled parody."
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two consented performers: their records, footage and keys, in one folder."""

    performer: Path
    donor: Path
    performer_footage: Path
    donor_footage: Path
    performer_key: Path
    donor_key: Path


def consented_pair(
    folder: Path, *, ada: Path | None = None, ben: Path | None = None
) -> Pair:
    """Return ada (performer) and ben (donor), agreeing to each other.

    Give ``ada`` or ``ben`` a shorter clip of theirs to have that as their footage.
    """
    clips = {"ada": ada or sample("ada").clip, "ben": ben or sample("ben").clip}
    roles = {"ada": Role.DRIVING_PERFORMER, "ben": Role.FACE_DONOR}
    drafts = {
        name: performer_draft(folder / name, name, roles[name], clip)
        for name, clip in clips.items()
    }
    footage = {name: folder / name / f"footage{clips[name].suffix}" for name in clips}
    for name, other in (("ada", "ben"), ("ben", "ada")):
        signed = signed_for(drafts[name], folder / name, drafts[other].record_id)
        save_record(signed, folder / name / f"{name}.consent.json")
        shutil.copyfile(clips[name], footage[name])
    return Pair(
        performer=folder / "ada" / "ada.consent.json",
        donor=folder / "ben" / "ben.consent.json",
        performer_footage=footage["ada"],
        donor_footage=footage["ben"],
        performer_key=folder / "ada" / "key.pem",
        donor_key=folder / "ben" / "key.pem",
    )


def tiny_pair(folder: Path) -> Pair:
    """Return ada and ben with a few bytes for footage, for tests that see nothing."""
    for name in ("ada", "ben"):
        (folder / f"{name}.bin").write_bytes(f"footage of {name}".encode())
    return consented_pair(folder, ada=folder / "ada.bin", ben=folder / "ben.bin")


def performer_draft(folder: Path, name: str, role: Role, clip: Path) -> ConsentRecord:
    """Return an unsigned record in ``folder``, its clip kept as reference media."""
    folder.mkdir(parents=True, exist_ok=True)
    wishes = Wishes(
        pseudonym=name.capitalize(),
        roles=(role,),
        media=media_entries([keep_media(clip, folder)], [role]),
        purposes=tuple(Purpose),
        methods=tuple(Method),
        description=DESCRIPTION,
        until=UNTIL,
    )
    seed = hashlib.sha512(f"{name} {role}".encode()).digest()
    return draft_record(wishes, now=GIVEN, random=seed)


def signed_for(draft: ConsentRecord, folder: Path, counterpart: str) -> SignedRecord:
    """Return the draft naming its counterpart, signed by the key in ``folder``."""
    scope = draft.scope.model_copy(update={"targets": (counterpart,)})
    named = draft.model_copy(update={"scope": scope})
    return sign_record(named, consent_key(folder / "key.pem"), GIVEN)


def sign_again(record: Path, key: Path, change: Callable[[Any], None]) -> None:
    """Change the record's JSON and have its subject sign that instead.

    ``change`` works on the record as plain JSON; what it makes must fit the schema.
    """
    plain = load_record(record).record.model_dump(mode="json", by_alias=True)
    change(plain)
    changed = ConsentRecord.model_validate_json(json.dumps(plain))
    save_record(sign_record(changed, consent_key(key), GIVEN), record)


def withdraw(record: Path, key: Path, at: datetime = TODAY) -> None:
    """Take consent back in the file, as the performer would."""
    signed = load_record(record)
    longer = append_event(signed, consent_key(key), EventType.WITHDRAWN, at)
    save_record(longer, record)


def granted(pair: Pair, method: Method = Method.AUTOENCODER) -> ConsentGrant:
    """Return the grant that both records give, for their own footage."""
    return check_consent(
        pair.performer,
        pair.donor,
        purpose=Purpose.PARODY,
        method=method,
        now=TODAY,
        performer_footage=pair.performer_footage,
        donor_footage=pair.donor_footage,
    )


def rewrite(record: Path, change: Callable[[Any], None]) -> None:
    """Change the file behind the subject's back: nothing is signed anew."""
    plain = json.loads(record.read_text())
    change(plain)
    record.write_text(json.dumps(plain))


def put(*steps: str | int, value: Any) -> Callable[[Any], None]:
    """Return a change that puts a value at one place of a JSON value."""

    def change(plain: Any) -> None:
        *way, last = steps
        for step in way:
            plain = plain[step]
        plain[last] = value

    return change


def rules(
    pair: Pair,
    purpose: Purpose = Purpose.PARODY,
    method: Method = Method.AUTOENCODER,
    now: datetime = TODAY,
) -> list[tuple[str, str]]:
    """Return who refuses and by which rule, as (folder of the record, rule)."""
    found = check_records(pair.performer, pair.donor, purpose, method, now)
    return [(Path(refusal.file).parent.name, refusal.rule.value) for refusal in found]
