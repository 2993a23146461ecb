"""Faces that nobody has: the mean face moved about, and clips to find it in."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.faces.align import MEAN_FACE_51
from lampoon.faces.landmarks import BLENDSHAPES, IBUG_68, POINT_COUNT
from lampoon.faces.track import FaceTrack
from lampoon.generate.faceset import ExtractedFace, FaceKnowledge, Faceset
from lampoon.generate.interchange.face_png import FaceSource
from lampoon.generate.interchange.record import FaceRecord
from tests.support.media import Recipe, clip_of

RATE = Fraction(25)
SIZE = (320, 240)


def mean_face(x: float, y: float, width: float) -> npt.NDArray[np.float32]:
    """The mean face as 478 points, brows at (x, y), ``width`` pixels between them."""
    jaw = np.linspace(np.pi, 0, 17)
    chin = np.stack([0.5 + 0.62 * np.cos(jaw), 0.25 + 0.95 * np.sin(jaw)], axis=1)
    points = np.full((POINT_COUNT, 2), 0.5)
    points[IBUG_68] = np.concatenate([chin, MEAN_FACE_51])
    return (points * width + (x, y)).astype(np.float32)


def clip_and_track(
    folder: Path, frames: int, *, lost: Sequence[int] = ()
) -> tuple[Path, FaceTrack]:
    """A clip without a face, and a track that says where one would be."""
    clip = clip_of(
        folder / "plate.mp4",
        Recipe(ticks=tuple(range(0, frames * 512, 512)), size=SIZE),
    )
    return clip, drawn_track(frames, lost=lost)


def drawn_track(frames: int, *, lost: Sequence[int] = ()) -> FaceTrack:
    """A face that drifts to the right; gone in the frames that are ``lost``."""
    seen = np.ones(frames, np.float32)
    seen[list(lost)] = 0
    landmarks = np.stack([mean_face(110 + i, 70, 90) for i in range(frames)])
    landmarks[seen == 0] = np.nan
    shapes = np.linspace(0, 1, frames * 52, dtype=np.float32).reshape(frames, 52)
    return FaceTrack(
        first_frame=0,
        rate=RATE,
        times=np.arange(frames) / 25,
        landmarks=landmarks,
        blendshapes=shapes,
        pose=np.stack([np.array([i, -2, 1], np.float32) for i in range(frames)]),
        boxes=np.tile(np.array([100, 60, 210, 190], np.float32), (frames, 1)),
        scores=seen,
        eyes_measurable=np.tile([True, False], (frames, 1)),
        sharpness=np.full(frames, 0.5, np.float32),
        reasons=("",) * frames,
    )


def known_face(
    *,
    yaw: float = 0,
    pitch: float = 0,
    jaw: float = 0,
    blink: float = 0,
    index: int = 0,
    sharpness: float = 1,
) -> ExtractedFace:
    """A face without a picture, of which only the pose and expression are known."""
    shapes = np.zeros(52, np.float32)
    shapes[BLENDSHAPES.index("jawOpen")] = jaw
    shapes[BLENDSHAPES.index("eyeBlinkLeft")] = blink
    shapes[BLENDSHAPES.index("eyeBlinkRight")] = blink
    landmarks = mean_face(100, 60, 80)
    own = FaceKnowledge(
        index,
        index / 25,
        landmarks,
        shapes,
        yaw,
        pitch,
        0.0,
        sharpness,
        (True, True),
    )
    record = FaceRecord(0, 0, 1, 1, landmarks[IBUG_68])
    source = FaceSource("a.png", 0, "a.mp4", True, (240, 320))
    return ExtractedFace(Path("a.png"), record, source, own)


def faceset_of(*faces: ExtractedFace) -> Faceset:
    """A faceset of these faces, on no disk."""
    return Faceset(Path("nowhere"), faces)
