"""How strong each mark has to be so that all distort alike."""

import math
from dataclasses import replace

import numpy as np

from lampoon.bench.watermark.quality import Distortion
from lampoon.media.frame import Frame
from lampoon.watermark.adapters.coded import Coded

TRIES, CLOSE_DB = 6, 0.15
LEAST, MOST = 1 / 64, 32.0


def matched(mark: Coded, frames: list[Frame], key: bytes, psnr: float) -> Coded:
    """Return the mark as strong as brings ``frames`` to ``psnr`` over all samples.

    Each try goes by the rule that twice the strength costs 6 dB; where two tries lie
    on both sides the next goes between them.
    """
    strength = 1.0
    tried: list[tuple[float, float]] = []
    for _ in range(TRIES):
        found = _psnr(replace(mark, strength=strength), frames, key)
        tried.append((strength, found))
        if abs(found - psnr) < CLOSE_DB:
            break
        strength = _next(tried, psnr)
    best = min(tried, key=lambda each: abs(each[1] - psnr))
    return replace(mark, strength=round(best[0], 4))


def _next(tried: list[tuple[float, float]], psnr: float) -> float:
    louder = [strength for strength, found in tried if found < psnr]
    quieter = [strength for strength, found in tried if found >= psnr]
    if louder and quieter:
        return math.sqrt(min(louder) * max(quieter))
    strength, found = tried[-1]
    return float(np.clip(strength * 10 ** ((found - psnr) / 20), LEAST, MOST))


def _psnr(mark: Coded, frames: list[Frame], key: bytes) -> float:
    distortion = Distortion()
    for before, after in zip(frames, mark.embed(frames, key), strict=True):
        distortion.add(before, after)
    return distortion.psnr
