"""Broken copies of signed files, and whether a verdict on one says too much.

For a long run, in slices::

    python -m tests.support.mutations 1000 --seed 3 FILE... [--whole]
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lampoon.verify.check import check
from lampoon.verify.evidence import Finding, Integrity
from lampoon.verify.verdict import Verdict
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.trust import TrustList

ODD_SIZES = (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\0\0\0\1")
LONGEST_SECONDS = 60.0
CLAIMING = frozenset(
    {Finding.LABELLED_PARODY, Finding.SIGNED_OTHER, Finding.UNKNOWN_SIGNER}
)
"""Findings that say of a record that it holds."""


def flips(content: bytes, rng: random.Random) -> bytes:
    """Turn one to eight bits over."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 2, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(content: bytes, rng: random.Random) -> bytes:
    """End somewhere."""
    return content[: rng.randrange(len(content))]


def odd_size(content: bytes, rng: random.Random) -> bytes:
    """Write an impossible length over four bytes, before a name where there is one."""
    names = (b"moov", b"mdat", b"uuid", b"jumb", b"jumd", b"cbor", b"stco", b"trak")
    places = [at - 4 for name in names if (at := content.find(name)) >= 4]
    place = rng.choice([*places, rng.randrange(max(len(content) - 4, 1))])
    return content[:place] + rng.choice(ODD_SIZES) + content[place + 4 :]


def zeros(content: bytes, rng: random.Random) -> bytes:
    """Blank a stretch."""
    place, length = rng.randrange(len(content)), rng.randrange(1, 4096)
    gap = min(length, len(content) - place)
    return content[:place] + bytes(gap) + content[place + gap :]


def doubled(content: bytes, rng: random.Random) -> bytes:
    """Let a stretch come twice."""
    place, length = rng.randrange(len(content)), rng.randrange(1, 4096)
    return content[: place + length] + content[place:]


def taken_out(content: bytes, rng: random.Random) -> bytes:
    """Leave a stretch out."""
    place = rng.randrange(len(content))
    return content[:place] + content[place + rng.randrange(1, 200) :]


def put_in(content: bytes, rng: random.Random) -> bytes:
    """Add noise somewhere."""
    place = rng.randrange(len(content))
    return content[:place] + rng.randbytes(rng.randrange(1, 200)) + content[place:]


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(flips, cut, odd_size, zeros, doubled, taken_out, put_in),
)


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return a copy that was harmed in one way."""
    return rng.choice(WAYS)(content, rng)


@dataclass(frozen=True, slots=True)
class Tried:
    """One broken copy: what was said of it, how fast, and what is wrong with that."""

    finding: str
    seconds: float
    fault: str


def fault_of(verdict: Verdict, copy: Path, original: Path, trust: TrustList) -> str:
    """Return what a verdict on a copy should not have said, "" where it is right."""
    words = " ".join(verdict.reasons)
    if "crashed" in words or "failed on it" in words:
        return f"the reader did not survive: {words}"
    claims = verdict.finding in CLAIMING
    if not claims or verdict.provenance.integrity is not Integrity.INTACT:
        return ""
    # padding and empty boxes may change; what was said may not
    said = read_manifest(copy, trust=trust).active
    meant = read_manifest(original, trust=trust).active
    if said is None or meant is None or said.assertions != meant.assertions:
        return "it vouches for what was never signed"
    return ""


def tries(
    files: list[Path],
    number: int,
    *,
    seed: int,
    trust: TrustList,
    whole: bool = False,
    judge: Callable[..., Verdict] = check,
) -> Iterator[Tried]:
    """Judge ``number`` broken copies of files, the next file each time."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(number):
            original = files[turn % len(files)]
            copy = Path(folder) / f"copy{original.suffix}"
            copy.write_bytes(mutated(original.read_bytes(), rng))
            started = time.monotonic()
            verdict = judge(copy, trust=trust, provenance_only=not whole)
            seconds = time.monotonic() - started
            fault = fault_of(verdict, copy, original, trust)
            if seconds > LONGEST_SECONDS:
                fault = fault or f"it took {seconds:.0f} s"
            if fault:
                fault = f"{original.name}, seed {seed}, turn {turn}: {fault}"
            yield Tried(verdict.finding.value, seconds, fault)


def main() -> None:
    """Try as many copies as asked, and tell what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", type=int)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trust", type=Path)
    parser.add_argument("--whole", action="store_true")
    asked = parser.parse_args()
    trust = TrustList.load(asked.trust) if asked.trust else TrustList()
    found = tries(
        asked.files, asked.number, seed=asked.seed, trust=trust, whole=asked.whole
    )
    told(found)


def told(all_tried: Iterator[Tried]) -> None:
    """Print findings, the slowest, and every fault."""
    counts: Counter[str] = Counter()
    slowest = 0.0
    for tried in all_tried:
        counts[tried.finding] += 1
        slowest = max(slowest, tried.seconds)
        if tried.fault:
            print(tried.fault, flush=True)
    print(dict(counts.most_common()), f"slowest {slowest:.1f} s")


if __name__ == "__main__":
    main()
