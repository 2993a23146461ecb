"""Which people near seeds are: an order in which neighbours look unlike."""

import numpy as np

from lampoon.datasets.performers.casting import arrange, nearest_within
from lampoon.datasets.performers.people import (
    draw_person,
    person_of_seed,
    seed_table,
)


def test_people_near_each_other_in_the_order_are_far_apart() -> None:
    places = np.random.default_rng(1).normal(size=(60, 3))
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)

    order = arrange(apart, window=8, least=1.0)

    assert len(order) == len(set(order)) > 30
    assert nearest_within(apart[np.ix_(order, order)], 8) >= 1.0


def test_an_order_ends_where_nobody_left_is_far_enough() -> None:
    apart = np.array([[0.0, 9.0, 0.1], [9.0, 0.0, 0.1], [0.1, 0.1, 0.0]])

    assert set(arrange(apart, window=3, least=1.0)) == {0, 1}


def test_the_seeds_of_the_table_are_different_draws() -> None:
    table = seed_table()

    assert len(table.draws) == len(set(table.draws)) >= table.window
    assert person_of_seed(0).shape == draw_person(table.draws[0]).shape
    assert person_of_seed(0).name == "seed-0"


def test_a_seed_beyond_the_table_is_somebody_too() -> None:
    person = person_of_seed(10_000_000)

    assert person == person_of_seed(10_000_000)
    assert person.shape != person_of_seed(10_000_001).shape
