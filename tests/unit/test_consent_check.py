"""No grant, no swap: each way in which consent is missing, by the rule that says so."""

import copy
import dataclasses
import json
import pickle
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lampoon.consent.chain import append_event
from lampoon.consent.check import (
    ConsentGrant,
    check_consent,
    check_records,
    renew_check,
    require_grant,
)
from lampoon.consent.record import (
    ANY_LABELLED_COUNTERPART,
    EventType,
    LabelPreset,
    Method,
    Purpose,
)
from lampoon.consent.signature import generate_key, load_key
from lampoon.consent.store import load_record, save_record
from lampoon.errors import ConsentError, ConsentRefusedError
from tests.support.performers import (
    TODAY,
    Pair,
    consented_pair,
    sign_again,
    tiny_pair,
    withdraw,
)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return tiny_pair(tmp_path)


def rules(
    pair: Pair,
    purpose: Purpose = Purpose.PARODY,
    method: Method = Method.AUTOENCODER,
    now: datetime = TODAY,
) -> list[tuple[str, str]]:
    """Who refuses and by which rule, as (folder of the record, rule)."""
    found = check_records(pair.performer, pair.donor, purpose, method, now)
    return [(Path(refusal.file).parent.name, refusal.rule.value) for refusal in found]


def grant_for(pair: Pair) -> ConsentGrant:
    return check_consent(
        pair.performer,
        pair.donor,
        purpose=Purpose.PARODY,
        method=Method.AUTOENCODER,
        now=TODAY,
        performer_footage=pair.performer_footage,
        donor_footage=pair.donor_footage,
    )


def rewrite(path: Path, change: Callable[[Any], None]) -> None:
    """Change the file behind the subject's back: nothing is signed anew."""
    plain = json.loads(path.read_text())
    change(plain)
    path.write_text(json.dumps(plain))


def put(*steps: str | int, value: Any) -> Callable[[Any], None]:
    """A change that puts a value at one place of a JSON value."""

    def change(plain: Any) -> None:
        *way, last = steps
        for step in way:
            plain = plain[step]
        plain[last] = value

    return change


def test_two_records_that_name_each_other_are_granted(pair: Pair) -> None:
    grant = grant_for(pair)

    assert grant.performer.record_id == load_record(pair.performer).record.record_id
    assert grant.donor.record_id == load_record(pair.donor).record.record_id
    assert grant.performer.expires == date(2035, 12, 31)
    assert grant.checked_on == TODAY.date()


def test_the_bundled_performers_are_granted_without_a_face_model(
    tmp_path: Path,
) -> None:
    assert grant_for(consented_pair(tmp_path)).method is Method.AUTOENCODER


def test_what_leaves_the_house_names_nobody(pair: Pair) -> None:
    grant = grant_for(pair)

    assert "Ada" not in repr(grant)
    assert len(grant.performer.record_sha256) == 64
    assert grant.performer.record_sha256 != grant.donor.record_sha256


def test_the_salt_changes_the_hash_of_the_same_agreement(pair: Pair) -> None:
    before = grant_for(pair).performer.record_sha256
    sign_again(pair.performer, pair.performer_key, put("salt", value="A" * 43))

    assert grant_for(pair).performer.record_sha256 != before


def test_the_stronger_of_both_labels_is_granted(pair: Pair) -> None:
    change = put("label_requirements", "preset", value="eu-full")
    sign_again(pair.donor, pair.donor_key, change)

    assert grant_for(pair).label is LabelPreset.EU_FULL


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


def test_a_minor_is_refused_whatever_the_record_says(pair: Pair) -> None:
    def minor(plain: Any) -> None:
        plain["subject"].update(age_class="minor", guardian="A parent who agrees")

    sign_again(pair.donor, pair.donor_key, minor)

    assert rules(pair) == [("ben", "age")]


@pytest.mark.parametrize("name", ["nudity", "sexual"])
def test_a_sexual_transformation_is_refused_though_permitted(
    pair: Pair, name: str
) -> None:
    change = put("scope", "transformations", name, value=True)
    sign_again(pair.performer, pair.performer_key, change)

    assert rules(pair) == [("ada", "transformations")]


def test_a_scope_modified_to_allow_nudity_is_refused(pair: Pair) -> None:
    signed, key = load_record(pair.donor), load_key(pair.donor_key)
    scope = signed.record.scope
    nude = scope.transformations.model_copy(update={"nudity": True})
    wider = scope.model_copy(update={"transformations": nude})
    modified = append_event(signed, key, EventType.MODIFIED, TODAY, scope=wider)
    save_record(modified, pair.donor)

    assert rules(pair) == [("ben", "transformations")]


def test_a_scope_modified_to_fewer_purposes_counts_from_then_on(pair: Pair) -> None:
    signed, key = load_record(pair.donor), load_key(pair.donor_key)
    fewer = signed.record.scope.model_copy(update={"purposes": (Purpose.BENCHMARK,)})
    modified = append_event(signed, key, EventType.MODIFIED, TODAY, scope=fewer)
    save_record(modified, pair.donor)

    assert rules(pair) == [("ben", "purpose")]
    assert rules(pair, purpose=Purpose.BENCHMARK) == []


def test_another_purpose_is_refused(pair: Pair) -> None:
    change = put("scope", "purposes", value=["benchmark"])
    sign_again(pair.donor, pair.donor_key, change)

    assert rules(pair) == [("ben", "purpose")]


def test_another_method_is_refused(pair: Pair) -> None:
    change = put("scope", "methods", value=["mesh"])
    sign_again(pair.performer, pair.performer_key, change)

    assert rules(pair) == [("ada", "method")]


def test_another_counterpart_is_refused(pair: Pair) -> None:
    stranger = "019b796d-d600-7534-b928-000000000000"
    change = put("scope", "targets", value=[stranger])
    sign_again(pair.performer, pair.performer_key, change)

    assert rules(pair) == [("ada", "counterpart")]


def test_any_labelled_counterpart_covers_everybody(pair: Pair) -> None:
    change = put("scope", "targets", value=[ANY_LABELLED_COUNTERPART])
    sign_again(pair.performer, pair.performer_key, change)

    assert rules(pair) == []


def test_one_record_is_not_consent_of_two_people(pair: Pair) -> None:
    def both(plain: Any) -> None:
        plain["roles"] = ["driving_performer", "face_donor"]
        plain["scope"]["targets"] = [ANY_LABELLED_COUNTERPART]

    sign_again(pair.performer, pair.performer_key, both)
    found = check_records(
        pair.performer, pair.performer, Purpose.PARODY, Method.MESH, TODAY
    )

    assert {refusal.rule.value for refusal in found} == {"counterpart"}


def test_records_in_each_others_place_are_refused(pair: Pair) -> None:
    turned = dataclasses.replace(pair, performer=pair.donor, donor=pair.performer)

    assert rules(turned) == [("ben", "role"), ("ada", "role")]


def test_a_face_that_may_not_be_measured_is_not_swapped(pair: Pair) -> None:
    change = put("scope", "biometric_processing", value=False)
    sign_again(pair.donor, pair.donor_key, change)

    assert rules(pair) == [("ben", "biometric")]


def test_a_label_that_no_preset_shows_is_refused(pair: Pair) -> None:
    change = put("label_requirements", "text", value="SATIRE")
    sign_again(pair.donor, pair.donor_key, change)

    assert rules(pair) == [("ben", "label")]


def test_missing_reference_media_are_refused(pair: Pair) -> None:
    shutil.rmtree(pair.performer.parent / "media")
    pair.performer_footage.unlink()

    assert rules(pair) == [("ada", "media")]


def test_changed_reference_media_are_refused(pair: Pair) -> None:
    (kept,) = (pair.performer.parent / "media").iterdir()
    kept.write_bytes(b"somebody else")

    assert rules(pair) == [("ada", "media")]


def test_footage_off_the_list_is_refused_where_only_the_list_is_allowed(
    pair: Pair, tmp_path: Path
) -> None:
    change = put("scope", "footage", value="listed_only")
    sign_again(pair.performer, pair.performer_key, change)
    assert grant_for(pair)
    other = tmp_path / "other.bin"
    other.write_bytes(b"unlisted")

    with pytest.raises(ConsentRefusedError) as caught:
        check_consent(
            pair.performer,
            pair.donor,
            purpose=Purpose.PARODY,
            method=Method.MESH,
            now=TODAY,
            performer_footage=other,
            donor_footage=pair.donor_footage,
        )

    assert [rule for _, rule, _ in caught.value.refused_by] == ["footage"]


def test_all_refusals_are_told_at_once(pair: Pair) -> None:
    withdraw(pair.donor, pair.donor_key)
    change = put("scope", "purposes", value=["promo"])
    sign_again(pair.performer, pair.performer_key, change)

    assert rules(pair) == [("ada", "purpose"), ("ben", "withdrawn")]


def test_a_refusal_names_the_record_the_rule_and_the_reason(pair: Pair) -> None:
    withdraw(pair.donor, pair.donor_key)

    with pytest.raises(ConsentRefusedError) as caught:
        grant_for(pair)

    ((record, rule, detail),) = caught.value.refused_by
    assert "ben.consent.json" in record
    assert load_record(pair.donor).record.record_id in record
    assert (rule, detail) == ("withdrawn", "the subject withdrew consent on 2026-11-22")


def test_nobody_but_the_check_makes_a_grant(pair: Pair) -> None:
    grant = grant_for(pair)
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
    grant = grant_for(pair)

    with pytest.raises((TypeError, ValueError, AttributeError)):
        forge(grant)


def test_a_real_grant_is_taken(pair: Pair) -> None:
    grant = grant_for(pair)

    assert require_grant(grant) is grant


def test_a_grant_is_renewed_while_nothing_changed(pair: Pair) -> None:
    renew_check(grant_for(pair), pair.performer, pair.donor, TODAY)


def test_a_withdrawal_stops_a_job_that_resumes(pair: Pair) -> None:
    grant = grant_for(pair)
    withdraw(pair.performer, pair.performer_key)

    with pytest.raises(ConsentRefusedError, match="withdrew"):
        renew_check(grant, pair.performer, pair.donor, TODAY)


def test_a_job_that_outlives_its_consent_stops(pair: Pair) -> None:
    grant = grant_for(pair)

    with pytest.raises(ConsentRefusedError, match="expired"):
        renew_check(grant, pair.performer, pair.donor, datetime(2036, 1, 1, tzinfo=UTC))


def test_a_removed_record_stops_a_job_that_resumes(pair: Pair) -> None:
    grant = grant_for(pair)
    pair.donor.unlink()

    with pytest.raises(ConsentError):
        renew_check(grant, pair.performer, pair.donor, TODAY)


def test_another_record_of_the_same_subject_does_not_renew_a_grant(pair: Pair) -> None:
    grant = grant_for(pair)
    sign_again(pair.donor, pair.donor_key, put("grantee", "name", value="Eve"))

    with pytest.raises(ConsentRefusedError, match="another record"):
        renew_check(grant, pair.performer, pair.donor, TODAY)


def test_events_cut_off_since_the_grant_are_missed(pair: Pair) -> None:
    signed, key = load_record(pair.performer), load_key(pair.performer_key)
    until = date(2030, 1, 1)
    renewed = append_event(signed, key, EventType.RENEWED, TODAY, until=until)
    save_record(renewed, pair.performer)
    grant = grant_for(pair)
    save_record(signed, pair.performer)

    with pytest.raises(ConsentRefusedError, match="events are gone"):
        renew_check(grant, pair.performer, pair.donor, TODAY)


def test_events_added_since_the_grant_do_not_disturb(pair: Pair) -> None:
    grant = grant_for(pair)
    signed, key = load_record(pair.performer), load_key(pair.performer_key)
    until = date(2030, 1, 1)
    longer = append_event(signed, key, EventType.RENEWED, TODAY, until=until)
    save_record(longer, pair.performer)

    renew_check(grant, pair.performer, pair.donor, TODAY)
