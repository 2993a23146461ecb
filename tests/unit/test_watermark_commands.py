import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lampoon.errors import ProvenanceError, SettingsError
from lampoon.watermark.commands import app
from lampoon.watermark.kept import chosen_trust
from lampoon.watermark.manifest.describe import plain_lines
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.reading import ManifestFacts
from lampoon.watermark.manifest.signer import FileSigner
from tests.support.certificates import plain_clip, signed_parody, stranger, troupe


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAMPOON_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_certs_init_makes_a_signer_that_read_then_trusts(
    home: Path, tmp_path: Path
) -> None:
    made = run("certs", "init", tmp_path / "keys", "--name", "Ada Troupe", "--trust")
    parody = signed_parody(tmp_path, signer=FileSigner(tmp_path / "keys"))

    said = run("read", parody)

    assert made.exit_code == 0
    assert "“Ada Troupe”" in said.stdout
    assert "urn:lampoon:signers vouches" in said.stdout
    assert "PARODY" in said.stdout


def test_without_trust_the_same_signer_is_a_stranger(
    home: Path, tmp_path: Path
) -> None:
    parody = signed_parody(tmp_path)

    said = run("read", parody)

    assert said.exit_code == 0
    assert "nobody you trust vouches" in said.stdout
    assert "certs trust" in said.stderr


def test_certs_trust_keeps_a_list_for_later(home: Path, tmp_path: Path) -> None:
    run("certs", "init", tmp_path / "keys")

    kept = run("certs", "trust", tmp_path / "keys", "--json")

    assert Path(json.loads(kept.stdout)["trusted"]).parent == home / "trust"
    assert chosen_trust(None).trusts("urn:lampoon:signers")


def test_certs_show_never_shows_the_key(home: Path, tmp_path: Path) -> None:
    run("certs", "init", tmp_path / "keys", "--name", "Ada Troupe")

    shown = run("certs", "show", tmp_path / "keys").stdout
    facts = json.loads(run("certs", "show", tmp_path / "keys", "--json").stdout)

    assert "CN=Ada Troupe" in shown
    assert len(facts["certificates"]) == 2
    assert "PRIVATE" not in shown


def test_a_passphrase_comes_from_the_environment_only(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("certs", "init", tmp_path / "keys", "--passphrase-env", "GEESE")

    assert isinstance(run(*words).exception, SettingsError)
    monkeypatch.setenv("GEESE", "seven geese")
    assert run(*words).exit_code == 0
    assert FileSigner(tmp_path / "keys", "seven geese").chain_pem


def test_read_gives_machines_the_same_facts(home: Path, tmp_path: Path) -> None:
    parody = signed_parody(tmp_path, signer=stranger())

    told = json.loads(run("read", parody, "--json").stdout)

    assert told["kind"] == "embedded"
    assert told["state"] == "Valid"
    assert told["unknown_signer"] is True
    assert told["vouched"] is False
    assert told["active"]["signature"]["common_name"] == "A Stranger"
    assert told["thumbnail_bytes"] > 0
    assert told["manifest"].startswith("urn:c2pa:")


def test_a_clip_that_says_nothing_is_not_blamed(home: Path, tmp_path: Path) -> None:
    said = run("read", plain_clip(tmp_path / "plain.mp4")).stdout

    assert "no C2PA manifest" in said
    assert "means nothing" in said


def test_a_missing_clip_is_named(home: Path, tmp_path: Path) -> None:
    failed = run("read", tmp_path / "gone.mp4").exception

    assert isinstance(failed, ProvenanceError)
    assert "gone.mp4" in str(failed)


def test_an_altered_clip_is_never_called_a_declared_parody(tmp_path: Path) -> None:
    parody = signed_parody(tmp_path)
    content = bytearray(parody.read_bytes())
    content[content.index(b"mdat") + 100] ^= 1
    parody.write_bytes(content)

    lines = list(plain_lines(read_manifest(parody, trust=troupe().trust)))

    assert any(line.startswith("NOT as it was signed") for line in lines)
    assert any("changed after signing" in line for line in lines)
    assert not any(line.startswith("Declared by its signer") for line in lines)


def test_a_title_cannot_move_the_cursor(tmp_path: Path) -> None:
    reading = read_manifest(signed_parody(tmp_path), trust=troupe().trust)
    nasty = ManifestFacts(urn="urn:x", title="\x1b[2Jcleared\r\nSigned by God" * 99)

    lines = list(plain_lines(replace(reading, active=nasty)))

    assert all(line.isprintable() for line in lines)
    assert len(lines[0]) < 200
