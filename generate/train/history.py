"""The losses of a training, as JSON lines that a person can plot."""

import json
from pathlib import Path

from lampoon.generate.train.snapshots import Reached
from lampoon.generate.whole_file import replace_file

FILE_NAME = "history.jsonl"
_EVERY_SECONDS = 1.0


class History:
    """``history.jsonl`` in a training's folder: a mean loss a second at most."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._waiting: list[float] = []
        self._written_at = float("-inf")
        self._last = Reached()

    def open(self, *, after: int) -> None:
        """Drop the lines that tell of steps beyond ``after``, which were lost."""
        kept = [line for line in self._lines() if line["iteration"] <= after]
        text = "".join(json.dumps(line) + "\n" for line in kept)
        replace_file(self.path, text.encode())
        self._waiting = []

    def add(self, reached: Reached, loss: float) -> None:
        """Take the loss of the step that led to ``reached``."""
        self._waiting.append(loss)
        self._last = reached
        if reached.seconds - self._written_at >= _EVERY_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write the mean of the losses that wait."""
        if not self._waiting:
            return
        line = {
            "iteration": self._last.iterations,
            "loss": sum(self._waiting) / len(self._waiting),
            "seconds": round(self._last.seconds, 3),
            "cpu_seconds": round(self._last.cpu_seconds, 3),
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self._waiting = []
        self._written_at = self._last.seconds

    def losses(self) -> tuple[float, ...]:
        """Return the mean losses written so far, oldest first."""
        return tuple(line["loss"] for line in self._lines())

    def points(self) -> list[tuple[int, float]]:
        """Return the iterations and mean losses written so far, oldest first."""
        return [(int(line["iteration"]), line["loss"]) for line in self._lines()]

    def _lines(self) -> list[dict[str, float]]:
        if not self.path.is_file():
            return []
        found = []
        for text in self.path.read_text(encoding="utf-8").splitlines():
            try:
                line = json.loads(text)
                loss, iteration = float(line["loss"]), int(line["iteration"])
                found.append({**line, "loss": loss, "iteration": iteration})
            except (ValueError, KeyError, TypeError):
                continue  # a line that was being written when the power went
        return found
