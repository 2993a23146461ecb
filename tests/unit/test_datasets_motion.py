"""When performers blink, how their lips move, and that it is the same every time."""

import shutil
from itertools import pairwise

import numpy as np
import pytest

from lampoon.datasets.performers.blinks import (
    LONGEST,
    RATES,
    SHORTEST,
    Blink,
    Context,
    closure_over,
    draw_blinks,
)
from lampoon.datasets.performers.eyelids import measure_eyelids
from lampoon.datasets.performers.figure import UNITS, Floats
from lampoon.datasets.performers.motion import motion_of, smooth_noise
from lampoon.datasets.performers.mouth import (
    Shape,
    lips_shut,
    loudness,
    mouth_weights,
    shape_of,
)
from lampoon.datasets.performers.person import Voice
from lampoon.datasets.performers.scene import Camera
from lampoon.datasets.performers.take import Blinking, Take
from lampoon.datasets.performers.voice import Phoneme, Speech, silence, speech
from lampoon.errors import LampoonError
from tests.support.people import ada

HOUR = 3600.0
LEFT, RIGHT = UNITS.index("eyeBlinkLeft"), UNITS.index("eyeBlinkRight")


def lids(weights: Floats) -> tuple[int, int]:
    """Stand in for a picture: eyes that are shut at weights of .8 and .7."""
    left = max(0.0, 1 - float(weights[LEFT]) / 0.8)
    right = max(0.0, 1 - float(weights[RIGHT]) / 0.7)
    return round(3000 * left), round(2800 * right)


@pytest.mark.parametrize("context", list(Context))
def test_blinks_come_as_often_as_published(context: Context) -> None:
    blinks = draw_blinks(HOUR, context, np.random.default_rng(1))

    per_minute = len(blinks) / 60
    # double blinks add to it, their share is 6 %
    assert per_minute == pytest.approx(RATES[context] * 1.06, rel=0.12)


def test_intervals_durations_and_depths_follow_what_they_are_drawn_from() -> None:
    blinks = draw_blinks(20 * HOUR, Context.REST, np.random.default_rng(2))
    gaps = np.array([b.start_seconds - a.end_seconds for a, b in pairwise(blinks)])
    lengths = np.array([blink.duration_seconds for blink in blinks])

    assert (gaps > 0).all()
    assert np.mean(gaps < 0.17) == pytest.approx(0.06, abs=0.015)
    assert lengths.min() >= SHORTEST
    assert lengths.max() <= LONGEST
    assert np.median(lengths) == pytest.approx(0.21, abs=0.01)
    single = np.log(gaps[gaps > 0.3] + 0.21)
    assert single.std() == pytest.approx(0.65, abs=0.08)
    complete = np.mean([blink.complete for blink in blinks])
    assert complete == pytest.approx(0.8, abs=0.02)


def test_a_person_who_blinks_twice_as_often_does() -> None:
    usual = draw_blinks(HOUR, Context.REST, np.random.default_rng(3))
    often = draw_blinks(HOUR, Context.REST, np.random.default_rng(3), rate_factor=2.0)

    assert len(often) == pytest.approx(2 * len(usual), rel=0.15)


def test_a_blink_shuts_reopens_and_keeps_to_its_sides() -> None:
    times = np.linspace(0, 1, 1001)
    closure = closure_over(times, [Blink(0.3, 0.2, 1.0, 0.6, lag_seconds=0.02)])

    assert closure[:, 0].max() == pytest.approx(1.0)
    assert closure[:, 1].max() == pytest.approx(0.6)
    assert closure[times < 0.28].max() == 0
    assert closure[times > 0.52].max() == 0
    onset = [times[np.argmax(closure[:, side] > 0)] for side in (0, 1)]
    assert onset[0] - onset[1] == pytest.approx(0.02, abs=0.003)


def test_the_weight_of_a_closure_closes_the_eye_so_far() -> None:
    eyelids = measure_eyelids(lids)

    assert eyelids.shut_weight[0] == pytest.approx(0.82, abs=0.02)
    assert eyelids.shut_weight[1] == pytest.approx(0.72, abs=0.02)
    for side, eye in ((0, 0.8), (1, 0.7)):
        half = eyelids.weight(side, np.array([0.0, 0.5, 1.0]))
        assert half[0] == 0
        assert half[1] == pytest.approx(0.5 * eye, abs=0.02)
        assert eye <= half[2] <= eyelids.shut_weight[side]


def test_lips_shut_for_every_p_b_and_m() -> None:
    sounds = (
        Phoneme("a", 0.10, 0.30),
        Phoneme("p", 0.30, 0.38),
        Phoneme("a", 0.38, 0.60),
        Phoneme("m", 0.60, 0.70),
        Phoneme("_", 0.70, 0.90),
    )
    times = np.arange(0, 0.9, 0.01)
    noise = np.random.default_rng(0).normal(0, 0.2, 22050).astype(np.float32)
    weights = mouth_weights(times, Speech(noise, 22050, sounds))

    for sound in (sounds[1], sounds[3]):
        middle = (sound.start_seconds + sound.end_seconds) / 2 - 0.03
        at = int(np.argmin(np.abs(times - middle)))
        assert lips_shut(times, sounds)[at] == pytest.approx(1.0)
        assert weights["jawOpen"][at] < 0.01
    assert weights["jawOpen"][20] > 0.15


@pytest.mark.parametrize(
    ("phoneme", "shape"),
    [
        ("p", Shape.CLOSED),
        ("b", Shape.CLOSED),
        ("m", Shape.CLOSED),
        ("f", Shape.TEETH_ON_LIP),
        ("A:", Shape.OPEN),
        ("i:", Shape.SPREAD),
        ("oU", Shape.ROUND),
        ("S", Shape.TONGUE),
        ("_:", Shape.REST),
        ("", Shape.REST),
        ("'", Shape.REST),
    ],
)
def test_phonemes_have_mouths(phoneme: str, shape: Shape) -> None:
    assert shape_of(phoneme) is shape


def test_motion_at_one_time_does_not_depend_on_the_other_times() -> None:
    take = Take(context=Context.REST, seconds=20, seed=4, camera=Camera.HANDHELD)
    eyelids, sound = measure_eyelids(lids), silence(20)
    times = np.arange(0, 20, 0.04)

    whole = motion_of(ada(), take, eyelids, sound, times)
    alone = motion_of(ada(), take, eyelids, sound, times[211:212])

    for track in ("weights", "pose", "gaze", "sway", "lids", "shift"):
        assert np.array_equal(getattr(whole, track)[211:212], getattr(alone, track))


def test_squints_and_looks_down_last_longer_than_blinks() -> None:
    take = Take(context=Context.REST, seconds=60, seed=1, blinking=Blinking.NONE)
    times = np.arange(0, 60, 0.04)
    motion = motion_of(ada(), take, measure_eyelids(lids), silence(60), times)

    assert motion.blinks == ()
    assert motion.lids.max() == 0
    assert motion.squint.max() > 0.3
    runs = np.diff(np.flatnonzero(np.diff(np.r_[0, motion.squint > 0.05, 0])))[::2]
    assert runs.min() * 0.04 > 0.9


def test_smooth_noise_is_smooth() -> None:
    curve = smooth_noise(np.arange(0, 10, 0.01), 0.5, np.random.default_rng(0))

    assert np.abs(np.diff(curve)).max() < 0.03
    assert 0.2 < np.abs(curve).max() < 3


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
def test_the_same_words_sound_the_same_and_have_timed_phonemes() -> None:
    said = ["Papa bought a map."]
    one = speech(Voice(), 3.0, np.random.default_rng(1), sentences=said)
    two = speech(Voice(), 3.0, np.random.default_rng(1), sentences=said)

    assert np.array_equal(one.samples, two.samples)
    assert [p.name for p in one.phonemes[:3]] == ["p", "A:", "p"]
    for phoneme in one.phonemes[:-1]:
        assert 0.4 < phoneme.start_seconds < phoneme.end_seconds + 1e-9 < 3.6
    assert len(one.samples) == 3 * one.rate


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
@pytest.mark.parametrize("voice", ["en-us+f3", "en+m5"])
def test_the_jaw_opens_as_the_voice_is_loud_and_at_the_same_moment(voice: str) -> None:
    times = np.arange(0, 30, 0.04)
    said = speech(Voice(name=voice), 30.0, np.random.default_rng(3))
    jaw, loud = mouth_weights(times, said)["jawOpen"], loudness(times, said)

    by_shift = {
        frames: np.corrcoef(np.roll(jaw, frames)[5:-5], loud[5:-5])[0, 1]
        for frames in range(-4, 5)
    }

    # people's lie between .45 and .75 (Chandrasekaran et al. 2009)
    assert by_shift[0] > 0.5
    assert max(by_shift, key=lambda frames: float(by_shift[frames])) == 0


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
def test_lips_are_shut_in_the_middle_of_every_p_b_and_m_of_real_speech() -> None:
    said = speech(Voice(), 30.0, np.random.default_rng(4))
    shut = [one for one in said.phonemes if shape_of(one.name) is Shape.CLOSED]
    middles = np.array([(one.start_seconds + one.end_seconds) / 2 for one in shut])

    # lips lead the sound by 30 ms
    assert len(shut) > 20
    assert lips_shut(middles - 0.03, said.phonemes).min() > 0.9


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
def test_an_unknown_voice_is_named() -> None:
    with pytest.raises(LampoonError, match="no voice 'xx-yy'"):
        speech(Voice(name="xx-yy"), 1.0, np.random.default_rng(1))
