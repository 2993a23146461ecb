"""Moments around a frame, whatever the frame rate does."""

import numpy as np
import pytest

from lampoon.faces.eye_state import (
    CLUES,
    STEP_SECONDS,
    STEPS,
    STEPS_ASIDE,
    course_input,
    moments_around,
)


@pytest.mark.parametrize("rate", [10.0, 12.5, 25.0, 29.97, 60.0])
def test_the_moments_are_the_nearest_frames(rate: float) -> None:
    times = np.arange(round(3 * rate)) / rate

    rows, apart = moments_around(times)

    inside = slice(round(rate), 2 * round(rate))
    wanted = STEP_SECONDS * (np.arange(STEPS) - STEPS_ASIDE)
    assert rows.shape == apart.shape == (len(times), STEPS)
    assert np.abs(apart[inside] - wanted).max() <= 0.5 / rate + 1e-6
    assert np.array_equal(rows[:, STEPS_ASIDE], np.arange(len(times)))
    assert (np.diff(rows, axis=1) >= 0).all()


def test_at_an_uneven_rate_the_distance_tells_the_time() -> None:
    times = np.array([0.0, 0.04, 0.2, 0.21, 0.5])

    rows, apart = moments_around(times)

    assert np.allclose(times[rows] - times[:, None], apart, atol=1e-6)


def test_beyond_an_end_the_last_frame_stands_for_all() -> None:
    rows, _ = moments_around(np.arange(4) / 25)

    assert (rows[0, : STEPS_ASIDE + 1] == 0).all()
    assert (rows[3, STEPS_ASIDE:] == 3).all()


def test_one_frame_alone_is_enough() -> None:
    looks = np.ones((1, CLUES + 1), np.float32)

    assert course_input(np.array([0.0]), looks).shape == (1, STEPS, CLUES + 2)
