"""What a training has reached, kept in folders that are whole or not there.

``<folder>/step-00000250/`` holds what the trainee saved and ``state.json``. It is
written under another name and renamed when complete, and the one before it stays, so
that neither a power cut nor a broken file loses more than the work since a save.
"""

import json
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from lampoon.errors import TrainingError

STATE = "state.json"
_SCHEMA = "lampoon.training/1"
_PARTIAL = ".partial-"


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a training is: steps taken, and the wall and processor time they took."""

    iterations: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A complete folder and how far the training was when it was written."""

    folder: Path
    reached: Reached


class Snapshots:
    """The snapshots of one training, in ``folder``; ``keep`` of them at most."""

    def __init__(self, folder: Path, *, keep: int = 2) -> None:
        self.folder = folder
        self.keep = keep

    def open(self) -> None:
        """Make the folder and clear what an interrupted save left behind."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(
                f"cannot be made: {error.strerror}", where=self.folder
            ) from error
        for left in self.folder.glob(f"{_PARTIAL}*"):
            shutil.rmtree(left, ignore_errors=True)

    def newest_first(self) -> list[Snapshot]:
        """Return every snapshot whose state can be read, the latest first."""
        found = []
        for folder in self.folder.glob("step-*"):
            reached = _reached(folder)
            if reached is not None:
                found.append(Snapshot(folder, reached))
        return sorted(found, key=lambda one: one.reached.iterations, reverse=True)

    def save(self, reached: Reached, write: Callable[[Path], None]) -> Snapshot:
        """Let ``write`` fill a folder, then put it among the snapshots.

        Raises TrainingError where the disk does not take it; older snapshots stay.
        """
        target = self.folder / f"step-{reached.iterations:08d}"
        partial = self.folder / f"{_PARTIAL}{secrets.token_hex(4)}"
        try:
            partial.mkdir()
            write(partial)
            _write_state(partial / STATE, reached)
            if target.exists():
                shutil.rmtree(target)
            partial.rename(target)
        except OSError as error:
            raise TrainingError(
                f"cannot be saved: {error.strerror}", where=target
            ) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        for old in self.newest_first()[self.keep :]:
            shutil.rmtree(old.folder, ignore_errors=True)
        return Snapshot(target, reached)


def _write_state(path: Path, reached: Reached) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump({"schema": _SCHEMA, **asdict(reached)}, file)
        file.flush()
        os.fsync(file.fileno())


def _reached(folder: Path) -> Reached | None:
    try:
        plain = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return Reached(
            int(plain["iterations"]),
            float(plain["seconds"]),
            float(plain["cpu_seconds"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
