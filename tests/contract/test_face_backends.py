"""Every face backend keeps the same promises."""

import numpy as np
import pytest

from lampoon.faces.backends import BackendName, make_backend
from lampoon.faces.detector import FaceBackend, LiteRTBackend
from tests.support.faces import ScriptedBackend, performer_frames


@pytest.fixture(params=["litert", "mediapipe", "scripted"])
def backend(request: pytest.FixtureRequest) -> FaceBackend:
    frame = performer_frames("ada", 0, 1)[0]
    if request.param == "mediapipe":
        # its opencv would lie over ours, so the dev group is without it
        pytest.importorskip("mediapipe", reason="pip install 'lampoon[mediapipe]'")
    if request.param != "scripted":
        return make_backend(BackendName(request.param))
    return ScriptedBackend([LiteRTBackend().faces(frame.rgb)])


def test_a_face_has_the_promised_shapes_and_ranges(backend: FaceBackend) -> None:
    frame = performer_frames("ada", 0, 1)[0]

    (face,) = backend.faces(frame.rgb)

    assert face.landmarks.shape == (478, 2)
    assert face.landmarks.dtype == np.float32
    assert face.box.shape == (4,)
    assert face.box[0] < face.box[2]
    assert face.box[1] < face.box[3]
    assert face.blendshapes.shape == (52,)
    assert face.blendshapes.min() >= 0
    assert face.blendshapes.max() <= 1
    assert 0 < face.score <= 1


def test_its_points_lie_in_the_picture_where_the_box_is(backend: FaceBackend) -> None:
    frame = performer_frames("ada", 0, 1)[0]

    (face,) = backend.faces(frame.rgb)

    middle = face.landmarks.mean(axis=0)
    assert (face.box[:2] < middle).all()
    assert (middle < face.box[2:]).all()


def test_it_agrees_with_the_default_on_where_a_face_is(backend: FaceBackend) -> None:
    first, second = performer_frames("ada", 0, 2)
    usual = LiteRTBackend()
    wanted = usual.faces(first.rgb)

    found = backend.faces(first.rgb)

    (then,) = backend.faces(second.rgb, previous=found)
    (face,), (there,) = found, wanted
    for one, other in ((face, there), (then, there)):
        apart = np.hypot(*(one.landmarks - other.landmarks).T).mean()
        assert apart < 0.03 * np.ptp(other.landmarks[:, 0])
    assert face.yaw == pytest.approx(there.yaw, abs=4)
    assert np.abs(face.blendshapes - there.blendshapes).mean() < 0.03


def test_it_sees_none_where_there_is_none(backend: FaceBackend) -> None:
    if backend.name == "scripted":
        pytest.skip("sees what it is told")
    frame = performer_frames("ada", 0, 1)[0]
    before = backend.faces(frame.rgb)

    assert before
    assert backend.faces(np.full_like(frame.rgb, 128)) == []


def test_it_says_its_name(backend: FaceBackend) -> None:
    assert backend.name
