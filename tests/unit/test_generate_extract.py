"""A clip becomes a faceset that faceswap reads, however often it is interrupted."""

import ast
import hashlib
from pathlib import Path

import numpy as np
import pytest

from lampoon.errors import FaceError, LampoonError, UnreadableError
from lampoon.faces.align import Centring, alignment_matrix
from lampoon.generate.extract import Faceset, extract_faceset
from lampoon.generate.interchange.alignments import read_alignments
from tests.support.facesets import clip_and_track

FRAMES = 12


class StoppedError(Exception):
    """What the test throws to interrupt."""


def stop_after(count: int) -> object:
    def tell(done: int, total: int) -> None:
        if done == count:
            raise StoppedError

    return tell


def contents(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
    }


def test_every_frame_with_a_face_gives_a_picture(tmp_path: Path) -> None:
    clip, track = clip_and_track(tmp_path, FRAMES, lost=(4, 5))

    faceset = extract_faceset(clip, tmp_path / "faces", track=track)

    names = [face.path.name for face in faceset.faces]
    wanted = [i for i in range(FRAMES) if i not in (4, 5)]
    assert names == [f"plate_{i + 1:06d}_0.png" for i in wanted]
    assert faceset.faces[0].picture().shape == (512, 512, 3)


def test_what_is_known_of_a_face_comes_back(tmp_path: Path) -> None:
    clip, track = clip_and_track(tmp_path, FRAMES)
    extract_faceset(clip, tmp_path / "faces", track=track, size=128)

    face = Faceset.load(tmp_path / "faces").faces[7]

    assert face.own is not None
    assert (face.own.index, face.own.yaw, face.own.pitch) == (7, 7.0, -2.0)
    assert face.own.seconds == pytest.approx(7 / 25)
    assert face.own.eyes_measurable == (True, False)
    np.testing.assert_array_equal(face.own.landmarks, track.landmarks[7])
    np.testing.assert_array_equal(face.own.blendshapes, track.blendshapes[7])
    assert face.source.source_filename == "plate_000008.mp4"
    assert face.source.frame_size == (240, 320)


def test_the_header_is_where_faceswap_looks_for_it(tmp_path: Path) -> None:
    clip, track = clip_and_track(tmp_path, 2)

    faceset = extract_faceset(clip, tmp_path / "faces", track=track, size=128)

    png = faceset.faces[0].path.read_bytes()
    start = png.index(b"faceswap\0\0\0\0\0")
    length = int.from_bytes(png[start - 8 : start - 4], "big")
    text = ast.literal_eval(png[start + 13 : start + length].decode())
    assert png[start - 4 : start] == b"iTXt"
    assert list(text["alignments"]) == [
        *("x", "y", "w", "h", "landmarks_xy", "mask", "identity")
    ]
    assert text["source"]["source_is_video"] is True


def test_the_alignments_hold_every_frame_and_the_faces_of_the_pictures(
    tmp_path: Path,
) -> None:
    clip, track = clip_and_track(tmp_path, FRAMES, lost=(4,))

    faceset = extract_faceset(clip, tmp_path / "faces", track=track, size=128)

    found = read_alignments(tmp_path / "faces" / "alignments.fsa")
    assert len(found.frames) == FRAMES
    assert found.frames["plate_000005.mp4"].faces == ()
    np.testing.assert_array_equal(
        found.frames["plate_000001.mp4"].faces[0].landmarks,
        faceset.faces[0].record.landmarks,
    )


def test_every_third_frame_is_taken_when_asked(tmp_path: Path) -> None:
    clip, track = clip_and_track(tmp_path, FRAMES)

    faceset = extract_faceset(clip, tmp_path / "faces", track=track, size=64, every=3)

    indices = [face.own.index for face in faceset.faces if face.own]
    assert indices == [0, 3, 6, 9]


@pytest.mark.parametrize("every", [1, 2])
def test_an_interrupted_extraction_ends_as_an_uninterrupted_one(
    every: int, tmp_path: Path
) -> None:
    clip, track = clip_and_track(tmp_path, FRAMES, lost=(2,))
    extract_faceset(clip, tmp_path / "whole", track=track, size=64, every=every)
    with pytest.raises(StoppedError):
        extract_faceset(
            clip,
            tmp_path / "parts",
            track=track,
            size=64,
            every=every,
            tell=stop_after(3),  # type: ignore[arg-type]  # a tell that throws
        )
    assert 0 < len(list((tmp_path / "parts").glob("*.png"))) < FRAMES // every
    cut_off = next(iter(sorted((tmp_path / "parts").glob("*.png"))))
    cut_off.write_bytes(cut_off.read_bytes()[:-20])

    extract_faceset(clip, tmp_path / "parts", track=track, size=64, every=every)

    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_a_picture_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    clip, track = clip_and_track(tmp_path, 4)
    first = extract_faceset(clip, tmp_path / "faces", track=track, size=64)
    before = [face.path.stat().st_mtime_ns for face in first.faces]

    again = extract_faceset(clip, tmp_path / "faces", track=track, size=64)

    assert [face.path.stat().st_mtime_ns for face in again.faces] == before


def test_a_folder_of_other_faces_is_left_alone(tmp_path: Path) -> None:
    clip, track = clip_and_track(tmp_path, 4)
    extract_faceset(clip, tmp_path / "faces", track=track, size=64)
    before = contents(tmp_path / "faces")

    with pytest.raises(LampoonError, match="other settings"):
        extract_faceset(clip, tmp_path / "faces", track=track, size=128)

    assert contents(tmp_path / "faces") == before


def test_a_folder_of_pictures_is_not_taken_over(tmp_path: Path) -> None:
    clip, track = clip_and_track(tmp_path, 4)
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "holiday.png").write_bytes(b"mine")

    with pytest.raises(LampoonError, match="holds pictures already"):
        extract_faceset(clip, tmp_path / "faces", track=track)


def test_a_clip_that_cannot_be_read_leaves_no_folder(tmp_path: Path) -> None:
    clip = tmp_path / "broken.mp4"
    clip.write_bytes(b"no clip")

    with pytest.raises(UnreadableError):
        extract_faceset(clip, tmp_path / "faces")

    assert not (tmp_path / "faces").exists()


@pytest.mark.slow
def test_a_clip_without_a_face_says_so(tmp_path: Path) -> None:
    clip, _ = clip_and_track(tmp_path, 4)

    with pytest.raises(FaceError, match="no face"):
        extract_faceset(clip, tmp_path / "faces")

    assert not (tmp_path / "faces").exists()


def test_an_empty_folder_is_no_faceset(tmp_path: Path) -> None:
    with pytest.raises(FaceError, match="no extracted faces"):
        Faceset.load(tmp_path)


def test_a_crop_of_the_picture_is_a_crop_of_the_frame(tmp_path: Path) -> None:
    """Head to face by matrices lands where frame to face does."""
    clip, track = clip_and_track(tmp_path, 1)
    face = extract_faceset(clip, tmp_path / "faces", track=track).faces[0]

    matrix = face.matrix_to(Centring.FACE, size=64, stored=512)

    points = face.record.landmarks
    head = alignment_matrix(points, size=512, centring=Centring.HEAD)
    direct = alignment_matrix(points, size=64, centring=Centring.FACE)
    through = (points @ head[:, :2].T + head[:, 2]) @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(
        through, points @ direct[:, :2].T + direct[:, 2], atol=1e-2
    )
