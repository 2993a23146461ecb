"""Eye openness from a face track, and whether it can be believed.

Landmarks are always delivered, even for eyes nobody can see; so openness comes
with a mask, and with the seconds lost for each reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from lampoon.faces.track import FaceTrack

Vector = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# the 478-point mesh: outer corner, inner corner, (upper lid, lower lid) pairs
LEFT_CORNERS = (263, 362)
LEFT_LIDS = ((386, 374), (385, 380), (387, 373), (388, 390), (384, 381))
RIGHT_CORNERS = (33, 133)
RIGHT_LIDS = ((159, 145), (158, 153), (160, 144), (161, 163), (157, 154))
BLINK_LEFT, BLINK_RIGHT = 9, 10
"""Places of eyeBlinkLeft and eyeBlinkRight among the 52 blendshapes."""

WINDOW_SECONDS = 3.0
OPEN_PERCENTILE = 85.0
SHUT_FLOOR = 0.5
"""The open reference never falls below this share of the whole track's."""
BLENDSHAPE_GAIN = 1.5
"""eyeBlink rises by .4 to .8 in a full blink, EAR falls by .7 to .95."""
SHUT_SIGNAL = 0.78
"""Mean of both votes in a full blink (rendered performers ada and ben)."""

LARGEST_YAW = 30.0
LARGEST_PITCH = 30.0
SLOWEST_RATE = 9.5
"""Frames a second below which a blink of 200 ms may fall between two frames."""
LONGEST_STEP_SECONDS = 0.25
SHORT_DOUBT_SECONDS = 0.35
"""A shut eye can look covered; a doubt this short between sure frames is dropped."""


@dataclass(frozen=True, slots=True, eq=False)
class Openness:
    """Both eyes over the frames of one track.

    ``times`` is (frames,) float64 seconds, strictly rising. ``openness`` and
    ``closure`` are (frames, 2) float64, subject's left eye first: openness is the
    height over width relative to the same eye wide open (about 1); closure is 0 for
    open and 1 for shut, by lids and blendshape together; NaN where the face was
    lost. ``usable`` is (frames, 2) bool. ``lost`` gives the seconds in which
    neither eye could be measured, by reason.
    """

    times: Vector
    openness: Vector
    closure: Vector
    usable: Mask
    lost: dict[str, float]

    @property
    def measurable_seconds(self) -> float:
        """Return the seconds in which at least one eye could be measured."""
        return float(frame_seconds(self.times)[self.usable.any(axis=1)].sum())


def frame_seconds(times: Vector) -> Vector:
    """Return how long each frame stands, in seconds, at most a quarter."""
    if len(times) < 2:
        return np.zeros(len(times))
    steps = np.diff(times)
    typical = float(np.median(steps))
    steps = np.minimum(steps, LONGEST_STEP_SECONDS)
    result: Vector = np.append(steps, typical)
    return result


def aspect_ratio(
    landmarks: npt.NDArray[np.float32],
    corners: tuple[int, int],
    lids: tuple[tuple[int, int], ...],
) -> Vector:
    """Return the height of one eye over its width, (frames,), 0 is shut.

    ``landmarks`` is (frames, 478, 2) float32 pixels. The height is the mean of
    several pairs of lid points, because single ones jitter. Source: Soukupova and
    Cech 2016, equation 1, with more pairs.
    """
    outer, inner = (landmarks[:, corner].astype(np.float64) for corner in corners)
    width = np.linalg.norm(outer - inner, axis=1)
    upper, lower = (
        landmarks[:, list(points)].astype(np.float64)
        for points in zip(*lids, strict=True)
    )
    height = np.linalg.norm(upper - lower, axis=2).mean(axis=1)
    ratio: Vector = height / np.maximum(width, 1e-6)
    return ratio


def rolling_percentile(times: Vector, values: Vector, percentile: float) -> Vector:
    """Return the percentile of the 3 s around each moment, (frames,); NaN is skipped.

    It is evaluated ten times a second and interpolated in between.
    """
    sure = np.isfinite(values)
    if not sure.any():
        return np.full(len(values), np.nan)
    known, figures = times[sure], values[sure]
    grid = np.arange(times[0], times[-1] + 0.1, 0.1)
    first = np.searchsorted(known, grid - WINDOW_SECONDS / 2)
    stop = np.searchsorted(known, grid + WINDOW_SECONDS / 2, side="right")
    levels = [
        _percentile(figures[a:b], percentile) if b > a else np.nan
        for a, b in zip(first, stop, strict=True)
    ]
    found = np.isfinite(levels)
    result: Vector = np.interp(times, grid[found], np.array(levels)[found])
    return result


def _percentile(figures: Vector, percentile: float) -> float:
    """Return what ``np.percentile`` does, ten times as fast for a few figures."""
    place = (len(figures) - 1) * percentile / 100
    low = int(place)
    high = min(low + 1, len(figures) - 1)
    parted = np.partition(figures, (low, high))
    return float(parted[low] + (parted[high] - parted[low]) * (place - low))


def eye_openness(track: FaceTrack) -> Openness:
    """Return how open both eyes are in each frame, and which frames count.

    A frame counts for an eye where the track says it is measurable, the head is
    turned less than 30 degrees, and the track has at least 9.5 frames a second.
    """
    times = np.asarray(track.times, dtype=np.float64)
    usable, doubts = _usable(track, times)
    eyes = (
        (LEFT_CORNERS, LEFT_LIDS, BLINK_LEFT),
        (RIGHT_CORNERS, RIGHT_LIDS, BLINK_RIGHT),
    )
    openness = np.full((len(times), 2), np.nan)
    closure = np.full((len(times), 2), np.nan)
    for side, (corners, lids, shape) in enumerate(eyes):
        ratio = aspect_ratio(track.landmarks, corners, lids)
        vote = np.asarray(track.blendshapes[:, shape], dtype=np.float64)
        openness[:, side], closure[:, side] = _one_eye(
            times, ratio, vote, usable[:, side]
        )
    usable &= np.isfinite(closure)
    return Openness(times, openness, closure, usable, _lost(times, usable, doubts))


def _one_eye(
    times: Vector, ratio: Vector, vote: Vector, sure: Mask
) -> tuple[Vector, Vector]:
    """Return openness and closure of one eye, both (frames,)."""
    believed = np.where(sure, ratio, np.nan)
    if not np.isfinite(believed).any():
        return np.full(len(times), np.nan), np.full(len(times), np.nan)
    wide = rolling_percentile(times, believed, OPEN_PERCENTILE)
    whole = float(np.nanpercentile(believed, OPEN_PERCENTILE))
    openness = ratio / np.maximum(wide, max(SHUT_FLOOR * whole, 1e-6))
    rest = rolling_percentile(
        times, np.where(sure, vote, np.nan), 100.0 - OPEN_PERCENTILE
    )
    shut = ((1.0 - openness) + BLENDSHAPE_GAIN * (vote - rest)) / 2.0
    return openness, np.clip(shut / SHUT_SIGNAL, -0.5, 1.0)


def _usable(track: FaceTrack, times: Vector) -> tuple[Mask, list[str]]:
    """Return which eyes count in which frame, (frames, 2), and why not."""
    usable = np.array(track.eyes_measurable, dtype=np.bool_, copy=True)
    doubts = list(track.reasons)
    turned = (np.abs(track.pose[:, 0]) > LARGEST_YAW) | (
        np.abs(track.pose[:, 1]) > LARGEST_PITCH
    )
    slow = len(times) > 1 and float(np.median(np.diff(times))) > 1.0 / SLOWEST_RATE
    for side in range(2):
        usable[:, side] = without_short_doubts(times, usable[:, side])
    present = np.isfinite(track.landmarks[:, 0, 0])
    for frame in range(len(times)):
        doubts[frame] = _reason(
            doubts[frame], bool(present[frame]), bool(turned[frame]), slow
        )
    usable &= present[:, None] & ~turned[:, None]
    return (np.zeros_like(usable) if slow else usable), doubts


def _reason(given: str, present: bool, turned: bool, slow: bool) -> str:
    """Return why a frame does not count, the strongest reason first."""
    if slow:
        return "too few frames a second"
    if not present:
        return "no face"
    return "turned away" if turned else given


def without_short_doubts(times: Vector, sure: Mask) -> Mask:
    """Return the mask with unsure runs up to .35 s between sure frames filled.

    Examples
    --------
    >>> times = np.arange(5) * 0.04
    >>> without_short_doubts(times, np.array([1, 0, 1, 0, 0], bool)).tolist()
    [True, True, True, False, False]
    """
    filled = sure.copy()
    where = np.flatnonzero(sure)
    for before, after in pairwise(where):
        if times[after] - times[before] <= SHORT_DOUBT_SECONDS:
            filled[before:after] = True
    return filled


def _lost(times: Vector, usable: Mask, doubts: list[str]) -> dict[str, float]:
    """Return the seconds without a measurable eye, by reason, longest first."""
    lengths = frame_seconds(times)
    lost: dict[str, float] = {}
    for frame in np.flatnonzero(~usable.any(axis=1)):
        reason = doubts[frame] or "not measurable"
        lost[reason] = lost.get(reason, 0.0) + float(lengths[frame])
    return dict(sorted(lost.items(), key=lambda item: -item[1]))
