import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lampoon.bench.swap import known_answer, regions_of
from lampoon.consent.record import Method
from lampoon.errors import ConsentError, TrainingError
from lampoon.faces.track import FaceTrack
from lampoon.generate.followed import Followed
from lampoon.generate.likeness import insist_on_one_person
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.train.base import split_people
from tests.support.texture import clip_of, plate_faces, tracked

FIRST, STOP = 36, 44


class Brightener:
    """Gives the plate back, ``by`` grey levels brighter."""

    name = Method.MESH

    def __init__(self, by: int) -> None:
        self.by = by

    def begin(self, track: FaceTrack, clip: Path) -> None:
        del track, clip

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        return [self.patch(face) for face in faces]

    def patch(self, face: PlateFace) -> FacePatch:
        brighter = np.minimum(face.rgb.astype(int) + self.by, 255).astype(np.uint8)
        return FacePatch(brighter, np.ones(face.rgb.shape[:2], np.float32), 0, 0)


def followed(name: str, folder: Path) -> Followed:
    return Followed(clip_of(name), "0" * 64, tracked(name, FIRST, STOP), folder)


@pytest.mark.slow
def test_a_swap_that_gives_the_plate_back_has_no_error(tmp_path: Path) -> None:
    found = known_answer(Brightener(0), followed("ada", tmp_path), every=4)
    assert found.frames == 2
    assert (found.face, found.eyes, found.mouth) == (0, 0, 0)


@pytest.mark.slow
def test_a_brighter_face_is_as_far_off_as_it_is_brighter(tmp_path: Path) -> None:
    found = known_answer(Brightener(5), followed("ada", tmp_path), every=4)
    assert found.face == pytest.approx(5, abs=0.05)
    assert found.mouth == pytest.approx(5, abs=0.05)


@pytest.mark.slow
def test_the_regions_lie_where_they_should() -> None:
    face = plate_faces("ada", FIRST, STOP)[0]
    masks = regions_of(face.landmarks, face.rgb.shape[:2])
    sizes = {name: int(mask.sum()) for name, mask in masks.items()}
    assert sizes["eyes"] < sizes["mouth"] * 2 < sizes["face"]
    nose = face.landmarks[4].astype(int)
    assert masks["face"][nose[1], nose[0]]
    assert not masks["eyes"][nose[1], nose[0]]
    assert not masks["mouth"][nose[1], nose[0]]


@pytest.mark.slow
def test_two_people_are_no_known_answer(tmp_path: Path) -> None:
    pytest.importorskip("dlib")
    ada, ben = (followed(name, tmp_path) for name in ("ada", "ben"))
    insist_on_one_person(ada, ada)
    with pytest.raises(ConsentError, match="two people"):
        insist_on_one_person(ada, ben)


def cast(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        (folder / f"{name}-rest.mp4").write_bytes(b"")
        facts = json.dumps({"name": name})
        (folder / f"{name}-rest.person.json").write_text(facts)


def test_people_are_held_out_by_the_seed(tmp_path: Path) -> None:
    cast(tmp_path, ["ada", "ben", "cleo", "dev", "eli"])
    split = split_people(tmp_path, held_out=2, seed=3)
    assert split == split_people(tmp_path, held_out=2, seed=3)
    assert (len(split.learn), len(split.held_out)) == (3, 2)
    assert not set(split.learn) & set(split.held_out)


def test_a_base_takes_no_clip_of_anybody_who_exists(tmp_path: Path) -> None:
    cast(tmp_path, ["ada", "ben", "cleo"])
    (tmp_path / "holiday.mp4").write_bytes(b"")
    with pytest.raises(TrainingError, match="rendered performers alone"):
        split_people(tmp_path, held_out=1, seed=0)
