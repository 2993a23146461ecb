"""Face tracks and blink evidence made of numbers, for the verifier's tests."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.faces.track import FaceTrack
from lampoon.verify.blink.events import BlinkEvent
from lampoon.verify.blink.measure import measure_blinks
from lampoon.verify.evidence import PictureEvidence
from lampoon.verify.openness import (
    BLINK_LEFT,
    BLINK_RIGHT,
    LEFT_CORNERS,
    LEFT_LIDS,
    RIGHT_CORNERS,
    RIGHT_LIDS,
)

Vector = npt.NDArray[np.float64]

RATE = 25
TOLERANCE_SECONDS = 0.15
OPEN_EYE = 0.3
EYE_PIXELS = 30.0
LID_TRAVEL, SHAPE_RISE = 0.85, 0.48
"""What a full blink of the rendered performers does to EAR and to eyeBlink."""


@dataclass(frozen=True)
class Blink:
    """A blink to be simulated, with the profile of the rendered performers."""

    start: float
    seconds: float = 0.2
    amplitude: float = 1.0


def clock(seconds: float, rate: float = RATE) -> Vector:
    """Moments of frames at a constant rate."""
    return np.arange(round(seconds * rate)) / rate


def closure_of(times: Vector, blinks: list[Blink]) -> Vector:
    """Closure of an eye: sin2 closing (34 %), hold (12 %), cos2 opening (54 %)."""
    closure = np.zeros(len(times))
    for blink in blinks:
        part = (times - blink.start) / blink.seconds
        closing = np.sin(np.clip(part / 0.34, 0, 1) * np.pi / 2) ** 2
        opening = np.cos(np.clip((part - 0.46) / 0.54, 0, 1) * np.pi / 2) ** 2
        inside = (part >= 0) & (part <= 1)
        profile = np.where(part < 0.46, closing, opening) * inside
        closure = np.maximum(closure, blink.amplitude * profile)
    return closure


def face_track(
    times: Vector,
    left: Vector,
    right: Vector | None = None,
    *,
    mouth: Vector | None = None,
    yaw: float = 0.0,
    measurable: npt.NDArray[np.bool_] | None = None,
    reason: str = "eyes covered",
    noise: float = 0.0,
) -> FaceTrack:
    """A track whose lids follow the given closure, (frames,) each, 0 to 1.

    ``mouth`` is the gap of the lips over the height of the face; ``noise`` is the
    jitter of every point in pixels (seeded).
    """
    count = len(times)
    right = left if right is None else right
    points = np.zeros((count, 478, 2))
    for closure, corners, lids, x in (
        (left, LEFT_CORNERS, LEFT_LIDS, 120.0),
        (right, RIGHT_CORNERS, RIGHT_LIDS, 40.0),
    ):
        points[:, corners[0]] = (x, 100)
        points[:, corners[1]] = (x + EYE_PIXELS, 100)
        half = OPEN_EYE * EYE_PIXELS * (1 - LID_TRAVEL * closure) / 2
        for upper, lower in lids:
            points[:, upper] = np.stack([np.full(count, x + 15), 100 - half], 1)
            points[:, lower] = np.stack([np.full(count, x + 15), 100 + half], 1)
    points[:, 10], points[:, 152] = (90, 40), (90, 240)
    gap = np.zeros(count) if mouth is None else mouth
    points[:, 13] = np.stack([np.full(count, 90.0), 190 - 100 * gap], 1)
    points[:, 14] = np.stack([np.full(count, 90.0), 190 + 100 * gap], 1)
    points += np.random.default_rng(3).normal(0, 1, points.shape) * noise
    shapes = np.zeros((count, 52), np.float32)
    shapes[:, BLINK_LEFT] = SHAPE_RISE * left
    shapes[:, BLINK_RIGHT] = SHAPE_RISE * right
    sure = np.ones((count, 2), np.bool_) if measurable is None else measurable
    return FaceTrack(
        first_frame=0,
        rate=Fraction(RATE),
        times=times,
        landmarks=points.astype(np.float32),
        blendshapes=shapes,
        pose=np.tile(np.array([yaw, 0, 0], np.float32), (count, 1)),
        boxes=np.tile(np.array([30, 40, 160, 240], np.float32), (count, 1)),
        scores=np.ones(count, np.float32),
        eyes_measurable=sure,
        sharpness=np.ones(count, np.float32),
        reasons=tuple("" if one and other else reason for one, other in sure),
    )


def truth_of(path: Path) -> dict[str, Any]:
    """The truth beside a rendered clip."""
    truth: dict[str, Any] = json.loads(path.read_text())
    return truth


def missed_and_invented(
    found: list[BlinkEvent] | tuple[BlinkEvent, ...], truth: list[dict[str, Any]]
) -> tuple[list[float], list[float]]:
    """True blinks nobody found, and found ones that are not true, by time.

    They match where they overlap, give or take 150 ms; each counts once.
    """
    free = list(truth)
    invented = []
    for event in found:
        match = next((each for each in free if _overlap(event, each)), None)
        if match is None:
            invented.append(event.peak_seconds)
        else:
            free.remove(match)
    return [each["peak"] for each in free], invented


def _overlap(event: BlinkEvent, truth: dict[str, Any]) -> bool:
    return bool(
        event.start_seconds <= truth["end"] + TOLERANCE_SECONDS
        and event.end_seconds >= truth["start"] - TOLERANCE_SECONDS
    )


def picture_evidence() -> PictureEvidence:
    """What a clip without any face showed."""
    blink = measure_blinks([], 1.0)
    return PictureEvidence(1.0, 160, 120, "25", blink)
