"""Which consents still hold, as a list that tells nobody whose they are.

A clip's manifest names records by salted hashes. A list of such hashes, each with one
word, lets whoever receives a clip learn that a performer has taken consent back since,
and nothing else. The list is a file: nothing is fetched from an address.
"""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lampoon.consent.chain import salted_sha256
from lampoon.consent.describe import state
from lampoon.consent.rules import Party, own_refusals
from lampoon.consent.store import load_record
from lampoon.errors import ConsentError

SCHEMA = "lampoon.consent-status/1"
MOST_BYTES = 64 * 2**20
GOOD_FOR_DAYS = 31

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RecordState(StrEnum):
    """What a list says of one record."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


WORDS = {
    "valid": RecordState.ACTIVE,
    "withdrawn": RecordState.WITHDRAWN,
    "expired": RecordState.EXPIRED,
}


class _File(BaseModel):
    """The list as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal["lampoon.consent-status/1"] = Field(alias="schema")
    issued: date
    until: date
    records: Mapping[Hash, RecordState]


@dataclass(frozen=True, slots=True)
class StatusList:
    """What was known of records on the day ``issued``.

    After ``until`` it vouches for nothing any more; what was withdrawn stays so.
    """

    issued: date
    until: date
    records: Mapping[str, RecordState]

    def state_of(self, hashes: Iterable[str], today: date) -> RecordState | None:
        """Return the worst that is said of some records; None where one is unknown."""
        known = [self.records.get(each) for each in hashes]
        for worst in (RecordState.WITHDRAWN, RecordState.EXPIRED):
            if worst in known:
                return worst
        vouched = known and all(known) and self.issued <= today <= self.until
        return RecordState.ACTIVE if vouched else None


def status_of(files: Iterable[Path], today: date) -> StatusList:
    """Return a list of the records in some files, as they stand today.

    Raises ConsentError for a file that is no record, for a draft, and for a record
    whose signatures do not hold.
    """
    records = {}
    for file in files:
        signed = load_record(file)
        party = Party(signed, file, signed.record.roles[0])
        word = state(signed, own_refusals(party, today))
        if word not in WORDS:
            raise ConsentError(
                f"cannot be listed: it is {word}",
                where=file,
                hint="see: lampoon consent show",
            )
        records[salted_sha256(signed.record)] = WORDS[word]
    return StatusList(today, today + timedelta(days=GOOD_FOR_DAYS), records)


def load_status(path: Path) -> StatusList:
    """Return the list in a file; ConsentError where it is missing or no list."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ConsentError("a status list is at most 64 MiB", where=path)
        read = _File.model_validate_json(text)
    except OSError as error:
        raise ConsentError(f"cannot be read: {error.strerror}", where=path) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step)[:70] for step in first["loc"]) or "the file"
        raise ConsentError(
            f"no list of consents: {place}: {first['msg']}",
            where=path,
            hint="make one with: lampoon consent status RECORD... --out FILE",
        ) from error
    return StatusList(read.issued, read.until, read.records)


def save_status(status: StatusList, path: Path) -> None:
    """Write a list whole or not at all; ConsentError where that is impossible."""
    plain = {
        "schema": SCHEMA,
        "issued": status.issued.isoformat(),
        "until": status.until.isoformat(),
        "records": dict(sorted(status.records.items())),
    }
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ConsentError(f"cannot write: {error.strerror}", where=path) from error


def today_utc() -> date:
    """Return the day it is, in UTC."""
    return datetime.now(UTC).date()
