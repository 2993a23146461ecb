"""How a long step tells how far it is: a callable taking (done, total)."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Lock
from typing import Protocol, TypeVar

Tell = Callable[[int, int], None]
"""Called with the units done so far and the units in all (0 where unknown)."""

Say = Callable[[str], None]
"""Called with a sentence that a person should read before a long step."""


class Bar(Protocol):
    """Opens a step by its name and gives what tells its progress.

    ``unit`` names what is counted a second, ``per_step`` of them in each step told:
    24 faces ("EG") in a training step, one frame in a converted frame.
    """

    def __call__(
        self, label: str, *, unit: str = "", per_step: int = 1
    ) -> AbstractContextManager[Tell]:
        """Return a context that gives the step's ``tell``."""
        ...


Made = TypeVar("Made")


def silent(done: int, total: int) -> None:
    """Tell nobody; the default of every long step."""


def unsaid(line: str) -> None:
    """Say nothing; the default of every step that has something to say."""


@contextmanager
def unseen(label: str, *, unit: str = "", per_step: int = 1) -> Iterator[Tell]:
    """Draw no bar and tell nobody; the default of steps that open bars."""
    yield silent


class StoppedError(Exception):
    """Raised inside a step whose neighbour failed or was interrupted."""


def together(steps: Sequence[Callable[[Tell], Made]], tell: Tell) -> list[Made]:
    """Run steps side by side in threads, told as one; return what they made, in order.

    Worth it for steps that spend their time in native code. Where one raises, or
    Ctrl-C comes, the others end at the next thing they tell, and it is raised here.

    >>> together([lambda tell: 1, lambda tell: 2], silent)
    [1, 2]
    """
    told, lock, stop = [(0, 0)] * len(steps), Lock(), Event()

    def tell_of(place: int) -> Tell:
        def tell_one(done: int, total: int) -> None:
            if stop.is_set():
                raise StoppedError
            with lock:
                told[place] = (done, total)
                tell(sum(pair[0] for pair in told), sum(pair[1] for pair in told))

        return tell_one

    with ThreadPoolExecutor(len(steps)) as pool:
        running = [pool.submit(step, tell_of(i)) for i, step in enumerate(steps)]
        try:
            return [each.result() for each in running]
        except BaseException:
            stop.set()
            raise
