"""Steps side by side are told as one and end as one."""

import pytest

from lampoon.progress import Tell, together


def test_steps_side_by_side_are_told_as_one() -> None:
    told: list[tuple[int, int]] = []

    def step(tell: Tell) -> str:
        for done in (1, 2, 3):
            tell(done, 3)
        return "made"

    made = together([step, step], lambda done, total: told.append((done, total)))

    assert made == ["made", "made"]
    assert told[-1] == (6, 6)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_failure_of_one_step_ends_the_others() -> None:
    def fails(tell: Tell) -> None:
        tell(1, 10)
        raise ValueError("no")

    def endless(tell: Tell) -> None:
        done = 0
        while True:
            done += 1
            tell(done, 0)

    with pytest.raises(ValueError, match="no"):
        together([fails, endless], lambda done, total: None)
