"""The face in the footage has to be the face that the record shows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.consent.check import ConsentGrant, check_consent
from lampoon.consent.face import Embed
from lampoon.consent.record import Method, Purpose
from lampoon.consent.store import keep_media
from lampoon.datasets.samples import sample
from lampoon.errors import ConsentRefusedError, FaceError
from tests.support.performers import (
    TODAY,
    Pair,
    consented_pair,
    sign_again,
    tiny_pair,
    withdraw,
)

Faces = npt.NDArray[np.float64]


def faces(*distances: float) -> Faces:
    """Embeddings that lie these distances away from the origin, on one line."""
    points = np.zeros((len(distances), 128))
    points[:, 0] = distances
    return points


def measured_as(shown: Faces) -> Embed:
    """An ``embed`` that finds ``shown`` in the new footage, the origin elsewhere."""
    return lambda path: shown if path.name == "new.bin" else faces(*[0.0] * 12)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Tiny records; the performer's footage is not among the reference media."""
    made = tiny_pair(tmp_path)
    fresh = tmp_path / "new.bin"
    fresh.write_bytes(b"new footage of ada")
    return replace(made, performer_footage=fresh)


def granted(pair: Pair, embed: Embed | None) -> ConsentGrant:
    return check_consent(
        pair.performer,
        pair.donor,
        purpose=Purpose.PARODY,
        method=Method.MESH,
        now=TODAY,
        performer_footage=pair.performer_footage,
        donor_footage=pair.donor_footage,
        embed=embed,
    )


def refused_by(pair: Pair, embed: Embed | None) -> list[tuple[str, str]]:
    with pytest.raises(ConsentRefusedError) as caught:
        granted(pair, embed)
    return [(rule, detail) for _, rule, detail in caught.value.refused_by]


def test_new_footage_of_the_same_face_is_granted(pair: Pair) -> None:
    assert granted(pair, measured_as(faces(*[0.3] * 12)))


def test_another_face_is_refused(pair: Pair) -> None:
    ((rule, detail),) = refused_by(pair, measured_as(faces(*[0.84] * 12)))

    assert rule == "face"
    assert "mean distance 0.84" in detail


def test_a_few_frames_of_another_face_among_many_are_refused(pair: Pair) -> None:
    """The mean alone, .48 at most, would let a third of the frames be a stranger's."""
    shown = faces(*[0.2] * 9, *[0.84] * 3)

    ((rule, detail),) = refused_by(pair, measured_as(shown))

    assert rule == "face"
    assert "3 of 12 frames" in detail


def test_a_turned_head_in_one_frame_is_no_other_person(pair: Pair) -> None:
    assert granted(pair, measured_as(faces(*[0.3] * 11, 0.62)))


def no_face(path: Path) -> Faces:
    raise FaceError("nobody is seen", where=path)


@pytest.mark.parametrize(
    "embed",
    [
        no_face,
        measured_as(np.zeros((0, 128))),
        measured_as(np.full((3, 128), np.nan)),
    ],
)
def test_footage_without_a_measurable_face_is_refused(
    pair: Pair, embed: Callable[[Path], Faces]
) -> None:
    ((rule, _),) = refused_by(pair, embed)

    assert rule == "face"


def test_every_reference_medium_has_to_show_that_face(
    pair: Pair, tmp_path: Path
) -> None:
    """Else a record could list a stranger's clip beside the subject's own."""
    stranger = tmp_path / "stranger.bin"
    stranger.write_bytes(b"a clip of somebody else")
    entry = {"sha256": keep_media(stranger, pair.performer.parent)}
    sign_again(
        pair.performer,
        pair.performer_key,
        lambda plain: plain["media"].append({**entry, "kind": "driving_video"}),
    )
    listed = replace(pair, performer_footage=stranger)

    def embed(path: Path) -> Faces:
        return faces(0.9 if entry["sha256"] in path.name else 0.0)

    def embed_listed(path: Path) -> Faces:
        return faces(0.9 if path == stranger else 0.0)

    assert [rule for rule, _ in refused_by(pair, embed)] == ["face"]
    assert [rule for rule, _ in refused_by(listed, embed_listed)] == ["face"]


def test_no_face_is_measured_without_consent(pair: Pair) -> None:
    withdraw(pair.performer, pair.performer_key)
    looked_at: list[Path] = []

    def embed(path: Path) -> Faces:
        looked_at.append(path)
        return faces(0.0)

    assert [rule for rule, _ in refused_by(pair, embed)] == ["withdrawn"]
    assert looked_at == []


@pytest.mark.slow
def test_adas_record_does_not_cover_bens_face(tmp_path: Path) -> None:
    pytest.importorskip("dlib")
    made = consented_pair(tmp_path)
    wrong = replace(made, performer_footage=sample("ben").clip)

    assert [rule for rule, _ in refused_by(wrong, None)] == ["face"]


@pytest.mark.slow
def test_other_footage_of_ada_is_adas(tmp_path: Path) -> None:
    pytest.importorskip("dlib")
    made = consented_pair(tmp_path)
    again = tmp_path / "again.mp4"
    # the same pictures under other bytes: a free box at the end of the file
    again.write_bytes(sample("ada").clip.read_bytes() + b"\0\0\0\x08free")

    assert granted(replace(made, performer_footage=again), None)
