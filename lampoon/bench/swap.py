"""A swap whose answer is known: a person driven by another clip of the same person.

Who puts somebody's own face onto them must give the plate back. Nothing is written:
the patches are compared with the plate in memory and dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.temporal import smooth_landmarks
from lampoon.generate.followed import Followed, follow
from lampoon.generate.likeness import insist_on_one_person
from lampoon.generate.methods.mesh import MeshMethod
from lampoon.generate.methods.protocol import FacePatch, PlateFace, SwapMethod
from lampoon.generate.methods.sketch import SketchMethod
from lampoon.generate.texture.layout import (
    INNER_LIPS,
    LEFT_LIDS,
    OUTER_LIPS,
    OVAL,
    RIGHT_LIDS,
)
from lampoon.generate.train.loop import Budget, train
from lampoon.generate.train.sketch import SketchTrainee
from lampoon.generate.train.snapshots import newest_model
from lampoon.generate.trainees import TEXTURES_FILE, load_keras, textures_of
from lampoon.media.reader import read_frames
from lampoon.progress import Bar

BATCH = 8
WHOLE = 0.9
"""Pixels count where at least this much of them is the swap's."""

Masks = dict[str, npt.NDArray[np.bool_]]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """How far from the truth a swap is: mean difference, in grey levels of 255."""

    frames: int
    face: float
    eyes: float
    mouth: float

    def as_row(self) -> Row:
        """Return the figures, rounded."""
        return {
            "frames": self.frames,
            "face_l1": round(self.face, 2),
            "eyes_l1": round(self.eyes, 2),
            "mouth_l1": round(self.mouth, 2),
        }


def swap_figures(
    donor: Path,
    plate: Path,
    work: Path,
    bar: Bar,
    *,
    cpu_seconds: tuple[float, ...] = (112.0, 337.0),
    every: int = 5,
    base: bool = True,
) -> list[Row]:
    """Return one row a method: `mesh`, and `sketch` after each budget.

    ``donor`` and ``plate`` are clips of one person. `sketch` learns from the donor's
    clip alone, for both of its sides; the plate it never sees. Trainings are kept in
    ``work`` and gone on with. ConsentError when the clips show two people.
    """
    load_keras()
    with bar("follow", unit="frames") as tell:
        learned, unseen = (follow(clip, work, tell=tell) for clip in (donor, plate))
    insist_on_one_person(learned, unseen)
    person = textures_of(learned, bar)
    mesh = MeshMethod.load(learned.folder / TEXTURES_FILE)
    yardstick = known_answer(mesh, unseen, every=every)
    rows = [_row("mesh", 0, 0.0, yardstick, yardstick)]
    for seconds in cpu_seconds:
        folder = learned.folder / f"known-{'base' if base else 'scratch'}-{seconds:g}"
        trainee = SketchTrainee(person, person, from_base=base)
        budget = Budget(cpu_seconds=seconds)
        with bar("train", unit="EG", per_step=trainee.examples_per_step) as tell:
            steps = train(trainee, folder, budget=budget, tell=tell).iterations
        sketch = SketchMethod.load(newest_model(folder))
        found = known_answer(sketch, unseen, every=every)
        rows.append(_row("sketch", steps, seconds, found, yardstick))
    return rows


def _row(
    method: str, steps: int, seconds: float, found: KnownAnswer, beside: KnownAnswer
) -> Row:
    gains = {
        f"{name}_gain": round(1 - getattr(found, name) / getattr(beside, name), 3)
        for name in ("face", "eyes", "mouth")
    }
    facts = {"bench": "swap", "method": method, "iterations": steps}
    return {**facts, "training_cpu_seconds": seconds, **found.as_row(), **gains}


def known_answer(method: SwapMethod, plate: Followed, *, every: int = 5) -> KnownAnswer:
    """Return how far a method's patches are from the plate they are to give back."""
    method.begin(plate.track, plate.clip)
    sums = {name: [0.0, 0] for name in ("face", "eyes", "mouth")}
    faces, frames = _faces(plate.clip, plate.track, every), 0
    for batch in iter(lambda: list(islice(faces, BATCH)), []):
        for face, patch in zip(batch, method.swap(batch), strict=True):
            if patch is None:
                continue
            frames += 1
            for name, apart in _apart(face, patch).items():
                sums[name][0] += float(apart.sum())
                sums[name][1] += apart.size
    means = {name: total / max(count, 1) for name, (total, count) in sums.items()}
    return KnownAnswer(frames, means["face"], means["eyes"], means["mouth"])


def _faces(clip: Path, track: FaceTrack, every: int) -> Iterator[PlateFace]:
    landmarks = smooth_landmarks(track.landmarks, track.times)
    stop = track.first_frame + track.frame_count
    for frame in read_frames(clip, first=track.first_frame, stop=stop):
        row = frame.index - track.first_frame
        if row % every or not np.isfinite(landmarks[row]).all():
            continue
        yaw, pitch, roll = (float(angle) for angle in track.pose[row])
        shapes = track.blendshapes[row]
        yield PlateFace(
            frame.rgb, landmarks[row], shapes, yaw, pitch, roll, frame.index
        )


def _apart(face: PlateFace, patch: FacePatch) -> dict[str, npt.NDArray[np.float32]]:
    height, width = patch.rgb.shape[:2]
    x, y = max(0, patch.x), max(0, patch.y)
    stop_x = min(patch.x + width, face.rgb.shape[1])
    stop_y = min(patch.y + height, face.rgb.shape[0])
    inside = (
        slice(y - patch.y, stop_y - patch.y),
        slice(x - patch.x, stop_x - patch.x),
    )
    plate = face.rgb[y:stop_y, x:stop_x].astype(np.float32)
    apart = np.abs(patch.rgb[inside] - plate)
    whole = patch.alpha[inside] >= WHOLE
    masks = regions_of(face.landmarks - (x, y), apart.shape[:2])
    return {name: apart[mask & whole] for name, mask in masks.items()}


def regions_of(landmarks: npt.NDArray[np.float32], size: tuple[int, int]) -> Masks:
    """Return where face, eyes and mouth lie in a picture of (height, width).

    Eyes reach a little beyond the lids, the mouth a little beyond the lips; between
    open lips the plate shows through by design, so that does not count.
    """
    unit = float(np.linalg.norm(landmarks[33] - landmarks[263]))
    eyes = _hull(landmarks, RIGHT_LIDS, size) | _hull(landmarks, LEFT_LIDS, size)
    between = _hull(landmarks, INNER_LIPS, size) > 0
    grown = {
        "face": _hull(landmarks, OVAL, size),
        "eyes": _grown(eyes, unit * 0.06),
        "mouth": _grown(_hull(landmarks, OUTER_LIPS, size), unit * 0.05),
    }
    return {name: (mask > 0) & ~between for name, mask in grown.items()}


def _hull(
    landmarks: npt.NDArray[np.float32], ring: tuple[int, ...], size: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    mask = np.zeros(size, np.uint8)
    cv2.fillPoly(mask, [landmarks[list(ring)].round().astype(np.int32)], 1)
    return mask


def _grown(mask: npt.NDArray[np.uint8], by: float) -> npt.NDArray[np.uint8]:
    size = 2 * max(1, round(by)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(mask, kernel), np.uint8)
