"""Each way of tampering gets the finding of the table (provenance.md, 4 and 5)."""

import random
from datetime import date
from pathlib import Path

import pytest

from lampoon.verify.evidence import (
    ConsentState,
    Finding,
    HardBinding,
    History,
    Integrity,
    ProvenanceEvidence,
    Trust,
)
from lampoon.verify.provenance import judge_manifest
from lampoon.watermark.manifest.build import manifest_definition
from lampoon.watermark.manifest.read import read_manifest
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
from lampoon.watermark.manifest.trust import Anchor, AnchorKind, TrustList
from tests.support.certificates import (
    MemorySigner,
    camera_definition,
    parody_claim,
    plain_clip,
    sign_late,
    sign_raw,
    signed_parody,
    stranger,
    troupe,
)
from tests.support.tamper import (
    box,
    box_at,
    flipped,
    remuxed,
    transcoded,
    with_manifest_of,
    with_manifest_twice,
    without_manifest,
    written,
)

TODAY = date(2026, 11, 22)
ANYTHING_HONEST = {
    Finding.MANIFEST_ALTERED,
    Finding.CONTENT_ALTERED,
    Finding.MALFORMED,
    Finding.UNMARKED,
    Finding.UNKNOWN_SIGNER,
    Finding.EXPIRED,
}
OUTCOMES = {
    # what may come out when one bit of this box is turned over
    "mdat": {Finding.CONTENT_ALTERED, Finding.MALFORMED},
    "moov": {Finding.CONTENT_ALTERED, Finding.MALFORMED},
    # excluded from the hash by C2PA, so nothing or a broken box
    "ftyp": {Finding.LABELLED_PARODY, Finding.CONTENT_ALTERED, Finding.MALFORMED},
    "free": {Finding.LABELLED_PARODY, Finding.CONTENT_ALTERED, Finding.MALFORMED},
    # padding and JUMBF toggles are unauthenticated; the rest must be noticed
    "c2pa": ANYTHING_HONEST | {Finding.LABELLED_PARODY},
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return signed_parody(tmp_path_factory.mktemp("good")).read_bytes()


def judged(path: Path, trust: TrustList | None = None) -> ProvenanceEvidence:
    reading = read_manifest(path, trust=trust or troupe().trust)
    return judge_manifest(reading, TODAY)


def judged_bytes(content: bytes, folder: Path) -> ProvenanceEvidence:
    return judged(written(folder / "given.mp4", content))


def test_a_signed_parody_is_a_labelled_parody(good: bytes, tmp_path: Path) -> None:
    found = judged_bytes(good, tmp_path)

    assert found.finding is Finding.LABELLED_PARODY
    assert found.integrity is Integrity.INTACT
    assert found.trust is Trust.TRUSTED
    assert found.hard_binding is HardBinding.MATCH
    assert found.consent is ConsentState.UNVERIFIABLE
    assert found.parody is not None
    assert found.parody.own
    assert (found.digital_source_type or "").endswith(
        "compositeWithTrainedAlgorithmicMedia"
    )


def test_a_camera_clip_is_signed_other(tmp_path: Path) -> None:
    sign_raw(plain_clip(tmp_path / "a.mp4"), tmp_path / "signed.mp4", signer=troupe())

    found = judged(tmp_path / "signed.mp4")

    assert found.finding is Finding.SIGNED_OTHER
    assert found.parody is None


def test_a_parody_claim_that_is_only_gathered_is_not_believed() -> None:
    definition = camera_definition()
    # the label is not among those that the builder marks as created
    reading = _trusted_with_parody(created=False)

    found = judge_manifest(reading, TODAY)

    assert PARODY not in str(definition)
    assert found.finding is Finding.SIGNED_OTHER
    assert "does not claim it" in found.reasons[-1]


def test_a_parody_assertion_that_denies_it_is_not_a_parody() -> None:
    reading = _trusted_with_parody(created=True, synthetic=False)

    assert judge_manifest(reading, TODAY).finding is Finding.SIGNED_OTHER


def _trusted_with_parody(*, created: bool, synthetic: bool = True) -> ManifestReading:
    """A reading as the library would give it for a parody assertion."""
    data = {"content_label": "parody", "synthetic": synthetic, "label_text": "PARODY"}
    return ManifestReading(
        kind=ReadingKind.EMBEDDED,
        state=ValidationState.TRUSTED,
        codes=Codes(success=("assertion.bmffHash.match",)),
        trust_list_uri="urn:lampoon:signers",
        vouched=True,
        active=ManifestFacts(
            urn="urn:c2pa:1", assertions=(AssertionReading(PARODY, created, data),)
        ),
    )


def test_a_stranger_is_an_unknown_signer(tmp_path: Path) -> None:
    found = judged(signed_parody(tmp_path, signer=stranger()))

    assert found.finding is Finding.UNKNOWN_SIGNER
    assert found.integrity is Integrity.INTACT


def test_a_list_for_time_stamps_vouches_for_nobody(tmp_path: Path) -> None:
    root = troupe().minted.root_pem.decode()
    stamps = TrustList((Anchor("urn:stamps", root, AnchorKind.TIME_STAMP),))

    found = judged(signed_parody(tmp_path), trust=stamps)

    assert found.finding is Finding.UNKNOWN_SIGNER
    assert any("not one for signers" in reason for reason in found.reasons)


def test_a_tampered_parent_is_a_broken_history(good: bytes, tmp_path: Path) -> None:
    bad = written(tmp_path / "bad.mp4", flipped(good, box(good, "mdat").start + 100))
    (tmp_path / "made").mkdir()

    found = judged(signed_parody(tmp_path / "made", footage=bad))

    assert found.finding is Finding.BROKEN_HISTORY
    assert found.trust is Trust.TRUSTED
    assert found.history is History.BROKEN
    assert any("performer footage" in reason for reason in found.reasons)


def test_a_whole_parent_is_an_intact_history(good: bytes, tmp_path: Path) -> None:
    parent = written(tmp_path / "parent.mp4", good)
    (tmp_path / "made").mkdir()

    found = judged(signed_parody(tmp_path / "made", footage=parent))

    assert found.finding is Finding.LABELLED_PARODY
    assert found.history is History.INTACT
    assert found.parts[0].signer == "Test Troupe"


def test_a_changed_picture_is_content_altered(good: bytes, tmp_path: Path) -> None:
    found = judged_bytes(flipped(good, box(good, "mdat").start + 100), tmp_path)

    assert found.finding is Finding.CONTENT_ALTERED
    assert found.hard_binding is HardBinding.MISMATCH


def test_a_changed_claim_is_manifest_altered(good: bytes, tmp_path: Path) -> None:
    found = judged_bytes(flipped(good, good.index(b"content_label") + 2), tmp_path)

    assert found.finding is Finding.MANIFEST_ALTERED


def test_another_key_than_the_certificates_is_manifest_altered(tmp_path: Path) -> None:
    class WrongKey(MemorySigner):
        def sign(self, data: bytes) -> bytes:
            return stranger().sign(data)

    plain = plain_clip(tmp_path / "plain.mp4")
    sign_raw(plain, tmp_path / "forged.mp4", signer=WrongKey(troupe().minted))

    assert judged(tmp_path / "forged.mp4").finding is Finding.MANIFEST_ALTERED


def test_a_manifest_of_another_clip_is_content_altered(
    good: bytes, tmp_path: Path
) -> None:
    other = plain_clip(tmp_path / "other.mp4", grey=90)
    sign_raw(other, tmp_path / "signed.mp4", signer=troupe())
    foreign = with_manifest_of(good, (tmp_path / "signed.mp4").read_bytes())

    assert judged_bytes(foreign, tmp_path).finding is Finding.CONTENT_ALTERED


def test_an_expired_certificate_is_expired(tmp_path: Path) -> None:
    trust = sign_late(plain_clip(tmp_path / "plain.mp4"), tmp_path / "late.mp4")

    found = judged(tmp_path / "late.mp4", trust)

    assert found.finding is Finding.EXPIRED
    assert found.trust is Trust.EXPIRED


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("signingCredential.ocsp.revoked", Finding.REVOKED),
        ("signingCredential.revoked", Finding.REVOKED),
        ("signingCredential.invalid", Finding.UNKNOWN_SIGNER),
        ("signingCredential.expired", Finding.EXPIRED),
        ("assertion.dataHash.mismatch", Finding.CONTENT_ALTERED),
        ("assertion.bmffHash.mismatch", Finding.CONTENT_ALTERED),
        ("claimSignature.mismatch", Finding.MANIFEST_ALTERED),
        ("assertion.hashedURI.mismatch", Finding.MANIFEST_ALTERED),
        ("assertion.cbor.invalid", Finding.MANIFEST_ALTERED),
        ("assertion.required.missing", Finding.MANIFEST_ALTERED),
        ("ingredient.hashedURI.mismatch", Finding.BROKEN_HISTORY),
        ("cawg.ica.signature_mismatch", Finding.UNKNOWN_SIGNER),
        ("assertion.action.malformed", Finding.MALFORMED),
        ("something.nobody.knows", Finding.MALFORMED),
    ],
)
def test_every_failure_code_has_its_finding(code: str, finding: Finding) -> None:
    reading = ManifestReading(
        kind=ReadingKind.EMBEDDED,
        state=ValidationState.INVALID,
        codes=Codes(failure=("signingCredential.untrusted", code)),
        active=ManifestFacts(urn="urn:c2pa:1"),
    )

    found = judge_manifest(reading, TODAY)

    assert found.finding is finding
    assert found.trust is not Trust.TRUSTED
    assert found.reasons


def test_an_invalid_manifest_with_only_a_broken_part_is_broken_history() -> None:
    part = IngredientReading(
        title="footage",
        relationship="parentOf",
        of="urn:c2pa:1",
        depth=1,
        codes=Codes(failure=("claimSignature.mismatch",)),
    )
    reading = ManifestReading(
        kind=ReadingKind.EMBEDDED,
        state=ValidationState.INVALID,
        codes=Codes(success=("assertion.bmffHash.match",)),
        active=ManifestFacts(urn="urn:c2pa:1"),
        history=(part,),
    )

    found = judge_manifest(reading, TODAY)

    assert found.finding is Finding.BROKEN_HISTORY
    assert found.trust is Trust.UNKNOWN


def test_a_trusted_manifest_that_binds_nothing_vouches_for_nothing() -> None:
    reading = ManifestReading(
        kind=ReadingKind.EMBEDDED,
        state=ValidationState.TRUSTED,
        vouched=True,
        active=ManifestFacts(urn="urn:c2pa:1"),
    )

    assert judge_manifest(reading, TODAY).finding is Finding.MALFORMED


def test_consent_whose_term_has_ended_is_expired(good: bytes, tmp_path: Path) -> None:
    path = written(tmp_path / "given.mp4", good)
    reading = read_manifest(path, trust=troupe().trust)

    assert judge_manifest(reading, date(2027, 11, 22)).consent is (
        ConsentState.UNVERIFIABLE
    )
    assert judge_manifest(reading, date(2027, 11, 23)).consent is ConsentState.EXPIRED


def test_stripping_the_manifest_leaves_an_unmarked_clip(
    good: bytes, tmp_path: Path
) -> None:
    source = written(tmp_path / "good.mp4", good)
    stripped = (
        written(tmp_path / "renamed.mp4", without_manifest(good)),
        remuxed(source, tmp_path / "remuxed.mp4"),
        remuxed(source, tmp_path / "fast.mp4", movflags="faststart"),
        transcoded(source, tmp_path / "transcoded.mp4"),
    )

    for path in stripped:
        found = judged(path)
        assert found.finding is Finding.UNMARKED
        assert found.integrity is Integrity.ABSENT


def test_a_container_that_carries_no_manifest_is_unmarked(
    good: bytes, tmp_path: Path
) -> None:
    source = written(tmp_path / "good.mp4", good)

    found = judged(remuxed(source, tmp_path / "other.mkv"))

    assert found.finding is Finding.UNMARKED


def test_a_manifest_at_an_address_is_said_to_be_there(tmp_path: Path) -> None:
    plain = plain_clip(tmp_path / "plain.mp4")
    url = "https://manifests.example/1.c2pa"
    target = tmp_path / "remote.mp4"
    sign_raw(plain, target, signer=troupe(), embed=False, remote_url=url)

    found = judged(target)

    assert found.finding is Finding.UNMARKED
    assert found.integrity is Integrity.REMOTE


def test_two_manifests_are_malformed(good: bytes, tmp_path: Path) -> None:
    found = judged_bytes(with_manifest_twice(good), tmp_path)

    assert found.finding is Finding.MALFORMED


@pytest.mark.parametrize("cut", [1, 1000, 8000])
def test_a_truncated_clip_is_altered_or_malformed(
    good: bytes, tmp_path: Path, cut: int
) -> None:
    found = judged_bytes(good[:-cut], tmp_path)

    assert found.finding in (Finding.CONTENT_ALTERED, Finding.MALFORMED)


def test_a_camera_claim_over_a_parody_loses_the_parody(
    good: bytes, tmp_path: Path
) -> None:
    parody = written(tmp_path / "parody.mp4", good)
    target = tmp_path / "resigned.mp4"
    sign_raw(parody, target, signer=troupe())

    found = judged(target)

    # without the invisible mark this cannot be told from a camera clip
    assert found.finding is Finding.SIGNED_OTHER
    assert found.parody is None


def check_flip(good: bytes, folder: Path, place: int, bit: int) -> None:
    path = written(folder / "flipped.mp4", flipped(good, place, bit))
    reading = read_manifest(path, trust=troupe().trust)
    found = judge_manifest(reading, TODAY)

    kind = box_at(good, place).kind
    assert found.finding in OUTCOMES[kind], (place, bit, kind, found.codes)
    if found.finding is Finding.LABELLED_PARODY:
        # accepted only where nothing of what is said has changed
        claim = manifest_definition(parody_claim(), "")["assertions"]
        said = next(one["data"] for one in claim if one["label"] == PARODY)
        assert reading.parody is not None
        assert reading.parody.data == said


@pytest.mark.parametrize("seed", range(20))
def test_one_flipped_bit_gets_a_finding_of_the_table(
    good: bytes, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)

    check_flip(good, tmp_path, rng.randrange(len(good)), rng.randrange(8))


@pytest.mark.slow
def test_two_thousand_flipped_bits_get_findings_of_the_table(
    good: bytes, tmp_path: Path
) -> None:
    rng = random.Random(99)

    for _ in range(2000):
        check_flip(good, tmp_path, rng.randrange(len(good)), rng.randrange(8))
