"""Keys of performers, and what they sign.

What is signed is canonical JSON (RFC 8785); a signature is a detached JWS
(RFC 7515, appendix F) by Ed25519, under the algorithm name of RFC 9864. The type in
the protected header keeps a record's signature from passing for an event's.
"""

import hashlib
import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

import rfc8785
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode
from pydantic import BaseModel

from lampoon.consent.record import Signature
from lampoon.consent.subject import PublicKey
from lampoon.errors import ConsentError

ALGORITHM: Literal["Ed25519"] = "Ed25519"
KEY_MODE = 0o600
MAX_KEY_BYTES = 16_384


class Signed(StrEnum):
    """What kind of thing a signature is over; goes into the protected header."""

    RECORD = "lampoon-consent-record+jws"
    EVENT = "lampoon-consent-event+jws"


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A performer's private key; printing it shows only the thumbprint."""

    public: PublicKey
    kid: str
    _private: OKPKey = field(repr=False, compare=False)


def canonical(part: BaseModel) -> bytes:
    """Return the canonical JSON of a record or an event, without absent fields.

    Source: RFC 8785. Raises ConsentError for text that cannot be UTF-8.
    """
    plain = part.model_dump(mode="json", by_alias=True, exclude_none=True)
    return canonical_json(plain)


def canonical_json(plain: object) -> bytes:
    """Return the canonical form of parsed JSON; ConsentError where it has none."""
    try:
        return rfc8785.dumps(plain)  # type: ignore[arg-type]  # refuses the rest itself
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as fault:
        raise ConsentError(f"has no canonical JSON form: {fault}") from fault


def digest(part: BaseModel) -> str:
    """Return the SHA-256 of the canonical JSON, 64 hex digits."""
    return hashlib.sha256(canonical(part)).hexdigest()


def thumbprint(key: PublicKey) -> str:
    """Return the RFC 7638 thumbprint of a public key, 43 characters."""
    required = {"crv": key.crv, "kty": key.kty, "x": key.x}
    return _text(hashlib.sha256(rfc8785.dumps(required)).digest())


def generate_key(path: Path, passphrase: str | None = None) -> SubjectKey:
    """Make an Ed25519 key, keep it at ``path`` (PKCS 8 PEM, mode 0600), return it.

    Raises ConsentError where something is already there: a key is never replaced.
    """
    private = Ed25519PrivateKey.generate()
    secret = passphrase.encode() if passphrase else None
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(secret)
        if secret
        else serialization.NoEncryption(),
    )
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        handle = os.open(path, flags, KEY_MODE)
    except FileExistsError as fault:
        raise ConsentError(
            "there is a file already, and a key is never replaced",
            where=path,
            hint="name another --key, or sign with this one",
        ) from fault
    except OSError as fault:
        raise ConsentError(f"cannot keep a key: {fault.strerror}", where=path) from None
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), KEY_MODE)
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        path.unlink(missing_ok=True)
        raise ConsentError(f"cannot keep a key: {fault.strerror}", where=path) from None
    return _subject_key(private)


def load_key(path: Path, passphrase: str | None = None) -> SubjectKey:
    """Return the key kept at ``path``.

    Raises ConsentError when it is missing, not an Ed25519 key, readable by others,
    or locked with another passphrase.
    """
    pem = _read_private(path)
    secret = passphrase.encode() if passphrase else None
    try:
        private = serialization.load_pem_private_key(pem, secret)
    except TypeError as fault:
        raise ConsentError(
            "the key and the passphrase do not go together",
            where=path,
            hint="set LAMPOON_KEY_PASSPHRASE for a locked key, unset it otherwise",
        ) from fault
    except ValueError as fault:
        raise ConsentError(
            "not a PEM key, or another passphrase", where=path
        ) from fault
    if not isinstance(private, Ed25519PrivateKey):
        raise ConsentError("not an Ed25519 key", where=path)
    return _subject_key(private)


def key_beside(record: Path) -> Path:
    """Return where a record's key lies unless it is named.

    >>> key_beside(Path("ada.consent.json")).as_posix()
    'ada.key.pem'
    """
    return record.with_name(f"{record.name.split('.')[0]}.key.pem")


def key_is_locked(path: Path) -> bool:
    """Say whether the key at ``path`` needs a passphrase."""
    return b"ENCRYPTED PRIVATE KEY" in _read_private(path)


def sign(part: BaseModel, key: SubjectKey, kind: Signed) -> Signature:
    """Return the subject's detached signature over a record or an event."""
    payload = canonical(part)
    whole = jws.serialize_compact(
        {"alg": ALGORITHM, "kid": key.kid, "typ": kind.value},
        payload,
        key._private,
        algorithms=[ALGORITHM],
    )
    head, _, tail = whole.split(".")
    # joserfc keeps the order of the header as given, so it is written canonically
    return Signature(by="subject", alg=ALGORITHM, kid=key.kid, jws=f"{head}..{tail}")


def signature_fault(
    part: BaseModel, signature: Signature, key: PublicKey, kind: Signed
) -> str:
    """Return what is wrong with a signature, or "" when it holds.

    The protected header must be exactly ours and the encoding the only one, so no
    second spelling of a signature passes.
    """
    kid = thumbprint(key)
    if signature.kid != kid:
        return "is by another key than the one in the record"
    header = {"alg": ALGORITHM, "kid": kid, "typ": kind.value}
    head, _, tail = signature.jws.split(".")
    if head != _text(rfc8785.dumps(header)):
        return "has another header than this schema allows"
    try:
        if _text(urlsafe_b64decode(tail.encode())) != tail:
            return "is not written canonically"
        public = OKPKey.import_key({"kty": key.kty, "crv": key.crv, "x": key.x})
        whole = f"{head}.{_text(canonical(part))}.{tail}"
        jws.deserialize_compact(whole, public, algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        return "does not fit the content: it was changed after signing"
    return ""


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            pem = file.read(MAX_KEY_BYTES + 1)
    except OSError as fault:
        raise ConsentError(
            f"cannot read the key: {fault.strerror}", where=path
        ) from None
    if mode & 0o077:
        raise ConsentError(
            "other people on this machine can read this key",
            where=path,
            hint="chmod 600, and make a new key if that is worrying",
        )
    if len(pem) > MAX_KEY_BYTES:
        raise ConsentError("too large for a key", where=path)
    return pem


def _subject_key(private: Ed25519PrivateKey) -> SubjectKey:
    raw = private.public_key().public_bytes_raw()
    public = PublicKey(kty="OKP", crv="Ed25519", x=_text(raw))
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return SubjectKey(public, thumbprint(public), OKPKey.import_key(pem))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode("ascii")
