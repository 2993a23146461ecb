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
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from lampoon.progress import Tell, silent

people = Console()
"""Standard output, for people."""

aside = Console(stderr=True)
"""Standard error: bars, warnings, errors."""


def emit_json(value: Any) -> None:
    """Write one JSON value and a newline to standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class _Speed(ProgressColumn):
    """How many units a second, where the step names a unit."""

    def render(self, task: Task) -> Text:
        unit = task.fields["unit"]
        if not unit or not task.speed:
            return Text("")
        return Text(f"{task.speed * task.fields['per_step']:.1f} {unit}/s")


@contextmanager
def bar(label: str, *, unit: str = "", per_step: int = 1) -> Iterator[Tell]:
    """Give a ``tell`` that draws a bar with speed and ETA on a terminal only.

    In a pipe nothing is drawn. ``unit`` and ``per_step`` are as in ``progress.Bar``.
    """
    if not aside.is_terminal:
        yield silent
        return
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=aside) as progress:
        task = progress.add_task(label, total=None, unit=unit, per_step=per_step)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)

        yield tell
