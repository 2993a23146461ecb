"""Batches made by threads while the device works, the same ones however often stopped.

The chance of a step follows from the seed and the step's number, so a resumed training
sees the very batches that an uninterrupted one does, and any number of threads may
prepare them.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import numpy as np

Batch = TypeVar("Batch")
MOST_THREADS = 4


class Supply(Generic[Batch]):
    """Makes the batches of a training, a few ahead of the step that takes them.

    ``make`` gives a batch from its chance. A training that goes back after steps of
    its own takes a detour: the batches that led astray do not come again.
    """

    def __init__(
        self,
        make: Callable[[np.random.Generator], Batch],
        *,
        seed: int,
        threads: int | None = None,
    ) -> None:
        self._make = make
        self._seed = seed
        self._threads = threads or min(MOST_THREADS, max(1, (os.cpu_count() or 1) // 2))
        self._pool = ThreadPoolExecutor(self._threads)
        self._coming: dict[int, Future[Batch]] = {}
        self._detour = 0
        self._taken = False

    def take(self, step: int) -> Batch:
        """Return the batch of a step, and have those after it begun."""
        self._taken = True
        for place in range(step, step + self._threads + 2):
            if place not in self._coming:
                self._coming[place] = self._pool.submit(self._made, place)
        for place in [place for place in self._coming if place < step]:
            self._coming.pop(place).cancel()
        return self._coming.pop(step).result()

    def as_plain(self) -> dict[str, Any]:
        """Return what a snapshot keeps of it, JSON values."""
        return {"detour": self._detour}

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Go back to what ``as_plain`` gave; ValueError where that is something else.

        After steps of this session that is a detour, before any it is a resume.
        """
        kept = plain.get("detour", 0)
        if not isinstance(kept, int):
            raise ValueError(f"a detour is counted, not {kept!r}")
        self._detour = max(kept, self._detour) + 1 if self._taken else kept
        self._taken = False
        for waiting in self._coming.values():
            waiting.cancel()
        self._coming = {}

    def _made(self, step: int) -> Batch:
        return self._make(np.random.default_rng((self._seed, self._detour, step)))
