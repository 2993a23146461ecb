"""How much of a picture's quality a mark costs, as viewers would say.

A small stand-in for VMAF: detail that is lost or drowned (Li and others' measure of
2011) and what is left of the information in a place (Sheikh and Bovik, 2006), weighed
as VMAF weighs them on marked clips, and what motion hides. Within a point of VMAF on
the clips that it was fitted to; dearer measures have no place in a loop.
"""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.tile import Plane, small

Luma = npt.NDArray[np.uint8]

LOW = np.array([0.48296, 0.83652, 0.22414, -0.12941])
HIGH = np.array([-0.12941, -0.22414, 0.83652, -0.48296])
"""Daubechies' wavelet of four taps."""

SENSITIVE = ((0.03198, 0.0143), (0.04337, 0.0244), (0.04567, 0.03131))
"""How well edges and diagonals of each size are seen, finest first."""

MIDDLE = np.float32(128)
"""Grey level that counts as none."""

UNSEEN_EDGE = 0.1
"""Part of the picture at each side that does not count."""

STEERED = float(np.cos(np.radians(1.0)) ** 2)
"""Detail that keeps its direction this well is detail, however strong."""

NOISE = 2.0
"""Variance that the eye adds."""

SMALL = 180
"""Samples on the shorter side in which information is compared."""

STILL, MOTION = 97.43, 1.38
"""Points of a clip that stands still and is whole, and what motion adds."""

DETAIL, INFORMATION, BEGIN = 183.9, 40.6, -0.87
"""Points that go with all detail and all information; fitted to VMAF."""


def points(plain: Sequence[Luma], marked: Luma) -> tuple[float, float]:
    """Return the points of whole frames, and how many the first one's mark costs.

    ``plain`` are frames that follow each other, ``marked`` the first of them.
    """
    lost = DETAIL * _lost_detail(plain[0], marked)
    lost += INFORMATION * _lost_information(plain[0], marked) + BEGIN
    return STILL + MOTION * _motion(plain), lost


def _motion(planes: Sequence[Luma]) -> float:
    smooth = [cv2.GaussianBlur(plane, (5, 5), 0.8) for plane in planes]
    steps = [cv2.norm(a, b, cv2.NORM_L1) / a.size for a, b in pairwise(smooth)]
    return float(np.mean(steps)) if steps else 0.0


def _lost_detail(plain: Luma, marked: Luma) -> float:
    before, after = (np.asarray(each, np.float32) - MIDDLE for each in (plain, marked))
    left = whole = 0.0
    for sensitive in SENSITIVE:
        before, *was = _bands(before)
        after, *now = _bands(after)
        weights = (sensitive[0], sensitive[0], sensitive[1])
        kept, drowned = _told_apart(was, now, weights)
        least = (_inner(before).size / 32) ** (1 / 3)
        for band, detail, weight in zip(was, kept, weights, strict=True):
            left += _strength(detail - drowned) + least
            whole += _strength(np.abs(band)) * weight + least
    return 1 - left / whole


def _bands(plane: Plane) -> list[Plane]:
    taps = ((LOW, LOW), (LOW, HIGH), (HIGH, LOW), (HIGH, HIGH))
    filtered = [cv2.sepFilter2D(plane, -1, x, y)[::2, ::2] for x, y in taps]
    return [np.asarray(each, np.float32) for each in filtered]


def _told_apart(
    was: Sequence[Plane], now: Sequence[Plane], weights: tuple[float, float, float]
) -> tuple[list[Plane], Plane]:
    """Return the detail that is still there in each band, and what covers it."""
    along = was[0] * now[0] + was[1] * now[1]
    both = (was[0] ** 2 + was[1] ** 2) * (now[0] ** 2 + now[1] ** 2)
    steered = (along > 0) & (along * along >= STEERED * both)
    kept: list[Plane] = []
    drowned = np.zeros_like(was[0])
    for before, after, weight in zip(was, now, weights, strict=True):
        part = np.clip(after / (before + 1e-30), 0, 1)
        detail = np.where(steered, after, part * before)
        added = np.abs(after - detail) * weight
        around = cv2.boxFilter(added, -1, (3, 3), normalize=False)
        drowned += np.asarray((around + added) / 30, np.float32)
        kept.append(np.asarray(np.abs(detail) * weight, np.float32))
    return kept, drowned


def _inner(plane: Plane) -> Plane:
    height, width = plane.shape
    y, x = int(height * UNSEEN_EDGE), int(width * UNSEEN_EDGE)
    return plane[y : height - y, x : width - x]


def _strength(plane: Plane) -> float:
    """Return the cubic norm of what is above nothing."""
    above = np.maximum(_inner(plane), 0)
    return float(np.cbrt(np.sum(above * above * above)))


def _lost_information(plain: Luma, marked: Luma) -> float:
    height, width = plain.shape
    scale = SMALL / min(plain.shape)
    size = (round(width * scale), round(height * scale))
    before, after = small(plain, *size), small(marked, *size)
    was, now = _smooth(before), _smooth(after)
    had = np.maximum(_smooth(before * before) - was * was, 1e-6)
    has = np.maximum(_smooth(after * after) - now * now, 0)
    shared = _smooth(before * after) - was * now
    slope = np.maximum(shared / had, 0)
    error = np.maximum(has - slope * shared, 1e-6)
    told = np.log2(1 + slope * slope * had / (error + NOISE))
    flat = had < NOISE
    left = np.where(flat, 1.0, told).sum()
    return 1 - float(left / np.where(flat, 1.0, np.log2(1 + had / NOISE)).sum())


def _smooth(plane: Plane) -> Plane:
    return np.asarray(cv2.GaussianBlur(plane, (5, 5), 1.0), np.float32)
