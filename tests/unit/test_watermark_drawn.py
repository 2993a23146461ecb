"""Clips of rendered performers are signed as drawn, and nothing else is."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lampoon.errors import SigningError
from lampoon.verify.evidence import Finding
from lampoon.verify.provenance import is_synthetic, judge_manifest
from lampoon.watermark.manifest.build import SourceType
from lampoon.watermark.manifest.describe import plain_lines
from lampoon.watermark.manifest.drawn import DrawnClip, file_digest
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.reading import ValidationState
from lampoon.watermark.manifest.sign import sign_drawn
from tests.support.certificates import plain_clip, poster, signed_parody, troupe

TODAY = date(2026, 11, 22)


def drawn(clip: Path) -> DrawnClip:
    """Return the record that a renderer would keep of a clip."""
    return DrawnClip(
        path=clip,
        sha256=file_digest(clip),
        title="Rendered performer ada, rest",
        made_at=datetime(2026, 11, 22, 18, tzinfo=UTC),
        recipe_sha256="ab" * 32,
        poster_jpeg=poster(),
    )


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    target = tmp_path / "ada.mp4"
    sign_drawn(drawn(plain_clip(tmp_path / "plain.mp4")), target, signer=troupe())
    return target


def test_a_drawn_clip_says_that_an_algorithm_made_it(signed: Path) -> None:
    reading = read_manifest(signed, trust=troupe().trust)

    assert reading.state is ValidationState.TRUSTED
    assert reading.digital_source_types == (str(SourceType.DRAWN),)
    assert is_synthetic(SourceType.DRAWN)
    assert reading.history == ()
    assert reading.parody is None
    assert reading.consent is None
    assert any("drawn by an algorithm" in line for line in plain_lines(reading))


def test_its_uses_and_its_recipe_are_the_signers_own_words(signed: Path) -> None:
    active = read_manifest(signed, trust=troupe().trust).active
    assert active is not None
    uses = active.assertion("cawg.training-mining")
    actions = active.assertion("c2pa.actions.v2")

    assert uses is not None
    assert uses.created
    constrained = uses.data["entries"]["cawg.ai_generative_training"]
    assert constrained["use"] == "constrained"
    assert "consent" in constrained["constraint_info"]
    assert actions is not None
    (created,) = actions.data["actions"]
    assert created["action"] == "c2pa.created"
    assert created["parameters"]["org.lampoon.recipe_sha256"] == "ab" * 32


def test_the_verifier_calls_it_signed_and_synthetic(signed: Path) -> None:
    trusted = read_manifest(signed, trust=troupe().trust)

    found = judge_manifest(trusted, TODAY)

    assert found.finding is Finding.SIGNED_OTHER
    assert is_synthetic(found.digital_source_type)


def test_a_swap_cannot_pass_for_drawn(tmp_path: Path) -> None:
    parody = signed_parody(tmp_path)
    target = tmp_path / "clean.mp4"

    with pytest.raises(SigningError, match="brings a manifest"):
        sign_drawn(drawn(parody), target, signer=troupe())

    assert not target.exists()


def test_a_clip_that_was_exchanged_after_drawing_is_not_signed(tmp_path: Path) -> None:
    clip = plain_clip(tmp_path / "plain.mp4")
    record = drawn(clip)
    plain_clip(clip, grey=90)

    with pytest.raises(SigningError, match="not what was drawn"):
        sign_drawn(record, tmp_path / "clean.mp4", signer=troupe())

    assert not (tmp_path / "clean.mp4").exists()


def test_a_record_without_hashes_is_no_record(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hash"):
        drawn(tmp_path / "nothing.mp4")


@pytest.mark.slow
def test_an_independent_verifier_accepts_it(signed: Path) -> None:
    encypher = pytest.importorskip("encypher_c2pa")

    said = encypher.verify(
        signed,
        trust_pem=troupe().minted.root_pem.decode(),
        no_default_trust=True,
        online=False,
        telemetry=False,
    )

    assert said["validation_state"] == "Trusted"
