"""From what a manifest says to a finding, by one table.

"Trusted" by the library is only the beginning: the list that vouched must be one of
ours, no part of the history may be broken, and the parody claim must be the
signer's own. A file without a manifest is unmarked, never suspicious for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lampoon.verify.codes import (
    CONTENT_CODES,
    HISTORY_CODES,
    TABLE,
    WITHOUT_MANIFEST,
    code_matches,
)
from lampoon.verify.evidence import (
    ConsentState,
    Finding,
    HardBinding,
    History,
    Integrity,
    ParodyEvidence,
    PartEvidence,
    ProvenanceEvidence,
    Trust,
)
from lampoon.watermark.manifest.reading import (
    UNKNOWN_SIGNER,
    ManifestReading,
    ReadingKind,
    ValidationState,
)

SYNTHETIC_TYPES = frozenset(
    {
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "compositeSynthetic",
        "algorithmicMedia",
        "virtualRecording",
    }
)
"""IPTC digital source types that say "synthetic", wholly or in part."""


def judge_manifest(reading: ManifestReading, today: date) -> ProvenanceEvidence:
    """Return what the manifest turned out to be, and why.

    ``today`` decides whether the consent that the signer declares has run out.
    """
    if not reading.found:
        return _without(reading)
    finding, trust, reasons = _finding(reading)
    signature = reading.signature
    active = reading.active
    return ProvenanceEvidence(
        finding=finding,
        reasons=reasons,
        integrity=_integrity(finding),
        trust=trust,
        hard_binding=_hard_binding(reading),
        history=_history(reading),
        digital_source_type=_source_type(reading),
        parody=parody_evidence(reading),
        manifest=reading.urn,
        title=active.title if active else "",
        signer=signature.common_name if signature else "",
        issuer=signature.issuer if signature else "",
        signed_at=signature.time if signature else "",
        generator=active.claim_generator if active else "",
        consent=_consent(reading, today, relied_on=trust is Trust.TRUSTED),
        consent_records=_consent_records(reading),
        codes=reading.failures,
        parts=_parts(reading),
    )


def is_synthetic(digital_source_type: str | None) -> bool:
    """Return whether a digital source type says that pictures are synthetic.

    Examples
    --------
    >>> base = "http://cv.iptc.org/newscodes/digitalsourcetype/"
    >>> is_synthetic(base + "compositeSynthetic"), is_synthetic(base + "print")
    (True, False)
    """
    return (digital_source_type or "").rpartition("/")[2] in SYNTHETIC_TYPES


def _without(reading: ManifestReading) -> ProvenanceEvidence:
    """Return the evidence of a file whose manifest is not there or not readable."""
    finding, integrity, words = WITHOUT_MANIFEST.get(
        reading.kind, WITHOUT_MANIFEST[ReadingKind.MALFORMED]
    )
    reasons: tuple[str, ...] = (words,)
    if finding is Finding.MALFORMED and reading.detail:
        reasons = (words, f"The reader says: {reading.detail[:200]}")
    return ProvenanceEvidence(
        finding=finding,
        reasons=reasons,
        integrity=integrity,
        trust=Trust.ABSENT,
        hard_binding=HardBinding.ABSENT,
        history=History.NONE,
    )


def _finding(reading: ManifestReading) -> tuple[Finding, Trust, tuple[str, ...]]:
    """Return finding, trust and reasons of a manifest that could be read."""
    failures = [code for code in reading.failures if code != UNKNOWN_SIGNER]
    for row in TABLE:
        hit = [code for code in failures if code_matches(code, row.codes)]
        if hit:
            return row.finding, row.trust, (row.words,)
    if not failures and reading.broken_ingredients:
        return _of_broken_parts(reading)
    if failures or reading.state is ValidationState.INVALID:
        words = "The provenance record breaks the rules of C2PA: "
        codes = ", ".join(failures[:5]) or "no reason given"
        return Finding.MALFORMED, Trust.UNKNOWN, (words + codes + ".",)
    if _hard_binding(reading) is not HardBinding.MATCH:
        words = "The provenance record is not bound to these pictures by any hash."
        return Finding.MALFORMED, Trust.UNKNOWN, (words,)
    if not reading.vouched:
        return Finding.UNKNOWN_SIGNER, Trust.UNKNOWN, _unknown_words(reading)
    return _of_known_signer(reading)


def _of_broken_parts(
    reading: ManifestReading,
) -> tuple[Finding, Trust, tuple[str, ...]]:
    """Return the finding where all holds but the records of parts."""
    if not reading.vouched and UNKNOWN_SIGNER in reading.failures:
        return Finding.UNKNOWN_SIGNER, Trust.UNKNOWN, _unknown_words(reading)
    titles = ", ".join(
        f"“{part.title or 'untitled'}”" for part in reading.broken_ingredients[:3]
    )
    trust = Trust.TRUSTED if reading.vouched else Trust.UNKNOWN
    words = f"The record of a part that went into it does not hold: {titles}."
    whole = (_signed_words(reading),) if reading.vouched else ()
    return Finding.BROKEN_HISTORY, trust, (*whole, words)


def _signed_words(reading: ManifestReading) -> str:
    """Return who signed, where the trust list knows them."""
    name = reading.signature.common_name if reading.signature else ""
    return f"Signed by {name or 'a signer'} whom the trust list knows, unchanged since."


def _of_known_signer(
    reading: ManifestReading,
) -> tuple[Finding, Trust, tuple[str, ...]]:
    """Return the finding where record, content and signer hold."""
    whole = _signed_words(reading)
    parody = parody_evidence(reading)
    if parody is None:
        words = "It does not say that it is a parody."
    elif not parody.own:
        words = "A parody label is attached, but the signer does not claim it."
    elif parody.content_label != "parody" or not parody.synthetic:
        words = "Its parody assertion does not say that this is a synthetic parody."
    else:
        words = "The signer declares it a parody made by a face swap."
        return Finding.LABELLED_PARODY, Trust.TRUSTED, (whole, words)
    return Finding.SIGNED_OTHER, Trust.TRUSTED, (whole, words)


def _unknown_words(reading: ManifestReading) -> tuple[str, ...]:
    """Return why nobody vouches, and what that leaves."""
    words = [
        "The record is whole, but nobody on the trust list vouches for its signer: "
        "what it says is shown, not believed."
    ]
    if reading.trust_list_uri and not reading.vouched:
        words.append("The list that knows this certificate is not one for signers.")
    if reading.broken_ingredients:
        words.append("The record of a part that went into it does not hold.")
    return tuple(words)


def _integrity(finding: Finding) -> Integrity:
    """Return what the finding says about the bytes and the record."""
    if finding in (Finding.CONTENT_ALTERED, Finding.MANIFEST_ALTERED):
        return Integrity.ALTERED
    return Integrity.UNREADABLE if finding is Finding.MALFORMED else Integrity.INTACT


def _hard_binding(reading: ManifestReading) -> HardBinding:
    """Return whether the bytes match what was signed."""
    if any(code_matches(code, CONTENT_CODES) for code in reading.failures):
        return HardBinding.MISMATCH
    matched = (code.removesuffix(".match") + "." for code in reading.codes.success)
    if any(code_matches(code, CONTENT_CODES) for code in matched):
        return HardBinding.MATCH
    return HardBinding.ABSENT


def _history(reading: ManifestReading) -> History:
    """Return whether the parts' own records hold."""
    broken = any(code_matches(code, HISTORY_CODES) for code in reading.failures)
    if broken or reading.broken_ingredients:
        return History.BROKEN
    signed = any(part.manifest for part in reading.history)
    return History.INTACT if signed else History.NONE


def _parts(reading: ManifestReading) -> tuple[PartEvidence, ...]:
    """Return the history, nearest first."""
    return tuple(
        PartEvidence(
            title=part.title,
            relationship=part.relationship,
            depth=part.depth,
            signer=part.signature.common_name if part.signature else "",
            failures=part.failures,
        )
        for part in reading.history
    )


def _source_type(reading: ManifestReading) -> str | None:
    """Return the declared source type; a synthetic one outweighs the others."""
    types = reading.digital_source_types
    return next((kind for kind in types if is_synthetic(kind)), next(iter(types), None))


def parody_evidence(reading: ManifestReading) -> ParodyEvidence | None:
    """Return what the parody assertion says, None without one."""
    assertion = reading.parody
    if assertion is None:
        return None
    data = assertion.data if isinstance(assertion.data, Mapping) else {}
    label = data.get("visible_label")
    label = label if isinstance(label, Mapping) else {}
    return ParodyEvidence(
        own=assertion.created,
        content_label=_text(data.get("content_label")),
        label_text=_text(data.get("label_text")),
        synthetic=data.get("synthetic") is True,
        visible_label=_text(label.get("preset")) or _text(label.get("text")),
        position=_text(label.get("position")),
    )


def _consent(reading: ManifestReading, today: date, *, relied_on: bool) -> ConsentState:
    """Return what the file says of consent; records themselves are not in it."""
    if reading.consent is None:
        return ConsentState.ABSENT
    ends = [_text(each.get("expires"))[:10] for each in _declared(reading)]
    past = any(_is_past(end, today) for end in ends)
    return ConsentState.EXPIRED if relied_on and past else ConsentState.UNVERIFIABLE


def _consent_records(reading: ManifestReading) -> tuple[str, ...]:
    return tuple(_text(each.get("consent_sha256")) for each in _declared(reading))


def _declared(reading: ManifestReading) -> list[Mapping[str, Any]]:
    """Return what the consent assertion says of each record."""
    data = reading.consent.data if reading.consent else None
    records = data.get("records") if isinstance(data, Mapping) else None
    found = records if isinstance(records, list | tuple) else []
    return [each for each in found if isinstance(each, Mapping)]


def _is_past(day: str, today: date) -> bool:
    """Return whether an ISO day lies before today; what is no day does not."""
    try:
        return date.fromisoformat(day) < today
    except ValueError:
        return False


def _text(value: object) -> str:
    """Return a text of a stranger, cut short; empty where it is none."""
    return value[:200] if isinstance(value, str) else ""
