"""Records on disk become a list that names nobody."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lampoon.consent.chain import append_event, salted_sha256
from lampoon.consent.record import EventType
from lampoon.consent.signature import load_key
from lampoon.consent.status import RecordState, status_of
from lampoon.consent.store import load_record, save_record
from lampoon.errors import ConsentError
from tests.support.performers import Pair, tiny_pair


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return tiny_pair(tmp_path)


def test_records_that_hold_are_active_and_named_by_their_salted_hash(
    pair: Pair,
) -> None:
    today = datetime.now(UTC).date()

    status = status_of([pair.performer, pair.donor], today)

    record = load_record(pair.performer).record
    assert set(status.records.values()) == {RecordState.ACTIVE}
    assert salted_sha256(record) in status.records
    assert status.until > today
    assert record.subject.pseudonym not in str(status)


def test_a_withdrawn_record_is_listed_as_that(pair: Pair) -> None:
    signed = load_record(pair.donor)
    key = load_key(pair.donor_key)
    now = datetime.now(UTC)
    save_record(append_event(signed, key, EventType.WITHDRAWN, now), pair.donor)

    status = status_of([pair.donor], now.date())

    assert list(status.records.values()) == [RecordState.WITHDRAWN]


def test_a_record_past_its_term_is_expired(pair: Pair) -> None:
    until = load_record(pair.donor).record.term.until

    status = status_of([pair.donor], until + timedelta(days=1))

    assert list(status.records.values()) == [RecordState.EXPIRED]


def test_a_changed_record_is_not_listed(pair: Pair, tmp_path: Path) -> None:
    forged = tmp_path / "forged.json"
    shutil.copy(pair.donor, forged)
    text = forged.read_text()
    forged.write_text(text.replace("parody", "promo", 1))

    with pytest.raises(ConsentError):
        status_of([forged], datetime.now(UTC).date())
