"""No grant, no swap: what a record does not cover, by the rule that says so."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from lampoon.consent.chain import append_event
from lampoon.consent.check import (
    check_consent,
    check_records,
)
from lampoon.consent.record import (
    ANY_LABELLED_COUNTERPART,
    EventType,
    Method,
    Purpose,
)
from lampoon.consent.signature import load_key
from lampoon.consent.store import load_record, save_record
from lampoon.errors import ConsentRefusedError
from tests.support.performers import (
    TODAY,
    Pair,
    granted,
    put,
    rules,
    sign_again,
    tiny_pair,
    withdraw,
)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return tiny_pair(tmp_path)


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
    assert granted(pair)
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
