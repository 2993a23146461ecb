"""The command line keeps the house's manners."""

from collections.abc import Iterator

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from lampoon.cli import ROOMS, command_line, main

runner = CliRunner()
app = command_line()


def _paths(command: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    children = getattr(command, "commands", None)
    if not children:
        yield words
        return
    for name, child in children.items():
        yield from _paths(child, (*words, name))


PATHS = sorted(_paths(get_command(app)))


def test_every_room_opens_by_itself_as_among_all() -> None:
    opened = [
        path for room in ROOMS for path in _paths(get_command(command_line(room)))
    ]

    assert sorted(opened) == PATHS
    assert [path for path in PATHS if path[0] not in ROOMS] == []


def test_the_commands_of_the_design_are_there() -> None:
    groups = {path[0] for path in PATHS}

    assert groups >= {
        "consent",
        "generate",
        "watermark",
        "verify",
        "demo",
        "doctor",
        "policy",
    }


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    answer = runner.invoke(app, [*path, "--help"])

    assert answer.exit_code == 0
    assert "Example: " in answer.output
    assert f"lampoon {' '.join(path)}" in " ".join(answer.output.split())


def test_an_error_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["generate", "run", "nowhere.toml"])

    assert stop.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert "nowhere.toml" in lines[0]


def test_there_is_no_switch_for_consent_or_label() -> None:
    words = {"--no-label", "--no-consent", "--unlabelled", "--skip-consent", "--force"}
    for path in PATHS:
        answer = runner.invoke(app, [*path, "--help"])
        assert not {word for word in words if word in answer.output}
