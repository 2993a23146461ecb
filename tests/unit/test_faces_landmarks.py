import numpy as np
import pytest

from lampoon.faces.landmarks import (
    BLENDSHAPE_POINTS,
    BLENDSHAPES,
    IBUG_68,
    LEFT_EYE,
    LEFT_EYE_SIX,
    LIPS,
    RIGHT_EYE,
    points68,
)


def test_the_expression_scores_have_their_names() -> None:
    assert len(BLENDSHAPES) == len(set(BLENDSHAPES)) == 52
    assert BLENDSHAPES[9:11] == ("eyeBlinkLeft", "eyeBlinkRight")
    assert BLENDSHAPES.index("jawOpen") == 25
    assert len(BLENDSHAPE_POINTS) == 146


def test_the_68_points_are_taken_from_the_mesh_in_order() -> None:
    mesh = np.arange(478 * 2, dtype=np.float32).reshape(478, 2)
    assert np.array_equal(points68(mesh)[36], mesh[33])
    assert np.array_equal(points68(np.stack([mesh, mesh]))[1], mesh[IBUG_68])
    assert len(set(IBUG_68.tolist())) == 68


def test_points_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="478"):
        points68(np.zeros((68, 2), np.float32))


def test_rings_do_not_share_points() -> None:
    rings = [LEFT_EYE, RIGHT_EYE, LIPS]
    points = np.concatenate(rings)
    assert len(set(points.tolist())) == len(points)
    assert set(LEFT_EYE_SIX.tolist()) <= set(LEFT_EYE.tolist())


def test_an_index_set_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        LIPS[0] = 1
