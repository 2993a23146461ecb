"""Broken copies of signed files: no crash, and no better finding than they deserve."""

import random
from pathlib import Path

import pytest

from lampoon.verify.check import provenance_of
from lampoon.watermark.manifest.read import read_manifest
from tests.support.certificates import signed_parody, troupe
from tests.support.mutations import CLAIMING, mutated, tries
from tests.support.stills import jpeg, png, signed, wav, written

TRUST = troupe().trust
COPIES = 150


def signed_file(folder: Path, suffix: str) -> Path:
    """A small signed file of one kind."""
    if suffix == "mp4":
        return signed_parody(folder)
    made, mime = {
        "jpg": (jpeg, "image/jpeg"),
        "png": (png, "image/png"),
        "wav": (wav, "audio/wav"),
    }[suffix]
    return written(folder / f"whole.{suffix}", signed(made(), mime, troupe()))


def faults(files: list[Path], number: int, *, whole: bool = False) -> list[str]:
    """What was said of broken copies that should not have been."""
    tried = tries(files, number, seed=5, trust=TRUST, whole=whole)
    return [each.fault for each in tried if each.fault]


def test_broken_copies_neither_crash_the_limited_child_nor_say_too_much(
    tmp_path: Path,
) -> None:
    files = [signed_file(tmp_path, suffix) for suffix in ("mp4", "jpg")]

    assert faults(files, 6) == []


@pytest.mark.slow
def test_nor_do_they_when_their_pictures_are_looked_at(tmp_path: Path) -> None:
    assert faults([signed_file(tmp_path, "mp4")], 8, whole=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["mp4", "jpg", "png", "wav"])
def test_a_broken_copy_never_says_anything_that_was_not_signed(
    tmp_path: Path, suffix: str
) -> None:
    original = signed_file(tmp_path, suffix)
    content, rng = original.read_bytes(), random.Random(11)
    copy = tmp_path / f"copy.{suffix}"
    meant = read_manifest(original, trust=TRUST).active
    assert meant is not None

    for _ in range(COPIES):
        written(copy, mutated(content, rng))
        if provenance_of(copy, trust=TRUST).finding in CLAIMING:
            # padding and empty boxes may change; what was said may not
            said = read_manifest(copy, trust=TRUST).active
            assert said is not None
            assert said.assertions == meant.assertions
