"""A certificate chain that C2PA accepts, made on the spot.

Root CA, issuing CA and a signer's leaf, all on P-256. The leaf has the profile
that every validator we tried accepts without configuration: version 3, not a CA,
critical key usage digitalSignature only, extended key usage claimSigning and
emailProtection, and an authority key identifier (C2PA 2.2, section 14.5).

Such a chain proves that clips come from whoever holds the key and were not
altered. It proves nothing about who that is: see docs/threat-model.md.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lampoon.errors import ProvenanceError

SIGNERS_URI = "urn:lampoon:signers"
"""The name under which our own signers stand in a trust list."""

TRUST_SCHEMA = "lampoon.trust/1"

CLAIM_SIGNING = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
"""Extended key usage for C2PA claims (C2PA certificate profile)."""

CLOCK_SLACK = timedelta(minutes=10)
"""A certificate is valid from a little before now, for clocks that lag."""

SIGNER_DAYS = 1825
"""Five years: without a trusted time stamp a clip is only valid that long."""

AUTHORITY_DAYS = 3650


@dataclass(frozen=True, slots=True)
class CertificateFolder:
    """Where the parts of one signer lie.

    ``root`` and ``issuer`` are single certificates; ``chain`` is leaf then issuer;
    ``key`` is the leaf's PKCS8 PEM, readable by its owner only; ``trust_list`` is
    the JSON that others need to trust this signer.
    """

    folder: Path

    @property
    def root(self) -> Path:
        """The root certificate, PEM."""
        return self.folder / "root.pem"

    @property
    def issuer(self) -> Path:
        """The issuing authority's certificate, PEM."""
        return self.folder / "issuer.pem"

    @property
    def chain(self) -> Path:
        """The signer's certificate and its issuer's, PEM."""
        return self.folder / "chain.pem"

    @property
    def key(self) -> Path:
        """The signer's private key, PEM, mode 0600."""
        return self.folder / "signer.key"

    @property
    def trust_list(self) -> Path:
        """The trust list that names this signer's root, JSON."""
        return self.folder / "trust.json"


@dataclass(frozen=True, slots=True)
class MintedChain:
    """A chain in memory: PEM certificates and the leaf's key."""

    root_pem: bytes
    issuer_pem: bytes
    leaf_pem: bytes
    key: ec.EllipticCurvePrivateKey

    @property
    def chain_pem(self) -> bytes:
        """Leaf, then issuer: what a signature carries."""
        return self.leaf_pem + self.issuer_pem


@dataclass(frozen=True, slots=True)
class _Party:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def init_certificates(
    folder: Path,
    *,
    name: str,
    passphrase: str | None = None,
    days: int = SIGNER_DAYS,
    now: datetime | None = None,
) -> CertificateFolder:
    """Make a chain, its key and its trust list in ``folder``, and return where.

    The keys of the two authorities are thrown away, so nobody can add a signer
    later: a new signer is a new folder. With a passphrase the leaf's key is
    encrypted (PKCS8, scrypt or PBKDF2 as cryptography chooses).

    Raises ProvenanceError when one of the files is already there or cannot be
    written; files of an unfinished attempt are removed.
    """
    place = CertificateFolder(folder)
    minted = mint_chain(name, now=now or datetime.now(UTC), days=days)
    files = {
        place.key: (_key_pem(minted.key, passphrase), 0o600),
        place.root: (minted.root_pem, 0o644),
        place.issuer: (minted.issuer_pem, 0o644),
        place.chain: (minted.chain_pem, 0o644),
        place.trust_list: (trust_list_json(name, minted.root_pem), 0o644),
    }
    _write_all(folder, files)
    return place


def mint_chain(
    name: str,
    *,
    now: datetime,
    days: int = SIGNER_DAYS,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> MintedChain:
    """Return a fresh chain whose leaf is valid from ``now`` for ``days``.

    ``name`` is put into the certificates, which every viewer of a clip can read:
    a stage name is enough. ``key`` is a P-256 key to certify, None for a new one.
    Raises ValueError for an empty name or days below 1.
    """
    if not name.strip() or len(name) > 60:
        raise ValueError("a signer needs a name of 1 to 60 characters")
    if days < 1:
        raise ValueError("a certificate is valid for at least one day")
    authority_days = max(AUTHORITY_DAYS, days + 1)
    root = _authority(f"{name} root", None, now, authority_days)
    issuer = _authority(f"{name} issuer", root, now, authority_days)
    leaf_key = key or ec.generate_private_key(ec.SECP256R1())
    leaf = _leaf(name, issuer, leaf_key, now, days)
    return MintedChain(root.pem, issuer.pem, leaf.pem, leaf.key)


def trust_list_json(name: str, root_pem: bytes) -> bytes:
    """Return the trust list file that names one root as a Lampoon signer's."""
    anchor = {"uri": SIGNERS_URI, "kind": "manifest", "pem": root_pem.decode()}
    document = {"schema": TRUST_SCHEMA, "name": name, "anchors": [anchor]}
    return json.dumps(document, indent=2).encode() + b"\n"


def certificate_facts(pem: bytes, *, where: Path) -> list[dict[str, str]]:
    """Return subject, issuer, serial, fingerprint and term of each certificate.

    Raises ProvenanceError where ``pem`` holds no certificate.
    """
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise ProvenanceError("no certificate in this file", where=where) from error
    return [
        {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "serial": f"{certificate.serial_number:x}",
            "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
            "from": certificate.not_valid_before_utc.isoformat(),
            "until": certificate.not_valid_after_utc.isoformat(),
        }
        for certificate in found
    ]


def _authority(name: str, above: _Party | None, now: datetime, days: int) -> _Party:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = _key_usage(authority=True)
    builder = (
        _certificate(name, above, key, now, days)
        .add_extension(
            x509.BasicConstraints(ca=True, path_length=1 if above is None else 0),
            critical=True,
        )
        .add_extension(usage, critical=True)
    )
    return _Party(builder.sign((above.key if above else key), hashes.SHA256()), key)


def _leaf(
    name: str,
    above: _Party,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    days: int,
) -> _Party:
    purposes = [CLAIM_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    builder = (
        _certificate(name, above, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    )
    return _Party(builder.sign(above.key, hashes.SHA256()), key)


def _certificate(
    name: str,
    above: _Party | None,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lampoon signer"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    issuer_key = above.key if above else key
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.certificate.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey, passphrase: str | None) -> bytes:
    if passphrase == "":
        raise ValueError("an empty passphrase protects nothing")
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        lock = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock
    )


def _write_all(folder: Path, files: dict[Path, tuple[bytes, int]]) -> None:
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, (content, mode) in files.items():
            _write_new(path, content, mode)
            written.append(path)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        there = isinstance(error, FileExistsError)
        raise ProvenanceError(
            "already there, nothing was overwritten" if there else str(error),
            where=error.filename or folder,
            hint="choose another folder" if there else "",
        ) from error


def _write_new(path: Path, content: bytes, mode: int) -> None:
    """Create ``path`` with ``mode`` from its first moment; never overwrite."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(content)
