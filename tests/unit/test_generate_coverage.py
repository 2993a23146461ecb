"""What footage shows and lacks: poses, mouths, blinks, blur and light."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.errors import FaceError
from lampoon.generate.coverage import (
    coverage,
    coverage_of_track,
    footage_lacks,
    lacking,
)
from lampoon.generate.faceset import Faceset
from lampoon.generate.lighting import Light, light_of
from tests.support.facesets import drawn_track, faceset_of, known_face


def lit(right: float, left: float, count: int = 9) -> npt.NDArray[np.uint8]:
    """Grey faces whose picture's right and left halves have these levels."""
    faces = np.full((count, 16, 16, 3), left, np.uint8)
    faces[:, :, 8:] = right
    return faces


def around(count: int = 9) -> npt.NDArray[np.float32]:
    """Weights of faces in the middle of their pictures."""
    weights = np.zeros((count, 16, 16), np.float32)
    weights[:, 2:14, 4:12] = 1
    return weights


def test_coverage_counts_poses_mouths_and_blinks() -> None:
    faces = [
        *[known_face()] * 300,
        *[known_face(yaw=20, jaw=0.6)] * 6,
        *[known_face(yaw=-20, blink=0.9)] * 7,
        *[known_face(pitch=-12)] * 5,
        *[known_face(pitch=12)] * 5,
    ]

    found = coverage(faceset_of(*faces))

    assert found.faces == 323
    assert (found.yaw["to the left"], found.yaw["to the right"]) == (6, 7)
    assert (found.mouth["wide open"], found.eyes["shut"]) == (6, 7)
    assert found.missing == ()


def test_coverage_says_what_to_film_more_of() -> None:
    found = coverage(faceset_of(*[known_face(yaw=20)] * 30))

    assert found.missing[0] == "only 30 faces; 250 is a fair start"
    assert "eyes shut: 0 faces" in found.missing
    assert "the head turned to the right: 0 faces" in found.missing


def test_what_the_donor_never_does_is_named() -> None:
    performer = coverage(faceset_of(*[known_face(jaw=0.6, yaw=-20)] * 9))
    donor = coverage(faceset_of(*[known_face(yaw=-20)] * 9))

    assert lacking(donor, performer) == (
        "the performer has 9 mouths wide open, the donor 0",
    )
    assert lacking(donor, donor) == ()


def test_coverage_of_a_foreign_faceset_says_what_to_do() -> None:
    foreign = Faceset.load(Path("tests/data/faceswap/faces"))

    with pytest.raises(FaceError, match="lampoon generate extract"):
        coverage(foreign)


def test_blurred_faces_are_counted_and_sharper_ones_asked_for() -> None:
    faces = [known_face(sharpness=0.3)] * 3 + [known_face(sharpness=0.8)] * 7

    found = coverage(faceset_of(*faces))

    assert found.blur == {"blurred": 3, "sharp": 7}
    assert "3 of 10 faces are blurred; film sharper ones" in found.missing


def test_light_has_a_side_and_a_level() -> None:
    bright = np.concatenate([lit(80, 80), lit(160, 160), lit(80, 80)])
    weights = np.concatenate([around()] * 3)

    assert light_of(lit(120, 60), around()).side.min() > 0.3
    assert light_of(lit(60, 120), around()).side.max() < -0.3
    level = light_of(bright, weights).level[::9]
    np.testing.assert_allclose(level, [1, 2, 1], rtol=1e-5)


def test_a_face_that_is_not_seen_has_no_side() -> None:
    found = light_of(lit(120, 60), np.zeros((9, 16, 16), np.float32))

    np.testing.assert_array_equal(found.side, 0)


def test_light_that_the_donor_never_stood_in_is_named() -> None:
    sides = [light_of(lit(*levels), around()) for levels in ((120, 60), (90, 90))]
    faces = faceset_of(*[known_face()] * 9)
    performer, donor = (coverage(faces, light) for light in sides)

    assert lacking(donor, performer) == (
        "the performer has 9 faces lit from the picture's right, the donor 0",
    )


def test_a_track_tells_all_but_the_light() -> None:
    found = coverage_of_track(drawn_track(20, lost=(3,)))

    assert found.faces == 19
    assert sum(found.yaw.values()) == 19
    assert found.light == found.lit == {}
    assert not any("lit" in line for line in found.lines())


def test_what_is_missing_is_said_of_the_donor_first() -> None:
    even = Light(np.ones(9, np.float32), np.zeros(9, np.float32))
    performer = coverage(faceset_of(*[known_face(sharpness=0.2)] * 9), even)
    donor = coverage(faceset_of(*[known_face()] * 9), even)

    lines = footage_lacks(performer, donor)

    assert lines[0] == "the donor: only 9 faces; 250 is a fair start"
    assert lines[-1].startswith("the performer: 9 of 9 faces are blurred")
