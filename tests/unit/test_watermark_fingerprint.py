"""Telling the marked clip from one that its mark was copied to."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from lampoon.errors import ProvenanceError
from lampoon.watermark.fingerprint import (
    MOST_SAMPLES,
    Fingerprint,
    FingerprintTaker,
    Luma,
    QueryTaker,
    View,
    resemblance,
    view_of,
)
from tests.support.marks import pan, scene

Film = Iterator[tuple[float, Luma]]


def walk(seed: int, frames: int = 200, *, background: int = 1) -> Film:
    """A blob that wanders over a scene, 25 frames a second, (270, 480) luma."""
    random = np.random.default_rng(seed)
    still = cv2.cvtColor(scene(background, (480, 270)), cv2.COLOR_RGB2GRAY)
    at = np.array([240.0, 135.0])
    speed = np.zeros(2)
    for index in range(frames):
        speed = 0.95 * speed + random.normal(scale=1.2, size=2)
        at = np.clip(at + speed, (80, 60), (400, 210))
        luma = still.copy()
        cv2.circle(luma, (int(at[0]), int(at[1])), 22, 220, -1)
        yield index / 25, np.asarray(luma, np.uint8)


def taken(film: Film) -> Fingerprint:
    taker = FingerprintTaker()
    for seconds, luma in film:
        taker.add(seconds, luma)
    return taker.fingerprint()


def asked(film: Film) -> QueryTaker:
    taker = QueryTaker()
    for seconds, luma in film:
        taker.add(seconds, luma)
    return taker


def test_a_clip_resembles_itself() -> None:
    same = resemblance(taken(walk(1)), asked(walk(1)))
    assert same.same
    assert same.likeness > 0.97
    assert same.motion > 0.9


def test_a_cropped_flipped_and_trimmed_clip_resembles_itself() -> None:
    film = (
        (seconds - 2, luma[40:242, 60:420][:, ::-1])
        for seconds, luma in walk(1)
        if seconds >= 2
    )
    found = resemblance(taken(walk(1)), asked(film), View(0.75, 0.748, True))
    assert found.same
    assert found.offset_seconds == pytest.approx(2.0, abs=0.25)


def test_another_scene_does_not() -> None:
    assert not resemblance(taken(walk(1)), asked(walk(1, background=5))).same


def test_another_take_of_the_same_scene_does_not() -> None:
    other = resemblance(taken(walk(1)), asked(walk(2)))
    assert other.likeness > 0.5
    assert not other.same


def test_a_fingerprint_is_stored_and_read_back() -> None:
    whole = taken((frame.seconds.__float__(), frame.luma) for frame in pan(30))
    again = Fingerprint.from_bytes(whole.to_bytes())
    assert np.array_equal(again.cells, whole.cells)
    assert (again.width, again.height, again.step) == (854, 480, 0.5)


def test_a_long_clip_has_a_small_fingerprint() -> None:
    taker = FingerprintTaker()
    for index in range(900):
        taker.add(index / 2, np.full((18, 32), index % 250, np.uint8))
    assert len(taker.fingerprint().cells) <= MOST_SAMPLES
    assert taker.fingerprint().step == 2.0


@pytest.mark.parametrize(
    "hostile",
    [b"", b"LFP1", b"x" * 200, taken(walk(1, 3)).to_bytes()[:-4] + b"abcd"],
)
def test_what_is_no_fingerprint_is_refused(hostile: bytes) -> None:
    with pytest.raises(ProvenanceError):
        Fingerprint.from_bytes(hostile)


def test_the_view_follows_from_what_the_mark_tells() -> None:
    upright = view_of((404, 720), (1280, 720), 720 / 404, 1.0, False)
    assert upright.down == pytest.approx(1.0, abs=0.01)
    assert upright.across == pytest.approx(404 / 1280, abs=0.01)
