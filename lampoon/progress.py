"""How a long step tells how far it is: a callable taking (done, total)."""

from collections.abc import Callable

Tell = Callable[[int, int], None]
"""Called with the units done so far and the units in all (0 where unknown)."""


def silent(done: int, total: int) -> None:
    """Tell nobody; the default of every long step."""
