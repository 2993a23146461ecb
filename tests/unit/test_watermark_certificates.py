import json
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lampoon.errors import ProvenanceError, SigningError
from lampoon.watermark.manifest.certificates import (
    CertificateFolder,
    certificate_facts,
    init_certificates,
    mint_chain,
)
from lampoon.watermark.manifest.signer import CommandSigner, FileSigner, Signer
from lampoon.watermark.manifest.trust import AnchorKind, TrustList, join

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> CertificateFolder:
    return init_certificates(tmp_path_factory.mktemp("keys"), name="Ada Troupe")


def test_the_private_key_is_readable_by_its_owner_only(
    place: CertificateFolder,
) -> None:
    assert stat.S_IMODE(place.key.stat().st_mode) == 0o600


def test_only_the_signers_key_is_kept(place: CertificateFolder) -> None:
    holding = [p.name for p in place.folder.iterdir() if b"PRIVATE" in p.read_bytes()]

    assert holding == ["signer.key"]


def test_the_chain_is_leaf_then_issuer_and_lasts_five_years(
    place: CertificateFolder,
) -> None:
    leaf, issuer = certificate_facts(place.chain.read_bytes(), where=place.chain)

    assert "CN=Ada Troupe" in leaf["subject"]
    assert leaf["issuer"] == issuer["subject"]
    assert int(leaf["until"][:4]) - int(leaf["from"][:4]) in (4, 5)


def test_certificates_are_never_overwritten(place: CertificateFolder) -> None:
    before = {p: p.read_bytes() for p in place.folder.iterdir()}

    with pytest.raises(ProvenanceError, match="already there"):
        init_certificates(place.folder, name="Somebody Else")

    assert {p: p.read_bytes() for p in place.folder.iterdir()} == before


def test_a_half_taken_folder_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "chain.pem").write_text("mine")

    with pytest.raises(ProvenanceError, match=r"chain\.pem"):
        init_certificates(tmp_path, name="Ada Troupe")

    assert [p.name for p in tmp_path.iterdir()] == ["chain.pem"]


def test_a_signer_needs_a_name() -> None:
    with pytest.raises(ValueError, match="name"):
        mint_chain("  ", now=NOW)


def test_an_encrypted_key_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    place = init_certificates(tmp_path, name="Ada Troupe", passphrase="seven geese")

    assert b"ENCRYPTED" in place.key.read_bytes()
    assert FileSigner(tmp_path, "seven geese").sign(b"claim")
    with pytest.raises(SigningError, match="wrong passphrase"):
        FileSigner(tmp_path, "six geese")
    with pytest.raises(SigningError, match="needs its passphrase"):
        FileSigner(tmp_path)


def test_a_passphrase_for_an_open_key_is_a_mistake(place: CertificateFolder) -> None:
    with pytest.raises(SigningError, match="has no passphrase"):
        FileSigner(place.folder, "seven geese")


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="protects nothing"):
        init_certificates(tmp_path, name="Ada Troupe", passphrase="")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    place = init_certificates(tmp_path, name="Ada Troupe")
    place.key.chmod(0o644)

    with pytest.raises(SigningError, match="chmod 600"):
        FileSigner(tmp_path)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    one = init_certificates(tmp_path / "one", name="One")
    two = init_certificates(tmp_path / "two", name="Two")
    one.key.write_bytes(two.key.read_bytes())

    with pytest.raises(SigningError, match="not this certificate's"):
        FileSigner(one.folder)


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="certs init"):
        FileSigner(tmp_path)


def test_a_command_that_fails_says_what_it_said(place: CertificateFolder) -> None:
    says = "import sys; sys.exit('the token is locked')"
    signer = CommandSigner([sys.executable, "-c", says], place.chain)

    with pytest.raises(SigningError, match="the token is locked"):
        signer.sign(b"claim")


def test_a_command_that_never_answers_is_given_up(place: CertificateFolder) -> None:
    waits = [sys.executable, "-c", "input()\nwhile True: pass"]
    signer = CommandSigner(waits, place.chain, limit_seconds=0.3)

    with pytest.raises(SigningError, match="no signature within"):
        signer.sign(b"claim\n")


def test_a_missing_command_is_named(place: CertificateFolder) -> None:
    with pytest.raises(SigningError, match="no-such-token-tool"):
        CommandSigner(["no-such-token-tool"], place.chain).sign(b"claim")


def test_both_signers_honour_the_protocol(place: CertificateFolder) -> None:
    signers: list[Signer] = [
        FileSigner(place.folder),
        CommandSigner(["true"], place.chain),
    ]

    assert all(isinstance(each, Signer) for each in signers)
    assert signers[0].chain_pem == signers[1].chain_pem


def test_a_trust_list_is_read_from_a_file_a_folder_and_pem(
    place: CertificateFolder,
) -> None:
    listed = TrustList.load(place.trust_list)

    assert listed.signer_uris == ("urn:lampoon:signers",)
    assert listed.name == "Ada Troupe"
    assert TrustList.load(place.folder) == listed
    assert TrustList.load(place.root).anchors == listed.anchors


def test_several_lists_in_a_folder_are_joined(
    place: CertificateFolder, tmp_path: Path
) -> None:
    root = mint_chain("Stamps", now=NOW).root_pem.decode()
    anchor = {"uri": "urn:stamps", "kind": "tsa", "pem": root}
    stamps = {"schema": "lampoon.trust/1", "anchors": [anchor]}
    (tmp_path / "stamps.trust.json").write_text(json.dumps(stamps))
    (tmp_path / "trust.json").write_bytes(place.trust_list.read_bytes())

    both = TrustList.load(tmp_path)

    assert [a.kind for a in both.anchors] == [
        AnchorKind.TIME_STAMP,
        AnchorKind.MANIFEST,
    ]
    assert both.trusts("urn:lampoon:signers")
    assert not both.trusts("urn:stamps")
    assert not both.trusts(None)


def test_one_uri_cannot_mean_signers_and_time_stamps(tmp_path: Path) -> None:
    pem = mint_chain("Both", now=NOW).root_pem.decode()
    anchors = [{"uri": "urn:both", "kind": k, "pem": pem} for k in ("manifest", "tsa")]
    path = tmp_path / "trust.json"
    path.write_text(json.dumps({"schema": "lampoon.trust/1", "anchors": anchors}))

    with pytest.raises(ProvenanceError, match="both signers and time stamps"):
        TrustList.load(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a certificate",
        b"{}",
        b'{"schema": "lampoon.trust/2", "anchors": []}',
        b'{"schema": "lampoon.trust/1", "anchors": [], "trust_everyone": true}',
        b'{"schema": "lampoon.trust/1", "anchors": [{"uri": "u", "pem": "x"}]}',
        b'{"schema": "lampoon.trust/1", "anchors": 7}',
        b"{" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_not_a_trust_list_is_refused_by_name(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(content)

    with pytest.raises(ProvenanceError, match=r"trust\.json"):
        TrustList.load(path)


def test_a_folder_without_a_list_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="certs init"):
        TrustList.load(tmp_path)


def test_an_empty_trust_list_trusts_nobody() -> None:
    assert not join([TrustList(), TrustList()]).trusts("urn:lampoon:signers")
