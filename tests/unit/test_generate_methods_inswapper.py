"""The method ``inswapper``: what the user's model draws lands on the face, only there.

The model is a tiny one with the real one's interface, loaded by insightface's code.
"""

from pathlib import Path

import numpy as np
import pytest

from lampoon.consent.record import Method
from lampoon.datasets.samples import sample
from lampoon.errors import FaceError, TrainingError
from lampoon.faces.detector import LiteRTBackend
from lampoon.faces.insightface import ArcFaceEmbedder, FaceSwapper, ModelFolder
from lampoon.faces.track import track_clip
from lampoon.generate.composite.blend import blend_patch
from lampoon.generate.followed import Followed
from lampoon.generate.methods.inswapper import InswapperMethod, learn_identity
from lampoon.generate.methods.protocol import PlateFace, SwapMethod
from tests.support.faces import performer_frames
from tests.support.insightface_models import write_models

pytest.importorskip("insightface", reason="the dev group brings it: just setup")
pytest.importorskip("onnx", reason="the dev group brings it: just setup")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return write_models(tmp_path / "models")


def donor(folder: Path, *, yaw: float = 0.0) -> Followed:
    clip = sample("ben").clip
    (track,) = track_clip(clip, stop=6, backend=LiteRTBackend(max_faces=1))
    track.pose[:, 0] = yaw
    folder.mkdir(exist_ok=True)
    return Followed(clip, "0" * 64, track, folder)


def plate(*, grain: bool = False) -> PlateFace:
    rgb = performer_frames("ada", 0, 1)[0].rgb
    (face,) = LiteRTBackend(max_faces=1).faces(rgb)
    return PlateFace(
        rgb, face.landmarks, face.blendshapes, face.yaw, face.pitch, face.roll, 0, grain
    )


def method(models: Path, seed: int = 1) -> SwapMethod:
    embedding = np.random.default_rng(seed).normal(size=512)
    return InswapperMethod(FaceSwapper(ModelFolder(models)), embedding)


def test_the_method_is_called_what_consent_records_call_it(models: Path) -> None:
    assert method(models).name is Method.INSWAPPER


def test_the_face_changes_and_nothing_around_it(models: Path) -> None:
    face = plate()

    (patch,) = method(models).swap([face])

    assert patch is not None
    changed = np.abs(blend_patch(face.rgb, patch).astype(int) - face.rgb).max(axis=2)
    nose = face.landmarks[4].astype(int)
    assert changed[nose[1], nose[0]] > 5
    low, high = face.landmarks.min(axis=0), face.landmarks.max(axis=0)
    room = 0.15 * (high - low)
    (x0, y0), (x1, y1) = (low - room).astype(int), (high + room).astype(int)
    changed[y0:y1, x0:x1] = 0
    assert not changed.any()


def test_another_donor_is_another_face(models: Path) -> None:
    face = plate()

    (one,), (other,) = (method(models, seed).swap([face]) for seed in (1, 2))

    assert one is not None
    assert other is not None
    assert np.abs(one.rgb.astype(int) - other.rgb).mean() > 2


def test_a_face_out_of_the_frame_is_left_alone(models: Path) -> None:
    face = plate()
    away = PlateFace(
        face.rgb, face.landmarks + 5000, face.blendshapes, 0.0, 0.0, 0.0, index=0
    )

    assert method(models).swap([away]) == [None]


def test_the_donor_is_learnt_once_from_the_consented_footage(
    models: Path, tmp_path: Path
) -> None:
    ben = donor(tmp_path / "ben")

    path, facts = learn_identity(ben, models)
    written = path.stat().st_mtime_ns
    again, _ = learn_identity(ben, models)

    assert again == path
    assert path.stat().st_mtime_ns == written
    assert "non-commercial research only" in facts.describe()
    first = performer_frames("ben", 0, 1)[0].rgb
    seen = ArcFaceEmbedder(ModelFolder(models)).embed(first, ben.track.landmarks[0])
    assert np.load(path) @ seen > 0.98
    assert InswapperMethod.load(models, path).swap([plate()])[0] is not None


def test_a_donor_who_never_faces_the_camera_is_refused(
    models: Path, tmp_path: Path
) -> None:
    with pytest.raises(FaceError, match="never faces the camera"):
        learn_identity(donor(tmp_path / "ben", yaw=60), models)


def test_an_identity_that_cannot_be_read_is_one_clear_line(
    models: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "identity.npy"
    broken.write_bytes(b"nothing")

    with pytest.raises(TrainingError, match="identity cannot be read"):
        InswapperMethod.load(models, broken)
