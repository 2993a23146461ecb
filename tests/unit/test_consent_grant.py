"""What a grant is, that nobody else makes one, and how it is renewed."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lampoon.consent.chain import append_event
from lampoon.consent.check import (
    ConsentGrant,
    renew_check,
    require_grant,
)
from lampoon.consent.record import (
    EventType,
    LabelPreset,
    Method,
    Purpose,
)
from lampoon.consent.signature import load_key
from lampoon.consent.store import load_record, save_record
from lampoon.errors import ConsentError, ConsentRefusedError
from tests.support.performers import (
    TODAY,
    Pair,
    consented_pair,
    granted,
    put,
    sign_again,
    tiny_pair,
    withdraw,
)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return tiny_pair(tmp_path)


def test_two_records_that_name_each_other_are_granted(pair: Pair) -> None:
    grant = granted(pair)

    assert grant.performer.record_id == load_record(pair.performer).record.record_id
    assert grant.donor.record_id == load_record(pair.donor).record.record_id
    assert grant.performer.expires == date(2035, 12, 31)
    assert grant.checked_on == TODAY.date()


def test_the_bundled_performers_are_granted_without_a_face_model(
    tmp_path: Path,
) -> None:
    assert granted(consented_pair(tmp_path)).method is Method.AUTOENCODER


def test_what_leaves_the_house_names_nobody(pair: Pair) -> None:
    grant = granted(pair)

    assert "Ada" not in repr(grant)
    assert len(grant.performer.record_sha256) == 64
    assert grant.performer.record_sha256 != grant.donor.record_sha256


def test_the_salt_changes_the_hash_of_the_same_agreement(pair: Pair) -> None:
    before = granted(pair).performer.record_sha256
    sign_again(pair.performer, pair.performer_key, put("salt", value="A" * 43))

    assert granted(pair).performer.record_sha256 != before


def test_the_stronger_of_both_labels_is_granted(pair: Pair) -> None:
    change = put("label_requirements", "preset", value="eu-full")
    sign_again(pair.donor, pair.donor_key, change)

    assert granted(pair).label is LabelPreset.EU_FULL


def test_a_refusal_names_the_record_the_rule_and_the_reason(pair: Pair) -> None:
    withdraw(pair.donor, pair.donor_key)

    with pytest.raises(ConsentRefusedError) as caught:
        granted(pair)

    ((record, rule, detail),) = caught.value.refused_by
    assert "ben.consent.json" in record
    assert load_record(pair.donor).record.record_id in record
    assert (rule, detail) == ("withdrawn", "the subject withdrew consent on 2026-11-22")


def test_nobody_but_the_check_makes_a_grant(pair: Pair) -> None:
    grant = granted(pair)
    fields = ("purpose", "method", "performer", "donor", "label", "checked_on")
    stolen = {name: getattr(grant, name) for name in fields}

    with pytest.raises(TypeError, match="only check_consent"):
        ConsentGrant(**stolen, seal=object())


@pytest.mark.parametrize(
    "forge",
    [
        lambda grant: dataclasses.replace(grant, purpose=Purpose.PROMO),
        copy.copy,
        copy.deepcopy,
        pickle.dumps,
        lambda grant: setattr(grant, "purpose", Purpose.PROMO),
        lambda grant: require_grant(object.__new__(ConsentGrant)),
        lambda grant: require_grant(dataclasses.asdict(grant)),
        lambda grant: require_grant(None),
    ],
)
def test_a_grant_is_not_copied_changed_or_faked(
    pair: Pair, forge: Callable[[ConsentGrant], object]
) -> None:
    grant = granted(pair)

    with pytest.raises((TypeError, ValueError, AttributeError)):
        forge(grant)


def test_a_real_grant_is_taken(pair: Pair) -> None:
    grant = granted(pair)

    assert require_grant(grant) is grant


def test_a_grant_is_renewed_while_nothing_changed(pair: Pair) -> None:
    renew_check(granted(pair), pair.performer, pair.donor, TODAY)


def test_a_withdrawal_stops_a_job_that_resumes(pair: Pair) -> None:
    grant = granted(pair)
    withdraw(pair.performer, pair.performer_key)

    with pytest.raises(ConsentRefusedError, match="withdrew"):
        renew_check(grant, pair.performer, pair.donor, TODAY)


def test_a_job_that_outlives_its_consent_stops(pair: Pair) -> None:
    grant = granted(pair)

    with pytest.raises(ConsentRefusedError, match="expired"):
        renew_check(grant, pair.performer, pair.donor, datetime(2036, 1, 1, tzinfo=UTC))


def test_a_removed_record_stops_a_job_that_resumes(pair: Pair) -> None:
    grant = granted(pair)
    pair.donor.unlink()

    with pytest.raises(ConsentError):
        renew_check(grant, pair.performer, pair.donor, TODAY)


def test_another_record_of_the_same_subject_does_not_renew_a_grant(pair: Pair) -> None:
    grant = granted(pair)
    sign_again(pair.donor, pair.donor_key, put("grantee", "name", value="Eve"))

    with pytest.raises(ConsentRefusedError, match="another record"):
        renew_check(grant, pair.performer, pair.donor, TODAY)


def test_events_cut_off_since_the_grant_are_missed(pair: Pair) -> None:
    signed, key = load_record(pair.performer), load_key(pair.performer_key)
    until = date(2030, 1, 1)
    renewed = append_event(signed, key, EventType.RENEWED, TODAY, until=until)
    save_record(renewed, pair.performer)
    grant = granted(pair)
    save_record(signed, pair.performer)

    with pytest.raises(ConsentRefusedError, match="events are gone"):
        renew_check(grant, pair.performer, pair.donor, TODAY)


def test_events_added_since_the_grant_do_not_disturb(pair: Pair) -> None:
    grant = granted(pair)
    signed, key = load_record(pair.performer), load_key(pair.performer_key)
    until = date(2030, 1, 1)
    longer = append_event(signed, key, EventType.RENEWED, TODAY, until=until)
    save_record(longer, pair.performer)

    renew_check(grant, pair.performer, pair.donor, TODAY)
