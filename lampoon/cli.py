"""The command line: joins the rooms' commands and turns errors into exit codes.

Exit codes: 0, 10, 20, 30 for the decisions of ``verify`` (accept, label, review,
reject), 1 for "not found", 2 for an error, 130 after Ctrl-C.
"""

import os
import sys
from typing import Annotated

import typer

from lampoon import __version__
from lampoon.bench.commands import app as bench_app
from lampoon.consent.commands import app as consent_app
from lampoon.consent.status_commands import status_command
from lampoon.console import aside
from lampoon.datasets.commands import app as datasets_app
from lampoon.datasets.eye_commands import app as eye_app
from lampoon.demo import demo_command
from lampoon.doctor import doctor_command
from lampoon.errors import LampoonError
from lampoon.generate.commands import app as generate_app
from lampoon.generate.embed_commands import embed_app
from lampoon.verify.commands import (
    calibrate_command,
    policy_app,
    verify_command,
)
from lampoon.watermark.commands import app as watermark_app

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
TENSORFLOW_ERRORS_ONLY = "3"

app = typer.Typer(
    name="lampoon",
    help="Labelled parody video with consenting performers, and a verifier for it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
watermark_app.registered_commands.extend(embed_app.registered_commands)
datasets_app.registered_commands.extend(eye_app.registered_commands)
consent_app.command("status")(status_command)
app.add_typer(consent_app, name="consent")
app.add_typer(generate_app, name="generate")
app.add_typer(watermark_app, name="watermark")
app.add_typer(datasets_app, name="datasets")
app.add_typer(policy_app, name="policy")
app.add_typer(bench_app, name="bench")
app.command("verify")(verify_command)
app.command("calibrate")(calibrate_command)
app.command("demo")(demo_command)
app.command("doctor")(doctor_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lampoon {__version__}")
        raise typer.Exit


@app.callback()
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
        app(args=[word for word in words if word != "--debug"])
    except LampoonError as error:
        if debug:
            raise
        aside.print(f"lampoon: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(EXIT_ERROR)
    except KeyboardInterrupt:
        aside.print("lampoon: stopped; work done so far is kept", markup=False)
        sys.exit(EXIT_INTERRUPTED)
