"""Figures of detectors, against figures worked out by hand."""

import numpy as np
import pytest

from lampoon.datasets.metrics import (
    EventScore,
    area_under_curve,
    equal_error,
    match_events,
)

TRUE = [(1.0, 1.1, 1.2), (4.0, 4.1, 4.2)]


def test_a_detector_that_guesses_has_half_of_the_area() -> None:
    scores = np.random.default_rng(0).random(20_000)
    positive = np.random.default_rng(1).random(20_000) < 0.1

    assert area_under_curve(scores, positive) == pytest.approx(0.5, abs=0.02)
    assert equal_error(scores, positive) == pytest.approx(0.5, abs=0.02)


def test_equal_scores_count_half() -> None:
    positive = np.array([True, False, True, False])

    assert area_under_curve(np.zeros(4), positive) == 0.5


def test_with_one_kind_alone_there_is_no_figure() -> None:
    nothing = np.zeros(3, np.bool_)

    assert np.isnan(area_under_curve(np.arange(3.0), nothing))
    assert np.isnan(equal_error(np.arange(3.0), nothing))


def test_at_the_equal_error_as_many_of_both_are_mistaken() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.6, 0.4, 0.7, 0.8, 0.9])
    positive = np.array([0, 0, 0, 0, 1, 1, 1, 1], np.bool_)

    assert equal_error(scores, positive) == pytest.approx(0.25)


def test_two_finds_on_one_event_are_one_match_and_one_invention() -> None:
    score = match_events([(0.95, 1.05, 1.1), (1.12, 1.18, 1.2)], TRUE)

    assert (score.matched, score.invented, score.missed) == (1, 1, 1)
    assert score.median_peak_error == pytest.approx(0.05)


def test_nobody_is_blamed_for_what_could_not_be_measured() -> None:
    score = match_events([], TRUE[:1], excused=TRUE[1:])

    assert (score.matched, score.invented, score.missed) == (0, 0, 1)


def test_an_excused_event_that_is_found_is_no_invention() -> None:
    score = match_events([TRUE[1]], TRUE[:1], excused=TRUE[1:])

    assert (score.matched, score.invented, score.missed) == (1, 0, 1)


def test_scores_of_clips_add_up() -> None:
    both = match_events([TRUE[0]], TRUE) + match_events(TRUE, TRUE)

    assert both.precision == 1.0
    assert both.recall == 0.75
    assert both.f1 == pytest.approx(6 / 7)


def test_nothing_found_where_nothing_is_has_no_figures() -> None:
    score = EventScore()

    assert score.precision is score.recall is score.f1 is None
