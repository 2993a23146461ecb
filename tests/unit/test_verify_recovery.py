"""From evidence of mark, record and likeness to a finding; numbers only."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from lampoon.verify.evidence import (
    Finding,
    HardBinding,
    History,
    Integrity,
    ProvenanceEvidence,
    Trust,
)
from lampoon.verify.mark_evidence import (
    Geometry,
    Likeness,
    MarkState,
    WatermarkEvidence,
)
from lampoon.verify.recovery import Registered, beside_record, without_record
from lampoon.watermark.fingerprint import FINGERPRINT
from lampoon.watermark.invisible.binding import SOFT_BINDING, lookup_key
from lampoon.watermark.invisible.tile import ALGORITHM
from lampoon.watermark.manifest.reading import (
    PARODY,
    AssertionReading,
    Codes,
    IngredientReading,
    ManifestFacts,
    ManifestReading,
    ReadingKind,
    ValidationState,
)
from lampoon.watermark.registry import Entry
from tests.support.certificates import troupe

TRUST, DAY = troupe().trust, date(2026, 11, 22)
URN, OTHER = "urn:c2pa:registered", "urn:c2pa:other"
ENTRY = Entry(lookup_key(URN), URN, b"store", b"film")
MARK = WatermarkEvidence(
    found=True,
    key=ENTRY.key.hex(),
    geometry=Geometry(1.0, 1.0, flip=False, rotation=0.0),
    registry=True,
)
SAME = Likeness(0.99, covered=0.02, acting=0.03, across=1.0, down=1.0)
UNLIKE = replace(SAME, likeness=0.1, covered=0.9, acting=1.2)
NOTHING = ProvenanceEvidence(
    finding=Finding.UNMARKED,
    reasons=("none",),
    integrity=Integrity.ABSENT,
    trust=Trust.ABSENT,
    hard_binding=HardBinding.ABSENT,
    history=History.NONE,
)
SIGNED = replace(NOTHING, finding=Finding.LABELLED_PARODY, manifest=OTHER)


def binding(algorithm: str, value: bytes) -> AssertionReading:
    data = {"alg": algorithm, "blocks": [{"value": list(value)}]}
    return AssertionReading(SOFT_BINDING, created=True, data=data)


def record(
    *,
    urn: str = URN,
    key: bytes = ENTRY.key,
    film: bytes = ENTRY.fingerprint,
    own: bool = True,
    failures: tuple[str, ...] = (),
) -> ManifestReading:
    said = {"content_label": "parody", "synthetic": True}
    return ManifestReading(
        ReadingKind.SIDECAR,
        state=ValidationState.INVALID,
        codes=Codes(
            success=("signingCredential.trusted",),
            failure=("assertion.bmffHash.mismatch", *failures),
        ),
        trust_list_uri=TRUST.anchors[0].uri,
        active=ManifestFacts(
            urn,
            assertions=(
                AssertionReading(PARODY, created=own, data=said),
                binding(ALGORITHM, key),
                binding(FINGERPRINT, hashlib.sha256(film).digest()),
            ),
        ),
    )


def finding(
    reading: ManifestReading | None, likeness: Likeness | None = SAME
) -> tuple[Finding, MarkState]:
    answer = Registered(ENTRY, reading, likeness)
    made = without_record(NOTHING, MARK, answer, TRUST, DAY)
    return made.provenance.finding, made.mark.state


def test_what_holds_in_everything_but_the_bytes_is_recovered() -> None:
    assert finding(record()) == (Finding.RECOVERED, MarkState.RECOVERED)


def test_pictures_that_are_others_are_substituted() -> None:
    assert finding(record(), UNLIKE) == (Finding.SUBSTITUTED, MarkState.SUBSTITUTED)


@pytest.mark.parametrize(
    "reading",
    [
        None,
        record(urn=OTHER),
        record(key=b"8 others"),
        record(film=b"another"),
        record(own=False),
        record(failures=("claimSignature.mismatch",)),
        record(failures=("signingCredential.untrusted",)),
        record(failures=("signingCredential.expired",)),
    ],
)
def test_a_record_that_does_not_hold_recovers_nothing(
    reading: ManifestReading | None,
) -> None:
    assert finding(reading) == (Finding.UNMARKED, MarkState.UNCONFIRMED)


def test_pictures_that_cannot_be_compared_are_not_recovered() -> None:
    assert finding(record(), None) == (Finding.UNMARKED, MarkState.UNCONFIRMED)


def test_a_marked_clip_in_a_collage_is_not_substituted() -> None:
    collage = replace(UNLIKE, across=2.0, down=1.25)
    assert finding(record(), collage) == (Finding.UNMARKED, MarkState.UNCONFIRMED)


def test_a_record_of_another_clip_is_substituted() -> None:
    made = beside_record(SIGNED, MARK, record(urn=OTHER), ENTRY)
    assert made.provenance.finding is Finding.SUBSTITUTED
    assert URN in made.reasons[0]


def test_the_mark_of_a_part_in_the_history_agrees() -> None:
    part = IngredientReading("swap", "parentOf", OTHER, 1, manifest=URN)
    reading = replace(record(urn=OTHER), history=(part,))
    made = beside_record(SIGNED, MARK, reading, ENTRY)
    assert made.provenance is SIGNED
    assert made.mark.state is MarkState.FOUND


def test_a_mark_agrees_with_its_own_record_without_a_registry() -> None:
    made = beside_record(SIGNED, MARK, record(), None)
    assert made.mark.state is MarkState.FOUND
    assert made.mark.manifest == URN


def test_a_mark_that_nobody_knows_leaves_the_finding() -> None:
    made = beside_record(NOTHING, MARK, None, None)
    assert made.provenance is NOTHING
    assert made.mark.state is MarkState.NOT_REGISTERED
    assert "does not know" in made.reasons[0]
