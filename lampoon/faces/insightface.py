"""insightface's networks from a folder that the user gives: faces, identity, swap.

The code is MIT; its public weights are for non-commercial research only, unless a
signed ``MODEL.LICENSE`` lies beside them. So none come with Lampoon, none are ever
fetched (a pack's name would make the library reach for the network, a file's path
does not), and what the folder's licence says is shown and goes into the manifest.
"""

import hashlib
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import MissingExtraError, SettingsError
from lampoon.faces.align import umeyama
from lampoon.faces.detector import Face, LiteRTBackend
from lampoon.faces.landmarks import POINT_COUNT
from lampoon.faces.networks import Detection
from lampoon.quiet import quiet_start

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

FIVE_POINTS = (468, 473, 4, 61, 291)
"""Mesh points of insightface's five: the irises (the performer's right one first),
the tip of the nose, the corners of the mouth."""

ARCFACE_SIDE = 112
ARCFACE_FIVE = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ],
    np.float32,
)
"""Where the five points lie in ArcFace's crop of 112 pixels (insightface)."""

SWAP_SIDE = 128
SWAP_FIVE = ARCFACE_FIVE + np.array([8.0, 0.0], np.float32)
"""The swap's crop of 128 pixels is ArcFace's, 8 pixels further right."""

LEAST_SCORE = 0.5


class Task(StrEnum):
    """What a network of the folder does."""

    DETECTION = "detection"
    RECOGNITION = "recognition"
    SWAP = "swap"


CLASSES = {
    Task.DETECTION: "SCRFD",
    Task.RECOGNITION: "ArcFaceONNX",
    Task.SWAP: "INSwapper",
}
"""What insightface must make of a task's file."""

NAMES = {
    Task.DETECTION: ("det_*.onnx", "scrfd*.onnx"),
    Task.RECOGNITION: ("w600k*.onnx", "glint*.onnx", "arcface*.onnx"),
    Task.SWAP: ("inswapper*.onnx",),
}
"""How such files are called."""


@dataclass(frozen=True, slots=True)
class Licence:
    """What a model folder says of its use: insightface's status, and for people."""

    status: str
    sentence: str
    commercial: bool


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One network's file, its SHA-256 in hexadecimal, and its folder's licence."""

    path: Path
    sha256: str
    licence: Licence

    def describe(self) -> str:
        """Return one line for people and the manifest."""
        return f"insightface {self.path.name} ({self.licence.sentence})"


class ModelFolder:
    """A folder with insightface's ``.onnx`` files, opened by path alone.

    Raises MissingExtraError without the extra ``insightface``, SettingsError where
    there is no such folder or its licence does not hold.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise SettingsError(
                "there is no such folder of models",
                where=path,
                hint="set models in [faces] to a folder with insightface's .onnx files",
            )
        self._path = path
        self._zoo = _model_zoo()
        self.licence = _licence_of(path)

    def facts(self, task: Task) -> ModelFacts:
        """Return which file does a task. Raises SettingsError unless it is one."""
        path = self._file(task)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return ModelFacts(path, digest, self.licence)

    def load(self, task: Task) -> Any:
        """Return insightface's own object for a task, made from the file's path."""
        path = self._file(task)
        try:
            with quiet_start(), redirect_stdout(StringIO()):
                model = self._zoo.get_model(str(path.resolve()))
        except Exception as error:  # onnxruntime's errors have no common base
            raise _unusable(path, task) from error
        if type(model).__name__ != CLASSES[task]:
            raise _unusable(path, task)
        return model

    def _file(self, task: Task) -> Path:
        found = sorted({p for name in NAMES[task] for p in self._path.glob(name)})
        wanted = " or ".join(NAMES[task])
        if not found:
            raise SettingsError(
                f"no model for {task.value} here",
                where=self._path,
                hint=f"put the file there: {wanted}",
            )
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            raise SettingsError(
                f"several models for {task.value}: {names}",
                where=self._path,
                hint="keep one of them in the folder",
            )
        return found[0]


def _model_zoo() -> Any:
    try:
        with quiet_start():
            from insightface.model_zoo import model_zoo
    except ImportError as error:
        raise MissingExtraError("insightface", "insightface") from error
    return model_zoo


def _licence_of(path: Path) -> Licence:
    from insightface.model_zoo.model_license import inspect_model_package_license

    found = inspect_model_package_license(path)
    if found.error is not None:
        raise SettingsError(
            f"the models' licence does not hold: {found.error}",
            where=path,
            hint="ask insightface for a licence that does, or use other models",
        )
    if found.defaulted:
        said = "non-commercial research only: no MODEL.LICENSE, insightface's default"
    else:
        said = f"{found.grant} use, by a signed MODEL.LICENSE"
    return Licence(found.status, said, found.commercial_use_permitted)


def _unusable(path: Path, task: Task) -> SettingsError:
    return SettingsError(
        f"this is no model for {task.value}",
        where=path,
        hint=f"insightface does not read it as {CLASSES[task]}",
    )


class ScrfdFinder:
    """Finds faces with SCRFD (Guo et al. 2021, arXiv 2105.04714)."""

    def __init__(self, folder: ModelFolder) -> None:
        self._network = folder.load(Task.DETECTION)
        if not self._network.use_kps:
            raise _unusable(folder.facts(Task.DETECTION).path, Task.DETECTION)

    def __call__(self, rgb: Pixels) -> list[Detection]:
        """Return the faces of RGB (height, width, 3), surest first."""
        boxes, points = self._network.detect(rgb[..., ::-1], det_thresh=LEAST_SCORE)
        if not len(boxes):
            return []
        return [
            Detection(
                box[:4].astype(np.float32), five.astype(np.float32), float(box[4])
            )
            for box, five in zip(boxes, points, strict=True)
        ]


class InsightFaceBackend:
    """SCRFD finds the faces, the vendored mesh lays the points on them.

    insightface has no network for 478 points; its 68 and 106 are not loaded.
    """

    name = "insightface"

    def __init__(self, folder: ModelFolder, max_faces: int = 4) -> None:
        self.facts = folder.facts(Task.DETECTION)
        self._mesh = LiteRTBackend(max_faces, finder=ScrfdFinder(folder))

    def faces(
        self,
        rgb: Pixels,
        *,
        previous: Sequence[Face] = (),
        search: bool = False,
    ) -> list[Face]:
        """Return the faces of RGB (height, width, 3) uint8, largest first."""
        return self._mesh.faces(rgb, previous=previous, search=search)


def five_points(landmarks: Floats) -> Floats:
    """Return insightface's (5, 2) points of (478, 2). ValueError for another shape."""
    if landmarks.shape != (POINT_COUNT, 2):
        raise ValueError(f"landmarks are (478, 2), not {landmarks.shape}")
    return landmarks[list(FIVE_POINTS)]


class ArcFaceEmbedder:
    """Turns a face into 512 numbers of length 1 (Deng et al. 2019, arXiv 1801.07698).

    For the swap and for measuring. Consent is never decided by it: the thresholds of
    that question were measured with dlib's network.
    """

    def __init__(self, folder: ModelFolder) -> None:
        self._network = folder.load(Task.RECOGNITION)

    def embed(self, rgb: Pixels, landmarks: Floats) -> npt.NDArray[np.float64]:
        """Return (512,) float64 of the face with (478, 2) points in RGB pixels."""
        side = int(self._network.input_size[0])
        wanted = ARCFACE_FIVE * np.float32(side / ARCFACE_SIDE)
        matrix = umeyama(five_points(landmarks), wanted)
        crop = cv2.warpAffine(rgb, matrix, (side, side))
        made = self._network.get_feat(crop[..., ::-1]).ravel().astype(np.float64)
        return np.asarray(made / max(float(np.linalg.norm(made)), 1e-12))


class FaceSwapper:
    """Draws one person's face in the place of another's, 128 pixels (inswapper).

    The network's facts: a crop (1, 3, 128, 128) from 0 to 1, RGB, and an identity
    (1, 512), which is an ArcFace embedding through the last initialiser.
    """

    def __init__(self, folder: ModelFolder) -> None:
        network = folder.load(Task.SWAP)
        self._network = network
        if network.emap.ndim != 2 or len(network.input_names) != 2:
            raise _unusable(folder.facts(Task.SWAP).path, Task.SWAP)

    def identity(self, embedding: npt.NDArray[np.float64]) -> Floats:
        """Return an ArcFace embedding (512,) as the network wants it, (1, 512)."""
        latent = embedding.reshape(1, -1) @ self._network.emap.astype(np.float64)
        return np.asarray(latent / np.linalg.norm(latent), np.float32)

    def matrix(self, landmarks: Floats) -> npt.NDArray[np.float64]:
        """Return the (2, 3) map from the picture to the crop, by (478, 2) points."""
        return umeyama(five_points(landmarks), SWAP_FIVE)

    def swapped(self, crop: Pixels, identity: Floats) -> Pixels:
        """Return an RGB crop (128, 128, 3) uint8 with another identity's face."""
        given = np.transpose(crop, (2, 0, 1))[None].astype(np.float32) / 255
        names = self._network.input_names
        fed = {names[0]: given, names[1]: identity}
        made = self._network.session.run(self._network.output_names, fed)[0][0]
        rgb = np.transpose(np.asarray(made, np.float32), (1, 2, 0))
        return (rgb * 255 + 0.5).clip(0, 255).astype(np.uint8)
