import hashlib
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lampoon.errors import ProvenanceError, SigningError
from lampoon.watermark.manifest.build import (
    SourceType,
    manifest_definition,
)
from lampoon.watermark.manifest.certificates import init_certificates
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.reading import (
    ReadingKind,
    ValidationState,
)
from lampoon.watermark.manifest.sign import sign_clip
from lampoon.watermark.manifest.signer import Algorithm, CommandSigner, FileSigner
from lampoon.watermark.manifest.trust import TrustList
from tests.support.certificates import (
    LABEL,
    URN,
    MemorySigner,
    camera_definition,
    late_signer,
    parody_claim,
    parody_ingredients,
    plain_clip,
    poster,
    sign_raw,
    signed_parody,
    stranger,
    troupe,
)


@pytest.fixture(scope="module")
def parody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed_parody(tmp_path_factory.mktemp("parody"), urn=URN)


def sign(source: Path, target: Path, signer: Any, **changes: Any) -> str:
    given: dict[str, Any] = {
        "definition": manifest_definition(parody_claim(), URN),
        "ingredients": parody_ingredients(source),
        "poster_jpeg": poster(),
        "signer": signer,
    }
    return sign_clip(source, target, **(given | changes))


def test_a_signed_parody_reads_back_whole_and_vouched_for(parody: Path) -> None:
    reading = read_manifest(parody, trust=troupe().trust)

    assert reading.kind is ReadingKind.EMBEDDED
    assert reading.state is ValidationState.TRUSTED
    assert reading.vouched
    assert reading.failures == ()
    assert reading.trust_list_uri == "urn:lampoon:signers"
    assert reading.urn == URN
    assert reading.signature is not None
    assert reading.signature.common_name == "Test Troupe"
    assert reading.thumbnail == poster()


def test_parody_and_consent_are_the_signers_own_words(parody: Path) -> None:
    reading = read_manifest(parody, trust=troupe().trust)

    assert reading.parody is not None
    assert reading.consent is not None
    assert reading.parody.created
    assert reading.consent.created
    assert reading.parody.data["visible_label"] == LABEL
    assert {r["role"] for r in reading.consent.data["records"]} == {
        "face_donor",
        "driving_performer",
    }


def test_the_history_names_footage_donor_and_model(parody: Path) -> None:
    reading = read_manifest(parody, trust=troupe().trust)

    assert [(i.title, i.relationship, i.state) for i in reading.history] == [
        ("performer footage", "parentOf", None),
        ("donor footage", "componentOf", None),
        ("sketch", "inputTo", None),
    ]
    assert reading.broken_ingredients == ()


def test_a_trained_swap_declares_a_trained_model(parody: Path) -> None:
    types = read_manifest(parody, trust=troupe().trust).digital_source_types

    assert types == (str(SourceType.WITH_TRAINED_MODEL),)


def test_a_swap_without_training_does_not_claim_a_model(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    claim = parody_claim(method="mesh", model_name="", model_sha256="")

    sign(
        source,
        tmp_path / "mesh.mp4",
        troupe(),
        definition=manifest_definition(claim, URN),
        ingredients=parody_ingredients(source)[:2],
    )

    reading = read_manifest(tmp_path / "mesh.mp4", trust=troupe().trust)
    assert reading.digital_source_types == (str(SourceType.SYNTHETIC),)
    assert reading.active is not None
    assert reading.active.assertion("c2pa.ai-disclosure") is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"consents": ()}, "driving_performer, face_donor"),
        ({"consents": parody_claim().consents[:1]}, "driving_performer"),
        ({"label": LABEL | {"present": False}}, "visible label"),
        ({"label": LABEL | {"text": ""}}, "visible label"),
        ({"made_at": datetime(2026, 11, 22)}, "time zone"),
    ],
)
def test_no_claim_without_both_consents_and_a_label(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        parody_claim(**changes)


def test_the_source_is_untouched_and_nothing_else_is_left(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    before = hashlib.sha256(source.read_bytes()).digest()

    sign(source, tmp_path / "signed.mp4", troupe())

    assert hashlib.sha256(source.read_bytes()).digest() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plain.mp4", "signed.mp4"]


def test_a_key_file_and_a_key_elsewhere_sign_alike(tmp_path: Path) -> None:
    place = init_certificates(tmp_path / "keys", name="Ada Troupe")
    source = plain_clip(tmp_path / "plain.mp4")
    script = (
        "import sys, pathlib; from cryptography.hazmat.primitives import "
        "hashes, serialization; from cryptography.hazmat.primitives.asymmetric "
        "import ec; key = serialization.load_pem_private_key("
        "pathlib.Path(sys.argv[1]).read_bytes(), None); sys.stdout.buffer.write("
        "key.sign(sys.stdin.buffer.read(), ec.ECDSA(hashes.SHA256())))"
    )
    elsewhere = CommandSigner(
        [sys.executable, "-c", script, str(place.key)], place.chain
    )

    for name, signer in (("file", FileSigner(place.folder)), ("command", elsewhere)):
        sign(source, tmp_path / f"{name}.mp4", signer)
        reading = read_manifest(
            tmp_path / f"{name}.mp4", trust=TrustList.load(place.trust_list)
        )
        assert reading.vouched


class _LockedSigner(MemorySigner):
    def sign(self, data: bytes) -> bytes:
        raise SigningError("the token is locked")


class _BrokenSigner(MemorySigner):
    def sign(self, data: bytes) -> bytes:
        return b"no signature at all"


class _WrongKeySigner(MemorySigner):
    def sign(self, data: bytes) -> bytes:
        return stranger().sign(data)


class _WrongAlgorithmSigner(MemorySigner):
    @property
    def alg(self) -> Algorithm:
        return Algorithm.ED25519


class _NoChainSigner(MemorySigner):
    @property
    def chain_pem(self) -> bytes:
        return b"no certificate"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (_LockedSigner, "token is locked"),
        (_BrokenSigner, "not signed"),
        (_WrongKeySigner, "signature does not match"),
        (_WrongAlgorithmSigner, "not signed"),
        (_NoChainSigner, "chain is unusable"),
    ],
)
def test_a_signer_that_fails_leaves_the_target_as_it_was(
    tmp_path: Path, kind: type[MemorySigner], reason: str
) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    target = tmp_path / "signed.mp4"
    target.write_bytes(b"last week's cut")

    with pytest.raises(SigningError, match=reason):
        sign(source, target, kind(troupe().minted))

    assert target.read_bytes() == b"last week's cut"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plain.mp4", "signed.mp4"]


def test_an_expired_certificate_cannot_sign(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")

    with pytest.raises(SigningError, match="not valid at time of signing"):
        sign(source, tmp_path / "signed.mp4", late_signer())

    assert [p.name for p in tmp_path.iterdir()] == ["plain.mp4"]


def test_a_clip_cannot_be_signed_onto_itself(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    alias = tmp_path / "alias.mp4"
    alias.symlink_to(source)
    before = source.read_bytes()

    for target in (source, alias):
        with pytest.raises(SigningError, match="onto itself"):
            sign(source, target, troupe())

    assert source.read_bytes() == before


def test_a_missing_folder_or_source_is_named(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")

    with pytest.raises(SigningError, match=r"nowhere.signed\.mp4"):
        sign(source, tmp_path / "nowhere" / "signed.mp4", troupe())
    with pytest.raises(SigningError, match=r"gone\.mp4: no such clip"):
        sign(tmp_path / "gone.mp4", tmp_path / "signed.mp4", troupe(), ingredients=())


def test_actions_that_name_no_ingredient_are_refused(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")

    with pytest.raises(SigningError, match="ingredient"):
        sign(source, tmp_path / "signed.mp4", troupe(), ingredients=())


def test_a_manifest_without_parody_cannot_leave(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    silent = camera_definition() | {"label": URN}

    with pytest.raises(SigningError, match="parody is not the signer's own"):
        sign(source, tmp_path / "s.mp4", troupe(), definition=silent, ingredients=())

    assert [p.name for p in tmp_path.iterdir()] == ["plain.mp4"]


def test_a_poster_is_a_picture(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")

    with pytest.raises(ValueError, match="JPEG"):
        sign(source, tmp_path / "signed.mp4", troupe(), poster_jpeg=b"")


def test_footage_that_cannot_carry_a_manifest_is_still_named(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    odd = tmp_path / "footage.mkv"
    odd.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(100))

    sign(source, tmp_path / "s.mp4", troupe(), ingredients=parody_ingredients(odd))

    reading = read_manifest(tmp_path / "s.mp4", trust=troupe().trust)
    assert reading.vouched
    assert reading.history[0].title == "performer footage"


def test_missing_footage_is_an_error_that_names_it(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    gone = parody_ingredients(tmp_path / "gone.mp4")

    with pytest.raises(SigningError, match=r"gone\.mp4"):
        sign(source, tmp_path / "s.mp4", troupe(), ingredients=gone)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match=r"gone\.mp4"):
        read_manifest(tmp_path / "gone.mp4", trust=TrustList())


def test_footage_from_a_camera_brings_its_own_history(tmp_path: Path) -> None:
    raw = plain_clip(tmp_path / "raw.mp4")
    shot = tmp_path / "shot.mp4"
    sign_raw(raw, shot, signer=stranger())
    (tmp_path / "cut").mkdir()

    parody = signed_parody(tmp_path / "cut", footage=shot)

    footage = read_manifest(parody, trust=troupe().trust).history[0]
    assert footage.manifest is not None
    assert footage.state is ValidationState.VALID
    assert footage.signature is not None
    assert footage.signature.common_name == "A Stranger"
    assert footage.failures == ()


@pytest.mark.slow
def test_an_independent_verifier_accepts_our_parody(parody: Path) -> None:
    encypher = pytest.importorskip("encypher_c2pa")

    said = encypher.verify(
        parody,
        trust_pem=troupe().minted.root_pem.decode(),
        no_default_trust=True,
        online=False,
        telemetry=False,
    )

    assert said["validation_state"] == "Trusted"
