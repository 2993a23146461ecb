"""What each way of tampering looks like to the reader (provenance.md, 5)."""

import random
from collections.abc import Mapping
from pathlib import Path

import av
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lampoon.watermark.manifest.describe import plain_lines
from lampoon.watermark.manifest.parse import MOST_INGREDIENTS
from lampoon.watermark.manifest.parse import reading_of as reading_of_json
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.reading import (
    ManifestReading,
    ReadingKind,
    ValidationState,
)
from lampoon.watermark.manifest.trust import Anchor, AnchorKind, TrustList
from tests.support.certificates import (
    MemorySigner,
    camera_definition,
    plain_clip,
    sign_late,
    sign_raw,
    signed_parody,
    stranger,
    troupe,
)

MANIFEST_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return signed_parody(tmp_path_factory.mktemp("good")).read_bytes()


def reading_of(
    content: bytes, folder: Path, trust: TrustList | None = None
) -> ManifestReading:
    path = folder / "given.mp4"
    path.write_bytes(content)
    return read_manifest(path, trust=trust or troupe().trust)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def manifest_span(content: bytes) -> tuple[int, int]:
    start = content.index(MANIFEST_BOX) - 8
    return start, start + int.from_bytes(content[start : start + 4], "big")


def test_a_flipped_picture_is_content_altered(good: bytes, tmp_path: Path) -> None:
    place = good.index(b"mdat") + 100

    reading = reading_of(flipped(good, place), tmp_path)

    assert reading.state is ValidationState.INVALID
    assert "assertion.bmffHash.mismatch" in reading.failures
    assert not reading.vouched


@pytest.mark.parametrize("cut", [1, 2000])
def test_a_cut_in_the_last_box_never_verifies(
    good: bytes, tmp_path: Path, cut: int
) -> None:
    reading = reading_of(good[:-cut], tmp_path)

    assert reading.kind is ReadingKind.MALFORMED or reading.failures


def test_the_brand_of_the_container_is_not_part_of_what_is_signed(
    good: bytes, tmp_path: Path
) -> None:
    minor_version = good.index(b"ftyp") + 11

    assert reading_of(flipped(good, minor_version), tmp_path).vouched


def test_a_flipped_claim_cannot_be_read_or_does_not_verify(
    good: bytes, tmp_path: Path
) -> None:
    place = good.index(b"claim_generator_info") + 3

    reading = reading_of(flipped(good, place), tmp_path)

    assert reading.kind is ReadingKind.MALFORMED or reading.failures
    assert not reading.vouched


def test_a_flipped_signature_does_not_verify(good: bytes, tmp_path: Path) -> None:
    certificate = troupe().minted.leaf_pem
    der = x509.load_pem_x509_certificate(certificate).public_bytes(Encoding.DER)

    reading = reading_of(flipped(good, good.index(der) + 40), tmp_path)

    assert not reading.vouched


def test_a_remux_strips_the_manifest(good: bytes, tmp_path: Path) -> None:
    (tmp_path / "given.mp4").write_bytes(good)
    with (
        av.open(str(tmp_path / "given.mp4")) as given,
        av.open(str(tmp_path / "remuxed.mp4"), "w") as remuxed,
    ):
        stream = remuxed.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                remuxed.mux(packet)

    reading = read_manifest(tmp_path / "remuxed.mp4", trust=troupe().trust)

    assert reading.kind is ReadingKind.ABSENT


def test_a_foreign_box_is_content_altered(good: bytes, tmp_path: Path) -> None:
    box = (24).to_bytes(4, "big") + b"uuid" + bytes(16)

    assert "assertion.bmffHash.mismatch" in reading_of(good + box, tmp_path).failures


def test_a_free_box_changes_nothing(good: bytes, tmp_path: Path) -> None:
    box = (16).to_bytes(4, "big") + b"free" + bytes(8)

    assert reading_of(good + box, tmp_path).vouched


def test_a_flipped_parody_assertion_is_manifest_altered(
    good: bytes, tmp_path: Path
) -> None:
    place = good.index(b"content_label") + 2

    reading = reading_of(flipped(good, place), tmp_path)

    assert reading.state is ValidationState.INVALID
    assert "assertion.hashedURI.mismatch" in reading.failures


def test_a_manifest_signed_with_another_key_does_not_verify(tmp_path: Path) -> None:
    class WrongKey(MemorySigner):
        def sign(self, data: bytes) -> bytes:
            return stranger().sign(data)

    source = plain_clip(tmp_path / "plain.mp4")
    sign_raw(source, tmp_path / "forged.mp4", signer=WrongKey(troupe().minted))

    reading = read_manifest(tmp_path / "forged.mp4", trust=troupe().trust)
    assert reading.state is ValidationState.INVALID
    assert "claimSignature.mismatch" in reading.failures


def test_a_strangers_signature_is_valid_but_unknown(tmp_path: Path) -> None:
    parody = signed_parody(tmp_path, signer=stranger())

    reading = read_manifest(parody, trust=troupe().trust)

    assert reading.state is ValidationState.VALID
    assert reading.unknown_signer
    assert not reading.vouched


def test_an_expired_signature_says_so(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    trust = sign_late(source, tmp_path / "late.mp4")

    reading = read_manifest(tmp_path / "late.mp4", trust=trust)

    assert reading.state is ValidationState.INVALID
    assert "signingCredential.expired" in reading.failures


def test_a_root_for_time_stamps_vouches_for_no_signer(tmp_path: Path) -> None:
    parody = signed_parody(tmp_path)
    root = troupe().minted.root_pem.decode()
    stamps = TrustList((Anchor("urn:stamps", root, AnchorKind.TIME_STAMP),))

    reading = read_manifest(parody, trust=stamps)

    assert not reading.vouched


def test_a_tampered_parent_shows_in_the_history_of_a_trusted_clip(
    good: bytes, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(flipped(good, good.index(b"mdat") + 100))
    (tmp_path / "cut").mkdir()

    reading = read_manifest(
        signed_parody(tmp_path / "cut", footage=bad), trust=troupe().trust
    )

    assert reading.vouched
    (broken,) = reading.broken_ingredients
    assert broken.title == "performer footage"
    assert broken.state is ValidationState.INVALID
    assert broken.failures == ("assertion.bmffHash.mismatch",)


def test_a_foreign_manifest_is_content_altered(good: bytes, tmp_path: Path) -> None:
    other = plain_clip(tmp_path / "other.mp4", grey=90)
    store = sign_raw(
        plain_clip(tmp_path / "plain.mp4"),
        tmp_path / "unused.mp4",
        signer=troupe(),
        embed=False,
    )
    (tmp_path / "other.c2pa").write_bytes(store)

    reading = read_manifest(
        other, trust=troupe().trust, sidecar=tmp_path / "other.c2pa"
    )

    assert reading.kind is ReadingKind.SIDECAR
    assert reading.failures == ("assertion.bmffHash.mismatch",)


def test_a_manifest_beside_its_clip_is_as_good(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    store = sign_raw(source, tmp_path / "out.mp4", signer=troupe(), embed=False)
    (tmp_path / "plain.c2pa").write_bytes(store)

    reading = read_manifest(
        source, trust=troupe().trust, sidecar=tmp_path / "plain.c2pa"
    )

    assert reading.kind is ReadingKind.SIDECAR
    assert reading.vouched


def test_a_manifest_elsewhere_is_never_fetched(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    url = "https://manifests.example/1.c2pa"
    target = tmp_path / "remote.mp4"
    sign_raw(source, target, signer=troupe(), embed=False, remote_url=url)

    reading = read_manifest(target, trust=troupe().trust)

    assert reading.kind is ReadingKind.REMOTE
    assert reading.remote_url == url
    assert not reading.found


def test_a_manifest_with_a_url_too_is_read_from_the_file(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    target = tmp_path / "both.mp4"
    sign_raw(source, target, signer=troupe(), remote_url="https://m.example/1.c2pa")

    assert read_manifest(target, trust=troupe().trust).vouched


def test_a_signed_clip_that_is_no_parody_has_no_parody_to_show(tmp_path: Path) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    sign_raw(source, tmp_path / "camera.mp4", signer=troupe())

    reading = read_manifest(tmp_path / "camera.mp4", trust=troupe().trust)

    assert reading.vouched
    assert reading.parody is None
    assert reading.digital_source_types[0].endswith("/digitalCapture")


def test_a_parody_assertion_of_somebody_else_is_not_the_signers_own(
    tmp_path: Path,
) -> None:
    source = plain_clip(tmp_path / "plain.mp4")
    definition = camera_definition()
    definition["assertions"].append({"label": "com.other.parody", "data": {}})
    sign_raw(source, tmp_path / "c.mp4", signer=troupe(), definition=definition)

    reading = read_manifest(tmp_path / "c.mp4", trust=troupe().trust)

    assert reading.parody is None
    assert reading.active is not None
    gathered = reading.active.assertion("com.other.parody")
    assert gathered is not None
    assert not gathered.created


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ReadingKind.MALFORMED),
        (b"a letter, not a film " * 20, ReadingKind.MALFORMED),
        (b"\x1a\x45\xdf\xa3" + bytes(200), ReadingKind.UNSUPPORTED),
        (bytes(5000), ReadingKind.MALFORMED),
    ],
)
def test_what_is_no_film_is_said_to_be_none(
    tmp_path: Path, content: bytes, kind: ReadingKind
) -> None:
    reading = reading_of(content, tmp_path)

    assert reading.kind is kind
    assert reading.detail


def test_a_clip_without_a_manifest_has_none(tmp_path: Path) -> None:
    path = plain_clip(tmp_path / "plain.mp4")

    assert read_manifest(path, trust=TrustList()).kind is ReadingKind.ABSENT


def test_a_cut_off_file_is_malformed(good: bytes, tmp_path: Path) -> None:
    assert reading_of(good[: len(good) // 2], tmp_path).kind is ReadingKind.MALFORMED
    assert reading_of(good + b"x" * 100, tmp_path).kind is ReadingKind.MALFORMED


def test_a_renamed_manifest_box_is_no_manifest(good: bytes, tmp_path: Path) -> None:
    start, _ = manifest_span(good)
    renamed = good[: start + 4] + b"free" + good[start + 8 :]

    assert reading_of(renamed, tmp_path).kind is ReadingKind.ABSENT


def test_two_manifest_boxes_are_malformed(good: bytes, tmp_path: Path) -> None:
    start, stop = manifest_span(good)

    reading = reading_of(good + good[start:stop], tmp_path)

    assert reading.kind is ReadingKind.MALFORMED


def test_garbage_beside_a_clip_is_malformed(tmp_path: Path) -> None:
    path = plain_clip(tmp_path / "plain.mp4")
    (tmp_path / "plain.c2pa").write_bytes(b"garbage")

    reading = read_manifest(path, trust=troupe().trust, sidecar=tmp_path / "plain.c2pa")

    assert reading.kind is ReadingKind.MALFORMED


def test_a_history_that_bites_its_own_tail_ends() -> None:
    tail = {"title": "tail", "relationship": "parentOf", "active_manifest": "urn:b"}
    head = {"title": "head", "relationship": "parentOf", "active_manifest": "urn:a"}
    report = {
        "active_manifest": "urn:a",
        "validation_state": "Valid",
        "manifests": {
            "urn:a": {"ingredients": [tail] * 600},
            "urn:b": {"ingredients": [head] * 600},
        },
    }

    reading = reading_of_report(report)

    assert len(reading.history) == MOST_INGREDIENTS
    assert {each.depth for each in reading.history} == {1, 2}


@pytest.mark.parametrize("odd", [None, 7, "words", [1, [2]], {"code": {}}, True])
def test_values_of_the_wrong_kind_count_as_missing(odd: object) -> None:
    keys = ("ingredients", "assertions", "signature_info", "claim_generator_info")
    manifest = dict.fromkeys((*keys, "title", "claim_version", "thumbnail"), odd)
    assertion = {"label": odd, "data": odd, "created": odd}
    ingredient = dict.fromkeys(
        ("title", "validation_results", "validation_status"), odd
    )
    filled = {"assertions": [assertion, odd], "ingredients": [ingredient, odd]}
    for each in (manifest, manifest | filled):
        report = {
            "active_manifest": "urn:a",
            "validation_state": "Invalid",
            "manifests": {"urn:a": each},
            "validation_results": odd,
        }

        reading = reading_of_report(report)

        assert reading.parody is None
        assert list(plain_lines(reading))


def reading_of_report(report: Mapping[str, object]) -> ManifestReading:
    return reading_of_json(
        report, kind=ReadingKind.EMBEDDED, trust=TrustList(), remote_url=None
    )


@pytest.mark.slow
def test_no_bit_in_the_manifest_crashes_the_reader_or_changes_its_words(
    good: bytes, tmp_path: Path
) -> None:
    start, stop = manifest_span(good)
    dice = random.Random(7)
    honest = reading_of(good, tmp_path)

    for _ in range(300):
        place = dice.randrange(start, stop)
        damaged = bytearray(good)
        damaged[place] ^= 1 << dice.randrange(8)
        reading = reading_of(bytes(damaged), tmp_path)
        # the library leaves padding and box names unsigned: what is said is not
        if reading.vouched:
            assert reading.parody == honest.parody
            assert reading.consent == honest.consent
            assert reading.digital_source_types == honest.digital_source_types
