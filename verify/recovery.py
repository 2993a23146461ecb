"""From the mark's key to a registered record, and what that is worth.

A mark can be copied and a registry can be wrong, so nothing is believed on the mark's
word: the registered record must be signed by someone the trust list knows, must name
this very mark, and the pictures must be the ones whose fingerprint it commits to. Only
the hash of the bytes may differ, because re-encoding is what took the record away.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lampoon.verify.codes import CONTENT_CODES, code_matches
from lampoon.verify.evidence import (
    Finding,
    HardBinding,
    Integrity,
    LabelSeen,
    Marked,
    ProvenanceEvidence,
)
from lampoon.verify.mark_evidence import (
    Likeness,
    MarkState,
    WatermarkEvidence,
)
from lampoon.verify.provenance import judge_manifest
from lampoon.watermark.fingerprint import FINGERPRINT
from lampoon.watermark.invisible.binding import (
    SOFT_BINDING,
    bound_values,
    lookup_key,
)
from lampoon.watermark.invisible.tile import ALGORITHM
from lampoon.watermark.manifest.reading import ManifestReading, ValidationState
from lampoon.watermark.resemblance import Resemblance

if TYPE_CHECKING:
    from datetime import date

    from lampoon.watermark.manifest.trust import TrustList
    from lampoon.watermark.registry import Entry

SIGNER_KNOWN = "signingCredential.trusted"
"""C2PA's word for a signer on a trust list; it stands though the bytes differ."""

LARGER_CANVAS = 1.05
"""From here the marked picture lies in a larger one, as in a collage: that it does
not look like the original says nothing about the mark."""

MOSTLY, WORTH_A_WORD = 0.6, 0.15
"""Parts of the picture that show something else: above the first it is another clip,
above the second a person is told."""

REPLACEABLE = frozenset(
    {
        Finding.LABELLED_PARODY,
        Finding.SIGNED_OTHER,
        Finding.UNKNOWN_SIGNER,
        Finding.BROKEN_HISTORY,
        Finding.CONTENT_ALTERED,
        Finding.EXPIRED,
    }
)
"""Findings on a record that a mark of another clip outweighs."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A registry's answer on one key, and the record beside the file, where read."""

    entry: Entry
    record: ManifestReading | None = None
    likeness: Likeness | None = None
    label: LabelSeen = LabelSeen.UNKNOWN


def beside_record(
    found: ProvenanceEvidence,
    mark: WatermarkEvidence,
    reading: ManifestReading | None,
    entry: Entry | None,
) -> Marked:
    """Return what the mark says beside the file's own record, or without an entry.

    A mark that belongs to the record, or to a clip that its history names, agrees
    with it: a clip made from a marked clip carries both marks.
    """
    names = _names(reading)
    own = next((urn for urn in names if lookup_key(urn).hex() == mark.key), None)
    if own is not None:
        return Marked(found, replace(mark, state=MarkState.FOUND, manifest=own))
    if entry is None:
        return _unregistered(found, mark)
    mark = replace(mark, manifest=entry.urn)
    if entry.urn in names:
        return Marked(found, replace(mark, state=MarkState.FOUND))
    if found.finding not in REPLACEABLE:
        return Marked(found, replace(mark, state=MarkState.UNCONFIRMED))
    words = (
        "The invisible mark in its pictures is registered for another record "
        f"({entry.urn}), which its own record does not name among its parts: the "
        "record was exchanged, or the pictures were taken from another clip.",
    )
    return Marked(
        replace(found, finding=Finding.SUBSTITUTED),
        replace(mark, state=MarkState.SUBSTITUTED),
        words,
    )


def without_record(
    found: ProvenanceEvidence,
    mark: WatermarkEvidence,
    answer: Registered,
    trust: TrustList,
    today: date,
) -> Marked:
    """Return what a registered record is worth for a clip that carries none."""
    mark = _measured(mark, answer)
    doubt, record = _doubt(mark, answer, trust, today)
    if doubt or record is None:
        words = "Its invisible mark leads to a registered record, but " + doubt
        return Marked(found, replace(mark, state=MarkState.UNCONFIRMED), (words,))
    assert answer.likeness is not None
    if not is_alike(answer.likeness):
        return _moved(found, mark, answer.entry, answer.likeness)
    if record.finding is not Finding.LABELLED_PARODY:
        words = (
            "Its invisible mark leads to a registered record that holds, but does "
            "not declare a parody."
        )
        return Marked(found, replace(mark, state=MarkState.UNCONFIRMED), (words,))
    return _recovered(record, mark, answer)


def is_alike(likeness: Likeness) -> bool:
    """Return whether a clip shows what its mark's fingerprint was taken of."""
    return Resemblance(
        likeness.likeness, likeness.covered, likeness.acting, offset_seconds=0.0
    ).same


def apart_from_content(reading: ManifestReading, trust: TrustList) -> ManifestReading:
    """Return a reading as if the bytes were those that were signed.

    The library calls a record with the wrong bytes invalid as a whole; whether its
    signer is known is told apart from that, and is asked of our lists again.
    """
    codes = reading.codes
    failures = tuple(c for c in codes.failure if not code_matches(c, CONTENT_CODES))
    known = SIGNER_KNOWN in codes.success and trust.trusts(reading.trust_list_uri)
    return replace(
        reading,
        state=ValidationState.INVALID if failures else ValidationState.VALID,
        codes=replace(
            codes,
            success=(*codes.success, "assertion.bmffHash.match"),
            failure=failures,
        ),
        vouched=known and not failures,
    )


def _doubt(
    mark: WatermarkEvidence, answer: Registered, trust: TrustList, today: date
) -> tuple[str, ProvenanceEvidence | None]:
    """Return why a registered record cannot be relied on, "" with it if it can."""
    reading, entry = answer.record, answer.entry
    if reading is None or not reading.found:
        return "that record cannot be read.", None
    record = judge_manifest(apart_from_content(reading, trust), today)
    if record.finding not in (Finding.LABELLED_PARODY, Finding.SIGNED_OTHER):
        return f"of that record: {' '.join(record.reasons)}", None
    bound = _bound(reading)
    named = bound.get(ALGORITHM, b"").hex() == mark.key and reading.urn == entry.urn
    if not named:
        return "that record does not name this mark.", None
    if bound.get(FINGERPRINT) != hashlib.sha256(entry.fingerprint).digest():
        return (
            "the registered fingerprint is not the one that it was signed with.",
            None,
        )
    if answer.likeness is None:
        return "the pictures could not be compared with it.", None
    across, down = answer.likeness.across, answer.likeness.down
    if max(across, down) > LARGER_CANVAS and not is_alike(answer.likeness):
        return "the marked pictures are only a part of these.", None
    return "", record


def _bound(reading: ManifestReading) -> dict[str, bytes]:
    """Return what the signer's own soft bindings say, by algorithm."""
    assertions = reading.active.assertions if reading.active else ()
    return bound_values(
        [a.data for a in assertions if a.base_label == SOFT_BINDING and a.created]
    )


def _measured(mark: WatermarkEvidence, answer: Registered) -> WatermarkEvidence:
    """Return the mark with the record it leads to and how the pictures compare."""
    mark = replace(mark, manifest=answer.entry.urn)
    if answer.likeness is None or mark.geometry is None:
        return mark
    crop = (answer.likeness.across, answer.likeness.down)
    return replace(
        mark,
        likeness=answer.likeness.likeness,
        geometry=replace(mark.geometry, crop=crop),
    )


def _moved(
    found: ProvenanceEvidence, mark: WatermarkEvidence, entry: Entry, seen: Likeness
) -> Marked:
    shown = f"It carries the invisible mark of a registered clip ({entry.urn}), "
    if seen.covered > MOSTLY:
        words = shown + (
            "and does not show what that clip shows: the mark was copied onto other "
            "pictures."
        )
    else:
        words = shown + (
            f"but {seen.covered:.0%} of the picture{_at(seen)} shows something else, "
            "or the people in it do not look or move as registered: it was changed "
            "after it was made."
        )
    return Marked(
        replace(found, finding=Finding.SUBSTITUTED, reasons=(words,)),
        replace(mark, state=MarkState.SUBSTITUTED),
    )


def _at(seen: Likeness) -> str:
    return f" ({seen.place})" if seen.place else ""


def _recovered(
    record: ProvenanceEvidence, mark: WatermarkEvidence, answer: Registered
) -> Marked:
    assert answer.likeness is not None
    words: tuple[str, ...] = (
        "The file carries no provenance record, but the invisible mark in its pictures "
        "leads to a registered one.",
        f"That record was signed by {record.signer or 'a signer'} whom the trust list "
        "knows, names this mark, and declares a parody made by a face swap.",
        "The pictures are those that were registered "
        f"(likeness {answer.likeness.likeness:.2f}); the bytes are not those signed: "
        "it was encoded again, and details may have been changed.",
    )
    if answer.likeness.covered > WORTH_A_WORD:
        words += (
            f"On {answer.likeness.covered:.0%} of the picture"
            f"{_at(answer.likeness)} it shows something else, as captions do.",
        )
    restored = replace(
        record,
        finding=Finding.RECOVERED,
        reasons=words,
        integrity=Integrity.ABSENT,
        hard_binding=HardBinding.MISMATCH,
        codes=answer.record.failures if answer.record else (),
    )
    recovered = replace(mark, state=MarkState.RECOVERED)
    return Marked(restored, recovered, label=answer.label)


def _unregistered(found: ProvenanceEvidence, mark: WatermarkEvidence) -> Marked:
    asked = (
        "this registry does not know whose it is"
        if mark.registry
        else "no registry was asked whose it is"
    )
    words = f"It carries an invisible mark of Lampoon (key {mark.key}); {asked}."
    return Marked(found, replace(mark, state=MarkState.NOT_REGISTERED), (words,))


def _names(reading: ManifestReading | None) -> frozenset[str]:
    """Return the names of a file's own record and of all in its history."""
    if reading is None or reading.urn is None:
        return frozenset()
    parts = (part.manifest for part in reading.history if part.manifest)
    return frozenset({reading.urn, *parts})
