"""How a face usually looks: a median over the clip, in the middle of its brightness."""

from dataclasses import replace

import numpy as np
import pytest

from lampoon.generate.composite.occlusion import face_texels
from lampoon.generate.composite.usual import MIDDLE, evened, median_look, usual_look
from tests.support.texture import clip_of, tracked


def test_what_is_seen_in_few_pictures_is_not_in_the_median() -> None:
    random = np.random.default_rng(4)
    face = random.integers(80, 140, (8, 8, 3)).astype(np.uint8)
    behind = face.copy()
    behind[2:4] = 255
    seen = np.ones((8, 8), np.float32)
    look = median_look([(face, seen)] * 5 + [(behind, seen)] * 2)
    assert np.allclose(look, evened(face, seen))


def test_texels_that_nobody_saw_are_nothing() -> None:
    face = np.full((8, 8, 3), 90, np.uint8)
    seen = np.ones((8, 8), np.float32)
    seen[5:] = 0
    look = median_look([(face, seen)] * 3)
    assert (look[5:] == 0).all()
    assert np.allclose(look[:5], MIDDLE)


@pytest.mark.parametrize("gain", [0.5, 1.0, 2.0])
def test_brightness_does_not_matter(gain: float) -> None:
    random = np.random.default_rng(5)
    face = random.integers(20, 120, (8, 8, 3)).astype(np.uint8)
    brighter = (face * gain).astype(np.uint8)
    seen = np.ones((8, 8), np.float32)
    assert np.abs(evened(face, seen) - evened(brighter, seen)).max() < 0.02


def test_a_clip_gives_the_look_of_its_tracked_face() -> None:
    track = tracked("ada", 0, 12)
    look = usual_look(clip_of("ada"), track, face_texels())
    assert look is not None
    assert look.shape == (64, 64, 3)
    skin = face_texels().covered & ~face_texels().eyeballs
    assert (look[skin] > 0).mean() > 0.8


def test_a_track_without_a_face_has_no_look() -> None:
    track = tracked("ada", 0, 12)
    lost = replace(track, landmarks=np.full_like(track.landmarks, np.nan))
    assert usual_look(clip_of("ada"), lost, face_texels()) is None
