"""Pictures, sound and documents: provenance is checked, blinks are not."""

from pathlib import Path

import pytest

from lampoon.verify.check import check, provenance_of
from lampoon.verify.evidence import Finding
from lampoon.verify.kind import MediaKind, media_kind
from lampoon.verify.policy import Decision
from tests.support.certificates import plain_clip, signed_parody, troupe
from tests.support.stills import jpeg, png, signed, wav, written
from tests.support.tamper import flipped

TRUST = troupe().trust

SIGNED = {
    "picture.jpg": (jpeg(), "image/jpeg"),
    "picture.png": (png(), "image/png"),
    "sound.wav": (wav(), "audio/wav"),
}


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_picture_or_sound_gets_the_finding_of_its_record(
    tmp_path: Path, name: str
) -> None:
    content = signed(*SIGNED[name], troupe())

    found = check(written(tmp_path / name, content), trust=TRUST)

    assert found.finding is Finding.SIGNED_OTHER
    assert found.policy.decision is Decision.ACCEPT
    assert found.blink.statistics.reason.startswith("not_a_video")


def test_a_changed_picture_is_altered(tmp_path: Path) -> None:
    content = signed(jpeg(), "image/jpeg", troupe())
    path = written(tmp_path / "changed.jpg", flipped(content, len(content) - 40))

    found = check(path, trust=TRUST)

    assert found.finding is Finding.CONTENT_ALTERED
    assert found.policy.decision is Decision.REJECT


def test_a_picture_without_a_record_is_unmarked_not_unreadable(tmp_path: Path) -> None:
    found = check(written(tmp_path / "plain.jpg", jpeg()), trust=TRUST)

    assert found.finding is Finding.UNMARKED


@pytest.mark.slow
def test_a_picture_named_as_a_video_is_still_a_picture(tmp_path: Path) -> None:
    found = check(written(tmp_path / "clip.mp4", jpeg()), trust=TRUST)

    assert found.finding is Finding.UNMARKED
    assert found.blink.statistics.reason.startswith("not_a_video")


@pytest.mark.slow
def test_provenance_alone_says_the_same_as_the_whole_check(tmp_path: Path) -> None:
    parody = signed_parody(tmp_path)

    whole, alone = check(parody, trust=TRUST), provenance_of(parody, trust=TRUST)

    assert alone == whole.provenance


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", MediaKind.PICTURE),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", MediaKind.PICTURE),
        (b"RIFF\x00\x00\x00\x00AVI LIST", MediaKind.VIDEO),
        (b"\x00\x00\x00\x20ftypavif\x00\x00", MediaKind.PICTURE),
        (b"\x00\x00\x00\x20ftypM4A \x00\x00", MediaKind.SOUND),
        (b"\x00\x00\x00\x20ftypisom\x00\x00", MediaKind.VIDEO),
        (b'<?xml version="1.0"?>\n<svg xmlns=""/>', MediaKind.PICTURE),
        (b"%PDF-1.7", MediaKind.DOCUMENT),
        (b"", MediaKind.VIDEO),
    ],
)
def test_the_first_bytes_tell_the_kind(head: bytes, kind: MediaKind) -> None:
    assert media_kind(head) is kind


def test_a_real_clip_is_a_video(tmp_path: Path) -> None:
    content = plain_clip(tmp_path / "clip.mp4").read_bytes()

    assert media_kind(content[:512]) is MediaKind.VIDEO
