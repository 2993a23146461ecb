"""``lampoon consent status``: which records still hold, for whoever checks clips."""

from pathlib import Path
from typing import Annotated

import typer

from lampoon.consent.status import save_status, status_of, today_utc
from lampoon.console import emit_json, people


def status_command(
    records: Annotated[
        list[Path], typer.Argument(metavar="RECORD", help="Consent records (JSON).")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Where the list is written.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer with one JSON value.")
    ] = False,
) -> None:
    """List by salted hash which records hold today, for `lampoon verify`.

    The list names nobody. It vouches for a month; make it again after a withdrawal.

    Example: lampoon consent status *.consent.json --out status.json
    """
    status = status_of(records, today_utc())
    save_status(status, out)
    counts: dict[str, int] = {}
    for state in status.records.values():
        counts[state.value] = counts.get(state.value, 0) + 1
    if as_json:
        emit_json({"list": str(out), "until": status.until.isoformat(), **counts})
        return
    told = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    people.print(f"{out}: {told}; it vouches until {status.until}", markup=False)
