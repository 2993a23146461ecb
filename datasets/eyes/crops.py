"""Pictures of eyes out of rendered clips, each with what is true of its lid."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError
from lampoon.faces.detector import Face, LiteRTBackend
from lampoon.faces.eye_state import PATCH_SHAPE, eye_picture
from lampoon.faces.landmarks import Eye
from lampoon.faces.track import main_track, track_faces
from lampoon.media.frame import Frame
from lampoon.media.reader import probe, read_frames
from lampoon.progress import Tell, silent
from lampoon.verify.openness import (
    LEFT_CORNERS,
    RIGHT_CORNERS,
    eye_openness,
)

Pixels = npt.NDArray[np.uint8]
Vector = npt.NDArray[np.float64]

EYES = ((Eye.LEFT, LEFT_CORNERS), (Eye.RIGHT, RIGHT_CORNERS))
SHIFTED, TURNED_DEGREES, SCALED = 0.05, 5.0, 0.08
"""How far a second picture is off: in eye widths, and as a share of the width."""


@dataclass(frozen=True, slots=True, eq=False)
class EyeCrops:
    """Both eyes of one clip, the subject's left one first.

    ``times`` (frames,) seconds; ``pictures`` (frames, 2, 2, 36, 48) uint8: frame, eye,
    as found or a little off; ``shut`` (frames, 2) how far the lids are down for
    whatever reason, ``blinked`` the same from blinks alone, both 0 to 1; ``sure``
    (frames, 2) where the eye can be measured; ``landmarks`` (frames, 2) the closure
    that the verifier makes of the mesh.
    """

    times: Vector
    pictures: Pixels
    shut: Vector
    blinked: Vector
    sure: npt.NDArray[np.bool_]
    landmarks: Vector


def eye_crops(
    clip: Path, truth: dict[str, Any], *, seed: int = 0, tell: Tell = silent
) -> EyeCrops:
    """Return the eyes of a rendered clip, or of one made from it, frame by frame.

    A frame's truth is that of the rendered frame nearest in time. Raises FaceError
    where there is no face.
    """
    probed = probe(clip)
    random = np.random.default_rng([seed, 17])
    cut: dict[int, Pixels] = {}

    def keep(frame: Frame, faces: Sequence[Face]) -> None:
        if faces:
            cut[frame.index] = _pictures(frame.rgb, faces[0], random)

    tracks = track_faces(
        read_frames(clip),
        rate=probed.rate,
        backend=LiteRTBackend(max_faces=1),
        on_frame=keep,
        tell=tell,
        total=probed.frame_count,
    )
    track = main_track(tracks, clip)
    rows = [i for i in range(track.frame_count) if track.first_frame + i in cut]
    if not rows:
        raise FaceError("no face was followed", where=clip)
    openness = eye_openness(track)
    shut, blinked = truth_at(track.times[rows], truth)
    return EyeCrops(
        times=track.times[rows],
        pictures=np.stack([cut[track.first_frame + i] for i in rows]),
        shut=shut,
        blinked=blinked,
        sure=openness.usable[rows],
        landmarks=openness.closure[rows],
    )


def save_crops(crops: EyeCrops, path: Path) -> None:
    """Write them as a NumPy archive."""
    named = {name: getattr(crops, name) for name in EyeCrops.__slots__}
    np.savez_compressed(path, **named)


def load_crops(path: Path) -> EyeCrops:
    """Return what ``save_crops`` wrote."""
    with np.load(path) as stored:
        return EyeCrops(**{name: stored[name] for name in EyeCrops.__slots__})


def _pictures(rgb: Pixels, face: Face, random: np.random.Generator) -> Pixels:
    """Return (2, 2, 36, 48): each eye as found, and a little off."""
    made = np.zeros((2, 2, *PATCH_SHAPE), np.uint8)
    for side, (eye, corners) in enumerate(EYES):
        made[side, 0] = eye_picture(rgb, face.landmarks, eye)
        points = face.landmarks.copy()
        points[list(corners)] = _off(points[list(corners)], random)
        made[side, 1] = eye_picture(rgb, points, eye)
    return made


def _off(
    corners: npt.NDArray[np.float32], random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return both corners of an eye moved, turned and drawn apart a little."""
    middle = corners.mean(axis=0)
    half = corners[0] - middle
    width = 2 * float(np.hypot(*half))
    angle = np.radians(random.normal(0, TURNED_DEGREES / 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    half = turn @ half * (1 + random.normal(0, SCALED))
    middle = middle + random.normal(0, SHIFTED, 2) * width
    return np.stack([middle + half, middle - half]).astype(np.float32)


def truth_at(times: Vector, truth: dict[str, Any]) -> tuple[Vector, Vector]:
    """Return (frames, 2) closure for any reason, and from blinks alone."""
    frames = truth["frames"]
    known = np.array([frame["seconds"] for frame in frames])
    nearest = np.abs(known[None, :] - times[:, None]).argmin(axis=1)
    shut, blinked = (
        np.array([[f[f"{name}_left"], f[f"{name}_right"]] for f in frames])[nearest]
        for name in ("closure", "blink_closure")
    )
    return shut, blinked
