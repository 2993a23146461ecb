"""insightface's own code loads the folder; tiny networks stand for its weights."""

import socket
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from lampoon.errors import MissingExtraError, SettingsError
from lampoon.faces.backends import BackendName, make_backend
from lampoon.faces.detector import LiteRTBackend
from lampoon.faces.insightface import (
    ArcFaceEmbedder,
    FaceSwapper,
    InsightFaceBackend,
    ModelFolder,
    Task,
    five_points,
)
from tests.support.faces import performer_frames
from tests.support.insightface_models import (
    DETECTOR,
    EMBEDDER,
    SIDE,
    SWAPPER,
    TINT,
    write_detector,
    write_models,
)

pytest.importorskip("insightface", reason="the dev group brings it: just setup")
pytest.importorskip("onnx", reason="the dev group brings it: just setup")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder whose detector sees ada's first face where it is."""
    rgb = performer_frames("ada", 0, 1)[0].rgb
    (face,) = LiteRTBackend().faces(rgb)
    scale = SIDE / max(rgb.shape[:2])
    box = tuple(float(side) for side in face.box * scale)
    points = five_points(face.landmarks) * np.float32(scale)
    return write_models(
        tmp_path / "models", box=(box[0], box[1], box[2], box[3]), points=points
    )


def test_a_face_that_scrfd_finds_gets_the_usual_points(models: Path) -> None:
    rgb = performer_frames("ada", 0, 1)[0].rgb
    (usual,) = LiteRTBackend().faces(rgb)

    (face,) = make_backend(BackendName.INSIGHTFACE, models).faces(rgb)

    apart = np.hypot(*(face.landmarks - usual.landmarks).T).mean()
    assert apart < 0.02 * np.ptp(usual.landmarks[:, 0])


def test_what_scrfd_takes_for_a_face_and_the_mesh_does_not_is_none(
    models: Path,
) -> None:
    grey = np.full((360, 640, 3), 128, np.uint8)

    assert InsightFaceBackend(ModelFolder(models)).faces(grey) == []


def test_only_scrfd_looks_for_faces(models: Path) -> None:
    write_detector(models / DETECTOR, (0, 0, 8, 8))
    rgb = performer_frames("ada", 0, 1)[0].rgb

    assert InsightFaceBackend(ModelFolder(models)).faces(rgb) == []


def test_a_followed_face_needs_no_detector(models: Path) -> None:
    first, second = (frame.rgb for frame in performer_frames("ada", 0, 2))
    backend = InsightFaceBackend(ModelFolder(models))

    (face,) = backend.faces(second, previous=backend.faces(first))

    assert face.score > 0.8


def test_an_embedding_has_length_one_and_knows_a_face_moved(models: Path) -> None:
    ada = performer_frames("ada", 0, 1)[0].rgb
    ben = performer_frames("ben", 0, 1)[0].rgb
    embedder, backend = ArcFaceEmbedder(ModelFolder(models)), LiteRTBackend()
    moved = np.roll(ada, 12, axis=1)

    one, same, other = (
        embedder.embed(rgb, backend.faces(rgb)[0].landmarks)
        for rgb in (ada, moved, ben)
    )

    assert one.shape == (512,)
    assert np.linalg.norm(one) == pytest.approx(1)
    assert one @ same > 0.98
    assert one @ other < one @ same


def test_the_identity_goes_through_the_last_initialiser(models: Path) -> None:
    embedding = np.random.default_rng(1).normal(size=512)

    identity = FaceSwapper(ModelFolder(models)).identity(embedding)

    turned = embedding[::-1] / np.linalg.norm(embedding)
    np.testing.assert_allclose(identity[0], turned, atol=1e-6)


def test_a_swapped_crop_is_what_the_network_makes_of_it(models: Path) -> None:
    swapper = FaceSwapper(ModelFolder(models))
    crop = np.full((SIDE, SIDE, 3), 100, np.uint8)
    some = swapper.identity(np.random.default_rng(1).normal(size=512))

    made = swapper.swapped(crop, some)

    assert made.shape == crop.shape
    assert np.abs(made.astype(int) - 100).max() <= TINT * 255 + 1
    assert not np.array_equal(made[..., 0], made[..., 1])


def test_the_crop_puts_the_eyes_where_the_network_learnt_them(models: Path) -> None:
    rgb = performer_frames("ada", 0, 1)[0].rgb
    (face,) = LiteRTBackend().faces(rgb)
    matrix = FaceSwapper(ModelFolder(models)).matrix(face.landmarks)

    five = five_points(face.landmarks)
    placed = cv2.transform(five[None].astype(np.float64), matrix)[0]

    right, left = placed[:2]
    assert right[0] < SIDE / 2 < left[0]
    assert right[1] == pytest.approx(51.6, abs=4)


def test_a_file_says_its_hash_and_its_folders_licence(models: Path) -> None:
    facts = ModelFolder(models).facts(Task.SWAP)

    assert facts.path.name == SWAPPER
    assert len(facts.sha256) == 64
    assert facts.licence.status == "default_non_commercial"
    assert not facts.licence.commercial
    assert "non-commercial research only" in facts.describe()


def test_a_licence_that_does_not_hold_is_refused(models: Path) -> None:
    (models / "MODEL.LICENSE").write_text('{"grant": "commercial"}')

    with pytest.raises(SettingsError, match="licence does not hold"):
        ModelFolder(models)


def test_a_missing_folder_or_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such folder of models"):
        ModelFolder(tmp_path / "none")
    with pytest.raises(SettingsError, match=r"no model for detection here.*det_\*"):
        InsightFaceBackend(ModelFolder(tmp_path))
    with pytest.raises(SettingsError, match="needs a folder of models"):
        make_backend(BackendName.INSIGHTFACE)


def test_a_file_that_is_something_else_is_one_clear_line(models: Path) -> None:
    (models / DETECTOR).write_bytes(b"no network")
    (models / SWAPPER).write_bytes((models / EMBEDDER).read_bytes())

    with pytest.raises(SettingsError, match="no model for detection"):
        InsightFaceBackend(ModelFolder(models))
    with pytest.raises(SettingsError, match="does not read it as INSwapper"):
        FaceSwapper(ModelFolder(models))


def test_two_files_for_one_task_are_refused(models: Path) -> None:
    (models / "det_other.onnx").write_bytes((models / DETECTOR).read_bytes())

    with pytest.raises(SettingsError, match="several models for detection"):
        InsightFaceBackend(ModelFolder(models))


def test_nothing_of_it_reaches_for_the_network(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    folder = ModelFolder(models)

    for task in Task:
        assert folder.load(task) is not None


def test_what_it_needs_is_said_where_it_is_missing(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "insightface.model_zoo", None)

    with pytest.raises(MissingExtraError, match=r"lampoon\[insightface\]"):
        ModelFolder(models)
