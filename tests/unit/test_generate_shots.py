"""A model for each shot: who swaps where, which frames learn, what is made anew."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.consent.record import Method
from lampoon.errors import FaceError, SettingsError
from lampoon.faces.track import FaceTrack
from lampoon.generate.job import ShotSettings, load_job
from lampoon.generate.methods.protocol import FacePatch, PlateFace, SwapMethod
from lampoon.generate.methods.shots import Shot, ShotsMethod
from lampoon.generate.shots import LearnedShot, frames_of, words_between
from lampoon.generate.train.loop import Budget, train
from lampoon.generate.train.shot import Refined, faces_within
from tests.support.facesets import drawn_track, faceset_of, known_face
from tests.support.training import Walker


class Paint:
    """Paints one grey; remembers the frames it saw."""

    def __init__(self, grey: int) -> None:
        self.grey = grey
        self.begun = False

    @property
    def name(self) -> Method:
        return Method.AUTOENCODER

    def begin(self, track: FaceTrack, clip: Path) -> None:
        self.begun = True

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        rgb = np.full((2, 2, 3), self.grey, np.uint8)
        return [FacePatch(rgb, np.ones((2, 2), np.float32), 0, 0) for _ in faces]


def faces(count: int) -> list[PlateFace]:
    picture: npt.NDArray[np.uint8] = np.zeros((4, 4, 3), np.uint8)
    points, shapes = np.zeros((478, 2), np.float32), np.zeros(52, np.float32)
    return [
        PlateFace(picture, points, shapes, 0, 0, 0, index) for index in range(count)
    ]


def shot(first: float, last: float) -> ShotSettings:
    return ShotSettings(first_seconds=first, last_seconds=last)


def test_each_frame_is_swapped_by_its_shots_method_and_the_last_shot_counts() -> None:
    usual, one, two = Paint(0), Paint(1), Paint(2)
    method: SwapMethod = ShotsMethod(
        usual, [Shot(range(2, 6), one), Shot(range(4, 8), two)]
    )
    method.begin(drawn_track(10), Path("plate.mp4"))

    patches = method.swap(faces(10))

    greys = [patch.rgb[0, 0, 0] for patch in patches if patch is not None]
    assert greys == [0, 0, 1, 1, 2, 2, 2, 2, 0, 0]
    assert all(each.begun for each in (usual, one, two))


def test_a_shot_is_the_frames_shown_from_its_first_to_before_its_last_second() -> None:
    assert frames_of(shot(0.2, 0.4), drawn_track(50)) == range(5, 10)
    assert frames_of(shot(1.0, 9.0), drawn_track(50)) == range(25, 50)


def test_a_shot_outside_the_footage_is_said() -> None:
    with pytest.raises(SettingsError, match="no face between 3 and 4 s"):
        frames_of(shot(3, 4), drawn_track(50))


def test_only_the_stretches_that_a_shot_touches_depend_on_it() -> None:
    learned = (LearnedShot(range(100, 120), Path("a"), "5ha", None),)

    assert words_between(learned, 0, 100) == ""
    assert words_between(learned, 136, 200) == ""
    assert "5ha" in words_between(learned, 0, 101)
    assert "5ha" in words_between(learned, 119, 200)  # its colours are carried on
    assert "5ha" in words_between(learned, 130, 200)


def test_a_shot_learns_from_its_own_faces() -> None:
    whole = faceset_of(*[known_face(index=index) for index in range(30)])

    part = faces_within(whole, range(10, 22))

    assert [face.own and face.own.index for face in part.faces] == list(range(10, 22))
    with pytest.raises(FaceError, match="3 faces in frames 27 to 40 are too few"):
        faces_within(whole, range(27, 41))


def test_a_copy_goes_on_late_in_a_training_and_the_base_stays(tmp_path: Path) -> None:
    base = tmp_path / "base"
    train(Walker(), base, budget=Budget(iterations=10))
    before = (base / "step-00000010" / "walker.json").read_bytes()
    walker = Walker()

    train(
        Refined(walker, base / "step-00000010"),
        tmp_path / "shot",
        budget=Budget(iterations=4),
    )

    assert walker.steps == 14
    assert walker.progress == [0.75, 0.8125, 0.875, 0.9375]
    assert (base / "step-00000010" / "walker.json").read_bytes() == before


def test_a_killed_copy_goes_on_where_it_was(tmp_path: Path) -> None:
    base = tmp_path / "base"
    train(Walker(), base, budget=Budget(iterations=10))
    start = base / "step-00000010"
    train(Refined(Walker(), start), tmp_path / "shot", budget=Budget(iterations=3))
    resumed, whole = Walker(), Walker()

    train(Refined(resumed, start), tmp_path / "shot", budget=Budget(iterations=5))
    train(Refined(whole, start), tmp_path / "whole", budget=Budget(iterations=5))

    assert resumed.taken == 2
    assert resumed.place == whole.place


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("[[shots]]\nfirst_seconds = 2.0\nlast_seconds = 1.0", "must be greater"),
        (
            '[swap]\nmethod = "mesh"\n[[shots]]\nfirst_seconds = 0\nlast_seconds = 1',
            "needs method",
        ),
        ("[studio]\nside = 100", "multiple of 32"),
        ("[studio]\nside = 288", "less than or equal to 256"),
    ],
)
def test_a_project_that_cannot_be_is_refused(
    tmp_path: Path, lines: str, said: str
) -> None:
    sides = "".join(
        f'[{who}]\nfootage = "a"\nconsent = "b"\n' for who in ("performer", "donor")
    )
    file = tmp_path / "lampoon.toml"
    file.write_text(f'{sides}[signer]\ncertificates = "c"\n{lines}\n')

    with pytest.raises(SettingsError, match=said):
        load_job(file)
