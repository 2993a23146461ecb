"""``lampoon verify`` as people and machines call it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from lampoon.errors import SettingsError, UnreadableError
from lampoon.verify.batch import clips_in
from lampoon.verify.commands import verify_command
from tests.support.certificates import signed_parody, troupe
from tests.support.stills import jpeg, written

app = typer.Typer()
app.command()(verify_command)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("clips")
    signed_parody(place)
    (place / "root.pem").write_bytes(troupe().minted.root_pem)
    return place


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPOON_HOME", str(tmp_path / "home"))


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_parody_exits_ten_and_says_why(folder: Path) -> None:
    said = run(folder / "parody.mp4", "--trust", folder / "root.pem")

    assert said.exit_code == 10
    assert "A declared parody" in said.stdout
    assert "label" in said.stdout
    assert "Test Troupe" in said.stdout


def test_json_is_one_object_and_nothing_else(folder: Path) -> None:
    said = run(folder / "parody.mp4", "--json", "--trust", folder / "root.pem")

    assert json.loads(said.stdout)["finding"] == "labelled_parody"
    assert said.exit_code == 10


@pytest.mark.slow
def test_without_a_trust_list_the_signer_is_unknown(folder: Path) -> None:
    said = run(folder / "parody.mp4", "--json")

    assert json.loads(said.stdout)["finding"] == "unknown_signer"
    assert "no trust list" in said.stderr
    assert said.exit_code == 20


@pytest.mark.slow
def test_several_clips_give_a_line_each_in_their_order(folder: Path) -> None:
    words = (folder / "plain.mp4", folder / "parody.mp4")
    said = run(*words, "--json", "--jobs", 2, "--trust", folder / "root.pem")

    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert [each["finding"] for each in found] == ["unmarked", "labelled_parody"]
    assert said.exit_code == 10


def test_a_policy_of_ones_own_decides(tmp_path: Path) -> None:
    rules = tmp_path / "strict.yaml"
    rules.write_text(
        "schema: lampoon.policy/1\nid: strict\nversion: 3\nrules:\n"
        "  - {name: all, when: {}, decision: reject, because: Closed today.}\n"
    )

    picture = written(tmp_path / "picture.jpg", jpeg())

    said = run(picture, "--jsonl", "--policy", rules)

    assert said.exit_code == 30
    assert json.loads(said.stdout)["policy"]["id"] == "strict"


def test_a_report_is_written_beside_the_answer(tmp_path: Path) -> None:
    page = tmp_path / "report.html"

    run(written(tmp_path / "picture.jpg", jpeg()), "--report", page)

    assert "No provenance" in page.read_text()


def test_a_missing_file_stops_before_anything_is_read(folder: Path) -> None:
    said = run(folder / "nothing.mp4")

    assert isinstance(said.exception, UnreadableError)
    assert said.stdout == ""


def test_a_sidecar_for_two_clips_is_refused(folder: Path) -> None:
    said = run(folder / "plain.mp4", folder / "parody.mp4", "--sidecar", "x.c2pa")

    assert isinstance(said.exception, SettingsError)


def test_a_folder_stands_for_its_videos(folder: Path, tmp_path: Path) -> None:
    assert [each.name for each in clips_in([folder])] == ["parody.mp4", "plain.mp4"]
    with pytest.raises(UnreadableError, match="no video"):
        clips_in([tmp_path])


def test_control_characters_in_a_name_do_not_reach_the_terminal(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "evil\x1b[31m.jpg", jpeg())

    assert "\x1b" not in run(path).stdout
