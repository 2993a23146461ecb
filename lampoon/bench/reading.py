"""Verifying a clip, beside decoding it and hashing its bytes."""

import hashlib
from pathlib import Path
from typing import Any

from lampoon.bench.clock import ratio, timed
from lampoon.media.reader import probe, read_frames
from lampoon.verify.check import check
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.trust import TrustList


def verify_figures(clip: Path) -> dict[str, Any]:
    """Return seconds for the verdict and for the manifest alone, each with its limit.

    The limits are decoding every frame to RGB with the same library, and SHA-256 of
    the same bytes. ``*_ratio`` is the limit's seconds over ours.
    """
    facts = probe(clip)
    trust = TrustList()
    decoding = timed(lambda: sum(frame.rgb.shape[0] > 0 for frame in read_frames(clip)))
    hashing = timed(lambda: hashlib.sha256(clip.read_bytes()).hexdigest())
    manifest = timed(lambda: read_manifest(clip, trust=trust))
    verdict = timed(lambda: check(clip, trust=trust))
    return {
        "bench": "verify",
        "clip": str(clip),
        "frames": facts.frame_count,
        "clip_seconds": float(facts.seconds),
        "verify_seconds": round(verdict.seconds, 3),
        "times_real_time": round(float(facts.seconds) / verdict.seconds, 2),
        "decode_seconds": round(decoding.seconds, 3),
        "decode_ratio": ratio(decoding.seconds, verdict.seconds),
        "manifest_seconds": round(manifest.seconds, 4),
        "sha256_seconds": round(hashing.seconds, 4),
        "sha256_ratio": ratio(hashing.seconds, manifest.seconds),
    }
