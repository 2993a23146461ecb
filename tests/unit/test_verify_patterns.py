"""Blinks beyond their number: copies, a named source, genuine clips of one's own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lampoon.datasets.samples import sample
from lampoon.errors import SettingsError
from lampoon.verify.blink.agreement import SourceAnswer, agreement
from lampoon.verify.blink.calibration import (
    Calibration,
    calibrate,
    calibrated,
    calibration_json,
    load_calibration,
)
from lampoon.verify.blink.events import BlinkEvent, Eyes, find_blinks
from lampoon.verify.blink.human import Context
from lampoon.verify.blink.repetition import Repeats, find_repetition
from lampoon.verify.blink.statistics import (
    BlinkAnswer,
    BlinkStatistics,
    blink_statistics,
)
from lampoon.verify.openness import eye_openness
from tests.support.verify import Blink, clock, closure_of, face_track, truth_of


def blinks_at(peaks: list[float] | np.ndarray) -> list[BlinkEvent]:
    return [
        BlinkEvent(p - 0.1, float(p), p + 0.1, 1.0, True, Eyes.BOTH)
        for p in sorted(peaks)
    ]


def human_peaks(seed: int, count: int = 14) -> np.ndarray:
    pauses = np.random.default_rng(seed).lognormal(0.75, 0.83, count)
    return np.cumsum(np.maximum(pauses, 0.3))


def statistics(count: int, seconds: float = 40.0) -> BlinkStatistics:
    return blink_statistics(
        blinks_at(np.linspace(1, seconds - 1, count)),
        measurable_seconds=seconds,
        on_screen_seconds=seconds,
        context=Context.SPEECH,
    )


@pytest.mark.parametrize("count", [8, 14, 25])
def test_people_hardly_ever_repeat_themselves(count: int) -> None:
    found = [
        find_repetition(blinks_at(human_peaks(seed, count))).state
        for seed in range(400)
    ]

    odd = found.count(Repeats.REPEATED) + found.count(Repeats.REGULAR)
    assert odd <= 4


def test_a_looped_stretch_is_found_with_its_lag() -> None:
    once = human_peaks(3, 6)
    jitter = np.random.default_rng(1).normal(0, 0.006, 12)

    found = find_repetition(
        blinks_at(np.concatenate([once, once + once[-1] + 2.0]) + jitter)
    )

    assert found.state is Repeats.REPEATED
    assert found.blinks >= 5
    assert found.lag_seconds == pytest.approx(once[-1] + 2.0, abs=0.05)


def test_blinks_like_clockwork_are_regular() -> None:
    assert find_repetition(blinks_at(np.arange(9) * 3.1)).state is Repeats.REGULAR


def test_few_blinks_cannot_repeat() -> None:
    assert find_repetition(blinks_at([1.0, 2.0, 3.0])).state is Repeats.TOO_FEW


@pytest.mark.parametrize("name", ["ada", "ben"])
def test_a_performer_does_not_repeat(name: str) -> None:
    peaks = [each["peak"] for each in truth_of(sample(name).truth)["blinks"]]

    assert find_repetition(blinks_at(peaks)).state is Repeats.NONE


def test_a_clip_blinks_as_its_source_does_though_it_was_trimmed() -> None:
    source = human_peaks(5, 16)
    inside = source[(source > 6) & (source < 30)]
    clip = inside - 6 + np.random.default_rng(2).normal(0, 0.02, len(inside))

    found = agreement(
        blinks_at(clip), blinks_at(source), seconds=24.0, source_seconds=60.0
    )

    assert found.answer is SourceAnswer.SAME
    assert found.shift_seconds == pytest.approx(6.0, abs=0.1)
    assert found.matched == len(clip)


def test_a_short_overlap_that_fits_is_not_called_another_source() -> None:
    source = human_peaks(8, 14)
    tail = source[-3:] - source[-4] - 0.2
    clip = np.concatenate([tail, tail[-1] + human_peaks(90, 6)])
    lengths = {"seconds": clip[-1] + 1, "source_seconds": source[-1] + 0.2}

    found = agreement(blinks_at(clip), blinks_at(source), **lengths)

    assert found.answer is SourceAnswer.INCONCLUSIVE


def test_other_people_seldom_blink_like_a_source() -> None:
    answers = []
    for seed in range(60):
        ours, theirs = human_peaks(seed, 14), human_peaks(seed + 1000, 14)
        lengths = {"seconds": ours[-1] + 1, "source_seconds": theirs[-1] + 1}
        answers.append(agreement(blinks_at(ours), blinks_at(theirs), **lengths).answer)

    assert answers.count(SourceAnswer.SAME) <= 1


def test_the_performers_do_not_blink_alike() -> None:
    ada, ben = (
        blinks_at([each["peak"] for each in truth_of(sample(name).truth)["blinks"]])
        for name in ("ada", "ben")
    )
    lengths = {"seconds": 40.0, "source_seconds": 40.0}

    assert agreement(ada, ada, **lengths).answer is SourceAnswer.SAME
    assert agreement(ada, ben, **lengths).answer is not SourceAnswer.SAME


def test_too_few_blinks_fit_any_source() -> None:
    few = blinks_at([1.0, 4.0])

    found = agreement(few, few, seconds=9.0, source_seconds=9.0)

    assert found.answer is SourceAnswer.INCONCLUSIVE


def test_genuine_clips_that_look_as_unusual_take_the_answer_back() -> None:
    odd = statistics(0)
    assert odd.answer is BlinkAnswer.FEW
    genuine = [statistics(12)] * 95 + [statistics(0)] * 5

    found, said = calibrated(odd, calibrate(genuine, made_with="test"))

    assert found.answer is BlinkAnswer.INCONCLUSIVE
    assert said.p_value == pytest.approx(6 / 101)
    assert said.least_claim == pytest.approx(0.03)


def test_calibration_never_makes_an_answer_stronger() -> None:
    usual = statistics(12)
    genuine = calibrate([statistics(20)] * 300, made_with="test")

    found, said = calibrated(usual, genuine)

    assert found == usual
    assert said.p_value == pytest.approx(1 / 301)


def test_another_context_calibrates_nothing() -> None:
    odd = statistics(0)
    quiet = replace(statistics(12), context=Context.REST)

    found, said = calibrated(odd, calibrate([quiet] * 50, made_with="test"))

    assert found == odd
    assert (said.clips, said.p_value) == (0, None)


def test_a_calibration_survives_being_kept(tmp_path: Path) -> None:
    made = calibrate([statistics(n) for n in range(5, 20)], made_with="test")
    path = tmp_path / "calibration.json"
    path.write_text(calibration_json(made))

    kept = load_calibration(path)

    assert kept == made
    assert kept.count(Context.SPEECH) == 15


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "other", "scores": {}}'])
def test_what_is_no_calibration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text)

    with pytest.raises(SettingsError):
        load_calibration(path)


def test_an_empty_calibration_says_nothing() -> None:
    odd = statistics(0)

    assert calibrated(odd, Calibration({}))[0] == odd


@pytest.mark.parametrize("rate", [25, 50])
def test_the_duration_is_measured_at_half_height(rate: int) -> None:
    times = clock(6, rate)
    closure = closure_of(times, [Blink(3.0, 0.3)])

    (found,) = find_blinks(eye_openness(face_track(times, closure)))

    # half way down at 17 %, half way up again at 73 % of the profile
    assert found.half_seconds == pytest.approx(0.3 * 0.56, abs=0.02)
    assert found.half_seconds < found.end_seconds - found.start_seconds
