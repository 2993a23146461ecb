"""The command line: joins the rooms' commands and turns errors into exit codes.

Exit codes: 0, 10, 20, 30 for the decisions of ``verify`` (accept, label, review,
reject), 1 for "not found", 2 for an error, 130 after Ctrl-C.
"""

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

import lampoon
from lampoon.console import aside
from lampoon.errors import LampoonError

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
TENSORFLOW_ERRORS_ONLY = "3"


def _joined(room: typer.Typer, *more: typer.Typer) -> typer.Typer:
    """Return the commands of all under the first one's help."""
    whole = typer.Typer(no_args_is_help=True, help=room.info.help)
    for part in (room, *more):
        whole.add_typer(part)
    return whole


def _consent(app: typer.Typer) -> None:
    from lampoon.consent.commands import app as room
    from lampoon.consent.status_commands import status_command

    more = typer.Typer()
    more.command("status")(status_command)
    app.add_typer(_joined(room, more), name="consent")


def _generate(app: typer.Typer) -> None:
    from lampoon.generate.commands import app as room

    app.add_typer(room, name="generate")


def _watermark(app: typer.Typer) -> None:
    from lampoon.generate.embed_commands import embed_app
    from lampoon.watermark.commands import app as room

    app.add_typer(_joined(room, embed_app), name="watermark")


def _verify(app: typer.Typer) -> None:
    from lampoon.verify.commands import verify_command

    app.command("verify")(verify_command)


def _calibrate(app: typer.Typer) -> None:
    from lampoon.verify.calibrate_commands import calibrate_command

    app.command("calibrate")(calibrate_command)


def _policy(app: typer.Typer) -> None:
    from lampoon.verify.policy_commands import policy_app

    app.add_typer(policy_app, name="policy")


def _datasets(app: typer.Typer) -> None:
    from lampoon.datasets.commands import app as room
    from lampoon.datasets.eye_commands import app as eye_app
    from lampoon.datasets.occluder_commands import app as occluder_app

    app.add_typer(_joined(room, eye_app, occluder_app), name="datasets")


def _bench(app: typer.Typer) -> None:
    from lampoon.bench.commands import app as room

    app.add_typer(room, name="bench")


def _demo(app: typer.Typer) -> None:
    from lampoon.demo import demo_command

    app.command("demo")(demo_command)


def _doctor(app: typer.Typer) -> None:
    from lampoon.doctor import doctor_command

    app.command("doctor")(doctor_command)


ROOMS: dict[str, Callable[[typer.Typer], None]] = {
    "demo": _demo,
    "consent": _consent,
    "generate": _generate,
    "watermark": _watermark,
    "verify": _verify,
    "calibrate": _calibrate,
    "policy": _policy,
    "datasets": _datasets,
    "bench": _bench,
    "doctor": _doctor,
}
"""Each command and what loads it: a room is opened only for those who ask for it."""


def command_line(room: str = "") -> typer.Typer:
    """Return the command line with one room's commands, or with all of them.

    A name that is no room's gives all, so that help and errors know every command.
    Loading all takes a second or two, one room a fraction.
    """
    app = typer.Typer(
        name="lampoon",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        callback=_options,
    )
    for load in [ROOMS[room]] if room in ROOMS else ROOMS.values():
        load(app)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lampoon {lampoon.__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, help="Show the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show a traceback with an error.")
    ] = False,
) -> None:
    """Labelled parody video with consenting performers, and a verifier for it."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; ``--debug`` is understood anywhere."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", TENSORFLOW_ERRORS_ONLY)
    try:
        given = [word for word in words if word != "--debug"]
        command_line(given[0] if given else "")(args=given)
    except LampoonError as error:
        if debug:
            raise
        aside.print(f"lampoon: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(EXIT_ERROR)
    except KeyboardInterrupt:
        aside.print("lampoon: stopped; work done so far is kept", markup=False)
        sys.exit(EXIT_INTERRUPTED)
