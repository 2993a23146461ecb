"""Seconds of work: wall and processor, of one call."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Timed(Generic[Made]):
    """What a call made, and the wall and processor seconds that it took."""

    made: Made
    seconds: float
    cpu_seconds: float


def timed(work: Callable[[], Made]) -> Timed[Made]:
    """Return what ``work()`` made, with its seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = work()
    return Timed(made, time.perf_counter() - wall, time.process_time() - cpu)


def ratio(limit: float, ours: float) -> float:
    """Return how much of a limit's speed is reached: 1 is as fast as the limit."""
    return round(limit / ours, 3) if ours > 0 else 0.0
