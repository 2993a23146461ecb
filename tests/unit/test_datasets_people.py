"""Who is drawn from a seed, and what a person's file may say."""

import json
from pathlib import Path

import numpy as np
import pytest

from lampoon.datasets.performers.figure import (
    UNITS,
    figure_of,
    unit_normals,
    weights_vector,
)
from lampoon.datasets.performers.mesh import (
    BODY,
    base_mesh,
    shape_names,
    shape_target,
    subdivision,
)
from lampoon.datasets.performers.people import person_of_seed
from lampoon.datasets.performers.person import load_person, person_json, weights_of
from lampoon.datasets.performers.points import ALL_POINTS
from lampoon.datasets.performers.surface import Surface
from lampoon.errors import SettingsError
from tests.support.people import ada


def test_a_seed_is_always_the_same_person() -> None:
    assert person_of_seed(7) == person_of_seed(7)
    assert person_of_seed(7) != person_of_seed(8)


def test_people_of_many_seeds_are_made_of_shapes_that_exist() -> None:
    for seed in range(60):
        person = person_of_seed(seed)
        assert set(person.shape) <= shape_names()
        macro = [w for n, w in person.shape.items() if n.startswith("macro")]
        assert sum(macro) == pytest.approx(1.0, abs=0.12)


def test_a_person_survives_being_written_and_read(tmp_path: Path) -> None:
    person = person_of_seed(3)
    path = tmp_path / "three.json"
    path.write_text(person_json(person))

    assert load_person(path) == person


def test_a_person_can_be_written_by_hand_in_toml(tmp_path: Path) -> None:
    path = tmp_path / "zoe.toml"
    path.write_text(
        'name = "zoe"\n[shape]\n"head/head-round" = 0.5\n"ears/*-ear-wing-incr" = 0.4\n'
        '[look]\nglasses = true\nhair_style = "cropped"\n'
    )

    person = load_person(path)

    assert person.look.glasses
    assert weights_of(person.shape) == {
        "head/head-round": 0.5,
        "ears/l-ear-wing-incr": 0.4,
        "ears/r-ear-wing-incr": 0.4,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "zoe"\ntail = 1', "tail"),
        ('name = "../zoe"', "name"),
        ('name = "zoe"\n[shape]\n"nose/nose-of-clay" = 1.0', "nose-of-clay"),
        ('name = "zoe"\n[look]\nbeard = 3.0', "beard"),
        ('name = "zoe"\n[voice]\nname = "-w /etc/x"', "voice"),
    ],
)
def test_a_wrong_person_file_is_refused_by_name(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "zoe.toml"
    path.write_text(text)

    with pytest.raises(SettingsError, match=said):
        load_person(path)


def test_a_person_file_that_is_not_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "zoe.json"
    path.write_text(json.dumps({"name": "zoe"})[:-1])

    with pytest.raises(SettingsError, match="not a person"):
        load_person(path)


def test_an_unknown_shape_has_no_target() -> None:
    with pytest.raises(SettingsError, match="no shape"):
        shape_target("../../LICENSE")


def test_subdividing_a_cube_gives_the_known_points() -> None:
    corners = np.array(
        [[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float
    )
    quads = np.array(
        [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4],
         [1, 5, 7, 3]]
    )  # fmt: skip

    fine = subdivision(quads).refined(corners)

    assert len(fine) == 8 + 12 + 6
    # Catmull and Clark 1978: a cube's corner moves to 5/9 of itself
    assert np.allclose(np.abs(fine[:8]), 5 / 9)
    assert np.allclose(np.sort(np.abs(fine[8:20]), axis=1), [0, 0.75, 0.75])


def test_subdividing_keeps_the_rim_of_an_open_surface_flat() -> None:
    square = np.array([[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0.0]])

    finer = subdivision(np.array([[0, 1, 2, 3]]))

    assert np.allclose(finer.refined(square)[4:8].mean(axis=0), [1, 1, 0])
    assert finer.fine_quads().shape == (4, 4)


def test_the_head_has_all_its_landmarks_on_the_front() -> None:
    body = figure_of(ada()).part(BODY)
    assert len(set(ALL_POINTS.tolist())) >= 90
    assert (body.points[ALL_POINTS][:, 2] > 0.2).all()


def test_a_blink_moves_the_lid_and_not_the_chin() -> None:
    surface = Surface(figure_of(ada()).part(BODY))
    rest = surface.points(weights_vector({}))
    shut = surface.points(weights_vector({"eyeBlinkLeft": 0.8}))
    moved = np.linalg.norm(shut - rest, axis=1)

    assert moved.max() > 0.08
    assert moved[rest[:, 1] < 6.5].max() < 0.01
    # the face unit pulls a little at the other side of the nose, and no further
    assert moved[rest[:, 0] < -0.25].max() < 0.01


def test_moving_corners_have_the_normals_of_the_whole_surface() -> None:
    part = figure_of(ada()).part(BODY)
    surface = Surface(part)
    weights = weights_vector({"jawOpen": 0.4, "mouthSmileLeft": 0.5})

    corners = surface.corners(weights)

    whole = unit_normals(
        surface.points(weights).astype(float), part.point_of[part.triangles]
    )
    expected = whole[surface.point_of[: surface.moving]]
    assert np.abs(corners[:, 3:] - expected).max() < 1e-3


def test_an_unknown_face_unit_is_a_mistake_of_the_caller() -> None:
    assert len(set(UNITS)) == len(UNITS)
    with pytest.raises(ValueError, match="tuple"):
        weights_vector({"earWiggle": 1.0})


def test_the_base_mesh_is_the_one_that_is_described() -> None:
    assert base_mesh().points.shape == (19158, 3)
