"""Part of the donor's face shape on the performer's head, expression untouched."""

from dataclasses import dataclass

import numpy as np

from lampoon.generate.texture.arrays import Floats
from lampoon.generate.texture.expression import CLOSING, Openness, decisive, gaps
from lampoon.generate.texture.layout import (
    EYE_CHARTS,
    INNER_LIPS,
    OVAL,
    STABLE,
    Camera,
    camera,
    layout,
)

FRONTAL = 0.25
"""Sine of the angle from frontal within which a frame tells a person's shape."""

LIP_MATES = (
    (191, 95), (80, 88), (81, 178), (82, 87), (13, 14), (312, 317), (311, 402),
    (310, 318), (415, 324),
)  # fmt: skip
"""Upper and lower points of the inner lips that meet when the mouth is shut."""

LARGEST_MEAN_SHIFT = 0.02
"""The expression stays readable while landmarks move no more than this on average."""

LID_REACH = 0.16
"""Points this near to an eye's middle move with the whole eye."""


def face_points(landmarks: Floats, view: Camera) -> Floats:
    """Return (478, 2) landmarks in the mean face's plane, in eye distances."""
    flat: Floats = (landmarks - view.shift) @ np.linalg.inv(view.axes).T
    return flat.astype(np.float32)


def own_shape(landmarks: Floats) -> Floats:
    """Return a person's resting shape (478, 2) from (frames, 478, 2), in eye distances.

    The median over the most frontal third of the frames with the mouth nearly shut.
    ValueError when there is no frame.
    """
    if not len(landmarks):
        raise ValueError("no frame to learn a shape from")
    views = [camera(one) for one in landmarks]
    turned = np.array([np.hypot(v.depth[0], v.depth[1] - 0.1) for v in views])
    mouth = np.array([gaps(o, v)[2] for o, v in zip(landmarks, views, strict=True)])
    worth = turned + np.maximum(mouth, 0)
    chosen = np.argsort(worth)[: max(1, len(worth) // 3)]
    flat = np.stack([face_points(landmarks[k], views[k]) for k in chosen])
    shape: Floats = np.median(flat, 0).astype(np.float32)
    return _settled(shape)


def _settled(shape: Floats) -> Floats:
    """Return a shape laid onto the mean face: same place, same size, upright."""
    model = layout().shape[list(STABLE), :2]
    given = shape[list(STABLE)]
    a, b = given - given.mean(0), model - model.mean(0)
    grown = float((a * b).sum() / (a * a).sum())
    settled: Floats = (shape - given.mean(0)) * grown + model.mean(0)
    return settled.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class ShapeChange:
    """How far each landmark moves, (478, 2) float32 in eye distances."""

    shift: Floats

    @classmethod
    def between(
        cls, performer: Floats, donor: Floats, *, share: float
    ) -> "ShapeChange":
        """Return the way from one resting shape to the other, ``share`` of it.

        The outline stays where it is; lids move with their eye, and lips that meet
        stay together, so that no blink and no closed mouth is lost. Of very different
        faces a smaller share is taken: ``LARGEST_MEAN_SHIFT`` bounds it.
        """
        shift = (donor - performer) * share
        for chart in EYE_CHARTS:
            _move_as_one(shift, performer, chart.lids, chart.iris)
        for upper, lower in LIP_MATES:
            shift[[upper, lower]] = shift[[upper, lower]].mean(0)
        shift *= _inner_share(performer)[:, None]
        mean = float(np.linalg.norm(shift, axis=1).mean())
        shift *= min(1.0, LARGEST_MEAN_SHIFT / max(mean, 1e-6))
        return cls(shift.astype(np.float32))

    def moved(self, landmarks: Floats, view: Camera) -> Floats:
        """Return the landmarks of one frame with this change, in the same pixels."""
        changed: Floats = landmarks + self.shift @ view.axes.T
        return changed.astype(np.float32)


MEETING = 0.25
"""Where shut lids meet, from the lower (0) to the upper lid (1)."""


def with_decisive_lids(landmarks: Floats, usual: Openness, view: Camera) -> Floats:
    """Return landmarks (478, 2) whose closing lids close as far as ``decisive`` says.

    Eyes that are open stay as they are.
    """
    seen = gaps(landmarks, view)
    measured = usual.of(seen)
    wanted, made = decisive(measured), landmarks.copy()
    for side, chart in enumerate(EYE_CHARTS):
        gap = wanted[side] * usual.open_lids[side]
        share = float(np.clip(gap / max(float(seen[side]), 1e-3), 0, 1))
        ramp = float(np.clip((CLOSING + 0.1 - measured[side]) / 0.2, 0, 1))
        upper, lower = list(chart.lids[1:8]), list(chart.lids[:8:-1])
        meeting = landmarks[lower] + MEETING * (landmarks[upper] - landmarks[lower])
        for lid in (upper, lower):
            closer = (1 - ramp * (1 - share)) * (landmarks[lid] - meeting)
            made[lid] = meeting + closer
    return made


def _move_as_one(
    shift: Floats, performer: Floats, lids: tuple[int, ...], iris: int
) -> None:
    """Give all points around one eye the shift of its corners, fading outwards."""
    middle = performer[list(lids)].mean(0)
    whole = shift[[lids[0], lids[8]]].mean(0)
    away = np.linalg.norm(performer - middle, axis=1)
    share = np.clip(2 - away / LID_REACH, 0, 1)[:, None]
    share[[*lids, *range(iris, iris + 5)]] = 1
    shift[:] = shift * (1 - share) + whole * share


def _inner_share(performer: Floats) -> Floats:
    """Return 1 for the inner face, falling to 0 on the outline."""
    ring = performer[list(OVAL)]
    away = np.linalg.norm(performer[:, None] - ring[None], axis=2).min(1)
    share: Floats = np.clip(away / 0.28, 0, 1)
    share[list(INNER_LIPS)] = share[list(INNER_LIPS)].mean()
    return (share * share * (3 - 2 * share)).astype(np.float32)
