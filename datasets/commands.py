"""``lampoon datasets``: performers who do not exist, with consent and truth."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from lampoon.consent.fields import first_faults
from lampoon.console import bar, emit_json, people
from lampoon.datasets.performers.blinks import Context
from lampoon.datasets.performers.cast import make_cast
from lampoon.datasets.performers.casting import WINDOW, find_order, write_order
from lampoon.datasets.performers.people import person_of_seed
from lampoon.datasets.performers.person import Person, load_person
from lampoon.datasets.performers.render import Rendered, render_take
from lampoon.datasets.performers.scene import Camera, Light
from lampoon.datasets.performers.signing import troupe_signer
from lampoon.datasets.performers.table import require_table, write_table
from lampoon.datasets.performers.take import Blinking, Occluder, Take
from lampoon.errors import SettingsError
from lampoon.watermark.manifest.signer import FileSigner, Signer

app = typer.Typer(
    no_args_is_help=True,
    help="Rendered performers, who do not exist: footage with consent and truth.",
)
PASSPHRASE = "LAMPOON_KEY_PASSPHRASE"

Out = Annotated[Path, typer.Option(help="The folder it goes into.")]
Contexts = Annotated[
    list[Context] | None, typer.Option("--take", help="What is done; may be repeated.")
]
Seconds = Annotated[float, typer.Option(help="Length of each take.")]
Rate = Annotated[str, typer.Option(help="Frames a second, also as 30000/1001.")]
Size = Annotated[str, typer.Option(help="Width x height in pixels.")]
LightOption = Annotated[Light, typer.Option(help="Where light comes from.")]
CameraOption = Annotated[Camera, typer.Option(help="How the camera is held.")]
Shutter = Annotated[
    float, typer.Option(help="Share of a frame that blurs, 0 to 1; 0 is fastest.")
]
Jobs = Annotated[int, typer.Option(min=1, max=64, help="Processes; 0.3 GB each.")]
Certificates = Annotated[
    Path | None,
    typer.Option(help="Who signs; made in OUT/certificates when not given."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")]


@app.command("render")
def render_command(
    *,
    out: Out,
    person: Annotated[
        Path | None, typer.Option(help="Who: a TOML or JSON file.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Or: the person of this seed.")
    ] = None,
    take: Contexts = None,
    seconds: Seconds = 10.0,
    rate: Rate = "25",
    size: Size = "640x360",
    light: LightOption = Light.STUDIO,
    camera: CameraOption = Camera.TRIPOD,
    occluder: Annotated[
        Occluder, typer.Option(help="What comes before the face.")
    ] = Occluder.NOTHING,
    blinks: Annotated[
        str, typer.Option(help="human, none, or starts in seconds: 1.5,4,7.2")
    ] = "human",
    shutter: Shutter = 0.0,
    distance: Annotated[float, typer.Option(help="1 is a portrait.")] = 1.0,
    take_seed: Annotated[int, typer.Option(min=0, help="What the motion is.")] = 0,
    table: Annotated[
        bool, typer.Option("--table", help="The truth as Parquet too (pyarrow).")
    ] = False,
    jobs: Jobs = 1,
    certificates: Certificates = None,
    as_json: AsJson = False,
) -> None:
    """Render takes of one performer, each with its truth; a stopped run goes on.

    Clips are signed, and say in their manifest that they are drawn.

    Example: lampoon datasets render --seed 7 --take speech --seconds 20 --out film
    """
    who = _person(person, seed)
    if table:
        require_table()
    takes = [
        _take(
            context=context,
            seconds=seconds,
            rate=rate,
            size=size,
            light=light,
            camera=camera,
            occluder=occluder,
            blinks=blinks,
            shutter=shutter,
            distance=distance,
            seed=take_seed,
        )
        for context in take or [Context.SPEECH]
    ]
    signer = _signer(certificates, out)
    made = []
    for each in takes:
        with bar(f"{who.name}, {each.context}") as tell:
            made.append(
                render_take(who, each, out, jobs=jobs, signer=signer, tell=tell)
            )
        if table:
            truth = made[-1].truth
            write_table(json.loads(truth.read_text()), truth.with_suffix(".parquet"))
    _answer([_rendered(one) for one in made], as_json)


@app.command("cast")
def cast_command(
    count: Annotated[int, typer.Argument(min=1, max=500, help="How many people.")],
    *,
    out: Out,
    seed: Annotated[int, typer.Option(min=0, help="The first seed to try.")] = 0,
    take: Contexts = None,
    seconds: Seconds = 10.0,
    rate: Rate = "25",
    size: Size = "640x360",
    light: LightOption = Light.STUDIO,
    camera: CameraOption = Camera.TRIPOD,
    shutter: Shutter = 0.0,
    jobs: Jobs = 1,
    certificates: Certificates = None,
    as_json: AsJson = False,
) -> None:
    """Render different people, each with a consent record signed by their own key.

    Keys are locked with the passphrase in LAMPOON_KEY_PASSPHRASE when that is set.

    Example: lampoon datasets cast 20 --take speech --seconds 12 --out cast --jobs 4
    """
    takes = [
        _take(
            context=context,
            seconds=seconds,
            rate=rate,
            size=size,
            light=light,
            camera=camera,
            occluder=Occluder.NOTHING,
            blinks="human",
            shutter=shutter,
            distance=1.0,
            seed=0,
        )
        for context in take or [Context.SPEECH]
    ]
    signer = _signer(certificates, out)
    with bar(f"a cast of {count}") as tell:
        members = make_cast(
            count,
            takes,
            out,
            now=datetime.now(UTC),
            first_seed=seed,
            jobs=jobs,
            passphrase=os.environ.get(PASSPHRASE),
            signer=signer,
            tell=tell,
        )
    rows = [
        {
            "name": member.person.name,
            "record": str(member.record),
            "nearest_other": round(member.nearest, 3),
            "takes": [_rendered(one) for one in member.takes],
        }
        for member in members
    ]
    _answer(rows, as_json)


@app.command("audition")
def audition_command(
    pool: Annotated[int, typer.Argument(min=20, max=5000, help="How many to draw.")],
    *,
    out: Annotated[Path, typer.Option(help="The table to write, draws.json.")],
    work: Annotated[Path, typer.Option(help="Where auditions are kept meanwhile.")],
    without: Annotated[
        str, typer.Option(help="Draws to leave out, such as 3,17.")
    ] = "",
) -> None:
    """Find which draws differ, for the table of seeds; a stopped search goes on.

    Example: lampoon datasets audition 200 --work auditions --out draws.json
    """
    try:
        left_out = {int(each) for each in without.split(",") if each}
    except ValueError:
        raise SettingsError(f"not numbers: {without}", hint="--without 3,17") from None
    with bar(f"{pool} auditions") as tell:
        order = find_order(pool, work, without=left_out, tell=tell)
    write_order(order, out)
    people.print(
        f"{len(order.draws)} people; of any {WINDOW} in a row the nearest two are "
        f"{order.nearest:.3f} apart"
    )


def _signer(certificates: Path | None, out: Path) -> Signer:
    """Return who signs the clips; certificates that were named must be there."""
    passphrase = os.environ.get(PASSPHRASE)
    if certificates is not None:
        return FileSigner(certificates, passphrase)
    return troupe_signer(out / "certificates", passphrase)


def _person(path: Path | None, seed: int | None) -> Person:
    if (path is None) == (seed is None):
        raise SettingsError(
            "one person is needed", hint="name --person FILE or --seed NUMBER"
        )
    if path is not None:
        return load_person(path)
    assert seed is not None
    return person_of_seed(seed)


def _take(
    *,
    context: Context,
    seconds: float,
    rate: str,
    size: str,
    light: Light,
    camera: Camera,
    occluder: Occluder,
    blinks: str,
    shutter: float,
    distance: float,
    seed: int,
) -> Take:
    """Return the take asked for; SettingsError says what is wrong with it."""
    width, _, height = size.partition("x")
    given = blinks not in Blinking.__members__.values()
    try:
        starts = tuple(float(start) for start in blinks.split(",")) if given else None
        return Take(
            context=context,
            seconds=seconds,
            rate=rate,
            width=int(width),
            height=int(height),
            light=light,
            camera=camera,
            occluder=occluder,
            blinking=Blinking.HUMAN if given else Blinking(blinks),
            blink_seconds=starts,
            shutter=shutter,
            distance=distance,
            seed=seed,
        )
    except ValidationError as fault:
        raise SettingsError(first_faults(fault).partition(": ")[2]) from None
    except ValueError as fault:
        raise SettingsError(
            f"not a take: {fault}", hint="--size 640x360 --blinks 1.5,4"
        ) from None


def _rendered(one: Rendered) -> dict[str, object]:
    return {
        "clip": str(one.clip),
        "truth": str(one.truth),
        "person": str(one.person),
        "masks": None if one.masks is None else str(one.masks),
        "frames": one.frames,
    }


def _answer(rows: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        emit_json(rows)
        return
    for row in rows:
        place = row.get("record") or row["clip"]
        people.print(str(place), markup=False, highlight=False, soft_wrap=True)
