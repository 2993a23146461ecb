"""A trainee so small that its whole life fits into a test."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.errors import TrainingError


class Walker:
    """Walks downhill with noise; its state is a place, a count and its chance."""

    examples_per_step = 8

    def __init__(self, *, broken_at: frozenset[int] = frozenset()) -> None:
        self.place = 10.0
        self.steps = 0
        self.taken = 0
        self.broken_at = broken_at
        self.chance = np.random.default_rng(5)
        self.progress: list[float] = []

    def step(self, progress: float) -> float:
        self.progress.append(progress)
        self.taken += 1
        if self.taken in self.broken_at:
            self.place = float("nan")
        else:
            self.place += float(self.chance.normal(-0.1 * self.place, 0.01))
        self.steps += 1
        return self.place**2

    def save(self, folder: Path) -> None:
        state = {
            "place": self.place,
            "steps": self.steps,
            "chance": self.chance.bit_generator.state,
        }
        (folder / "walker.json").write_text(json.dumps(state), encoding="utf-8")

    def restore(self, folder: Path) -> None:
        try:
            state = json.loads((folder / "walker.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TrainingError("a broken walker", where=folder) from error
        self.place, self.steps = state["place"], state["steps"]
        self.chance.bit_generator.state = state["chance"]

    def preview(self) -> npt.NDArray[np.uint8]:
        return np.full((360, 640, 3), 90, np.uint8)


class Clock:
    """A clock that moves on by ``tick`` seconds whenever it is read."""

    def __init__(self, tick: float) -> None:
        self.tick = tick
        self.now = 0.0

    def __call__(self) -> float:
        self.now += self.tick
        return self.now
