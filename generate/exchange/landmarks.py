"""Landmarks that someone corrected elsewhere, taken over into a face's track.

faceswap knows 68 points of a face, a track 478. Where the 68 were moved, the others
go with them: a thin-plate spline through the 68 (Bookstein 1989, equations 6 to 12).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.faces.landmarks import IBUG_68, points68
from lampoon.faces.track import FaceTrack
from lampoon.generate.interchange.record import FaceRecord

SAME_FACE = 0.15
"""Mean distance of the same points of one face at most, in parts of its size."""
MOVED_PIXELS = 0.01
"""Points that lie closer than this were not moved."""
_STIFFNESS = 1e-3

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """A track with corrected landmarks, and in how many frames what was found.

    ``matched`` frames have a face where the track has one; in ``moved`` of them it
    was moved; ``elsewhere`` are those whose faces all lie somewhere else.
    """

    track: FaceTrack
    matched: int
    moved: int
    elsewhere: int


def corrected_track(
    track: FaceTrack, faces: Mapping[int, Sequence[FaceRecord]]
) -> Corrected:
    """Return ``track`` with the landmarks of ``faces``, by frame of the clip.

    Of several faces in a frame the one that the track follows is taken. Frames in
    which the track has no face, and those without faces, stay as they are.
    """
    landmarks = track.landmarks.copy()
    matched = moved = elsewhere = 0
    for index, records in faces.items():
        row = index - track.first_frame
        if not 0 <= row < track.frame_count or not track.present[row]:
            continue
        wanted = _same_face(points68(landmarks[row]), records)
        if wanted is None:
            elsewhere += bool(records)
            continue
        matched += 1
        if np.abs(wanted - points68(landmarks[row])).max() >= MOVED_PIXELS:
            landmarks[row] = bent(landmarks[row], wanted)
            moved += 1
    return Corrected(replace(track, landmarks=landmarks), matched, moved, elsewhere)


def bent(points: Floats, wanted: Floats) -> Floats:
    """Return (478, 2) ``points``, bent so that their 68 lie on ``wanted``, (68, 2)."""
    anchors = points[IBUG_68].astype(np.float64)
    scale = float(np.ptp(anchors, axis=0).max())
    near = (anchors - anchors.mean(axis=0)) / scale
    every = (points.astype(np.float64) - anchors.mean(axis=0)) / scale
    count = len(near)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _bending(near, near) + _STIFFNESS * np.eye(count)
    system[:count, count:] = np.column_stack([np.ones(count), near])
    system[count:, :count] = system[:count, count:].T
    push = np.zeros((count + 3, 2))
    push[:count] = wanted - anchors
    solved = np.linalg.lstsq(system, push, rcond=None)[0]
    affine = np.column_stack([np.ones(len(every)), every]) @ solved[count:]
    made = points + (_bending(every, near) @ solved[:count] + affine)
    made[IBUG_68] = wanted
    return np.asarray(made, np.float32)


def _bending(
    some: npt.NDArray[np.float64], others: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return how much each of ``others`` bends each of ``some``: r^2 log r^2."""
    squared = ((some[:, None] - others[None]) ** 2).sum(axis=2)
    return np.asarray(squared * np.log(np.maximum(squared, 1e-12)))


def _same_face(points: Floats, records: Sequence[FaceRecord]) -> Floats | None:
    size = float(np.ptp(points, axis=0).max())
    nearest: tuple[float, Any] = (SAME_FACE * size, None)
    for record in records:
        if record.landmarks.shape != points.shape:
            continue
        apart = float(np.linalg.norm(record.landmarks - points, axis=1).mean())
        if apart < nearest[0]:
            nearest = (apart, record.landmarks)
    return None if nearest[1] is None else np.asarray(nearest[1], np.float32)
