"""What the commands speak with: tables and bars for people, JSON for machines.

Only a room's ``commands.py`` (and the top floor) uses this.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from lampoon.progress import Tell, silent

people = Console()
"""Standard output, for people."""

aside = Console(stderr=True)
"""Standard error: bars, warnings, errors."""


def emit_json(value: Any) -> None:
    """Write one JSON value and a newline to standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@contextmanager
def bar(label: str) -> Iterator[Tell]:
    """Give a ``tell`` that draws a bar with an ETA on a terminal, none in a pipe."""
    if not aside.is_terminal:
        yield silent
        return
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=aside) as progress:
        task = progress.add_task(label, total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)

        yield tell
