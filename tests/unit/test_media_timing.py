from array import array
from fractions import Fraction

import pytest

from lampoon.media.timing import Timeline, rate_text, seconds_text


def timeline(
    *ticks: int, base: Fraction = Fraction(1, 1000), last: int = 40
) -> Timeline:
    return Timeline(array("q", ticks), base, last)


def test_the_last_frame_counts_until_it_ends() -> None:
    assert timeline(0, 40, 80).seconds == Fraction(120, 1000)


def test_rounding_to_ticks_is_no_variable_rate() -> None:
    assert not timeline(0, 33, 67, 100).variable_rate
    assert timeline(0, 33, 100).variable_rate


def test_a_container_rate_is_believed_only_where_it_fits() -> None:
    moments = timeline(0, 33, 67, 100, last=33)
    assert moments.rate([Fraction(50), Fraction(30000, 1001)]) == Fraction(30000, 1001)
    assert moments.rate([Fraction(50)]) == Fraction(30)


def test_a_variable_rate_is_the_average() -> None:
    assert timeline(0, 40, 200, last=40).rate([Fraction(25)]) == Fraction(3000, 240)


@pytest.mark.parametrize(
    ("rate", "text"),
    [(Fraction(25), "25"), (Fraction(24000, 1001), "23.98 (24000/1001)")],
)
def test_a_rate_is_told_exactly(rate: Fraction, text: str) -> None:
    assert rate_text(rate) == text


def test_seconds_before_zero_wear_their_sign() -> None:
    assert seconds_text(Fraction(-3, 2)) == "-0:01.500"
