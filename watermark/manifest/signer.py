"""Who signs: a key in a file, or a key that lives elsewhere.

A signer holds a certificate chain and answers one question: the signature of these
bytes. So a key may stay in a hardware token, a cloud service or another process.
"""

import stat
import subprocess
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lampoon.errors import SigningError
from lampoon.watermark.manifest.certificates import CertificateFolder

COMMAND_SECONDS = 60.0
"""How long a signing command may think: a person may have to touch a token."""


class Algorithm(StrEnum):
    """Signature algorithms that C2PA 2.2 (section 13.2) allows and we offer."""

    ES256 = "es256"
    ES384 = "es384"
    PS256 = "ps256"
    ED25519 = "ed25519"


@runtime_checkable
class Signer(Protocol):
    """Signs claims with a key it need not show."""

    @property
    def chain_pem(self) -> bytes:
        """The signer's certificate, then those above it, PEM."""
        ...

    @property
    def alg(self) -> Algorithm:
        """The algorithm of ``sign``."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the signature of ``data``; for ECDSA as DER or raw r and s.

        Raises SigningError when the key cannot or will not sign.
        """
        ...


class FileSigner:
    """The key that ``lampoon watermark certs init`` put into a folder."""

    def __init__(self, folder: Path, passphrase: str | None = None) -> None:
        """Read the chain and the key.

        Raises SigningError when a file is missing or unreadable, others may read
        the key, the passphrase is wrong, or key and certificate do not match.
        """
        place = CertificateFolder(folder)
        self._chain_pem = _read(place.chain)
        self._key = _load_key(place.key, passphrase)
        _match(self._chain_pem, self._key, place)

    @property
    def chain_pem(self) -> bytes:
        """The signer's certificate, then its issuer's."""
        return self._chain_pem

    @property
    def alg(self) -> Algorithm:
        """ES256: our chains are on P-256."""
        return Algorithm.ES256

    def sign(self, data: bytes) -> bytes:
        """Return the DER signature of ``data``."""
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


class CommandSigner:
    """A key elsewhere: a command reads the bytes and prints their signature.

    The command gets the bytes to sign on standard input and answers on standard
    output with the signature alone, DER or raw. With OpenSSL, for instance:
    ``openssl dgst -sha256 -sign key.pem``.
    """

    def __init__(
        self,
        command: Sequence[str],
        chain: Path,
        *,
        alg: Algorithm = Algorithm.ES256,
        limit_seconds: float = COMMAND_SECONDS,
    ) -> None:
        """Remember the command and read the chain.

        Raises ValueError for an empty command, SigningError without a chain.
        """
        if not command:
            raise ValueError("a signing command needs at least its program")
        self._command = tuple(command)
        self._chain_pem = _read(chain)
        self._alg = alg
        self._limit_seconds = limit_seconds

    @property
    def chain_pem(self) -> bytes:
        """The certificates that go with the key."""
        return self._chain_pem

    @property
    def alg(self) -> Algorithm:
        """The algorithm the command signs with."""
        return self._alg

    def sign(self, data: bytes) -> bytes:
        """Return what the command answers.

        Raises SigningError when it is missing, too slow, fails or says nothing.
        """
        program = self._command[0]
        try:
            answer = subprocess.run(
                self._command,
                input=data,
                capture_output=True,
                timeout=self._limit_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            late = f"no signature within {self._limit_seconds:g} s"
            raise SigningError(late, where=program) from error
        except OSError as error:
            raise SigningError(
                "the signing command cannot be run", where=program, hint=str(error)
            ) from error
        if answer.returncode != 0 or not answer.stdout:
            said = answer.stderr.decode(errors="replace").strip()[-200:]
            raise SigningError(
                f"the signing command gave no signature (exit {answer.returncode})",
                where=program,
                hint=said,
            )
        return answer.stdout


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningError(
            f"cannot be read: {error.strerror}",
            where=path,
            hint="make a signer with: lampoon watermark certs init FOLDER",
        ) from error


def _load_key(path: Path, passphrase: str | None) -> ec.EllipticCurvePrivateKey:
    pem = _read(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SigningError(
            "others may read this private key", where=path, hint=f"chmod 600 {path}"
        )
    secret = None if passphrase is None else passphrase.encode()
    try:
        key = serialization.load_pem_private_key(pem, secret)
    except TypeError as error:
        locked = passphrase is None
        raise SigningError(
            "the key needs its passphrase" if locked else "the key has no passphrase",
            where=path,
            hint="name its environment variable with --passphrase-env" * locked,
        ) from error
    except ValueError as error:
        raise SigningError("wrong passphrase, or not a key", where=path) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SigningError("not a P-256 key", where=path)
    return key


def _match(
    chain: bytes, key: ec.EllipticCurvePrivateKey, at: CertificateFolder
) -> None:
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise SigningError("no certificate in this file", where=at.chain) from error
    if leaf.public_key() != key.public_key():
        raise SigningError("the key is not this certificate's", where=at.key)
