"""The four small networks of MediaPipe, run by LiteRT on one picture at a time.

Two detectors (BlazeFace, Bazarevsky et al. 2019, arXiv 1907.05047: one for faces
near the camera, one for small ones), the face mesh (Kartynnik et al. 2019, arXiv
1907.06724, with irises: 478 points) and the 52 expression scores read off it.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.faces.landmarks import BLENDSHAPE_POINTS, LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from lampoon.quiet import quiet_start

Floats = npt.NDArray[np.float32]

MESH_SIDE = 256
SHARES = np.arange(256, dtype=np.float32) * np.float32(1 / 255)
"""Every level of a byte from 0 to 1: looking it up is faster than multiplying."""

ROI_MARGIN = 1.5
"""The mesh network sees a square this much larger than the face (MediaPipe)."""

OVERLAP = 0.3
"""Boxes of two detections that overlap more than this (IoU) are one face."""


@dataclass(frozen=True, slots=True)
class Region:
    """A turned square of the picture that holds a face.

    ``centre`` is (x, y) and ``side`` the length in pixels; ``angle`` is the roll of
    the eye line in radians, clockwise as seen.
    """

    centre: tuple[float, float]
    side: float
    angle: float

    def matrix(self, size: int) -> Floats:
        """Return the (2, 3) map from pixels of a ``size`` crop to the picture."""
        a = np.cos(self.angle) * self.side / size
        b = np.sin(self.angle) * self.side / size
        half = size / 2
        x, y = self.centre
        return np.array(
            [[a, -b, x - half * (a - b)], [b, a, y - half * (a + b)]], np.float32
        )

    def bounds(self, room: float = 1.0) -> tuple[float, float, float, float]:
        """Return x0 y0 x1 y1 of the upright box around it, ``room`` times as large."""
        turned = abs(np.cos(self.angle)) + abs(np.sin(self.angle))
        half = float(room * turned * self.side / 2)
        x, y = self.centre
        return x - half, y - half, x + half, y + half


@dataclass(frozen=True, slots=True)
class Detection:
    """A face found by a detector: box x0 y0 x1 y1 and 6 points in pixels, score."""

    box: Floats
    points: Floats
    score: float

    def moved(self, offset: tuple[int, int]) -> "Detection":
        """Return it in a picture that the searched one is a part of."""
        x, y = offset
        shift = np.array([x, y, x, y], np.float32)
        return Detection(self.box + shift, self.points + shift[:2], self.score)

    def region(self) -> Region:
        """Return where to look for the mesh of this face."""
        eyes = self.points[1] - self.points[0]
        x, y = (self.box[:2] + self.box[2:]) / 2
        side = ROI_MARGIN * float((self.box[2:] - self.box[:2]).max())
        angle = float(np.arctan2(eyes[1], eyes[0]))
        return Region((float(x), float(y)), side, angle)


def mesh_region(landmarks: Floats) -> Region:
    """Return where the next frame's mesh is looked for, given (478, 2) pixels."""
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    eyes = landmarks[LEFT_EYE_OUTER] - landmarks[RIGHT_EYE_OUTER]
    x, y = (low + high) / 2
    side = ROI_MARGIN * float((high - low).max())
    return Region((float(x), float(y)), side, float(np.arctan2(eyes[1], eyes[0])))


class _Network:
    """One model with its buffers; made once, run often, by one thread at a time."""

    def __init__(self, model: bytes, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        with quiet_start():
            self._run: Any = Interpreter(model_content=model, num_threads=threads)
            self._run.allocate_tensors()
        given = self._run.get_input_details()[0]
        self._input, self._shape = given["index"], given["shape"]
        made = sorted(self._run.get_output_details(), key=lambda d: str(d["name"]))
        self._outputs = {d["name"]: d["index"] for d in made}

    def __call__(self, values: Floats) -> dict[str, Floats]:
        self._run.set_tensor(self._input, values.reshape(self._shape))
        self._run.invoke()
        return {name: self._run.get_tensor(i) for name, i in self._outputs.items()}


class Detector:
    """Faces as boxes and six points (right eye, left eye, nose, mouth, ears)."""

    def __init__(
        self, network: _Network, side: int, anchors: Floats, outputs: Sequence[str]
    ) -> None:
        self._network = network
        self._side = side
        self._anchors = anchors
        self._boxes, self._scores = outputs

    def __call__(
        self, rgb: npt.NDArray[np.uint8], least_score: float
    ) -> list[Detection]:
        """Return the faces of a picture, surest first, each face once."""
        height, width = rgb.shape[:2]
        scale = self._side / max(height, width)
        small_w, small_h = (max(round(n * scale), 1) for n in (width, height))
        left, top = (self._side - small_w) // 2, (self._side - small_h) // 2
        small = cv2.resize(rgb, (small_w, small_h), interpolation=cv2.INTER_AREA)
        given = np.zeros((self._side, self._side, 3), np.float32)
        within = given[top : top + small_h, left : left + small_w]
        np.multiply(small, np.float32(1 / 127.5), out=within)
        within -= 1
        made = self._network(given)
        odds = made[self._scores][0, :, 0].clip(-80, 80)
        scores = 1 / (1 + np.exp(-odds))
        likely = np.flatnonzero(scores >= least_score)
        offset = np.array([left, top], np.float32)
        found = [self._detection(made, scores, int(i), offset, scale) for i in likely]
        return merged(found)

    def _detection(
        self,
        made: dict[str, Floats],
        scores: Floats,
        index: int,
        offset: Floats,
        scale: float,
    ) -> Detection:
        raw = made[self._boxes][0, index].reshape(-1, 2)
        anchor = self._anchors[index] * self._side - offset
        centre, half = raw[0] + anchor, raw[1] / 2
        box = np.concatenate([centre - half, centre + half]) / np.float32(scale)
        points = (raw[2:] + anchor) / np.float32(scale)
        return Detection(
            box.astype(np.float32), points.astype(np.float32), float(scores[index])
        )


def merged(found: Sequence[Detection]) -> list[Detection]:
    """Return detections without repeats: boxes that overlap are one face, averaged.

    The average is weighted by score, as BlazeFace does instead of dropping the
    weaker ones, so that a face does not jump between anchors.
    """
    rest = sorted(found, key=lambda d: -d.score)
    faces = []
    while rest:
        best = rest[0]
        same = [d for d in rest if box_overlap(best.box, d.box) > OVERLAP]
        rest = [d for d in rest if box_overlap(best.box, d.box) <= OVERLAP]
        weights = np.array([d.score for d in same], np.float32)
        box = np.average([d.box for d in same], axis=0, weights=weights)
        points = np.average([d.points for d in same], axis=0, weights=weights)
        faces.append(
            Detection(box.astype(np.float32), points.astype(np.float32), best.score)
        )
    return faces


def box_overlap(one: Floats, other: Floats) -> float:
    """Return intersection over union of two boxes x0 y0 x1 y1, 0 to 1."""
    low = np.maximum(one[:2], other[:2])
    high = np.minimum(one[2:], other[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    both = float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]))
    return shared / (both - shared) if both > shared else 0.0


class Mesh:
    """The 478 points of one face in a region, and the expression that they show."""

    def __init__(self, mesh: _Network, expression: _Network) -> None:
        self._mesh = mesh
        self._expression = expression

    def points(
        self, rgb: npt.NDArray[np.uint8], region: Region
    ) -> tuple[Floats, Floats, float]:
        """Return (478, 2) points and (478,) depth in source pixels, and a score.

        Depth grows away from the camera. The score is the odds, 0 to 1, that there
        is a face at all; it says nothing about each point.
        """
        matrix = region.matrix(MESH_SIDE)
        crop = cv2.warpAffine(
            rgb,
            matrix,
            (MESH_SIDE, MESH_SIDE),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )
        made = self._mesh(np.asarray(cv2.LUT(crop, SHARES), np.float32))
        raw = made["Identity"].reshape(-1, 3)
        odds = float(made["Identity_1"].ravel()[0])
        points = raw[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        depth = raw[:, 2] * (region.side / MESH_SIDE)
        return points, depth, float(1 / (1 + np.exp(-odds)))

    def expression(self, landmarks: Floats) -> Floats:
        """Return the 52 expression scores, 0 to 1, of (478, 2) points in pixels."""
        made = self._expression(landmarks[BLENDSHAPE_POINTS].astype(np.float32))
        return next(iter(made.values())).ravel().copy()


@dataclass(frozen=True, slots=True)
class Networks:
    """Every network that a face needs, loaded once."""

    near: Detector
    far: Detector
    mesh: Mesh


def load_networks(threads: int) -> Networks:
    """Return the vendored networks, each using so many threads."""
    folder = resources.files("lampoon.faces") / "models"
    task = (folder / "face_landmarker.task").read_bytes()
    far = (folder / "face_detection_full_range_sparse.tflite").read_bytes()
    with zipfile.ZipFile(BytesIO(task)) as bundle:
        near, mesh, expression = (
            _Network(bundle.read(f"{name}.tflite"), threads)
            for name in ("face_detector", "face_landmarks_detector", "face_blendshapes")
        )
    return Networks(
        near=Detector(near, 128, _near_anchors(), ("regressors", "classificators")),
        far=Detector(
            _Network(far, threads), 192, _grid(48), ("Identity", "Identity_1")
        ),
        mesh=Mesh(mesh, expression),
    )


def _grid(cells: int) -> Floats:
    """Return the centres of a square grid, (cells * cells, 2), 0 to 1, row by row."""
    line = (np.arange(cells, dtype=np.float32) + 0.5) / cells
    x, y = np.meshgrid(line, line)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _near_anchors() -> Floats:
    """Return the 896 anchors: two in each of 16 x 16 cells, six in each of 8 x 8."""
    return np.concatenate(
        [np.repeat(_grid(16), 2, axis=0), np.repeat(_grid(8), 6, axis=0)]
    )
