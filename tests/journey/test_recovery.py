"""What the verifier says once the metadata is gone and only the mark is left."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from lampoon.media.reader import read_frames
from lampoon.verify.check import check
from lampoon.verify.evidence import Finding
from lampoon.verify.mark_evidence import MarkState
from lampoon.watermark.fingerprint import FingerprintTaker, watched
from lampoon.watermark.invisible.binding import (
    lookup_key,
    soft_bindings,
    watermarked_action,
)
from lampoon.watermark.invisible.embed import MarkedFrames
from lampoon.watermark.manifest.build import manifest_definition, manifest_urn
from lampoon.watermark.manifest.sign import sign_clip
from lampoon.watermark.manifest.store import manifest_store
from lampoon.watermark.manifest.trust import TrustList
from lampoon.watermark.registry import Entry, Registry
from tests.support.certificates import (
    parody_claim,
    parody_ingredients,
    poster,
    troupe,
)
from tests.support.marks import pan, written

pytestmark = pytest.mark.slow

URN = "urn:c2pa:2f1d3c4b-2222-4222-8333-123456789abc"
TRUST = troupe().trust


@dataclass(frozen=True)
class Published:
    """A marked, signed and registered clip, and a copy that was encoded again."""

    clip: Path
    upload: Path
    registry: Registry


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("published")
    registry = Registry.at(folder / "registry.db")
    key, taker = lookup_key(URN), FingerprintTaker()
    hidden = written(folder / "hidden.mp4", watched(MarkedFrames(pan(30), key), taker))
    fingerprint = taker.fingerprint().to_bytes()
    definition = manifest_definition(parody_claim(), URN)
    definition["assertions"][0]["data"]["actions"].append(
        watermarked_action("org.lampoon")
    )
    definition["assertions"].extend(soft_bindings(key, fingerprint, 1200))
    signed, clip = folder / "signed.mp4", folder / "clip.mp4"
    sign_clip(
        hidden,
        signed,
        definition=definition,
        ingredients=parody_ingredients(hidden),
        poster_jpeg=poster(),
        signer=troupe(),
    )
    registry.publish(Entry(key, URN, manifest_store(signed), fingerprint), signed, clip)
    upload = written(folder / "upload.mp4", read_frames(clip), crf=28)
    return Published(clip, upload, registry)


def test_a_stripped_parody_is_recovered(published: Published) -> None:
    verdict = check(published.upload, trust=TRUST, registry=published.registry)

    assert verdict.finding is Finding.RECOVERED, verdict.reasons
    assert verdict.exit_code == 10
    assert verdict.watermark.state is MarkState.RECOVERED
    assert verdict.watermark.manifest == verdict.provenance.manifest == URN


def test_a_stripped_parody_of_strangers_stays_unmarked(published: Published) -> None:
    verdict = check(published.upload, trust=TrustList(), registry=published.registry)

    assert verdict.finding is Finding.UNMARKED
    assert verdict.watermark.state is MarkState.UNCONFIRMED


def test_a_mark_on_other_pictures_is_substituted(
    published: Published, tmp_path: Path
) -> None:
    other = MarkedFrames(pan(30, seed=7), lookup_key(URN))
    copied = written(tmp_path / "copied.mp4", iter(other))

    verdict = check(copied, trust=TRUST, registry=published.registry)

    assert verdict.finding is Finding.SUBSTITUTED
    assert verdict.exit_code == 30


def test_an_unknown_key_changes_nothing(published: Published, tmp_path: Path) -> None:
    verdict = check(
        published.upload, trust=TRUST, registry=Registry.at(tmp_path / "empty.db")
    )

    assert verdict.finding is Finding.UNMARKED
    assert verdict.watermark.found
    assert verdict.watermark.state is MarkState.NOT_REGISTERED


def test_a_whole_clip_agrees_with_its_mark(published: Published) -> None:
    verdict = check(published.clip, trust=TRUST, registry=published.registry)

    assert verdict.finding is Finding.LABELLED_PARODY
    assert verdict.watermark.state is MarkState.FOUND


@pytest.mark.parametrize(
    ("names_it", "finding"),
    [(True, Finding.LABELLED_PARODY), (False, Finding.SUBSTITUTED)],
)
def test_a_clip_made_of_a_marked_one_must_name_it(
    published: Published, tmp_path: Path, names_it: bool, finding: Finding
) -> None:
    part = published.clip if names_it else published.upload
    made = tmp_path / "made.mp4"
    sign_clip(
        published.upload,
        made,
        definition=manifest_definition(parody_claim(), manifest_urn(uuid4())),
        ingredients=parody_ingredients(part),
        poster_jpeg=poster(),
        signer=troupe(),
    )

    verdict = check(made, trust=TRUST, registry=published.registry)

    assert verdict.finding is finding, verdict.reasons
    assert verdict.watermark.manifest == URN
