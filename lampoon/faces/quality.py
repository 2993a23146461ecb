"""Whether what is read off a face can be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

from lampoon.faces.detector import Face
from lampoon.faces.eye_evidence import EyeEvidence, EyeGallery
from lampoon.faces.landmarks import Eye, eye_distance

LEAST_EYE_DISTANCE_PIXELS = 24.0
MOST_YAW_DEGREES = 30.0
MOST_PITCH_DEGREES = 28.0

LEAST_LIKENESS = 0.55
LEAST_CONTRAST = 0.05
LEAST_SHARPNESS = 0.32
"""Limits for one frame. On a performer whose eyes are not in the gallery, 99 % of
open, shut and squinting eyes have a likeness over 0.54, a contrast over 0.15 and a
sharpness over 0.54; bars of nine kinds stay below one limit or another. Skin with
something on it that looks like an eye (a nostril, a hairline) passes now and then."""

LEAST_USUAL_LIKENESS = 0.58
LEAST_LIKENESS_AMONG = 0.35
WINDOW_SECONDS = 1.0
"""In a track the usual likeness around a frame counts, so that one odd frame of a
blink is not lost; a frame far below is still refused."""


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """What a face allows to be measured.

    ``height_pixels`` is chin to hairline, ``eye_distance_pixels`` between the outer
    corners; ``sharpness`` is that of the sharper eye, see EyeEvidence. ``reason``
    says why an eye is not measurable, "" if both are. ``left`` and ``right`` are
    what the pixels say.
    """

    height_pixels: float
    eye_distance_pixels: float
    sharpness: float
    left_eye_measurable: bool
    right_eye_measurable: bool
    reason: str
    left: EyeEvidence
    right: EyeEvidence


@cache
def _gallery() -> EyeGallery:
    return EyeGallery()


def face_quality(rgb: npt.NDArray[np.uint8], face: Face) -> FaceQuality:
    """Return what RGB (height, width, 3) uint8 allows to be measured of a face.

    The mesh invents eyes where it sees none, so the pixels decide: a bar, a hand or
    dark glasses leave an eye not measurable.
    """
    evidence = _gallery().evidence(rgb, face.landmarks)
    left, right = evidence[Eye.LEFT], evidence[Eye.RIGHT]
    distance = eye_distance(face.landmarks)
    reason = _whole_face(face, distance)
    seen = (False, False) if reason else (_is_seen(left), _is_seen(right))
    return FaceQuality(
        height_pixels=float(face.box[3] - face.box[1]),
        eye_distance_pixels=distance,
        sharpness=max(left.sharpness, right.sharpness),
        left_eye_measurable=seen[0],
        right_eye_measurable=seen[1],
        reason=reason or _eyes(seen, (left, right)),
        left=left,
        right=right,
    )


def _whole_face(face: Face, distance: float) -> str:
    if distance < LEAST_EYE_DISTANCE_PIXELS:
        return "too small"
    if abs(face.yaw) > MOST_YAW_DEGREES or abs(face.pitch) > MOST_PITCH_DEGREES:
        return "turned away"
    return ""


def _is_seen(eye: EyeEvidence) -> bool:
    return (
        eye.likeness >= LEAST_LIKENESS
        and eye.contrast >= LEAST_CONTRAST
        and eye.sharpness >= LEAST_SHARPNESS
    )


def _eyes(seen: tuple[bool, bool], eyes: tuple[EyeEvidence, EyeEvidence]) -> str:
    hidden = [eye for eye, is_seen in zip(eyes, seen, strict=True) if not is_seen]
    if not hidden:
        return ""
    if all(eye.likeness >= LEAST_LIKENESS for eye in hidden):
        dull = any(eye.contrast < LEAST_CONTRAST for eye in hidden)
        return "eyes too dark" if dull else "blurred"
    if len(hidden) == 2:
        return "eyes covered"
    return "right eye covered" if seen[0] else "left eye covered"


def measurable_eyes(
    qualities: Sequence[FaceQuality], rate: Fraction
) -> tuple[npt.NDArray[np.bool_], tuple[str, ...]]:
    """Return (n, 2) bool, left and right, and n reasons for a face's n sightings.

    Like `face_quality`, but each frame is judged with those around it: whether an
    eye is covered does not change within a blink.
    """
    half = max(round(WINDOW_SECONDS * rate / 2), 1)
    evidence = np.array([(_row(q.left), _row(q.right)) for q in qualities])
    limits = (LEAST_USUAL_LIKENESS, LEAST_CONTRAST, LEAST_SHARPNESS)
    measurable = np.zeros((len(qualities), 2), np.bool_)
    reasons = []
    for index, quality in enumerate(qualities):
        around = evidence[max(index - half, 0) : index + half + 1]
        usual = _middle(around)
        seen = (usual >= limits).all(axis=1)
        seen &= evidence[index, :, 0] >= LEAST_LIKENESS_AMONG
        reason = quality.reason if _concerns_face(quality.reason) else ""
        if not reason:
            measurable[index] = seen
            eyes = (EyeEvidence(*usual[0]), EyeEvidence(*usual[1]))
            reason = _eyes((bool(seen[0]), bool(seen[1])), eyes)
        reasons.append(reason)
    return measurable, tuple(reasons)


def _middle(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return what ``np.median`` does over the rows, faster for a few."""
    ordered = np.sort(rows, axis=0)
    low, high = (len(rows) - 1) // 2, len(rows) // 2
    return np.asarray((ordered[low] + ordered[high]) / 2)


def _row(eye: EyeEvidence) -> tuple[float, float, float]:
    return eye.likeness, eye.contrast, eye.sharpness


def _concerns_face(reason: str) -> bool:
    return reason in ("too small", "turned away")
