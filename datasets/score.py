"""Ways to measure eyes, side by side on the same clips, as papers compare them.

"In Ictu Oculi" (Li, Chang, Lyu 2018, table 2) sets EAR beside a CNN and an LRCN. So
does this, on rendered people with exact truth, and on what encoding, size and frame
rate do to them.
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.disturb import Disturbance, disturbed
from lampoon.datasets.eyes.crops import truth_at
from lampoon.datasets.metrics import (
    EventScore,
    Span,
    area_under_curve,
    equal_error,
    match_events,
)
from lampoon.faces.detector import LiteRTBackend
from lampoon.faces.track import main_track, track_faces
from lampoon.media.reader import probe, read_frames
from lampoon.verify.blink.events import BlinkEvent, find_blinks
from lampoon.verify.blink.together import blinks_of
from lampoon.verify.eye_watch import EyeStates, EyeWatch
from lampoon.verify.openness import Openness, eye_openness

Vector = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SHUT = 0.5
"""From here on an eye in a blink counts as shut, by frames."""
EAR_TRAVEL = 0.85
"""What a full blink takes off the aspect ratio, as a share."""


class Measure(StrEnum):
    """A way to tell how shut an eye is."""

    EAR = "EAR"
    LANDMARKS = "landmarks"
    CNN = "CNN"
    LRCN = "LRCN"
    VERIFY = "verify"


MEASURES: dict[Measure, Callable[[Openness, EyeStates], Openness]] = {
    Measure.EAR: lambda eyes, _: replace(
        eyes, closure=np.clip((1 - eyes.openness) / EAR_TRAVEL, -0.5, 1)
    ),
    Measure.LANDMARKS: lambda eyes, _: eyes,
    Measure.CNN: lambda eyes, states: replace(eyes, closure=states.shut),
    Measure.LRCN: lambda eyes, states: replace(eyes, closure=states.blinked),
    Measure.VERIFY: lambda eyes, states: replace(
        eyes, closure=(eyes.closure + states.blinked) / 2
    ),
}
"""How each measure sees a track. All share the landmarks and what counts as
measurable; EAR is the aspect ratio alone, ``landmarks`` with the blendshapes,
``verify`` what the verifier makes of landmarks and LRCN (frames: their mean)."""


@dataclass(slots=True)
class Score:
    """One measure under one disturbance, over clips.

    ``scores`` and ``shut`` are one value a measurable frame; ``excused`` true blinks
    that fell where no eye could be measured.
    """

    scores: list[Vector] = field(default_factory=list)
    shut: list[Mask] = field(default_factory=list)
    events: EventScore = field(default_factory=EventScore)
    excused: int = 0

    def figures(self) -> dict[str, Any]:
        """Return what a table shows; None where it cannot be told."""
        scores, shut = np.concatenate(self.scores), np.concatenate(self.shut)
        error = self.events.median_peak_error
        return {
            "frames": len(scores),
            "area_under_curve": _short(area_under_curve(scores, shut)),
            "equal_error": _short(equal_error(scores, shut)),
            "blinks": self.events.matched + self.events.missed,
            "not_measurable": self.excused,
            "precision": _short(self.events.precision),
            "recall": _short(self.events.recall),
            "f1": _short(self.events.f1),
            "median_peak_error_ms": None if error is None else round(1000 * error, 1),
        }


Scores = dict[tuple[str, Measure], Score]


def score_clip(
    clip: Path,
    truth: dict[str, Any],
    disturbances: Iterable[Disturbance],
    scores: Scores,
    watch: Callable[[], EyeWatch] = EyeWatch,
) -> None:
    """Add what every measure makes of a clip under every disturbance to ``scores``.

    Raises FaceError where no face is found, UnreadableError for what is no clip.
    """
    with tempfile.TemporaryDirectory() as folder:
        for what in disturbances:
            target = Path(folder) / "disturbed.mp4"
            seen = disturbed(clip, what, target)
            eyes, states = _measured(seen, watch())
            for measure, view in MEASURES.items():
                score = scores.setdefault((what.name, measure), Score())
                viewed = view(eyes, states)
                found = (
                    blinks_of(eyes, states).counted
                    if measure is Measure.VERIFY
                    else find_blinks(_measurable(viewed))
                )
                _add(score, viewed, found, truth)


def _measured(clip: Path, watch: EyeWatch) -> tuple[Openness, EyeStates]:
    probed = probe(clip)
    tracks = track_faces(
        read_frames(clip),
        rate=probed.rate,
        backend=LiteRTBackend(max_faces=1),
        on_frame=watch.keep,
    )
    track = main_track(tracks, clip)
    return eye_openness(track), watch.states(track)


def _measurable(eyes: Openness) -> Openness:
    return replace(eyes, usable=eyes.usable & np.isfinite(eyes.closure))


def _add(
    score: Score, eyes: Openness, blinks: Sequence[BlinkEvent], truth: dict[str, Any]
) -> None:
    """Add one clip as one measure sees it."""
    _, blinked = truth_at(eyes.times, truth)
    usable = _measurable(eyes).usable
    seen: Mask = np.any(usable, axis=1)
    both = np.where(usable, eyes.closure, 0).sum(axis=1)[seen]
    score.scores.append(both / usable.sum(axis=1)[seen])
    score.shut.append(blinked.mean(axis=1)[seen] >= SHUT)
    true, excused = _true_blinks(truth, eyes.times, seen)
    found = [
        (event.start_seconds, event.peak_seconds, event.end_seconds)
        for event in blinks
        if not event.wink
    ]
    score.events += match_events(found, true, excused)
    score.excused += len(excused)


def _true_blinks(
    truth: dict[str, Any], times: Vector, seen: Mask
) -> tuple[list[Span], list[Span]]:
    """Return the true blinks that could be measured, and those that could not."""
    spans = [(b["start"], b["peak"], b["end"]) for b in truth["blinks"]]
    measurable = [bool(seen[np.abs(times - span[1]).argmin()]) for span in spans]
    return (
        [span for span, sure in zip(spans, measurable, strict=True) if sure],
        [span for span, sure in zip(spans, measurable, strict=True) if not sure],
    )


def rows_of(scores: Scores) -> list[dict[str, Any]]:
    """Return a row a disturbance and measure, in the order in which they came."""
    return [
        {"clip": name, "measure": measure.value, **score.figures()}
        for (name, measure), score in scores.items()
    ]


def _short(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(value, 4)
