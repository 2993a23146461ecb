"""One file to a verdict, through the limited child."""

import json
import os
import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from lampoon.datasets.samples import sample
from lampoon.errors import LampoonError, UnreadableError
from lampoon.media.reader import probe, read_frames
from lampoon.media.writer import Encoding, write_clip
from lampoon.verify.check import check
from lampoon.verify.evidence import ConsentState, Finding, LabelSeen
from lampoon.verify.policy import Decision
from lampoon.verify.sandbox import Limits
from lampoon.verify.verdict import Verdict, verdict_json, worst_exit_code
from lampoon.watermark.label.draw import ParodyLabel
from lampoon.watermark.label.presets import LabelPreset
from lampoon.watermark.manifest.build import manifest_definition
from lampoon.watermark.manifest.sign import sign_clip
from lampoon.watermark.manifest.trust import TrustList
from tests.support.certificates import (
    URN,
    parody_claim,
    parody_ingredients,
    plain_clip,
    poster,
    sign_raw,
    signed_parody,
    troupe,
)
from tests.support.tamper import box, flipped, without_manifest, written

TRUST = troupe().trust


@pytest.fixture(scope="module")
def parody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed_parody(tmp_path_factory.mktemp("parody"))


@pytest.fixture(scope="module")
def verdict(parody: Path) -> Verdict:
    return check(parody, trust=TRUST)


def test_a_labelled_parody_gets_a_label(verdict: Verdict) -> None:
    assert verdict.finding is Finding.LABELLED_PARODY
    assert verdict.policy.decision is Decision.LABEL
    assert verdict.exit_code == 10


def test_the_verdict_has_the_form_that_others_rely_on(verdict: Verdict) -> None:
    found = json.loads(json.dumps(verdict_json(verdict)))

    keys = {
        "asset": "path sha256 bytes seconds width height rate",
        "provenance": "integrity trust hard_binding digital_source_type history parody "
        "manifest",
        "watermark": "found key odds geometry manifest",
        "blink": "answer reason rate_per_minute rate_interval measurable_seconds "
        "context log10_likelihood_ratio p_value events",
        "consent": "state",
        "label": "declared seen",
        "policy": "id version decision reasons",
        "tools": "lampoon c2pa-python",
        "trust_list": "uris sha256",
    }
    for part, names in keys.items():
        assert set(names.split()) <= set(found[part]), part
    assert found["schema"] == "lampoon.verdict/1"
    assert found["finding"] == "labelled_parody"
    assert found["provenance"]["manifest"].startswith("urn:c2pa:")
    assert found["asset"]["rate"] == "25"
    assert found["asset"]["seconds"] == pytest.approx(1.0)


def test_a_clip_without_a_mark_says_that_none_was_found(verdict: Verdict) -> None:
    mark = verdict_json(verdict)["watermark"]

    assert mark["found"] is False
    assert mark["state"] == "not_found"
    assert mark["key"] is None


def test_a_clip_without_a_face_has_no_blink_rate(verdict: Verdict) -> None:
    blink = verdict_json(verdict)["blink"]

    assert blink["answer"] == "inconclusive"
    assert blink["reason"] == "not measurable: no face"
    assert blink["rate_per_minute"] is None


def test_the_word_authentic_is_never_said(verdict: Verdict) -> None:
    said = json.dumps(verdict_json(verdict)).lower()

    assert "authentic" not in said
    assert "genuine" not in said


def test_consent_that_ran_out_is_told(parody: Path) -> None:
    found = check(parody, trust=TRUST, today=date(2031, 1, 1))

    assert found.consent is ConsentState.EXPIRED


@pytest.mark.slow
def test_a_sidecar_is_judged_against_the_clip(tmp_path: Path) -> None:
    plain = plain_clip(tmp_path / "plain.mp4")
    store = sign_raw(plain, tmp_path / "x.mp4", signer=troupe(), embed=False)
    sidecar = written(tmp_path / "plain.c2pa", store)

    assert check(plain, trust=TRUST, sidecar=sidecar).finding is Finding.SIGNED_OTHER
    assert check(plain, trust=TRUST).finding is Finding.UNMARKED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", Finding.UNREADABLE),
        (b"this is no video" * 100, Finding.UNREADABLE),
        (b"\x00\x00\x00\x18ftypisom" + bytes(500), Finding.UNREADABLE),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), Finding.UNREADABLE),
    ],
)
def test_what_is_no_video_is_unreadable(
    tmp_path: Path, content: bytes, finding: Finding
) -> None:
    found = check(written(tmp_path / "given.mp4", content), trust=TRUST)

    assert found.finding is finding
    assert found.exit_code == 2
    assert found.asset.bytes == len(content)


def test_an_altered_clip_that_cannot_be_decoded_is_still_altered(
    parody: Path, tmp_path: Path
) -> None:
    content = parody.read_bytes()
    start = box(content, "mdat").start + 8
    broken = content[:start] + bytes(900) + content[start + 900 :]

    found = check(written(tmp_path / "broken.mp4", broken), trust=TRUST)

    assert found.finding is Finding.CONTENT_ALTERED
    assert found.exit_code == 30


@pytest.mark.slow
def test_half_a_signed_clip_is_malformed_not_merely_unreadable(
    parody: Path, tmp_path: Path
) -> None:
    half = written(tmp_path / "half.mp4", parody.read_bytes()[:4096])

    found = check(half, trust=TRUST)

    assert found.finding is Finding.MALFORMED
    assert found.exit_code == 20


def test_a_missing_file_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="nothing"):
        check(tmp_path / "nothing.mp4", trust=TRUST)


def test_pictures_beyond_the_limit_are_not_decoded(parody: Path) -> None:
    found = check(parody, trust=TRUST, limits=Limits(pixels=1000))

    assert found.finding is Finding.UNREADABLE
    assert "too large" in found.reasons[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "limits", [Limits(cpu_seconds=0), Limits(memory_bytes=300 * 2**20)]
)
def test_a_reader_that_runs_into_its_limits_ends_as_a_finding(
    parody: Path, limits: Limits
) -> None:
    found = check(parody, trust=TRUST, limits=limits)

    assert found.finding in (Finding.MALFORMED, Finding.UNREADABLE)
    assert found.policy.decision in (Decision.REVIEW, Decision.ERROR)


def test_a_reader_that_does_not_even_start_in_time_is_an_error(parody: Path) -> None:
    with pytest.raises(LampoonError, match="took too long"):
        check(parody, trust=TRUST, limits=Limits(wall_seconds=0.02))


def test_a_pipe_is_no_file_to_wait_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")

    with pytest.raises(UnreadableError, match="not a file"):
        check(tmp_path / "pipe.mp4", trust=TRUST)


@pytest.mark.slow
def test_an_empty_trust_list_makes_everyone_a_stranger(parody: Path) -> None:
    found = check(parody, trust=TrustList())

    assert found.finding is Finding.UNKNOWN_SIGNER
    assert found.exit_code == 20


@pytest.mark.slow
def test_the_worst_decision_of_many_counts(parody: Path, tmp_path: Path) -> None:
    content = parody.read_bytes()
    place = box(content, "mdat").start + 50
    paths = [
        parody,
        written(tmp_path / "stripped.mp4", without_manifest(content)),
        written(tmp_path / "none.mp4", b"nothing"),
        written(tmp_path / "flipped.mp4", flipped(content, place)),
    ]
    verdicts = [check(path, trust=TRUST) for path in paths]

    assert [each.exit_code for each in verdicts] == [10, 0, 2, 30]
    decisions = [each.policy.decision for each in verdicts]
    assert worst_exit_code(decisions) == 30
    assert worst_exit_code(decisions[:3]) == 2
    assert worst_exit_code(decisions[:2]) == 10
    assert worst_exit_code([]) == 0


def test_the_verifier_loads_no_training_code() -> None:
    code = (
        "import sys, lampoon.verify.commands, lampoon.verify.look\n"
        "from lampoon.faces.detector import LiteRTBackend\n"
        "LiteRTBackend()\n"
        "heavy = {'tensorflow', 'keras', 'moviepy', 'torch', 'dlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    said = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"


def labelled_clip(folder: Path, preset: LabelPreset, *, drawn: bool) -> Path:
    """A signed clip of the bundled performer that declares a label, seen or not."""
    clip = probe(sample("ada").clip)
    label = ParodyLabel(
        preset, width=clip.width, height=clip.height, seconds=Fraction(8)
    )
    frames = (
        frame.with_rgb(label.draw(frame.rgb, frame.seconds)) if drawn else frame
        for frame in read_frames(clip.path, stop=200, every=5)
    )
    plain = folder / "labelled.mp4"
    write_clip(plain, frames, sound_from=None, encoding=Encoding(crf=28))
    definition = manifest_definition(parody_claim(label=label.describe()), URN)
    target = folder / "signed.mp4"
    sign_clip(
        plain,
        target,
        definition=definition,
        ingredients=parody_ingredients(plain),
        poster_jpeg=poster(),
        signer=troupe(),
    )
    return target


@pytest.mark.slow
@pytest.mark.parametrize("preset", list(LabelPreset))
def test_the_declared_label_is_seen_in_the_pictures(
    tmp_path: Path, preset: LabelPreset
) -> None:
    found = check(labelled_clip(tmp_path, preset, drawn=True), trust=TRUST)

    assert found.label.declared == preset.value
    assert found.label.seen is LabelSeen.SEEN


@pytest.mark.slow
def test_a_declared_label_that_is_not_there_is_noticed(tmp_path: Path) -> None:
    # nobody can make this with Lampoon; a forger with a trusted key could
    clip = labelled_clip(tmp_path, LabelPreset.EU_FULL, drawn=False)

    found = check(clip, trust=TRUST)

    assert found.label.seen is LabelSeen.NOT_SEEN
    assert any("not found in the pictures" in reason for reason in found.reasons)
    assert found.policy.decision is Decision.LABEL
