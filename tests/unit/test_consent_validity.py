"""A record that nobody signed, that was changed or that has ended is refused."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lampoon.consent.chain import append_event
from lampoon.consent.record import EventType
from lampoon.consent.signature import generate_key, load_key
from lampoon.consent.store import load_record, save_record
from lampoon.errors import ConsentError
from tests.support.performers import (
    TODAY,
    Pair,
    put,
    rewrite,
    rules,
    sign_again,
    tiny_pair,
    withdraw,
)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return tiny_pair(tmp_path)


def test_a_tampered_record_is_refused_by_its_signature(pair: Pair) -> None:
    rewrite(pair.performer, put("record", "subject", "pseudonym", value="Eve"))

    assert ("ada", "signature") in rules(pair)


def test_a_record_signed_by_nobody_is_refused(pair: Pair) -> None:
    rewrite(pair.donor, put("signatures", value=[]))

    assert ("ben", "signature") in rules(pair)


def test_a_draft_is_refused_for_want_of_signature_and_event(pair: Pair) -> None:
    rewrite(pair.donor, lambda plain: plain.update(signatures=[], events=[]))

    assert rules(pair) == [("ben", "signature"), ("ben", "chain")]


def test_a_record_under_another_key_is_refused(pair: Pair, tmp_path: Path) -> None:
    stranger = generate_key(tmp_path / "stranger.pem")
    key = put("record", "subject", "key", value=stranger.public.model_dump())
    rewrite(pair.performer, key)

    assert ("ada", "signature") in rules(pair)


def test_a_strangers_signature_is_refused(pair: Pair) -> None:
    strange = json.loads(pair.donor.read_text())["signatures"]
    rewrite(pair.performer, put("signatures", value=strange))

    assert ("ada", "signature") in rules(pair)


def test_an_events_signature_does_not_pass_for_the_records(pair: Pair) -> None:
    def swap(plain: Any) -> None:
        plain["signatures"] = [plain["events"][0]["signature"]]

    rewrite(pair.performer, swap)

    assert ("ada", "signature") in rules(pair)


def test_a_tampered_event_is_refused(pair: Pair) -> None:
    withdraw(pair.performer, pair.performer_key)
    rewrite(pair.performer, put("events", 1, "event", "type", value="expired"))

    assert ("ada", "signature") in rules(pair)


def test_an_event_taken_from_the_middle_is_missed(pair: Pair) -> None:
    key = load_key(pair.performer_key)
    signed = load_record(pair.performer)
    for year in (2028, 2029):
        until = date(year, 1, 1)
        signed = append_event(signed, key, EventType.RENEWED, TODAY, until=until)
    save_record(signed, pair.performer)
    rewrite(pair.performer, lambda plain: plain["events"].pop(1))

    assert ("ada", "chain") in rules(pair)


def test_another_records_events_do_not_fit(pair: Pair) -> None:
    """Even when the same key signed both records."""
    other = pair.performer.with_name("other.json")
    shutil.copy(pair.performer, other)
    sign_again(other, pair.performer_key, put("grantee", "name", value="Eve"))
    events = json.loads(other.read_text())["events"]
    rewrite(pair.performer, put("events", value=events))

    assert rules(pair) == [("ada", "chain")]


def test_a_record_without_events_was_never_given(pair: Pair) -> None:
    rewrite(pair.performer, put("events", value=[]))

    assert rules(pair) == [("ada", "chain")]


def test_a_withdrawn_consent_is_refused(pair: Pair) -> None:
    withdraw(pair.donor, pair.donor_key)

    assert rules(pair) == [("ben", "withdrawn")]


def test_nothing_follows_a_withdrawal(pair: Pair) -> None:
    withdraw(pair.donor, pair.donor_key)
    signed, key = load_record(pair.donor), load_key(pair.donor_key)

    with pytest.raises(ConsentError, match="after the record has ended"):
        append_event(signed, key, EventType.RENEWED, TODAY, until=date(2030, 1, 1))


def test_a_record_that_its_subject_let_end_is_refused(pair: Pair) -> None:
    signed, key = load_record(pair.donor), load_key(pair.donor_key)
    save_record(append_event(signed, key, EventType.EXPIRED, TODAY), pair.donor)

    assert rules(pair) == [("ben", "term")]


@pytest.mark.parametrize(
    ("day", "refusals"),
    [
        (datetime(2025, 12, 31, 23, 59, tzinfo=UTC), 4),
        (datetime(2026, 1, 1, 13, 0, tzinfo=UTC), 0),
        (datetime(2035, 12, 31, 23, 59, tzinfo=UTC), 0),
        (datetime(2036, 1, 1, 0, 0, tzinfo=UTC), 2),
    ],
)
def test_a_record_holds_from_its_first_day_to_its_last(
    pair: Pair, day: datetime, refusals: int
) -> None:
    found = rules(pair, now=day)

    assert [rule for _, rule in found] == ["term"] * refusals


def test_a_time_without_a_zone_is_the_callers_mistake(pair: Pair) -> None:
    with pytest.raises(ValueError, match="time zone"):
        rules(pair, now=datetime(2026, 11, 22))  # noqa: DTZ001 RUF100  # the point


def test_a_renewed_record_holds_longer(pair: Pair) -> None:
    later = datetime(2040, 1, 1, tzinfo=UTC)
    renewed = datetime(2035, 6, 1, tzinfo=UTC)
    for record, key in (
        (pair.performer, pair.performer_key),
        (pair.donor, pair.donor_key),
    ):
        signed = append_event(
            load_record(record),
            load_key(key),
            EventType.RENEWED,
            renewed,
            until=date(2045, 5, 31),
        )
        save_record(signed, record)

    assert rules(pair, now=later) == []


def test_a_term_over_ten_years_is_refused(pair: Pair) -> None:
    change = put("term", "until", value="2036-01-01")
    sign_again(pair.performer, pair.performer_key, change)

    assert rules(pair) == [("ada", "term")]


def test_a_renewal_over_ten_years_is_refused(pair: Pair) -> None:
    signed, key = load_record(pair.donor), load_key(pair.donor_key)
    until = date(2037, 1, 1)
    renewed = append_event(signed, key, EventType.RENEWED, TODAY, until=until)
    save_record(renewed, pair.donor)

    assert rules(pair) == [("ben", "term")]
