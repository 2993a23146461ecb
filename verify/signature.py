"""Verdicts signed by whoever gave them, and checked by whoever relies on them.

What is signed is the canonical JSON (RFC 8785) of the verdict without its signature;
the signature is a detached JWS (RFC 7515, appendix F) by Ed25519. The type in the
protected header keeps any other signature of the same key from passing for one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64encode

from lampoon.errors import ProvenanceError

ALGORITHM = "Ed25519"
TYPE = "lampoon-verdict+jws"
MEMBER = "signature"
"""Where a verdict carries its signature."""

MOST_KEY_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class VerdictKey:
    """A private key for verdicts; printing it shows only the thumbprint."""

    kid: str
    _private: OKPKey = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PublicVerdictKey:
    """The key that a verdict is checked against."""

    kid: str
    _public: OKPKey = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Evidence that a verdict is unchanged: the thumbprint of the key that signed."""

    kid: str


def load_verdict_key(path: Path, passphrase: str | None = None) -> VerdictKey:
    """Return the Ed25519 key in a PEM file that nobody else may read.

    Raises ProvenanceError when it is missing, another kind of key, locked, or open
    to other people of this machine.
    """
    pem = _pem(path)
    if path.stat().st_mode & 0o077:
        raise ProvenanceError(
            "other people on this machine can read this key",
            where=path,
            hint="chmod 600, and make a new key if that is worrying",
        )
    secret = passphrase.encode() if passphrase else None
    try:
        private = serialization.load_pem_private_key(pem, secret)
    except (TypeError, ValueError) as error:
        raise ProvenanceError(
            "no PEM key, or it and the passphrase do not go together",
            where=path,
            hint="set LAMPOON_KEY_PASSPHRASE for a locked key",
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise ProvenanceError("not an Ed25519 key", where=path, hint=_hint(path))
    plain = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return VerdictKey(_thumbprint(private.public_key()), OKPKey.import_key(plain))


def load_public_key(path: Path) -> PublicVerdictKey:
    """Return the Ed25519 public key in a PEM file; ProvenanceError otherwise."""
    try:
        public = serialization.load_pem_public_key(_pem(path))
    except (ValueError, TypeError) as error:
        raise ProvenanceError("no PEM public key", where=path) from error
    if not isinstance(public, Ed25519PublicKey):
        raise ProvenanceError("not an Ed25519 key", where=path, hint=_hint(path))
    return _public_key(public)


def sign_verdict(verdict: Mapping[str, Any], key: VerdictKey) -> dict[str, Any]:
    """Return the verdict's JSON values with a signature in them.

    An earlier signature is replaced. Raises ProvenanceError for values that have no
    canonical JSON form.
    """
    bare = {name: value for name, value in verdict.items() if name != MEMBER}
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
    whole = jws.serialize_compact(
        header, _canonical(bare), key._private, algorithms=[ALGORITHM]
    )
    head, _, tail = whole.split(".")
    return bare | {MEMBER: {"alg": ALGORITHM, "kid": key.kid, "jws": f"{head}..{tail}"}}


def check_verdict(verdict: Mapping[str, Any], key: PublicVerdictKey) -> SignedBy:
    """Return who signed a verdict; it is unchanged since.

    ``verdict`` is parsed JSON, as ``lampoon verify --sign-with`` writes it. Raises
    ProvenanceError when there is no signature, it is by another key, or a word of
    the verdict was changed after it was signed.
    """
    found = verdict.get(MEMBER)
    if not isinstance(found, Mapping) or not isinstance(found.get("jws"), str):
        raise ProvenanceError("the verdict is not signed")
    head, dot, tail = found["jws"].partition("..")
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
    wanted = _text(rfc8785.dumps(header))
    if not dot or head != wanted or found.get("kid") != key.kid:
        raise ProvenanceError("the verdict is signed by another key")
    bare = {name: value for name, value in verdict.items() if name != MEMBER}
    whole = f"{head}.{_text(_canonical(bare))}.{tail}"
    try:
        jws.deserialize_compact(whole, key._public, algorithms=[ALGORITHM])
    except (JoseError, ValueError) as error:
        raise ProvenanceError("the verdict was changed after it was signed") from error
    return SignedBy(key.kid)


def public_pem(private: Path, passphrase: str | None = None) -> bytes:
    """Return the public half of a private key file, PEM, to be given to others."""
    key = load_verdict_key(private, passphrase)
    return bytes(key._private.as_pem(private=False))


def _pem(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            pem = file.read(MOST_KEY_BYTES + 1)
    except OSError as error:
        raise ProvenanceError(
            f"cannot read the key: {error.strerror}", where=path
        ) from error
    if len(pem) > MOST_KEY_BYTES:
        raise ProvenanceError("too large for a key", where=path)
    return pem


def _public_key(public: Ed25519PublicKey) -> PublicVerdictKey:
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return PublicVerdictKey(_thumbprint(public), OKPKey.import_key(pem))


def _thumbprint(public: Ed25519PublicKey) -> str:
    """Return the RFC 7638 thumbprint."""
    x = _text(public.public_bytes_raw())
    required = {"crv": "Ed25519", "kty": "OKP", "x": x}
    return _text(hashlib.sha256(rfc8785.dumps(required)).digest())


def _canonical(values: Mapping[str, Any]) -> bytes:
    try:
        return rfc8785.dumps(dict(values))
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise ProvenanceError(f"has no canonical JSON form: {error}") from error


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode("ascii")


def _hint(path: Path) -> str:
    return f"make one with: openssl genpkey -algorithm ed25519 -out {path.name}"
