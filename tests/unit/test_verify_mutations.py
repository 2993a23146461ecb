"""Broken copies of signed files: no crash, and no better finding than they deserve."""

import random
from pathlib import Path

import pytest

from lampoon.verify.check import provenance_of
from lampoon.verify.evidence import Finding
from lampoon.watermark.manifest.read import read_manifest
from tests.support.certificates import signed_parody, troupe
from tests.support.stills import jpeg, png, signed, wav, written

pytestmark = pytest.mark.slow

TRUST = troupe().trust
ODD_SIZES = (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\0\0\0\1")
COPIES = 150


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Flip bits, cut off, take out, put in, or write an odd size somewhere."""
    changed, place = bytearray(content), rng.randrange(len(content) - 8)
    kind = rng.randrange(5)
    if kind == 0:
        for _ in range(rng.choice((1, 2, 8))):
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del changed[place:]
    elif kind == 2:
        del changed[place : place + rng.randrange(1, 200)]
    elif kind == 3:
        changed[place:place] = rng.randbytes(rng.randrange(1, 200))
    else:
        changed[place : place + 4] = rng.choice(ODD_SIZES)
    return bytes(changed)


@pytest.mark.parametrize("suffix", ["mp4", "jpg", "png", "wav"])
def test_a_broken_copy_never_says_anything_that_was_not_signed(
    tmp_path: Path, suffix: str
) -> None:
    content = {
        "mp4": lambda: signed_parody(tmp_path).read_bytes(),
        "jpg": lambda: signed(jpeg(), "image/jpeg", troupe()),
        "png": lambda: signed(png(), "image/png", troupe()),
        "wav": lambda: signed(wav(), "audio/wav", troupe()),
    }[suffix]()
    path = tmp_path / f"copy.{suffix}"
    whole = read_manifest(written(path, content), trust=TRUST).active
    assert whole is not None
    rng = random.Random(11)

    for _ in range(COPIES):
        written(path, mutated(content, rng))
        found = provenance_of(path, trust=TRUST)
        if found.finding in (Finding.LABELLED_PARODY, Finding.SIGNED_OTHER):
            # padding and empty boxes may change; what was said may not
            copy = read_manifest(path, trust=TRUST).active
            assert copy is not None
            assert copy.assertions == whole.assertions
