"""What a training has reached, kept in folders that are whole or not there.

``<folder>/step-00000250/`` holds what the trainee saved and ``state.json``. It is
written under another name and renamed when complete, and the one before it stays, so
that neither a power cut nor a broken file loses more than the work since a save.
``best-00000250`` is the snapshot before which the losses were lowest.
"""

import hashlib
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
_BEST, BEST_FACTS = "best-", "best.json"


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

        def fill(partial: Path) -> None:
            write(partial)
            _write_state(partial / STATE, reached)

        target = self._put(f"step-{reached.iterations:08d}", fill)
        for old in self.newest_first()[self.keep :]:
            shutil.rmtree(old.folder, ignore_errors=True)
        return Snapshot(target, reached)

    def keep_if_best(self, snapshot: Snapshot, loss: float) -> None:
        """Keep a snapshot that mean ``loss`` led to, unless a kept one had less.

        Its files are the snapshot's own, linked, where the disk can do that.
        """
        kept = self.best()
        if kept is not None and kept[1] <= loss:
            return
        facts = {"loss": loss, "iterations": snapshot.reached.iterations}

        def write(partial: Path) -> None:
            _linked(snapshot.folder, partial)
            (partial / BEST_FACTS).write_text(json.dumps(facts), encoding="utf-8")

        self._put(f"{_BEST}{snapshot.reached.iterations:08d}", write)
        if kept is not None and kept[0].reached != snapshot.reached:
            shutil.rmtree(kept[0].folder, ignore_errors=True)

    def best(self) -> tuple[Snapshot, float] | None:
        """Return the snapshot whose losses were lowest, and their mean."""
        found = []
        for folder in self.folder.glob(f"{_BEST}*"):
            reached, loss = _reached(folder), _best_loss(folder)
            if reached is not None and loss is not None:
                found.append((Snapshot(folder, reached), loss))
        return min(found, key=lambda pair: pair[1], default=None)

    def go_back_to_best(self) -> Snapshot:
        """Make the best snapshot the newest: later ones go. TrainingError without."""
        kept = self.best()
        if kept is None:
            raise TrainingError(
                "no best snapshot", where=self.folder, hint="none was saved so far"
            )
        best = kept[0]

        def write(partial: Path) -> None:
            _linked(best.folder, partial)
            (partial / BEST_FACTS).unlink()

        made = self._put(f"step-{best.reached.iterations:08d}", write)
        for snapshot in self.newest_first():
            if snapshot.reached.iterations > best.reached.iterations:
                shutil.rmtree(snapshot.folder, ignore_errors=True)
        return Snapshot(made, best.reached)

    def set_aside(self, snapshot: Snapshot) -> None:
        """Take a snapshot that cannot be read out of the way, without losing it."""
        aside = self.folder / f"unreadable-{snapshot.folder.name}"
        shutil.rmtree(aside, ignore_errors=True)
        snapshot.folder.rename(aside)

    def _put(self, name: str, write: Callable[[Path], None]) -> Path:
        """Let ``write`` fill a folder, then put it under its name, whole."""
        target = self.folder / name
        partial = self.folder / f"{_PARTIAL}{secrets.token_hex(4)}"
        try:
            partial.mkdir()
            write(partial)
            if target.exists():
                shutil.rmtree(target)
            partial.rename(target)
        except OSError as error:
            raise TrainingError(
                f"cannot be saved: {error.strerror}", where=target
            ) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return target


def newest_model(folder: Path) -> Path:
    """Return the newest snapshot of a training. Raises TrainingError without one."""
    snapshots = Snapshots(folder).newest_first() if folder.is_dir() else []
    if not snapshots:
        raise TrainingError(
            "no trained model", where=folder, hint="lampoon generate train lampoon.toml"
        )
    return snapshots[0].folder


def folder_sha256(folder: Path) -> str:
    """Return one hash over names and bytes of a folder's files, hexadecimal."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return whole.hexdigest()


def _write_state(path: Path, reached: Reached) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump({"schema": _SCHEMA, **asdict(reached)}, file)
        file.flush()
        os.fsync(file.fileno())


def _linked(source: Path, target: Path) -> None:
    """Fill ``target`` with the files of ``source``: links, copies where none can be."""
    for file in source.iterdir():
        try:
            os.link(file, target / file.name)
        except OSError:
            shutil.copyfile(file, target / file.name)


def _best_loss(folder: Path) -> float | None:
    try:
        plain = json.loads((folder / BEST_FACTS).read_text(encoding="utf-8"))
        return float(plain["loss"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


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
