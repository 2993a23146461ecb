"""Training stops where it should, goes on where it was, survives what happens."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from lampoon.errors import TrainingError
from lampoon.generate.train.loop import Budget, Clocks, train
from lampoon.generate.train.snapshots import Snapshots
from lampoon.watermark.label.draw import label_still
from tests.support.training import Clock, Walker


class InterruptsItself(Walker):
    """Presses Ctrl-C in the middle of its seventh step."""

    def step(self, progress: float) -> float:
        if self.taken == 6:
            signal.raise_signal(signal.SIGINT)
        return super().step(progress)


class AlwaysBroken(Walker):
    def step(self, progress: float) -> float:
        super().step(progress)
        return float("nan")


def iterations(count: int) -> Budget:
    return Budget(iterations=count)


def steps_of(folder: Path) -> list[int]:
    lines = (folder / "history.jsonl").read_text().splitlines()
    return [json.loads(line)["iteration"] for line in lines]


def test_a_training_takes_the_steps_it_was_given(tmp_path: Path) -> None:
    walker = Walker()

    report = train(walker, tmp_path, budget=iterations(20))

    assert walker.steps == report.iterations == 20
    assert report.losses[-1] < 100
    assert walker.progress == [step / 20 for step in range(20)]


def test_a_finished_training_does_nothing_more(tmp_path: Path) -> None:
    train(Walker(), tmp_path, budget=iterations(10))
    again = Walker()

    report = train(again, tmp_path, budget=iterations(10))

    assert again.taken == 0
    assert again.steps == report.iterations == 10


def test_a_resumed_training_ends_where_an_uninterrupted_one_does(
    tmp_path: Path,
) -> None:
    whole, resumed = Walker(), Walker()
    train(whole, tmp_path / "whole", budget=iterations(30))
    train(Walker(), tmp_path / "parts", budget=iterations(13))

    train(resumed, tmp_path / "parts", budget=iterations(30))

    assert resumed.taken == 17
    assert resumed.place == whole.place


def test_ctrl_c_ends_the_step_saves_and_is_raised(tmp_path: Path) -> None:
    walker = InterruptsItself()

    with pytest.raises(KeyboardInterrupt):
        train(walker, tmp_path, budget=iterations(30))

    assert walker.steps == 7
    (newest, *_) = Snapshots(tmp_path).newest_first()
    assert newest.reached.iterations == 7
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_killed_training_loses_only_the_steps_since_its_save(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from lampoon.generate.train.loop import Budget, train
from tests.support.training import Walker

class Dies(Walker):
    def step(self, progress):
        if self.taken == 17:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step(progress)

train(Dies(), Path({str(tmp_path)!r}), budget=Budget(iterations=30), save_every=5)
"""
    killed = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": "."},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    whole, resumed = Walker(), Walker()
    train(whole, tmp_path / "whole", budget=iterations(30))

    train(resumed, tmp_path, budget=iterations(30))

    assert resumed.taken == 15
    assert resumed.place == whole.place


def test_a_save_cut_off_halfway_is_cleared_away(tmp_path: Path) -> None:
    train(Walker(), tmp_path, budget=iterations(10))
    left = tmp_path / ".partial-1234"
    left.mkdir()
    (left / "walker.json").write_text("{")

    train(Walker(), tmp_path, budget=iterations(12))

    assert not left.exists()


def test_a_broken_newest_snapshot_falls_back_to_the_one_before(tmp_path: Path) -> None:
    train(Walker(), tmp_path, budget=iterations(10), save_every=5)
    (tmp_path / "step-00000010" / "walker.json").write_text("{")
    walker = Walker()

    train(walker, tmp_path, budget=iterations(12))

    assert walker.taken == 7
    assert (tmp_path / "unreadable-step-00000010").is_dir()


def test_two_snapshots_are_kept(tmp_path: Path) -> None:
    train(Walker(), tmp_path, budget=iterations(40), save_every=5)

    kept = sorted(path.name for path in tmp_path.glob("step-*"))
    assert kept == ["step-00000035", "step-00000040"]


def test_a_loss_that_is_no_number_goes_back_to_the_last_save(tmp_path: Path) -> None:
    walker = Walker(broken_at=frozenset({8}))

    report = train(walker, tmp_path, budget=iterations(12), save_every=5)

    assert report.iterations == walker.steps == 12
    assert walker.taken == 12 + 3
    assert np.isfinite(walker.place)


def test_a_loss_that_stays_no_number_ends_the_training(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="stopped being a number 4 times"):
        train(AlwaysBroken(), tmp_path, budget=iterations(12))

    assert [one.reached.iterations for one in Snapshots(tmp_path).newest_first()] == [0]


def test_the_history_tells_no_step_twice(tmp_path: Path) -> None:
    clocks = Clocks(Clock(0.6), Clock(0.6))
    train(Walker(), tmp_path, budget=iterations(10), clocks=clocks)
    shutil.rmtree(tmp_path / "step-00000010")

    train(Walker(), tmp_path, budget=iterations(20), clocks=clocks)

    told = steps_of(tmp_path)
    assert told == sorted(set(told))
    assert told[-1] == 20


def test_a_budget_of_processor_time_ends_by_that_clock(tmp_path: Path) -> None:
    clocks = Clocks(seconds=Clock(100.0), cpu_seconds=Clock(1.0))
    walker = Walker()

    train(walker, tmp_path, budget=Budget(cpu_seconds=10), clocks=clocks)

    assert walker.taken == 10


def test_of_two_limits_the_first_one_ends_the_training(tmp_path: Path) -> None:
    walker = Walker()
    clocks = Clocks(seconds=Clock(1.0))

    train(walker, tmp_path, budget=Budget(iterations=4, seconds=9000), clocks=clocks)

    assert walker.taken == 4


def test_time_spent_before_an_interruption_counts(tmp_path: Path) -> None:
    first, second = Walker(), Walker()
    train(
        first,
        tmp_path,
        budget=Budget(cpu_seconds=10),
        clocks=Clocks(cpu_seconds=Clock(1)),
    )

    train(
        second,
        tmp_path,
        budget=Budget(cpu_seconds=15),
        clocks=Clocks(cpu_seconds=Clock(1)),
    )

    assert second.taken == 5


def test_the_rate_counts_faces_of_both_sides(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    report = train(
        Walker(),
        tmp_path,
        budget=iterations(5),
        tell=lambda done, total: told.append((done, total)),
        clocks=Clocks(seconds=Clock(1.0)),
    )

    elapsed = 5 * Walker.examples_per_step / report.examples_per_second
    assert elapsed >= report.seconds
    assert told == [(step, 5) for step in range(1, 6)]


def test_the_preview_carries_the_label(tmp_path: Path) -> None:
    train(Walker(), tmp_path, budget=iterations(3))

    png = np.frombuffer((tmp_path / "preview.png").read_bytes(), np.uint8)
    shown = cv2.imdecode(png, cv2.IMREAD_COLOR_RGB)
    assert shown is not None
    bare = Walker().preview()
    assert not np.array_equal(shown, bare)
    np.testing.assert_array_equal(shown, label_still(bare))


def test_the_snapshot_with_the_lowest_losses_is_kept_apart(tmp_path: Path) -> None:
    class TurnsBack(Walker):
        def step(self, progress: float) -> float:
            super().step(progress)
            return abs(self.steps - 10) + 1.0

    train(TurnsBack(), tmp_path, budget=iterations(40), save_every=5)

    (best,) = tmp_path.glob("best-*")
    assert best.name == "best-00000010"
    assert (best / "walker.json").is_file()


def test_a_training_can_go_back_to_its_best(tmp_path: Path) -> None:
    class TurnsBack(Walker):
        def step(self, progress: float) -> float:
            super().step(progress)
            return abs(self.steps - 10) + 1.0

    train(TurnsBack(), tmp_path, budget=iterations(40), save_every=5)
    Snapshots(tmp_path).go_back_to_best()
    walker = Walker()

    train(walker, tmp_path, budget=iterations(12), save_every=5)

    assert walker.taken == 2
    whole = Walker()
    train(whole, tmp_path / "whole", budget=iterations(12))
    assert walker.place == whole.place


def test_no_best_to_go_back_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no best snapshot"):
        Snapshots(tmp_path).go_back_to_best()


def test_where_no_snapshot_can_be_read_nothing_is_begun_over_them(
    tmp_path: Path,
) -> None:
    train(Walker(), tmp_path, budget=iterations(10), save_every=5)
    for state in tmp_path.glob("step-*/walker.json"):
        state.write_text("{")

    with pytest.raises(TrainingError, match=r"no snapshot .* can be read"):
        train(Walker(), tmp_path, budget=iterations(12))

    assert len(list(tmp_path.glob("step-*"))) == 2


@pytest.mark.parametrize(
    "limits", [{}, {"iterations": 0}, {"iterations": 5, "seconds": -1}]
)
def test_a_budget_without_a_limit_is_a_mistake(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="limit over 0"):
        Budget(**limits)
