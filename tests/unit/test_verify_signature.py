"""Signed verdicts: whole, changed, and signed by somebody else."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from lampoon.errors import ProvenanceError
from lampoon.verify.signature import (
    check_verdict,
    load_public_key,
    load_verdict_key,
    public_pem,
    sign_verdict,
)
from tests.support.verdict_keys import key_file

VERDICT = {"schema": "lampoon.verdict/1", "finding": "unmarked", "blink": {"p": 0.25}}


def public_file(private: Path) -> Path:
    path = private.with_suffix(".pub")
    path.write_bytes(public_pem(private))
    return path


def test_a_signed_verdict_is_known_by_its_key(tmp_path: Path) -> None:
    private = key_file(tmp_path / "house.pem")
    key = load_verdict_key(private)

    signed = json.loads(json.dumps(sign_verdict(VERDICT, key)))

    by = check_verdict(signed, load_public_key(public_file(private)))
    assert by.kid == key.kid == signed["signature"]["kid"]
    assert {name: signed[name] for name in VERDICT} == VERDICT


@pytest.mark.parametrize(
    "change",
    [{"finding": "labelled_parody"}, {"more": 1}, {"blink": {"p": 0.26}}],
    ids=["changed", "added", "deep"],
)
def test_any_changed_word_breaks_the_signature(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    private = key_file(tmp_path / "house.pem")
    signed = sign_verdict(VERDICT, load_verdict_key(private))

    with pytest.raises(ProvenanceError, match="changed after it was signed"):
        check_verdict(signed | change, load_public_key(public_file(private)))


def test_another_key_is_told_from_ours(tmp_path: Path) -> None:
    ours, other = key_file(tmp_path / "a.pem"), key_file(tmp_path / "b.pem")
    signed = sign_verdict(VERDICT, load_verdict_key(other))

    with pytest.raises(ProvenanceError, match="another key"):
        check_verdict(signed, load_public_key(public_file(ours)))


@pytest.mark.parametrize(
    "signature",
    [None, "x", {}, {"jws": "a.b.c"}, {"jws": "..", "kid": "x"}, {"jws": 3}],
)
def test_what_is_no_signature_is_refused(tmp_path: Path, signature: object) -> None:
    public = load_public_key(public_file(key_file(tmp_path / "house.pem")))

    with pytest.raises(ProvenanceError):
        check_verdict({**VERDICT, "signature": signature}, public)


def test_signing_again_replaces_the_signature(tmp_path: Path) -> None:
    first, second = key_file(tmp_path / "a.pem"), key_file(tmp_path / "b.pem")
    signed = sign_verdict(VERDICT, load_verdict_key(first))

    again = sign_verdict(signed, load_verdict_key(second))

    assert check_verdict(again, load_public_key(public_file(second)))


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="other people"):
        load_verdict_key(key_file(tmp_path / "open.pem", mode=0o644))


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())

    with pytest.raises(ProvenanceError, match="Ed25519"):
        load_verdict_key(key_file(tmp_path / "curve.pem", curve))


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match=r"none\.pem"):
        load_verdict_key(tmp_path / "none.pem")
