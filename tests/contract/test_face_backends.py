"""Every face backend keeps the same promises."""

import numpy as np
import pytest

from lampoon.faces.detector import FaceBackend, LiteRTBackend
from tests.support.faces import ScriptedBackend, performer_frames


@pytest.fixture(params=["litert", "scripted"])
def backend(request: pytest.FixtureRequest) -> FaceBackend:
    frame = performer_frames("ada", 0, 1)[0]
    if request.param == "litert":
        return LiteRTBackend()
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


def test_it_says_its_name(backend: FaceBackend) -> None:
    assert backend.name
