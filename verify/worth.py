"""What the child's observation of a manifest is worth, pictures or none."""

from dataclasses import replace
from datetime import date

from lampoon.verify.evidence import (
    Finding,
    HardBinding,
    History,
    Integrity,
    ProvenanceEvidence,
    Trust,
)
from lampoon.verify.provenance import judge_manifest
from lampoon.verify.sandbox import Observation

TELLING = frozenset(
    {
        Finding.CONTENT_ALTERED,
        Finding.MANIFEST_ALTERED,
        Finding.REVOKED,
        Finding.MALFORMED,
    }
)
"""Findings that stand even where the pictures cannot be decoded."""


def of_a_video(
    seen: Observation, today: date, names_manifest: bool
) -> ProvenanceEvidence:
    """Return the finding, with what the pictures add to it."""
    found = manifest_evidence(seen, today)
    if seen.pictures is not None:
        return found
    is_sure = found.finding in TELLING
    if found.finding is Finding.MALFORMED:
        is_sure = names_manifest
    words = f"The pictures cannot be decoded: {seen.pictures_failure}."
    if is_sure:
        return replace(found, reasons=(*found.reasons, words))
    kept = found.reasons if found.manifest else ()
    return replace(found, finding=Finding.UNREADABLE, reasons=(words, *kept))


def of_a_still(seen: Observation, today: date, mentions: bool) -> ProvenanceEvidence:
    """Return the finding of a file without moving pictures.

    What breaks off without a word of C2PA has no damaged record: it is unreadable.
    """
    found = manifest_evidence(seen, today)
    if found.finding is not Finding.MALFORMED or mentions:
        return found
    words = "The file is broken: not even its outline can be read."
    return replace(found, finding=Finding.UNREADABLE, reasons=(words,))


def manifest_evidence(seen: Observation, today: date) -> ProvenanceEvidence:
    """Return what the manifest is worth by itself."""
    if seen.manifest is None:
        return unread(seen.manifest_failure)
    return judge_manifest(seen.manifest, today)


def unread(failure: str) -> ProvenanceEvidence:
    """Return the evidence where the manifest reader itself did not come back."""
    return ProvenanceEvidence(
        finding=Finding.MALFORMED,
        reasons=(f"The provenance record could not be read: {failure}.",),
        integrity=Integrity.UNREADABLE,
        trust=Trust.ABSENT,
        hard_binding=HardBinding.ABSENT,
        history=History.NONE,
    )
