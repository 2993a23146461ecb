"""The loop that trains anything: budget, resume, saves, previews, and a guard.

It knows no network. What it trains says how many faces a step takes, takes steps,
saves and restores itself, and shows what it can do.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import LampoonError, TrainingError
from lampoon.generate.train.history import History
from lampoon.generate.train.interrupt import Interruptible
from lampoon.generate.train.snapshots import Reached, Snapshot, Snapshots
from lampoon.generate.train.witness import Witness
from lampoon.generate.whole_file import replace_file
from lampoon.progress import Tell, silent
from lampoon.watermark.label.draw import label_still

PREVIEW = "preview.png"
FAILURES_ALLOWED = 3
"""Restores without a save in between before a training is given up."""


class Trainee(Protocol):
    """Something that learns."""

    @property
    def examples_per_step(self) -> int:
        """Faces seen in one step, both sides together."""
        ...

    def step(self, progress: float) -> float:
        """Take one step, ``progress`` (0 to 1) of the budget spent; return the loss."""
        ...

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on into the empty ``folder``."""
        ...

    def restore(self, folder: Path) -> None:
        """Go back to what ``save`` wrote; raises LampoonError if it is broken."""
        ...

    def preview(self) -> npt.NDArray[np.uint8]:
        """Return a picture of the work so far, (h, w, 3) uint8 RGB, unlabelled."""
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """How much work a training gets, over all its sessions; the first limit ends it.

    ``cpu_seconds`` is processor time over all cores: steadier than ``seconds``. A
    limit of 0 is none, and there is at least one.
    """

    iterations: int = 0
    cpu_seconds: float = 0.0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError unless a limit is positive and none negative."""
        limits = (self.iterations, self.cpu_seconds, self.seconds)
        if max(limits) <= 0 or min(limits) < 0:
            raise ValueError("a budget has a limit over 0, and none below")

    def spent(self, reached: Reached) -> tuple[float, float]:
        """Return what is spent and what there is, of the limit that is nearest."""
        pairs = (
            (float(reached.iterations), float(self.iterations)),
            (reached.cpu_seconds, self.cpu_seconds),
            (reached.seconds, self.seconds),
        )
        set_ones = [(spent, limit) for spent, limit in pairs if limit > 0]
        return max(set_ones, key=lambda pair: pair[0] / pair[1])


@dataclass(frozen=True, slots=True)
class _Pace:
    save_every: int
    save_every_seconds: float
    preview_every_seconds: float


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where the loop reads wall and processor time, in seconds."""

    seconds: Callable[[], float] = time.monotonic
    cpu_seconds: Callable[[], float] = time.process_time


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training has done: all its steps and seconds, and this session's rate.

    ``examples_per_second`` counts the faces of both sides (EG/s, as faceswap shows it);
    ``losses`` are the means that the history holds.
    """

    iterations: int
    examples_per_second: float
    seconds: float
    losses: tuple[float, ...]


def train(
    trainee: Trainee,
    folder: Path,
    *,
    budget: Budget,
    save_every: int = 250,
    tell: Tell = silent,
    save_every_seconds: float = 300.0,
    preview_every_seconds: float = 30.0,
    clocks: Clocks | None = None,
    witnesses: Sequence[Witness] = (),
) -> TrainingReport:
    """Train until ``budget`` is spent, going on from what ``folder`` holds.

    Saves every ``save_every`` steps or ``save_every_seconds``, whichever is first.
    Ctrl-C lets the step end, saves, and is raised again. A loss that is no number
    restores the last save; TrainingError where that keeps happening. The preview in
    ``folder`` always carries the label, and ``witnesses`` see no other. The snapshot
    before which losses were lowest is kept apart.
    """
    pace = _Pace(save_every, save_every_seconds, preview_every_seconds)
    run = _Run(trainee, folder, budget, pace, clocks or Clocks(), tuple(witnesses))
    return run.until_spent(tell)


class _Run:
    """One session of one training."""

    def __init__(
        self,
        trainee: Trainee,
        folder: Path,
        budget: Budget,
        pace: _Pace,
        clocks: Clocks,
        witnesses: tuple[Witness, ...],
    ) -> None:
        self.trainee = trainee
        self.witnesses = witnesses
        self.folder = folder
        self.budget = budget
        self.pace = pace
        self.clocks = clocks
        self.snapshots = Snapshots(folder)
        self.history = History(folder)
        self.reached = Reached()
        self.steps = 0
        self.failures = 0
        self.losses: list[float] = []

    def until_spent(self, tell: Tell) -> TrainingReport:
        self._resume()
        try:
            self._go_on(tell)
        finally:
            for witness in self.witnesses:
                witness.close()
        return self._report()

    def _go_on(self, tell: Tell) -> None:
        for witness in self.witnesses:
            witness.opened(self.reached)
        self.started = self.saved_at = self.shown_at = self.clocks.seconds()
        self.cpu_started = self.clocks.cpu_seconds()
        self.before = self.reached
        with Interruptible() as interrupt:
            while not self._is_spent():
                self._step()
                self._tell(tell)
                if interrupt.asked:
                    self._save()
                    raise KeyboardInterrupt
                self._save_and_show_if_due()
            self._save()
        self._show()

    def _tell(self, tell: Tell) -> None:
        """Tell steps done and, as far as can be said by now, steps in all."""
        spent, there_is = self.budget.spent(self.reached)
        done = self.reached.iterations
        tell(done, round(done * there_is / spent) if spent else 0)

    def _resume(self) -> None:
        self.snapshots.open()
        broken: list[tuple[Snapshot, LampoonError]] = []
        for snapshot in self.snapshots.newest_first():
            try:
                self.trainee.restore(snapshot.folder)
            except LampoonError as error:
                broken.append((snapshot, error))  # the one before is kept for this
                continue
            self._begin_at(snapshot, [one for one, _ in broken])
            return
        if broken:
            first = broken[0][1]
            raise TrainingError(
                f"no snapshot of this training can be read: {first.what}",
                where=self.folder,
                hint=first.hint or "move the folder away to begin anew",
            ) from first
        self.history.open(after=0)
        self.last = self.snapshots.save(self.reached, self.trainee.save)

    def _begin_at(self, snapshot: Snapshot, broken: list[Snapshot]) -> None:
        self.last, self.reached = snapshot, snapshot.reached
        self.history.open(after=self.reached.iterations)
        for one in broken:
            self.snapshots.set_aside(one)

    def _is_spent(self) -> bool:
        spent, there_is = self.budget.spent(self.reached)
        return spent >= there_is

    def _step(self) -> None:
        spent, there_is = self.budget.spent(self.reached)
        loss = self.trainee.step(min(1.0, spent / there_is))
        if not math.isfinite(loss):
            self._go_back()
            return
        self.steps += 1
        self.reached = self._counted(self.reached.iterations + 1)
        self.history.add(self.reached, loss)
        self.losses.append(loss)
        for witness in self.witnesses:
            witness.learnt(self.reached, loss)

    def _counted(self, iterations: int) -> Reached:
        return Reached(
            iterations,
            self.before.seconds + self.clocks.seconds() - self.started,
            self.before.cpu_seconds + self.clocks.cpu_seconds() - self.cpu_started,
        )

    def _go_back(self) -> None:
        self.failures += 1
        if self.failures > FAILURES_ALLOWED:
            raise TrainingError(
                f"the loss stopped being a number {self.failures} times",
                where=self.last.folder,
                hint="the last good state is kept there; train on with a lower rate",
            )
        self.trainee.restore(self.last.folder)
        self.reached = self._counted(self.last.reached.iterations)
        self.history.open(after=self.reached.iterations)
        self.losses = []
        for witness in self.witnesses:
            witness.opened(self.reached)

    def _save_and_show_if_due(self) -> None:
        now = self.clocks.seconds()
        steps = self.reached.iterations - self.last.reached.iterations
        late = now - self.saved_at >= self.pace.save_every_seconds
        if steps >= self.pace.save_every or (late and steps):
            self._save()
        wanted = any(one.wants_to_see(self.reached) for one in self.witnesses)
        if wanted or now - self.shown_at >= self.pace.preview_every_seconds:
            self._show()

    def _save(self) -> None:
        self.history.flush()
        if self.reached.iterations != self.last.reached.iterations:
            self.last = self.snapshots.save(self.reached, self.trainee.save)
            if self.losses:
                mean = sum(self.losses) / len(self.losses)
                self.snapshots.keep_if_best(self.last, mean)
            self.losses, self.failures = [], 0
        self.saved_at = self.clocks.seconds()

    def _show(self) -> None:
        labelled = label_still(self.trainee.preview())
        bgr = cv2.cvtColor(labelled, cv2.COLOR_RGB2BGR)
        _, png = cv2.imencode(".png", bgr)
        replace_file(self.folder / PREVIEW, png.tobytes())
        for witness in self.witnesses:
            witness.shown(self.reached, labelled)
        self.shown_at = self.clocks.seconds()

    def _report(self) -> TrainingReport:
        elapsed = max(self.clocks.seconds() - self.started, 1e-9)
        return TrainingReport(
            iterations=self.reached.iterations,
            examples_per_second=self.steps * self.trainee.examples_per_step / elapsed,
            seconds=self.reached.seconds,
            losses=self.history.losses(),
        )
