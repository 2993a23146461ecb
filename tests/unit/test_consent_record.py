"""Consent records: what is read, what is refused, and that no change goes unseen."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lampoon.consent.check import check_records
from lampoon.consent.draft import Wishes, draft_record, media_entries, record_id
from lampoon.consent.record import Method, Purpose, Role
from lampoon.consent.rules import latest_end
from lampoon.consent.store import (
    file_sha256,
    keep_media,
    load_record,
    reference_media,
    save_record,
)
from lampoon.errors import ConsentError
from tests.support.performers import DESCRIPTION, GIVEN, TODAY, Pair, tiny_pair

Steps = tuple[str | int, ...]


@pytest.fixture(scope="module")
def small_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return tiny_pair(tmp_path_factory.mktemp("pair"))


def refused(pair: Pair) -> bool:
    try:
        found = check_records(
            pair.performer, pair.donor, Purpose.PARODY, Method.MESH, TODAY
        )
    except ConsentError:
        return True
    return bool(found)


def altered(pair: Pair, text: str) -> Pair:
    """The same pair with other text in the performer's file."""
    place = pair.performer.with_name("altered.json")
    place.write_text(text, encoding="utf-8")
    return replace(pair, performer=place)


def places(value: Any, here: Steps = ()) -> Iterator[Steps]:
    """Every place in a JSON value, the whole left out."""
    steps = range(len(value)) if isinstance(value, list) else value
    for step in steps if isinstance(value, list | dict) else ():
        yield (*here, step)
        yield from places(value[step], (*here, step))


def inside(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = value[step]
    return value


def test_a_record_read_back_is_the_record_that_was_saved(small_pair: Pair) -> None:
    signed = load_record(small_pair.performer)
    copy = small_pair.performer.with_name("copy.json")

    save_record(signed, copy)

    assert load_record(copy) == signed
    assert copy.read_bytes() == small_pair.performer.read_bytes()


def test_a_record_file_is_readable_by_its_owner_alone(small_pair: Pair) -> None:
    assert small_pair.performer.stat().st_mode & 0o777 == 0o600


def test_the_untouched_pair_is_not_refused(small_pair: Pair) -> None:
    assert not refused(small_pair)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_change_of_a_single_field_is_refused(
    small_pair: Pair, data: st.DataObject
) -> None:
    plain = json.loads(small_pair.performer.read_text())
    steps = data.draw(st.sampled_from(list(places(plain))))
    *way, last = steps
    around, old = inside(plain, tuple(way)), inside(plain, steps)
    new = data.draw(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-5, 5),
            st.text(max_size=5),
            st.just([]),
            st.just({}),
            st.just([old, old]),
            st.just(f"{old} ") if isinstance(old, str) else st.just("text"),
            st.just(old[:-1]) if isinstance(old, str) else st.just(old),
            st.just(old[::-1]) if isinstance(old, str | list) else st.just(old),
        )
    )
    assume(json.dumps(new) != json.dumps(old))
    around[last] = new

    assert refused(altered(small_pair, json.dumps(plain)))


def test_leaving_any_single_field_out_is_refused(small_pair: Pair) -> None:
    text = small_pair.performer.read_text()
    accepted = []
    for steps in places(json.loads(text)):
        plain = json.loads(text)
        *way, last = steps
        del inside(plain, tuple(way))[last]
        if not refused(altered(small_pair, json.dumps(plain))):
            accepted.append(steps)

    assert accepted == []


def test_the_last_sign_of_a_signature_cannot_be_respelled(small_pair: Pair) -> None:
    """The last of 86 base64url signs has four idle bits; no spelling but one counts."""
    text = small_pair.performer.read_text()
    jws = json.loads(text)["signatures"][0]["jws"]
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [jws[:-1] + sign for sign in signs if sign != jws[-1]]

    accepted = [
        o for o in others if not refused(altered(small_pair, text.replace(jws, o)))
    ]

    assert accepted == []


@pytest.mark.parametrize(
    ("steps", "name"),
    [((), "extra"), (("record",), "extra"), (("record", "scope"), "nudes")],
)
def test_an_unknown_key_is_refused(small_pair: Pair, steps: Steps, name: str) -> None:
    plain = json.loads(small_pair.performer.read_text())
    inside(plain, steps)[name] = True

    with pytest.raises(ConsentError, match=name):
        load_record(altered(small_pair, json.dumps(plain)).performer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"record": {}, "record": {}}',
        '{"record": NaN}',
        "[" * 100_000,
        '{"record": ' + "9" * 5000 + "}",
        '{"\\ud800": 1}',
        "\x00\x01",
    ],
)
def test_what_is_no_record_is_a_consent_error(tmp_path: Path, text: str) -> None:
    place = tmp_path / "bad.json"
    place.write_text(text)

    with pytest.raises(ConsentError, match=r"bad\.json"):
        load_record(place)


def test_bytes_that_are_no_text_are_a_consent_error(tmp_path: Path) -> None:
    place = tmp_path / "bad.json"
    place.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConsentError):
        load_record(place)


def test_a_file_without_end_is_not_read_whole(tmp_path: Path) -> None:
    place = tmp_path / "huge.json"
    with place.open("wb") as file:
        file.truncate(2**40)

    with pytest.raises(ConsentError, match="too long"):
        load_record(place)


def test_a_missing_record_is_a_consent_error(tmp_path: Path) -> None:
    with pytest.raises(ConsentError, match="No such file"):
        load_record(tmp_path / "none.json")


def test_a_value_of_another_type_is_not_made_to_fit(small_pair: Pair) -> None:
    plain = json.loads(small_pair.performer.read_text())
    plain["record"]["scope"]["monetised"] = "false"

    with pytest.raises(ConsentError, match="monetised"):
        load_record(altered(small_pair, json.dumps(plain)).performer)


def test_the_message_about_a_bad_field_does_not_show_its_value(
    small_pair: Pair,
) -> None:
    plain = json.loads(small_pair.performer.read_text())
    plain["record"]["salt"] = "a-secret"

    with pytest.raises(ConsentError) as caught:
        load_record(altered(small_pair, json.dumps(plain)).performer)

    assert "a-secret" not in str(caught.value)


def test_another_spelling_of_the_same_moment_is_refused(small_pair: Pair) -> None:
    text = small_pair.performer.read_text().replace("12:00:00Z", "12:00:00.000Z")

    with pytest.raises(ConsentError, match="schema writes it"):
        load_record(altered(small_pair, text).performer)


@pytest.mark.parametrize("pseudonym", ["", " Ada", "A\x1b[31mda", "A\u202eda"])
def test_a_name_that_a_terminal_would_show_otherwise_is_refused(pseudonym: str) -> None:
    wishes = Wishes(
        pseudonym=pseudonym,
        roles=[Role.FACE_DONOR],
        media=media_entries(["0" * 64], [Role.FACE_DONOR]),
        purposes=[Purpose.PARODY],
        methods=[Method.MESH],
        description=DESCRIPTION,
        until=date(2027, 1, 1),
    )

    with pytest.raises(ConsentError, match="pseudonym"):
        draft_record(wishes, now=GIVEN, random=bytes(48))


def test_a_record_id_is_a_uuid_of_version_7_that_holds_its_moment() -> None:
    made = record_id(GIVEN, bytes(range(16)))

    assert made[14] == "7"
    assert made[19] in "89ab"
    assert int(made.replace("-", "")[:12], 16) == int(GIVEN.timestamp() * 1000)


def test_the_longest_term_is_ten_years_less_a_day() -> None:
    assert latest_end(GIVEN.date()).isoformat() == "2035-12-31"


def test_reference_media_are_found_by_their_hash_under_any_name(
    small_pair: Pair, tmp_path: Path
) -> None:
    record = load_record(small_pair.performer).record
    renamed = tmp_path / "holiday.bin"
    renamed.write_bytes(b"footage of ada")
    (tmp_path / "other.bin").write_bytes(b"something else")

    assert reference_media(record, tmp_path) == [renamed]


def test_missing_reference_media_are_named(small_pair: Pair, tmp_path: Path) -> None:
    record = load_record(small_pair.performer).record

    with pytest.raises(ConsentError, match=record.media[0].sha256[:12]):
        reference_media(record, tmp_path)


def test_media_kept_twice_are_one_file(tmp_path: Path) -> None:
    clip = tmp_path / "clip.MP4"
    clip.write_bytes(b"frames")

    first, second = keep_media(clip, tmp_path), keep_media(clip, tmp_path)

    assert first == second == file_sha256(clip)
    assert [p.name for p in (tmp_path / "media").iterdir()] == [f"{first}.mp4"]
