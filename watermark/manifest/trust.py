"""Whose signatures we believe.

A trust list names root certificates under URIs. The library's word "Trusted" is not
enough: it takes a root listed for time stamps as good for manifests too. So a reading
is trusted only when the list that vouched is one of ours (``trusts``).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography import x509

from lampoon.errors import ProvenanceError
from lampoon.watermark.manifest.certificates import SIGNERS_URI, TRUST_SCHEMA

ACCEPTED_PURPOSES = (
    "1.3.6.1.4.1.62558.2.1",
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36",
)
"""Extended key usages of a signer: claimSigning, emailProtection, documentSigning."""

HINT = "make one with: lampoon watermark certs init FOLDER"


class AnchorKind(StrEnum):
    """What a root may vouch for."""

    MANIFEST = "manifest"
    TIME_STAMP = "tsa"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Roots (PEM, one or more) known under one URI."""

    uri: str
    pem: str
    kind: AnchorKind = AnchorKind.MANIFEST


@dataclass(frozen=True, slots=True)
class TrustList:
    """The anchors we go by; none at all means that every signer is unknown.

    Raises ValueError when one URI stands for both signers and time stamps: then
    nobody could say which of the two vouched.
    """

    anchors: tuple[Anchor, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse a URI with two meanings."""
        stamps = {a.uri for a in self.anchors if a.kind is AnchorKind.TIME_STAMP}
        if both := stamps & set(self.signer_uris):
            raise ValueError(f"both signers and time stamps: {', '.join(sorted(both))}")

    @property
    def signer_uris(self) -> tuple[str, ...]:
        """The URIs whose signers we believe, sorted, each once."""
        signers = {a.uri for a in self.anchors if a.kind is AnchorKind.MANIFEST}
        return tuple(sorted(signers))

    def trusts(self, uri: str | None) -> bool:
        """Return whether ``uri`` is a list of signers that we go by."""
        return uri in self.signer_uris

    def settings(self) -> dict[str, Any]:
        """Return the ``trust`` and ``verify`` parts of the c2pa settings.

        Nothing is ever fetched, whatever a file names.
        """
        anchors = [
            {"trust_anchors": a.pem, "trust_uri": a.uri, "trust_kind": str(a.kind)}
            for a in self.anchors
        ]
        return {
            "trust": {"anchors": anchors, "trust_config": "\n".join(ACCEPTED_PURPOSES)},
            "verify": {
                "verify_after_reading": True,
                "verify_trust": True,
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
            },
            "core": {"allowed_network_hosts": []},
        }

    @classmethod
    def of_pem(cls, pem: bytes | str, uri: str = SIGNERS_URI) -> "TrustList":
        """Return a list of the certificates in ``pem`` under one URI.

        Raises ValueError where there is no certificate.
        """
        text = pem.decode() if isinstance(pem, bytes) else pem
        x509.load_pem_x509_certificates(text.encode())
        return cls((Anchor(uri, text),))

    @classmethod
    def load(cls, path: Path) -> "TrustList":
        """Return the list in a JSON or PEM file, or all lists of a folder.

        In a folder these are ``trust.json`` and ``*.trust.json``. A PEM file's
        certificates count as signers of ours. Raises ProvenanceError when there is
        nothing to read or it is not a trust list.
        """
        if path.is_dir():
            return cls._of_folder(path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ProvenanceError(
                f"no trust list: {error.strerror}", where=path, hint=HINT
            ) from error
        try:
            if content.lstrip().startswith(b"{"):
                return _from_json(json.loads(content))
            return cls.of_pem(content)
        except (ValueError, KeyError, TypeError) as error:
            raise ProvenanceError(
                f"not a trust list: {error}", where=path, hint=HINT
            ) from error

    @classmethod
    def _of_folder(cls, folder: Path) -> "TrustList":
        paths = sorted({*folder.glob("trust.json"), *folder.glob("*.trust.json")})
        if not paths:
            raise ProvenanceError("no trust list here", where=folder, hint=HINT)
        return join([cls.load(path) for path in paths], where=folder)


def join(lists: Sequence[TrustList], *, where: Path | None = None) -> TrustList:
    """Return one list with the anchors of all, each once.

    Raises ProvenanceError when a URI means signers in one and time stamps in another.
    """
    anchors = dict.fromkeys(anchor for each in lists for anchor in each.anchors)
    names = dict.fromkeys(each.name for each in lists if each.name)
    try:
        return TrustList(tuple(anchors), ", ".join(names))
    except ValueError as error:
        raise ProvenanceError(str(error), where=where) from error


def _from_json(document: dict[str, Any]) -> TrustList:
    if document["schema"] != TRUST_SCHEMA:
        raise ValueError(f"schema is {document['schema']!r}, not {TRUST_SCHEMA!r}")
    if unknown := set(document) - {"schema", "name", "anchors"}:
        raise ValueError(f"unknown keys {', '.join(sorted(unknown))}")
    anchors = tuple(_anchor(each) for each in document["anchors"])
    return TrustList(anchors, str(document.get("name", "")))


def _anchor(entry: dict[str, Any]) -> Anchor:
    if unknown := set(entry) - {"uri", "kind", "pem"}:
        raise ValueError(f"unknown keys {', '.join(sorted(unknown))}")
    uri, pem = entry["uri"], entry["pem"]
    if not (isinstance(uri, str) and uri and isinstance(pem, str)):
        raise ValueError("an anchor has a uri and a pem, both text")
    x509.load_pem_x509_certificates(pem.encode())
    return Anchor(uri, pem, AnchorKind(entry.get("kind", AnchorKind.MANIFEST)))
