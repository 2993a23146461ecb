"""``lampoon bench watermark``."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lampoon.bench.clips import clips_in
from lampoon.bench.watermark.attacks import attacks as all_attacks
from lampoon.bench.watermark.methods import Methods, chosen_methods
from lampoon.bench.watermark.page import page
from lampoon.bench.watermark.run import Budget, compare
from lampoon.bench.watermark.tables import tables
from lampoon.console import aside, bar, emit_json, people
from lampoon.errors import MediaError, SettingsError

ERRORS_ONLY = "1"

Row = dict[str, Any]


def watermark_command(
    *,
    clips: Annotated[
        Path | None, typer.Option(help="Folder of clips; else the bundled ones.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Also write a page with curves.")
    ] = None,
    frames: Annotated[int, typer.Option(min=8, help="Frames of each clip.")] = 28,
    samples: Annotated[
        int, typer.Option(min=1, max=200, help="Frames read after an attack.")
    ] = 8,
    method: Annotated[
        list[str] | None, typer.Option(help="Only this beside ours; may be repeated.")
    ] = None,
    attack: Annotated[
        list[str] | None, typer.Option(help="Only what begins so; may be repeated.")
    ] = None,
    trustmark: Annotated[
        Path | None, typer.Option(help="Folder with TrustMark's published files.")
    ] = None,
    videoseal: Annotated[
        Path | None, typer.Option(help="VideoSeal's published y_256b_img.jit.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="A list of rows, for machines.")
    ] = False,
) -> None:
    """Compare our invisible mark with others: same frames, code, distortion, attacks.

    The first frames of every clip go to every method that is installed; the slowest,
    rivaGan, runs where it is named. Nothing is downloaded.

    Example: lampoon bench watermark --clips clips --html marks.html
    """
    methods = chosen_methods(method, trustmark=trustmark, videoseal=videoseal)
    rows = compared(
        clips_in(clips), methods, Budget(frames, samples), attacks=attack or ()
    )
    if html is not None:
        _write(html, page(rows, methods.absent))
    if as_json:
        emit_json(rows + methods.absent_rows())
    else:
        tell_compared(rows, methods)


def compared(
    clips: Sequence[Path],
    methods: Methods,
    budget: Budget,
    *,
    attacks: Sequence[str] = (),
) -> list[Row]:
    """Return the rows of the comparison, with a bar while it runs.

    ``attacks`` are the beginnings of the names of those wanted; all where empty.
    """
    os.environ.setdefault("SVT_LOG", ERRORS_ONLY)
    names = {each.name for each in all_attacks(1.0)}
    wanted = {name for name in names if not attacks or name.startswith(tuple(attacks))}
    if not wanted:
        raise SettingsError(
            f"no attack begins with {' or '.join(attacks)}",
            hint=f"there are {'; '.join(sorted(names))}",
        )
    with bar("watermark", unit="attacks") as tell:
        made = compare(
            list(clips),
            methods.marks,
            budget,
            chosen=lambda name: name in wanted,
            tell=tell,
        )
        return list(made)


def tell_compared(rows: Sequence[Row], methods: Methods) -> None:
    """Print tables, and what did not run."""
    for table in tables(rows):
        people.print(table)
    for name, reason in methods.absent.items():
        aside.print(f"{name}: did not run: {reason}", markup=False, soft_wrap=True)


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = f"cannot be written: {error.strerror}"
        raise MediaError(reason, where=target) from error
