"""From face tracks to blink evidence: the one face at a time that a clip shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lampoon.verify.blink.context import context_of, moving_seconds
from lampoon.verify.blink.events import BlinkEvent, mean_closure
from lampoon.verify.blink.habits import habits_of
from lampoon.verify.blink.repetition import find_repetition
from lampoon.verify.blink.statistics import blink_statistics
from lampoon.verify.blink.together import blinks_of
from lampoon.verify.evidence import BlinkEvidence, Timeline
from lampoon.verify.openness import Openness, eye_openness, frame_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lampoon.faces.track import FaceTrack
    from lampoon.verify.eye_watch import EyeStates, EyeWatch

OVERLAP_SECONDS = 0.2
NO_FACE = "no face"


def measure_blinks(
    tracks: Sequence[FaceTrack],
    clip_seconds: float,
    *,
    cut_off: bool = False,
    watch: EyeWatch | None = None,
) -> BlinkEvidence:
    """Return the blinks of the clip's main face, and what could not be measured.

    A cut ends a track, so tracks that follow each other are taken together; of
    faces seen at once only the one that fills most of the clip counts.
    ``clip_seconds`` is how much of the clip was looked at; ``watch`` has seen the eyes
    of all tracks, where the networks are asked as well.
    """
    chain = one_at_a_time(tracks)
    eyes = [eye_openness(track) for track in chain]
    states = [watch.states(track) if watch else None for track in chain]
    seen = [blinks_of(*each) for each in zip(eyes, states, strict=True)]
    events = _in_order(blink for each in seen for blink in each.counted)
    doubtful = _in_order(blink for each in seen for blink in each.doubtful)
    lost = _lost(eyes, clip_seconds)
    on_screen = sum(float(frame_seconds(each.times).sum()) for each in eyes)
    moving = [moving_seconds(track) for track in chain]
    context = context_of(np.concatenate(moving) if moving else np.zeros(0, bool))
    statistics = blink_statistics(
        events,
        doubtful=sum(not blink.wink for blink in doubtful),
        measurable_seconds=sum(each.measurable_seconds for each in eyes),
        on_screen_seconds=on_screen,
        context=context,
        reason_lost=_main_reason(lost, seen=bool(chain)),
    )
    return BlinkEvidence(
        statistics=statistics,
        events=events,
        doubtful=doubtful,
        timeline=_timeline(eyes, states),
        lost=tuple(lost.items()),
        faces=len(chain),
        cut_off=cut_off,
        habits=habits_of(events, eyes, context),
        repetition=find_repetition(events),
    )


def one_at_a_time(tracks: Sequence[FaceTrack]) -> list[FaceTrack]:
    """Return the main face and all that do not overlap it, in order of time.

    The main face is on screen longest, weighed by its size.
    """
    chosen: list[FaceTrack] = []
    for track in sorted(tracks, key=lambda one: -_presence(one)):
        if all(_apart(track, other) for other in chosen):
            chosen.append(track)
    return sorted(chosen, key=lambda one: float(one.times[0]))


def _presence(track: FaceTrack) -> float:
    """Return how much of the clip a face fills: its height summed over its frames."""
    return float(np.nansum(track.boxes[:, 3] - track.boxes[:, 1]))


def _apart(one: FaceTrack, other: FaceTrack) -> bool:
    """Return whether two tracks are never on screen together for long."""
    first = max(float(one.times[0]), float(other.times[0]))
    last = min(float(one.times[-1]), float(other.times[-1]))
    return last - first < OVERLAP_SECONDS


def _lost(eyes: Sequence[Openness], clip_seconds: float) -> dict[str, float]:
    """Return the seconds without measurable eyes, by reason, longest first."""
    lost: dict[str, float] = {}
    for each in eyes:
        for reason, seconds in each.lost.items():
            lost[reason] = lost.get(reason, 0.0) + seconds
    on_screen = sum(float(frame_seconds(each.times).sum()) for each in eyes)
    absent = clip_seconds - on_screen
    if absent > 0.1:
        lost[NO_FACE] = lost.get(NO_FACE, 0.0) + absent
    return dict(sorted(lost.items(), key=lambda item: -item[1]))


def _main_reason(lost: dict[str, float], *, seen: bool) -> str:
    """Return why most of the time on screen was lost."""
    reasons = [reason for reason in lost if not seen or reason != NO_FACE]
    return reasons[0] if reasons else NO_FACE


def _in_order(blinks: Iterable[BlinkEvent]) -> tuple[BlinkEvent, ...]:
    return tuple(sorted(blinks, key=lambda blink: blink.peak_seconds))


def _timeline(eyes: Sequence[Openness], states: Sequence[EyeStates | None]) -> Timeline:
    """Return the openness of all stretches, None where an eye did not count."""
    seconds: list[float] = []
    sides: tuple[list[float | None], list[float | None]] = ([], [])
    blinked: list[float | None] = []
    for each, state in zip(eyes, states, strict=True):
        seconds += [round(float(time), 4) for time in each.times]
        for side, values in enumerate(sides):
            values += _rounded(each.openness[:, side], each.usable[:, side])
        if state is not None:
            closure = mean_closure(replace(each, closure=state.blinked))
            blinked += _rounded(closure, np.isfinite(closure))
    return Timeline(tuple(seconds), tuple(sides[0]), tuple(sides[1]), tuple(blinked))


def _rounded(
    values: npt.NDArray[np.float64], sure: npt.NDArray[np.bool_]
) -> list[float | None]:
    return [
        round(float(value), 3) if believed else None
        for value, believed in zip(values, sure, strict=True)
    ]
