"""Blinks out of eye closure: where each starts, peaks and ends, and how deep.

A blink is a short closing that reopens: a squint or a look down narrows the eye as
far as an incomplete blink does, but stays. So depth is measured against the lesser
of both shoulders, and both sides must come back soon.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from lampoon.verify.openness import LONGEST_STEP_SECONDS, Openness

Vector = npt.NDArray[np.float64]

SHOULDER_SECONDS = 0.5
"""How far before and after the peak the eye must have been open."""
SMALLEST_HEIGHT = 0.28
"""Closure over the shoulder that makes a blink; incomplete ones start at .45."""
EDGE_HEIGHT = 0.50
"""The same where the clip begins or ends in mid-blink: only one shoulder is seen."""
COMPLETE_HEIGHT = 0.80
START_SHARE, HALF_SHARE = 0.15, 0.5
LONGEST_SECONDS = 1.0
MERGE_SECONDS = 0.08
ONE_EYED_SHARE = 0.4
"""An eye that moves less than this share of the other one did not blink."""


class Eyes(StrEnum):
    """Which eyes were seen to close."""

    BOTH = "both"
    LEFT = "left"
    RIGHT = "right"


class SeenBy(StrEnum):
    """Which measures of the eyes saw a blink."""

    BOTH = "both"
    LANDMARKS = "landmarks"
    PIXELS = "pixels"


@dataclass(frozen=True, slots=True)
class BlinkEvent:
    """One blink; times in seconds of the clip's own clock.

    ``amplitude`` is the largest closure over the open eye, 0 to 1; ``complete`` is
    true where the lids met as far as can be told. ``wink`` is true where both eyes
    were measurable and only one closed: it is listed, never counted.
    ``half_seconds`` is how long the lid was more than half way down (see
    docs/verify.md on its bias): published durations are mostly measured so.
    ``seen_by`` tells whether the landmarks, the networks that look at the pixels, or
    both saw it.
    """

    start_seconds: float
    peak_seconds: float
    end_seconds: float
    amplitude: float
    complete: bool
    eyes: Eyes
    wink: bool = False
    half_seconds: float = 0.0
    seen_by: SeenBy = SeenBy.LANDMARKS


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Consecutive usable samples; ``opens``/``ends`` tell if the clip does so here."""

    times: Vector
    closure: Vector
    opens: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class _Peak:
    """A candidate inside a run: sample, height over its shoulder, that shoulder."""

    index: int
    height: float
    base: float


def find_blinks(openness: Openness) -> list[BlinkEvent]:
    """Return the blinks in rising order of time.

    Frames without a usable eye break the signal: nothing is interpolated over
    them, and nothing is reported from them.
    """
    closure = mean_closure(openness)
    blinks: list[BlinkEvent] = []
    for first, stop in _runs(openness.times, np.isfinite(closure)):
        run = _Run(
            openness.times[first:stop],
            closure[first:stop],
            first == 0,
            stop == len(closure),
        )
        for peak in _peaks(run):
            event = _event(run, peak)
            if event is not None:
                sides = slice(first, stop)
                blinks.append(_with_eyes(event, openness, sides, first + peak.index))
    return merged(sorted(blinks, key=lambda blink: blink.peak_seconds))


def mean_closure(openness: Openness) -> Vector:
    """Return the mean closure of the usable eyes, (frames,), NaN where none is."""
    believed = np.where(openness.usable, openness.closure, 0.0)
    count = openness.usable.sum(axis=1)
    mean: Vector = np.where(
        count > 0, believed.sum(axis=1) / np.maximum(count, 1), np.nan
    )
    return mean


def merged(blinks: list[BlinkEvent]) -> list[BlinkEvent]:
    """Return the blinks with those joined that overlap or almost touch halfway shut.

    Two that follow each other closely stay two where the eye opened in between;
    the finder has made sure of that, so only true overlaps are joined here.
    """
    kept: list[BlinkEvent] = []
    for blink in blinks:
        last = kept[-1] if kept else None
        if last and blink.peak_seconds - last.peak_seconds < MERGE_SECONDS:
            kept[-1] = max(last, blink, key=lambda one: one.amplitude)
            continue
        kept.append(blink)
    return kept


def _runs(times: Vector, usable: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return [first, stop) of each stretch without a lost frame or a long step."""
    runs: list[tuple[int, int]] = []
    first: int | None = None
    for i in range(len(times)):
        gap = i > 0 and times[i] - times[i - 1] > LONGEST_STEP_SECONDS
        if first is not None and (gap or not usable[i]):
            runs.append((first, i))
            first = None
        if first is None and usable[i]:
            first = i
    if first is not None:
        runs.append((first, len(times)))
    return [(a, b) for a, b in runs if b - a >= 3]


def _peaks(run: _Run) -> list[_Peak]:
    """Return the candidates, highest first, none on the flank of another."""
    found: list[_Peak] = []
    for i in range(len(run.closure)):
        here = run.closure[i]
        before = run.closure[i - 1] if i else -np.inf
        after = run.closure[i + 1] if i + 1 < len(run.closure) else -np.inf
        if here < SMALLEST_HEIGHT or here < before or here <= after:
            continue
        peak = _peak(run, i)
        if peak is not None:
            found.append(peak)
    return sorted(found, key=lambda peak: -peak.height)


def _peak(run: _Run, index: int) -> _Peak | None:
    """Return the candidate at a local maximum, None where it is too shallow."""
    time, top = run.times[index], run.closure[index]
    before, rising = _shoulder(run, index, -1)
    after, falling = _shoulder(run, index, 1)
    opens = run.opens and time - run.times[0] < SHOULDER_SECONDS
    ends = run.ends and run.times[-1] - time < SHOULDER_SECONDS
    base = max(before, after)
    height = top - base
    if height >= SMALLEST_HEIGHT and rising and falling:
        return _Peak(index, float(height), float(base))
    one = after if opens and falling else before if ends and rising else top
    if top - one >= EDGE_HEIGHT and (opens != ends):
        return _Peak(index, float(top - one), float(one))
    return None


def _shoulder(run: _Run, index: int, step: int) -> tuple[float, bool]:
    """Return the least closure on one side before something higher, and if any."""
    least, i, seen = float(run.closure[index]), index + step, False
    while 0 <= i < len(run.closure):
        far = abs(run.times[i] - run.times[index]) > SHOULDER_SECONDS and seen
        if far or run.closure[i] > run.closure[index]:
            break
        least, seen = min(least, float(run.closure[i])), True
        i += step
    return least, seen


def _event(run: _Run, peak: _Peak) -> BlinkEvent | None:
    """Return the blink around a peak, None where it lasts too long for one."""
    start = _edge(run, peak, -1)
    end = _edge(run, peak, 1)
    if end - start > LONGEST_SECONDS:
        return None
    amplitude = float(min(max(peak.height, run.closure[peak.index]), 1.0))
    return BlinkEvent(
        start_seconds=start,
        peak_seconds=_summit(run, peak.index),
        end_seconds=end,
        amplitude=amplitude,
        complete=amplitude >= COMPLETE_HEIGHT,
        eyes=Eyes.BOTH,
        half_seconds=_crossing(run, peak, HALF_SHARE, 1)
        - _crossing(run, peak, HALF_SHARE, -1),
    )


def _edge(run: _Run, peak: _Peak, step: int) -> float:
    """Return when the movement began (step -1) or ended (step 1), in seconds.

    The crossings at half and at 15 % of the height give a line; where it reaches
    the shoulder the lid started to move.
    """
    half = _crossing(run, peak, HALF_SHARE, step)
    low = _crossing(run, peak, START_SHARE, step)
    reach = (low - half) * START_SHARE / (HALF_SHARE - START_SHARE)
    bound = run.times[0] if step < 0 else run.times[-1]
    edge = low + reach
    return float(max(edge, bound) if step < 0 else min(edge, bound))


def _crossing(run: _Run, peak: _Peak, share: float, step: int) -> float:
    """Return when the closure passes a share of the height, interpolated."""
    level = peak.base + share * peak.height
    i = peak.index
    while 0 <= i + step < len(run.closure):
        here, there = run.closure[i], run.closure[i + step]
        if there <= level:
            part = (here - level) / max(here - there, 1e-9)
            return float(run.times[i] + part * (run.times[i + step] - run.times[i]))
        i += step
    return float(run.times[i])


def _summit(run: _Run, index: int) -> float:
    """Return the time of the peak between the samples, by a parabola through three."""
    if index == 0 or index + 1 == len(run.times):
        return float(run.times[index])
    t = run.times[index - 1 : index + 2] - run.times[index]
    c = run.closure[index - 1 : index + 2]
    left, right = (c[0] - c[1]) / t[0], (c[2] - c[1]) / t[2]
    curve = (right - left) / (t[2] - t[0])
    if curve >= -1e-9:
        return float(run.times[index])
    slope = left - curve * t[0]
    shift = float(np.clip(-slope / (2 * curve), t[0] / 2, t[2] / 2))
    return float(run.times[index]) + shift


def _with_eyes(
    event: BlinkEvent, openness: Openness, sides: slice, index: int
) -> BlinkEvent:
    """Return the event with the eyes that took part."""
    near = np.abs(openness.times - openness.times[index]) <= MERGE_SECONDS
    near[: sides.start] = False
    near[sides.stop :] = False
    depth = [
        float(
            np.max(
                np.where(openness.usable[near, side], openness.closure[near, side], 0)
            )
        )
        for side in range(2)
    ]
    seen = openness.usable[index]
    moved = [depth[side] >= ONE_EYED_SHARE * max(depth) for side in range(2)]
    took = [bool(seen[side] and moved[side]) for side in range(2)]
    eyes = Eyes.BOTH if all(took) else Eyes.LEFT if took[0] else Eyes.RIGHT
    return replace(event, eyes=eyes, wink=bool(seen.all() and not all(took)))
