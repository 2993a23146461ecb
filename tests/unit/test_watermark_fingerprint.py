"""Telling the marked clip from one that its mark was copied to."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from lampoon.errors import ProvenanceError
from lampoon.watermark.fingerprint import (
    LEVEL,
    MOST_SAMPLES,
    Fingerprint,
    FingerprintTaker,
    Luma,
)
from lampoon.watermark.query import QueryTaker, View, view_of
from lampoon.watermark.resemblance import Resemblance, resemblance
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
    assert same.covered < 0.05
    assert same.acting < 0.05


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


def changed(how: Callable[[Luma], Luma], *, seed: int = 1) -> Resemblance:
    film = ((seconds, how(luma)) for seconds, luma in walk(seed))
    return resemblance(taken(walk(seed)), asked(film))


def test_light_and_captions_are_forgiven() -> None:
    def captioned(luma: Luma) -> Luma:
        luma = np.clip(luma * 0.8 + 20, 0, 255).astype(np.uint8)
        cv2.rectangle(luma, (60, 225), (420, 255), 10, -1)
        return luma

    found = changed(captioned)
    assert found.same
    assert 0.05 < found.covered < 0.25


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("first", [True, False])
def test_a_replaced_half_is_seen_where_it_is(axis: int, first: bool) -> None:
    other = cv2.cvtColor(scene(7, (480, 270)), cv2.COLOR_RGB2GRAY)

    def half(luma: Luma) -> Luma:
        mixed = luma.copy()
        middle = luma.shape[axis] // 2
        where = slice(None, middle) if first else slice(middle, None)
        part = (slice(None),) * axis + (where,)
        mixed[part] = other[part]
        return mixed

    found = changed(half)
    assert not found.same
    assert 0.35 < found.covered < 0.65
    halves = np.array_split(np.array(found.places), 2, axis)
    there, elsewhere = halves if first else reversed(halves)
    assert there.mean() > 0.7
    assert elsewhere.mean() < 0.15


def test_another_actor_on_the_same_set_in_the_same_step_is_told() -> None:
    def masked(luma: Luma) -> Luma:
        film = luma.copy()
        bright = film == 220
        film[bright] = 60 + 40 * (np.indices(film.shape)[1][bright] // 8 % 2)
        return film

    found = changed(masked)
    assert found.covered < 0.2
    assert not found.same


def test_a_fingerprint_is_stored_and_read_back() -> None:
    whole = taken((frame.seconds.__float__(), frame.luma) for frame in pan(30))
    again = Fingerprint.from_bytes(whole.to_bytes())
    assert np.abs(again.cells.astype(int) - whole.cells).max() <= LEVEL / 2
    assert again.to_bytes() == whole.to_bytes()
    assert (again.width, again.height, again.step) == (854, 480, 0.5)


def test_a_long_clip_has_a_small_fingerprint() -> None:
    taker = FingerprintTaker()
    for index in range(900):
        taker.add(index / 2, np.full((36, 64), index % 250, np.uint8))
    assert len(taker.fingerprint().cells) <= MOST_SAMPLES
    assert taker.fingerprint().step == 4.0


@pytest.mark.parametrize(
    "hostile",
    [b"", b"LFP1", b"LFP2", b"x" * 200, taken(walk(1, 3)).to_bytes()[:-4] + b"abcd"],
)
def test_what_is_no_fingerprint_is_refused(hostile: bytes) -> None:
    with pytest.raises(ProvenanceError):
        Fingerprint.from_bytes(hostile)


def test_the_view_follows_from_what_the_mark_tells() -> None:
    upright = view_of((404, 720), (1280, 720), 720 / 404, 1.0, False)
    assert upright.down == pytest.approx(1.0, abs=0.01)
    assert upright.across == pytest.approx(404 / 1280, abs=0.01)
