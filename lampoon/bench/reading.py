"""Verifying a clip, beside decoding it and hashing its bytes."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lampoon.bench.clock import Made, Timed, ratio, timed
from lampoon.media.reader import probe, read_frames
from lampoon.verify.check import check, provenance_of
from lampoon.watermark.manifest.trust import TrustList

BLOCK_BYTES = 1 << 20


def verify_figures(clip: Path) -> dict[str, Any]:
    """Return seconds for the verdict and for its parts, each beside its limit.

    The limits are decoding every frame with the same library, as planes and as RGB,
    and SHA-256 of the same bytes. ``*_ratio`` is the limit's seconds over ours;
    ``*_cpu_seconds`` count every thread and the limited child.
    """
    facts = probe(clip)
    trust = TrustList()
    planes = _timed(lambda: sum(1 for _ in read_frames(clip)))
    decoding = timed(lambda: sum(frame.rgb.shape[0] > 0 for frame in read_frames(clip)))
    hashing = timed(lambda: _hash(clip))
    manifest = timed(lambda: provenance_of(clip, trust=trust))
    alone = _timed(lambda: check(clip, trust=trust, provenance_only=True))
    verdict = _timed(lambda: check(clip, trust=trust))
    seconds = float(facts.seconds)
    return {
        "bench": "verify",
        "clip": str(clip),
        "frames": facts.frame_count,
        "clip_seconds": seconds,
        "verify_seconds": round(verdict.seconds, 3),
        "verify_cpu_seconds": round(verdict.cpu_seconds, 2),
        "times_real_time": round(seconds / verdict.seconds, 2),
        "times_real_time_per_core": round(seconds / verdict.cpu_seconds, 2),
        "planes_seconds": round(planes.seconds, 3),
        "planes_cpu_seconds": round(planes.cpu_seconds, 2),
        "planes_ratio": ratio(planes.seconds, verdict.seconds),
        "decode_seconds": round(decoding.seconds, 3),
        "decode_ratio": ratio(decoding.seconds, verdict.seconds),
        "manifest_seconds": round(manifest.seconds, 4),
        "provenance_only_seconds": round(alone.seconds, 4),
        "sha256_seconds": round(hashing.seconds, 4),
        "sha256_ratio": ratio(hashing.seconds, manifest.seconds),
    }


def _hash(clip: Path) -> str:
    hasher = hashlib.sha256()
    with clip.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            hasher.update(block)
    return hasher.hexdigest()


def _timed(work: Callable[[], Made]) -> Timed[Made]:
    """Return what ``work()`` made; the seconds of children that ended count too."""
    before = os.times()
    found = timed(work)
    after = os.times()
    mine = after.user + after.system - before.user - before.system
    theirs = after.children_user + after.children_system
    theirs -= before.children_user + before.children_system
    return Timed(found.made, found.seconds, mine + theirs)
