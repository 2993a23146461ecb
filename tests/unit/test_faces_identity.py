from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lampoon.errors import FaceError
from lampoon.faces.detector import LiteRTBackend
from lampoon.faces.identity import (
    SAME_PERSON,
    Embedding,
    IdentityEmbedder,
    embed_clip,
    identity_distance,
    mean_identity_distance,
)
from lampoon.media.writer import write_clip
from tests.support.faces import blank_frames, performer_frames

pytest.importorskip("_dlib_pybind11")


@cache
def embedder() -> IdentityEmbedder:
    return IdentityEmbedder()


@cache
def embeddings(name: str) -> Embedding:
    backend = LiteRTBackend(max_faces=1)
    frames = performer_frames(name, 0, 120, 50)
    faces = [(f.rgb, backend.faces(f.rgb)[0].landmarks) for f in frames]
    return np.stack([embedder().embed(rgb, points) for rgb, points in faces])


def test_one_person_is_near_to_herself_and_far_from_another() -> None:
    ada, ben = embeddings("ada"), embeddings("ben")
    assert mean_identity_distance(ada, ada) < SAME_PERSON
    assert mean_identity_distance(ben, ben) < SAME_PERSON
    assert mean_identity_distance(ada, ben) > SAME_PERSON + 0.2


def test_a_distance_is_zero_only_to_itself() -> None:
    first, second = embeddings("ada")[:2]
    assert identity_distance(first, first) == 0
    assert identity_distance(first, second) > 0
    assert first.shape == (128,)


def test_a_clip_without_a_face_has_nobody(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "blank.mp4", blank_frames(4), sound_from=None)
    with pytest.raises(FaceError, match="no face"):
        embed_clip(clip.path, count=2, embedder=embedder())
