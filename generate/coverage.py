"""What footage shows of its performer, and what it lacks for a swap.

A network draws a turned head or a shut eye only if it has seen one. This counts poses,
mouths, blinks, blurred faces and kinds of light, and says what to film more of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError
from lampoon.faces.landmarks import BLENDSHAPES
from lampoon.faces.track import FaceTrack
from lampoon.generate.faceset import Faceset
from lampoon.generate.lighting import BRIGHTER, DARKER, ONE_SIDED, Light

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

_BLUR = {"blurred": (0.0, 0.45), "sharp": (0.45, 99.0)}
"""By the eyes' sharpness: a blur of a fortieth of the eye distance lies between."""
_LEVEL = {
    "darker": (0.0, DARKER),
    "usual": (DARKER, BRIGHTER),
    "brighter": (BRIGHTER, 99.0),
}
_SIDE = {
    "from the picture's left": (-1.0, -ONE_SIDED),
    "evenly": (-ONE_SIDED, ONE_SIDED),
    "from the picture's right": (ONE_SIDED, 1.01),
}
BLURRED_SHARE = 0.2
"""From this share of blurred faces on, sharper footage is asked for."""

Counts = Mapping[str, int]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Faces counted by where the head turns, mouth, eyes, blur and light.

    ``light`` and ``lit`` count some faces only, and are empty where no picture was
    looked at. ``missing`` are sentences, the most useful first; empty where nothing is.
    """

    faces: int
    yaw: Counts
    pitch: Counts
    mouth: Counts
    eyes: Counts
    blur: Counts
    light: Counts
    lit: Counts
    missing: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Return the counts in words, a line each."""
        tables = {
            "head turned": self.yaw,
            "head tilted": self.pitch,
            "mouth": self.mouth,
            "eyes": self.eyes,
            "picture": self.blur,
            "brightness": self.light,
            "lit": self.lit,
        }
        return tuple(
            f"{what}: " + ", ".join(f"{kind} {count}" for kind, count in kinds.items())
            for what, kinds in tables.items()
            if kinds
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of the faces, (n,) each, and the (n, 52) blendshapes."""

    yaw: Numbers
    pitch: Numbers
    sharpness: Numbers
    shapes: Numbers


def coverage(faceset: Faceset, light: Light | None = None) -> Coverage:
    """Return what ``faceset`` covers; raises FaceError if it is not Lampoon's."""
    known = [face.own for face in faceset.faces if face.own is not None]
    if not known:
        raise FaceError(
            "no face in it carries its pose",
            where=faceset.folder,
            hint="extract the clip with lampoon generate extract",
        )
    seen = _Seen(
        np.array([face.yaw for face in known]),
        np.array([face.pitch for face in known]),
        np.array([face.sharpness for face in known]),
        np.stack([face.blendshapes for face in known]).astype(np.float64),
    )
    return _coverage(seen, light)


def coverage_of_track(track: FaceTrack, light: Light | None = None) -> Coverage:
    """Return what the frames of a clip cover in which the face is seen."""
    rows = np.flatnonzero(track.present)
    seen = _Seen(
        track.pose[rows, 0].astype(np.float64),
        track.pose[rows, 1].astype(np.float64),
        track.sharpness[rows].astype(np.float64),
        track.blendshapes[rows].astype(np.float64),
    )
    return _coverage(seen, light)


def lacking(donor: Coverage, performer: Coverage) -> tuple[str, ...]:
    """Return, in words, what the performer does that the donor's faces do not show."""
    pairs = (
        ("heads turned", donor.yaw, performer.yaw),
        ("heads tilted", donor.pitch, performer.pitch),
        ("mouths", donor.mouth, performer.mouth),
        ("eyes", donor.eyes, performer.eyes),
        ("faces lit", donor.light, performer.light),
        ("faces lit", donor.lit, performer.lit),
    )
    return tuple(
        f"the performer has {wanted[kind]} {what} {kind}, the donor {given[kind]}"
        for what, given, wanted in pairs
        for kind in wanted
        if given and wanted[kind] >= ENOUGH > given[kind]
    )


def footage_lacks(performer: Coverage, donor: Coverage) -> tuple[str, ...]:
    """Return what to film before a training, in words; empty where nothing is missing.

    What the performer never does is no loss: it is not swapped either.
    """
    blurred = _blurred(performer)
    return (
        *lacking(donor, performer),
        *(f"the donor: {line}" for line in donor.missing),
        *([f"the performer: {blurred}"] if blurred else []),
    )


def _coverage(seen: _Seen, light: Light | None) -> Coverage:
    shapes = seen.shapes
    blink = np.minimum(_shape(shapes, "eyeBlinkLeft"), _shape(shapes, "eyeBlinkRight"))
    found = Coverage(
        faces=len(shapes),
        yaw=_counted(seen.yaw, _YAW),
        pitch=_counted(seen.pitch, _PITCH),
        mouth=_counted(_shape(shapes, "jawOpen"), _MOUTH),
        eyes=_counted(blink, _EYES),
        blur=_counted(seen.sharpness, _BLUR),
        light={} if light is None else _counted(light.level, _LEVEL),
        lit={} if light is None else _counted(light.side, _SIDE),
        missing=(),
    )
    return replace(found, missing=_missing(found))


def _shape(shapes: Numbers, name: str) -> Numbers:
    return shapes[:, BLENDSHAPES.index(name)]


def _counted(
    values: npt.NDArray[np.floating[Any]], kinds: Mapping[str, tuple[float, float]]
) -> dict[str, int]:
    return {
        kind: int(((values >= low) & (values < high)).sum())
        for kind, (low, high) in kinds.items()
    }


def _missing(found: Coverage) -> tuple[str, ...]:
    missing = []
    if found.faces < FEWEST_FACES:
        missing.append(f"only {found.faces} faces; {FEWEST_FACES} is a fair start")
    if blurred := _blurred(found):
        missing.append(blurred)
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
    return tuple(missing)


def _blurred(found: Coverage) -> str:
    """Return what to say of blurred faces, "" where they are few."""
    count = found.blur["blurred"]
    if count <= BLURRED_SHARE * found.faces:
        return ""
    return f"{count} of {found.faces} faces are blurred; film sharper ones"
