"""Manifest, mark, fingerprint and registry: stripped clips get their label back."""

import base64
from pathlib import Path

import pytest

from lampoon.errors import ProvenanceError
from lampoon.media.reader import read_frames
from lampoon.watermark.fingerprint import (
    FINGERPRINT,
    Fingerprint,
    FingerprintTaker,
    watched,
)
from lampoon.watermark.invisible.binding import (
    SOFT_BINDING,
    bound_values,
    lookup_key,
    soft_bindings,
    watermarked_action,
)
from lampoon.watermark.invisible.detect import Effort, detect
from lampoon.watermark.invisible.embed import MarkedFrames
from lampoon.watermark.invisible.tile import ALGORITHM
from lampoon.watermark.manifest.build import manifest_definition
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.reading import ManifestReading
from lampoon.watermark.manifest.sign import sign_clip
from lampoon.watermark.manifest.store import manifest_store
from lampoon.watermark.query import QueryTaker
from lampoon.watermark.registry import Entry, Registry
from lampoon.watermark.resemblance import resemblance
from tests.support.certificates import (
    parody_claim,
    parody_ingredients,
    poster,
    troupe,
)
from tests.support.marks import pan, written

URN = "urn:c2pa:2f1d3c4b-1111-4222-8333-123456789abc"


def bound(reading: ManifestReading) -> dict[str, bytes]:
    assert reading.active is not None
    found = [a.data for a in reading.active.assertions if a.base_label == SOFT_BINDING]
    return bound_values(found)


@pytest.mark.slow
def test_a_stripped_clip_finds_its_credential_again(tmp_path: Path) -> None:
    registry = Registry.at(tmp_path / "registry.db")
    key, taker = lookup_key(URN), FingerprintTaker()
    hidden = written(
        tmp_path / "hidden.mp4", watched(MarkedFrames(pan(30), key), taker)
    )
    fingerprint = taker.fingerprint().to_bytes()
    definition = manifest_definition(parody_claim(), URN)
    definition["assertions"][0]["data"]["actions"].append(
        watermarked_action("org.lampoon")
    )
    definition["assertions"].extend(soft_bindings(key, fingerprint, 1200))
    signed, clip = tmp_path / "signed.mp4", tmp_path / "clip.mp4"
    sign_clip(
        hidden,
        signed,
        definition=definition,
        ingredients=parody_ingredients(hidden),
        poster_jpeg=poster(),
        signer=troupe(),
    )
    entry = Entry(key, URN, manifest_store(signed), fingerprint)
    registry.publish(entry, signed, clip)

    upload = written(tmp_path / "upload.mp4", read_frames(clip), crf=28)
    reading = detect(upload, effort=Effort(timeline=False))
    assert reading.key == key
    recovered = registry.get(reading.key)
    assert recovered == entry
    sidecar = tmp_path / "recovered.c2pa"
    sidecar.write_bytes(recovered.manifest_store)
    manifest = read_manifest(upload, trust=troupe().trust, sidecar=sidecar)
    assert manifest.urn == URN
    assert manifest.failures == ("assertion.bmffHash.mismatch",)
    assert bound(manifest)[ALGORITHM] == key
    assert len(bound(manifest)[FINGERPRINT]) == 32
    query = QueryTaker()
    for frame in read_frames(upload):
        query.add(float(frame.seconds), frame.luma)
    assert resemblance(Fingerprint.from_bytes(recovered.fingerprint), query).same


def test_values_are_read_however_a_library_writes_them() -> None:
    blocks = {
        "a": "AAE=",
        "b": [1, 2],
        "c": b"xy",
        "d": "no base64!",
        "e": [999],
        "f": 3,
    }
    found = bound_values(
        [{"alg": alg, "blocks": [{"value": v}]} for alg, v in blocks.items()]
        + [{"alg": "g"}, {"blocks": []}, "nonsense", {"alg": "h", "blocks": ["x"]}]
    )
    assert found == {"a": b"\0\1", "b": b"\1\2", "c": b"xy"}


def test_the_assertions_name_both_algorithms() -> None:
    mark, fingerprint = soft_bindings(b"12345678", b"film", 10_000)
    assert mark["data"]["alg"] == ALGORITHM
    assert base64.b64decode(mark["data"]["blocks"][0]["value"]) == b"12345678"
    assert fingerprint["data"]["alg"] == FINGERPRINT
    assert fingerprint["data"]["blocks"][0]["scope"]["timespan"]["end"] == 10_000


def test_a_clip_without_a_manifest_has_no_store(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="no manifest"):
        manifest_store(written(tmp_path / "plain.mp4", pan(2)))
