"""Two measures of the eyes: agreement counts, a faint sight of one does not."""

from dataclasses import replace

import numpy as np

from lampoon.verify.blink.events import BlinkEvent, Eyes, SeenBy
from lampoon.verify.blink.human import Context
from lampoon.verify.blink.statistics import BlinkAnswer, blink_statistics
from lampoon.verify.blink.together import blinks_of, together
from lampoon.verify.eye_watch import EyeStates
from lampoon.verify.openness import eye_openness
from tests.support.verify import Blink, clock, closure_of, face_track


def event(peak: float, amplitude: float = 1.0, *, wink: bool = False) -> BlinkEvent:
    return BlinkEvent(peak - 0.1, peak, peak + 0.1, amplitude, True, Eyes.BOTH, wink)


def test_what_both_saw_is_one_blink() -> None:
    seen = together([event(2.0)], [event(2.06)])

    (blink,) = seen.counted
    assert blink.seen_by is SeenBy.BOTH
    assert 2.0 < blink.peak_seconds < 2.06
    assert seen.doubtful == ()


def test_what_landmarks_alone_saw_counts() -> None:
    seen = together([event(2.0), event(4.0, 0.3)], [])

    assert [each.seen_by for each in seen.counted] == [SeenBy.LANDMARKS] * 2
    assert seen.doubtful == ()


def test_what_the_networks_alone_saw_is_doubtful() -> None:
    seen = together([], [event(6.0), event(8.0, 0.3)])

    assert seen.counted == ()
    assert [each.seen_by for each in seen.doubtful] == [SeenBy.PIXELS] * 2


def test_each_sight_is_used_once() -> None:
    seen = together([event(2.0), event(2.2)], [event(2.1)])

    assert sorted(each.seen_by for each in seen.counted) == ["both", "landmarks"]


def test_a_wink_is_one_only_where_both_measures_say_so() -> None:
    wink = replace(event(2.0, wink=True), eyes=Eyes.LEFT)

    (blink,) = together([wink], [event(2.0)]).counted
    (winked,) = together([wink], [wink]).counted

    assert not blink.wink
    assert blink.eyes is Eyes.BOTH
    assert winked.wink


def test_networks_are_not_asked_where_the_eye_cannot_be_measured() -> None:
    times = clock(8)
    closure = closure_of(times, [Blink(2.0), Blink(5.0)])
    sure = np.ones((len(times), 2), np.bool_)
    sure[times < 4] = False
    both = np.stack([closure, closure], axis=1)

    seen = blinks_of(
        eye_openness(face_track(times, closure, measurable=sure, noise=0.2)),
        EyeStates(shut=both, blinked=both),
    )

    assert [round(each.peak_seconds) for each in seen.counted] == [5]


def test_doubtful_blinks_keep_a_face_from_being_called_a_rare_blinker() -> None:
    def answer(doubtful: int) -> BlinkAnswer:
        return blink_statistics(
            [event(2.0)],
            doubtful=doubtful,
            measurable_seconds=40.0,
            on_screen_seconds=40.0,
            context=Context.SPEECH,
        ).answer

    assert answer(0) is BlinkAnswer.FEW
    assert answer(4) is BlinkAnswer.INCONCLUSIVE
