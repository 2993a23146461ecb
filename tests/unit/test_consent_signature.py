"""Keys of performers: kept safe, never replaced, never shown."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import OKPKey

from lampoon.consent.signature import (
    canonical_json,
    generate_key,
    key_is_locked,
    load_key,
    thumbprint,
)
from lampoon.consent.subject import PublicKey
from lampoon.errors import ConsentError


def test_a_new_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        generate_key(tmp_path / "key.pem")
    finally:
        os.umask(before)

    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600


def test_a_key_is_read_back(tmp_path: Path) -> None:
    made = generate_key(tmp_path / "key.pem")

    assert load_key(tmp_path / "key.pem") == made


def test_a_locked_key_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    place = tmp_path / "key.pem"
    made = generate_key(place, "correct horse")

    assert key_is_locked(place)
    assert load_key(place, "correct horse") == made
    for wrong in (None, "battery staple"):
        with pytest.raises(ConsentError, match="passphrase"):
            load_key(place, wrong)


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    place = tmp_path / "key.pem"
    generate_key(place)
    before = place.read_bytes()

    with pytest.raises(ConsentError, match="never replaced"):
        generate_key(place)

    assert place.read_bytes() == before


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    place = tmp_path / "key.pem"
    generate_key(place)
    place.chmod(0o640)

    with pytest.raises(ConsentError, match="other people"):
        load_key(place)


def test_printing_a_key_shows_nothing_of_its_private_half(tmp_path: Path) -> None:
    place = tmp_path / "key.pem"
    made = generate_key(place)
    private = OKPKey.import_key(place.read_bytes()).as_dict(private=True)["d"]

    assert isinstance(private, str)
    assert private not in f"{made!r} {made}"


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "key.pem"
    place.touch(0o600)
    place.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    with pytest.raises(ConsentError, match="not an Ed25519 key"):
        load_key(place)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"x" * 100_000])
def test_what_is_no_key_is_a_consent_error(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "key.pem"
    place.touch(0o600)
    place.write_bytes(content)

    with pytest.raises(ConsentError):
        load_key(place)


def test_the_thumbprint_is_that_of_rfc_8037() -> None:
    """The example key of RFC 8037, appendix A.3."""
    key = PublicKey(
        kty="OKP", crv="Ed25519", x="11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    )

    assert thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_canonical_json_is_that_of_rfc_8785() -> None:
    assert canonical_json({"b": [1, True], "a": "\u20ac"}) == (
        '{"a":"\u20ac","b":[1,true]}'.encode()
    )


def test_text_that_is_no_unicode_has_no_canonical_form() -> None:
    with pytest.raises(ConsentError, match="canonical"):
        canonical_json({"a": "\ud800"})
