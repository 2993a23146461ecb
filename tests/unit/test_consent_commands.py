"""``lampoon consent`` as a performer and a creator use it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lampoon.consent.commands import app
from lampoon.errors import ConsentError, LampoonError
from tests.support.performers import Pair, tiny_pair

NEXT_YEAR = datetime.now(UTC).year + 1
DESCRIPTION = "A sketch about a press conference, shown on our own channel"
ASKED = ("--purpose", "parody", "--method", "autoencoder")


def consent(*words: str | Path) -> Result:
    """Run ``lampoon consent`` with these words; errors of ours come out as raised."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(result.exception, LampoonError):
        raise result.exception
    return result


def draft(folder: Path, name: str, role: str, *more: str) -> Path:
    clip = folder / f"{name}.bin"
    clip.write_bytes(name.encode())
    place = folder / f"{name}.consent.json"
    said = ("--pseudonym", name, "--role", role, "--media", clip, *ASKED)
    when = ("--until", f"{NEXT_YEAR}-01-01", "--description", DESCRIPTION)
    consent("new", *said, *when, "--adult", "--out", place, "--json", *more)
    return place


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, Path]:
    """Two people who drafted, named each other, and signed."""
    ada = draft(tmp_path, "ada", "driving_performer")
    ben = draft(tmp_path, "ben", "face_donor", "--counterpart", str(ada))
    consent("sign", ada, "--counterpart", ben, "--json")
    consent("sign", ben, "--json")
    return ada, ben


def test_two_signed_records_are_granted_with_exit_code_0(
    signed: tuple[Path, Path],
) -> None:
    result = consent("check", *signed, *ASKED, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"granted": True, "refused_by": []}


def test_a_refusal_is_exit_code_30_and_names_record_rule_and_detail(
    signed: tuple[Path, Path],
) -> None:
    result = consent(
        "check", *signed, "--purpose", "parody", "--method", "mesh", "--json"
    )

    answer = json.loads(result.stdout)
    assert result.exit_code == 30
    assert answer["granted"] is False
    assert [said["rule"] for said in answer["refused_by"]] == ["method", "method"]
    ids = [json.loads(path.read_text())["record"]["record_id"] for path in signed]
    assert [said["record"] for said in answer["refused_by"]] == ids


def test_a_refusal_is_told_in_words(signed: tuple[Path, Path]) -> None:
    result = consent("check", *signed, "--purpose", "promo", "--method", "autoencoder")

    assert result.exit_code == 30
    assert "agrees to parody, not to promo" in result.stdout


def test_a_withdrawn_record_is_refused(signed: tuple[Path, Path]) -> None:
    consent("withdraw", signed[1], "--note", "changed my mind")

    result = consent("check", *signed, *ASKED, "--json")

    assert result.exit_code == 30
    assert [s["rule"] for s in json.loads(result.stdout)["refused_by"]] == ["withdrawn"]


def test_footage_is_compared_when_it_is_given(
    signed: tuple[Path, Path], tmp_path: Path
) -> None:
    footage = ("--performer-footage", tmp_path / "ada.bin")

    assert consent("check", *signed, *ASKED, *footage, "--json").exit_code == 0


def test_a_file_that_is_missing_is_an_error_not_a_refusal(
    signed: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(ConsentError, match="No such file"):
        consent("check", signed[0], tmp_path / "none.json", *ASKED)


def test_signing_makes_a_key_that_only_its_owner_reads(
    signed: tuple[Path, Path],
) -> None:
    key = signed[0].with_name("ada.key.pem")

    assert key.stat().st_mode & 0o777 == 0o600
    assert b"BEGIN PRIVATE KEY" in key.read_bytes()


def test_no_command_prints_a_key_or_the_salt(tmp_path: Path) -> None:
    ada = draft(tmp_path, "ada", "driving_performer")
    told = [
        consent("sign", ada, "--counterpart", "any labelled counterpart").output,
        consent("show", ada).output,
        consent("show", ada, "--json").output,
        consent("withdraw", ada).output,
        consent("withdraw", ada.with_name("ada.consent.json"), "--help").output,
    ]

    salt = json.loads(ada.read_text())["record"]["salt"]
    secret = (tmp_path / "ada.key.pem").read_text().splitlines()[1]
    assert not any(salt in text or secret in text for text in told)


def test_a_key_can_be_locked_by_a_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = draft(tmp_path, "ada", "face_donor", "--target", "any labelled counterpart")
    monkeypatch.setenv("LAMPOON_KEY_PASSPHRASE", "a long one")
    result = consent("sign", ada)
    assert b"ENCRYPTED" in (tmp_path / "ada.key.pem").read_bytes()
    assert "a long one" not in result.output

    monkeypatch.setenv("LAMPOON_KEY_PASSPHRASE", "another")
    with pytest.raises(ConsentError, match="passphrase"):
        consent("withdraw", ada)


def test_somebody_elses_key_cannot_withdraw(signed: tuple[Path, Path]) -> None:
    before = signed[0].read_bytes()

    with pytest.raises(ConsentError, match="not the one that signed"):
        consent("withdraw", signed[0], "--key", signed[1].with_name("ben.key.pem"))

    assert signed[0].read_bytes() == before


def test_withdrawing_without_the_key_makes_no_new_one(
    signed: tuple[Path, Path],
) -> None:
    signed[0].with_name("ada.key.pem").unlink()

    with pytest.raises(ConsentError, match=r"ada\.key\.pem"):
        consent("withdraw", signed[0])

    assert not signed[0].with_name("ada.key.pem").exists()


def test_a_signed_record_is_not_signed_again(signed: tuple[Path, Path]) -> None:
    with pytest.raises(ConsentError, match="signed already"):
        consent("sign", signed[0])


def test_a_signed_record_is_renewed(signed: tuple[Path, Path]) -> None:
    consent("sign", signed[0], "--renew-until", f"{NEXT_YEAR + 1}-06-30")

    shown = json.loads(consent("show", signed[0], "--json").stdout)
    assert shown["until"] == f"{NEXT_YEAR + 1}-06-30"
    assert [event["type"] for event in shown["events"]] == ["given", "renewed"]
    assert shown["state"] == "valid"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--description": "too short"}, "description"),
        ({"--until": "2001-01-01"}, "last day"),
        ({"--until": "2199-01-01"}, "last day"),
        ({"--media": "none.mp4"}, r"none\.mp4"),
        ({"--counterpart": "nobody"}, "targets"),
        ({"--out": "no/such/folder.json"}, "folder does not exist"),
    ],
)
def test_a_draft_that_could_not_be_used_is_not_made(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.bin").write_bytes(b"a")
    said = {
        "--pseudonym": "Ada",
        "--role": "face_donor",
        "--media": "a.bin",
        "--purpose": "parody",
        "--method": "mesh",
        "--until": f"{NEXT_YEAR}-01-01",
        "--description": DESCRIPTION,
        "--out": "ada.json",
    }
    words = [word for pair in (said | change).items() for word in pair]

    with pytest.raises(ConsentError, match=message):
        consent("new", *words, "--adult")

    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_draft_needs_the_word_adult(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"a")

    with pytest.raises(ConsentError, match="minor"):
        consent(
            *("new", "--pseudonym", "Ada", "--role", "face_donor", *ASKED),
            *("--media", tmp_path / "a.bin", "--until", f"{NEXT_YEAR}-01-01"),
            *("--description", DESCRIPTION, "--out", tmp_path / "ada.json"),
        )


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("subject", "age_class"), "minor", "minor"),
        (("scope", "transformations", "sexual"), True, "sexual"),
        (("term", "until"), f"{NEXT_YEAR + 20}-01-01", "longer than 10 years"),
    ],
)
def test_a_draft_edited_into_what_is_never_allowed_is_not_signed(
    tmp_path: Path, place: tuple[str, ...], value: object, message: str
) -> None:
    ada = draft(tmp_path, "ada", "face_donor", "--target", "any labelled counterpart")
    plain = json.loads(ada.read_text())
    *way, last = place
    inner = plain["record"]
    for step in way:
        inner = inner[step]
    inner[last] = value
    ada.write_text(json.dumps(plain))

    with pytest.raises(ConsentError, match=message):
        consent("sign", ada)

    assert not (tmp_path / "ada.key.pem").exists()


def test_a_draft_without_counterpart_is_not_signed(tmp_path: Path) -> None:
    ada = draft(tmp_path, "ada", "face_donor")

    with pytest.raises(ConsentError, match="--counterpart"):
        consent("sign", ada)


def test_a_draft_never_replaces_a_record(signed: tuple[Path, Path]) -> None:
    with pytest.raises(ConsentError, match="a file already"):
        draft(signed[0].parent, "ada", "face_donor")


def test_show_says_what_is_wrong_with_a_tampered_record(tmp_path: Path) -> None:
    pair: Pair = tiny_pair(tmp_path)
    text = pair.performer.read_text()
    pair.performer.write_text(text.replace('"Ada"', '"Eve"'))

    shown = json.loads(consent("show", pair.performer, "--json").stdout)

    assert shown["state"] == "refused"
    assert "signature" in {problem["rule"] for problem in shown["problems"]}


@pytest.mark.parametrize("name", ["new", "sign", "show", "withdraw", "check"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert "Example: lampoon consent" in consent(name, "--help").stdout
