"""C2PA's validation codes and what each means for a finding.

The table of the verifier: a manifest that does not hold gets the finding of the
first row that one of its failure codes belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass

from lampoon.verify.evidence import Finding, Integrity, Trust
from lampoon.watermark.manifest.reading import ReadingKind

MANIFEST_CODES = (
    "claimSignature.mismatch",
    "claimSignature.missing",
    "assertion.hashedURI.mismatch",
    "assertion.missing",
    "assertion.undeclared",
    "assertion.inaccessible",
    "assertion.cbor.invalid",
    "assertion.json.invalid",
    "assertion.required.missing",
    "claim.cbor.invalid",
    "claim.missing",
    "claim.required.missing",
    "hashedURI.mismatch",
    "required.missing",
    "cbor.invalid",
)
CONTENT_CODES = ("bmffHash.", "dataHash.", "boxesHash.", "collectionHash.")
REVOKED_CODES = ("signingCredential.revoked", "signingCredential.ocsp.revoked")
EXPIRED_CODES = ("signingCredential.expired", "claimSignature.outsideValidity")
CREDENTIAL_CODES = ("signingCredential.invalid",)
HISTORY_CODES = ("ingredient.",)
IDENTITY_CODES = ("cawg.",)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table for manifests that do not hold: codes to a finding."""

    finding: Finding
    trust: Trust
    words: str
    codes: tuple[str, ...]


TABLE = (
    Row(
        Finding.REVOKED,
        Trust.REVOKED,
        "The signer's certificate was revoked.",
        REVOKED_CODES,
    ),
    Row(
        Finding.MANIFEST_ALTERED,
        Trust.UNKNOWN,
        "The provenance record itself was changed after signing, or signed with "
        "a key that is not the certificate's: nothing in it can be relied on.",
        MANIFEST_CODES,
    ),
    Row(
        Finding.CONTENT_ALTERED,
        Trust.UNKNOWN,
        "Pictures, sound or container were changed after signing, or the record "
        "belongs to another file.",
        CONTENT_CODES,
    ),
    Row(
        Finding.EXPIRED,
        Trust.EXPIRED,
        "The signer's certificate has expired, and no trusted time stamp proves "
        "that the signature is older.",
        EXPIRED_CODES,
    ),
    Row(
        Finding.UNKNOWN_SIGNER,
        Trust.INVALID,
        "The signer's certificate is not of a kind that may sign provenance.",
        CREDENTIAL_CODES,
    ),
    Row(
        Finding.BROKEN_HISTORY,
        Trust.UNKNOWN,
        "The record of a part that went into this clip does not hold.",
        HISTORY_CODES,
    ),
    Row(
        Finding.UNKNOWN_SIGNER,
        Trust.UNKNOWN,
        "It names an identity whose proof does not hold, or that nobody vouches for.",
        IDENTITY_CODES,
    ),
)
"""First match wins: what makes more of the record worthless stands higher."""

WITHOUT_MANIFEST = {
    ReadingKind.ABSENT: (
        Finding.UNMARKED,
        Integrity.ABSENT,
        "The file carries no provenance record. That alone says nothing: most files "
        "have none, and re-encoding removes it.",
    ),
    ReadingKind.UNSUPPORTED: (
        Finding.UNMARKED,
        Integrity.ABSENT,
        "Files of this kind cannot carry a provenance record.",
    ),
    ReadingKind.REMOTE: (
        Finding.UNMARKED,
        Integrity.REMOTE,
        "The file only names an address where its provenance record should be. "
        "Nothing is fetched from an address that a file names.",
    ),
    ReadingKind.MALFORMED: (
        Finding.MALFORMED,
        Integrity.UNREADABLE,
        "There is a provenance record, but it is damaged beyond reading.",
    ),
}


def code_matches(code: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a code is one of these; a pattern with a dot end is a family."""
    bare = code.removeprefix("assertion.")
    return any(
        code.startswith(each) or bare.startswith(each)
        if each.endswith(".")
        else each in (code, bare)
        for each in patterns
    )
