"""What a faceset shows of its performer, and what it lacks for a swap.

A network draws a turned head or a shut eye only if it has seen one. This counts poses,
mouths and blinks, and says in words what to film more of.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError
from lampoon.faces.landmarks import BLENDSHAPES
from lampoon.generate.faceset import Faceset

ENOUGH = 5
"""Faces of a kind that count as seen; a blink gives that many at 25 frames a second."""
FEWEST_FACES = 250
"""faceswap warns below this; it refuses fewer than 25."""
_YAW = {
    "far to the right": (-90.0, -30.0),
    "to the right": (-30.0, -10.0),
    "ahead": (-10.0, 10.0),
    "to the left": (10.0, 30.0),
    "far to the left": (30.0, 90.0),
}
_PITCH = {"up": (-90.0, -8.0), "level": (-8.0, 8.0), "down": (8.0, 90.0)}
_MOUTH = {"shut": (-1.0, 0.1), "ajar": (0.1, 0.35), "wide open": (0.35, 2.0)}
_EYES = {"open": (-1.0, 0.3), "half shut": (0.3, 0.6), "shut": (0.6, 2.0)}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Faces counted by where the head turns, the mouth's opening and the eyes' state.

    ``missing`` are sentences, the most useful first; empty where nothing is.
    """

    faces: int
    yaw: Mapping[str, int]
    pitch: Mapping[str, int]
    mouth: Mapping[str, int]
    eyes: Mapping[str, int]
    missing: tuple[str, ...]


def coverage(faceset: Faceset) -> Coverage:
    """Return what ``faceset`` covers; raises FaceError if it is not Lampoon's."""
    known = [face.own for face in faceset.faces if face.own is not None]
    if not known:
        raise FaceError(
            "no face in it carries its pose",
            where=faceset.folder,
            hint="extract the clip with lampoon generate extract",
        )
    shapes = np.stack([face.blendshapes for face in known])
    blink = np.minimum(_shape(shapes, "eyeBlinkLeft"), _shape(shapes, "eyeBlinkRight"))
    return _judged(
        Coverage(
            faces=len(known),
            yaw=_counted(np.array([face.yaw for face in known]), _YAW),
            pitch=_counted(np.array([face.pitch for face in known]), _PITCH),
            mouth=_counted(_shape(shapes, "jawOpen"), _MOUTH),
            eyes=_counted(blink, _EYES),
            missing=(),
        )
    )


def lacking(donor: Coverage, performer: Coverage) -> tuple[str, ...]:
    """Return, in words, what the performer does that the donor's faces do not show."""
    pairs = (
        ("heads turned", donor.yaw, performer.yaw),
        ("heads tilted", donor.pitch, performer.pitch),
        ("mouths", donor.mouth, performer.mouth),
        ("eyes", donor.eyes, performer.eyes),
    )
    return tuple(
        f"the performer has {wanted[kind]} {what} {kind}, the donor {given[kind]}"
        for what, given, wanted in pairs
        for kind in wanted
        if wanted[kind] >= ENOUGH > given[kind]
    )


def _shape(shapes: npt.NDArray[np.float32], name: str) -> npt.NDArray[np.float64]:
    return shapes[:, BLENDSHAPES.index(name)].astype(np.float64)


def _counted(
    values: npt.NDArray[np.float64], kinds: Mapping[str, tuple[float, float]]
) -> dict[str, int]:
    return {
        kind: int(((values >= low) & (values < high)).sum())
        for kind, (low, high) in kinds.items()
    }


def _judged(found: Coverage) -> Coverage:
    missing = []
    if found.faces < FEWEST_FACES:
        missing.append(f"only {found.faces} faces; {FEWEST_FACES} is a fair start")
    tables = (
        ("eyes", found.eyes, ("shut",)),
        ("the mouth", found.mouth, ("wide open", "shut")),
        ("the head turned", found.yaw, ("to the left", "to the right", "ahead")),
        ("the head tilted", found.pitch, ("up", "down")),
    )
    for what, counts, wanted in tables:
        missing += [
            f"{what} {kind}: {counts[kind]} faces"
            for kind in wanted
            if counts[kind] < ENOUGH
        ]
    return Coverage(
        found.faces, found.yaw, found.pitch, found.mouth, found.eyes, tuple(missing)
    )
