"""Moments between two looks at a face that need no look of their own.

A face that talks moves little in 120 ms and its eyes mostly not at all. Where two looks
that far apart agree, and the pixels of the eyes in between lie between theirs, the
points in between do too, and nothing that lasts as long as a blink can have happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.faces.eye_evidence import MIDDLE, eye_patch
from lampoon.faces.landmarks import (
    BLENDSHAPES,
    LEFT_EYE_SIX,
    RIGHT_EYE_SIX,
    Eye,
    eye_distance,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lampoon.faces.detector import Face
    from lampoon.media.frame import Frame

Floats = npt.NDArray[np.float32]

LONGEST_SECONDS = 0.13
"""Between two looks; the pixels of the eyes are compared in every frame between."""

MOST_MOVEMENT = 0.06
"""Mean movement of the points between two looks, in eye distances."""

MOST_LID_CHANGE = 0.08
"""Change of an eye's height over its width, as a share of it."""

MOST_VOTE_CHANGE = 0.05
"""Change of the blink scores, which rise by 0.4 to 0.8 in a blink."""

MOST_PIXEL_CHANGE = 0.16
"""Mean distance of the pixels from those expected, over their spread."""

NOISE_LEVELS = 2.0
"""A change of fewer levels of brightness than this is none."""

BLINKS = [BLENDSHAPES.index("eyeBlinkLeft"), BLENDSHAPES.index("eyeBlinkRight")]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The faces of one frame, largest first, as the networks found them."""

    frame: Frame
    faces: list[Face]


def is_steady(before: Look, after: Look) -> bool:
    """Return whether two looks see the same faces, and their eyes as open."""
    apart = float(after.frame.seconds - before.frame.seconds)
    if apart > LONGEST_SECONDS or len(before.faces) != len(after.faces):
        return False
    pairs = zip(before.faces, after.faces, strict=True)
    return all(_alike(one, other) for one, other in pairs)


def between(before: Look, after: Look, frames: Sequence[Frame]) -> list[Look] | None:
    """Return what is seen in the frames between two looks, None where it is unsure."""
    if not is_steady(before, after):
        return None
    ends = (_eyes(before), _eyes(after))
    found = []
    for frame in frames:
        seen = _seen_at(before, after, frame)
        if not _as_expected(_eyes(seen), *ends, _share(before, after, frame)):
            return None
        found.append(seen)
    return found


def eye_openness(face: Face) -> tuple[float, float]:
    """Return height over width of the left and the right eye, 0 is shut.

    Source: Soukupova and Cech 2016, equation 1.
    """
    return _aspect(face.landmarks[LEFT_EYE_SIX]), _aspect(face.landmarks[RIGHT_EYE_SIX])


def _aspect(six: Floats) -> float:
    outer, top_out, top_in, inner, low_in, low_out = six
    heights = np.hypot(*(top_out - low_out)) + np.hypot(*(top_in - low_in))
    return float(heights / max(2 * np.hypot(*(outer - inner)), 1e-6))


def _alike(one: Face, other: Face) -> bool:
    moved = float(np.hypot(*(one.landmarks - other.landmarks).T).mean())
    if moved > MOST_MOVEMENT * eye_distance(one.landmarks):
        return False
    votes = np.abs(one.blendshapes[BLINKS] - other.blendshapes[BLINKS])
    if float(votes.max()) > MOST_VOTE_CHANGE:
        return False
    lids = zip(eye_openness(one), eye_openness(other), strict=True)
    return all(abs(a - b) <= MOST_LID_CHANGE * max(a, b) for a, b in lids)


def _share(before: Look, after: Look, frame: Frame) -> float:
    """Return how far a frame lies on the way from one look to the next, 0 to 1."""
    start, stop = before.frame.seconds, after.frame.seconds
    return float((frame.seconds - start) / (stop - start))


def _seen_at(before: Look, after: Look, frame: Frame) -> Look:
    share = np.float32(_share(before, after, frame))
    pairs = zip(before.faces, after.faces, strict=True)
    return Look(frame, [_mixed(one, other, share) for one, other in pairs])


def _mixed(one: Face, other: Face, share: np.float32) -> Face:
    """Return the face on the way from one to the other."""
    keep, take = np.float32(1) - share, share
    return replace(
        one,
        box=one.box * keep + other.box * take,
        landmarks=one.landmarks * keep + other.landmarks * take,
        depth=one.depth * keep + other.depth * take,
        blendshapes=one.blendshapes * keep + other.blendshapes * take,
        score=min(one.score, other.score),
        yaw=float(one.yaw * keep + other.yaw * take),
        pitch=float(one.pitch * keep + other.pitch * take),
        roll=float(one.roll * keep + other.roll * take),
    )


def _eyes(look: Look) -> list[Floats]:
    """Return the brightness of every eye of a look."""
    frame = look.frame
    pixels = frame.rgb if frame.picture is None else frame.luma
    return [
        eye_patch(pixels, face.landmarks, eye)[MIDDLE]
        for face in look.faces
        for eye in Eye
    ]


def _as_expected(
    eyes: list[Floats], before: list[Floats], after: list[Floats], share: float
) -> bool:
    """Return whether eyes look as if on the way from one look to the next."""
    for now, one, other in zip(eyes, before, after, strict=True):
        expected = one * (1 - share) + other * share
        change = cv2.norm(now, expected, cv2.NORM_L1) / now.size
        if change > NOISE_LEVELS + MOST_PIXEL_CHANGE * float(one.std()):
            return False
    return True
