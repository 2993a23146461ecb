"""``lampoon calibrate``: learn how unusual genuine clips of one's own look."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from lampoon.console import bar, people
from lampoon.errors import SettingsError
from lampoon.verify.batch import check_all, clips_in
from lampoon.verify.blink.calibration import (
    RULE_OF_THREE,
    calibrate,
    calibration_json,
)
from lampoon.verify.check import check
from lampoon.verify.made_with import tool_versions
from lampoon.verify.whole import write_whole
from lampoon.watermark.manifest.trust import TrustList


def calibrate_command(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Genuine clips, or folders of them."),
    ],
    out: Annotated[Path, typer.Option(help="Where the calibration is kept (JSON).")],
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Files at a time.")] = 1,
) -> None:
    """Measure clips that you know to be genuine, for **verify --calibration**.

    Use clips like those to be judged (same cameras, same kind of talk), and none of
    those. With n clips no rate of false alarms below 3 / n can be claimed: 300 clips
    for one in a hundred.

    Example: **lampoon calibrate genuine/ --out calibration.json**
    """
    clips = clips_in(paths)
    found = []
    with bar("calibrate") as tell:
        judged = check_all(clips, partial(check, trust=TrustList()), jobs=jobs)
        for done, verdict in enumerate(judged, start=1):
            found.append(verdict.blink.statistics)
            tell(done, len(clips))
    made = calibrate(found, made_with=f"lampoon {tool_versions()['lampoon']}")
    if not made.scores:
        raise SettingsError(
            "not one of these clips could be measured", hint="see: lampoon verify CLIP"
        )
    write_whole(calibration_json(made), out)
    for context in made.scores:
        count = made.count(context)
        claim = min(RULE_OF_THREE / count, 1.0)
        people.print(
            f"{context.value}: {count} clips; no false-alarm rate below {claim:.1%} "
            "can be claimed",
            highlight=False,
        )
