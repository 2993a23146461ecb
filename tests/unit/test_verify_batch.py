"""Many files: patterns, a list that goes on where it stopped, JUnit, bad files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer
from typer.testing import CliRunner, Result

from lampoon.errors import MediaError, SettingsError, UnreadableError
from lampoon.verify.batch import check_all, clips_in
from lampoon.verify.commands import verify_command
from lampoon.verify.junit import junit_xml
from lampoon.verify.ledger import Ledger, terms_of
from lampoon.verify.signature import check_verdict, load_public_key, public_pem
from tests.support.stills import jpeg, written
from tests.support.verdict_keys import key_file

app = typer.Typer()
app.command()(verify_command)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPOON_HOME", str(tmp_path / "home"))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in "abc":
        written(folder / f"{name}.jpg", jpeg())
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def verdict(path: str, decision: str, **more: Any) -> dict[str, Any]:
    return {
        "schema": "lampoon.verdict/1",
        "asset": {"path": path, "sha256": "ab"},
        "finding": "unmarked",
        "summary": "No provenance.",
        "reasons": ["Nothing \x00 <known>."],
        "policy": {"id": "p", "version": "1", "decision": decision, "reasons": []},
        "trust_list": {"sha256": "cd"},
        "tools": {"lampoon": "1"},
        "second_opinion": {"agreement": "not_asked"},
    } | more


def test_a_pattern_stands_for_the_files_that_fit(pictures: Path) -> None:
    assert [each.name for each in clips_in([pictures / "[ab].jpg"])] == [
        "a.jpg",
        "b.jpg",
    ]
    assert len(clips_in([pictures.parent / "**" / "*.jpg"])) == 3
    with pytest.raises(UnreadableError, match="fits"):
        clips_in([pictures / "*.mp4"])


def test_a_file_named_twice_is_read_once(pictures: Path) -> None:
    path = pictures / "a.jpg"

    assert clips_in([path, path]) == [path]


@pytest.mark.slow
def test_a_file_that_is_missing_does_not_stop_the_rest(pictures: Path) -> None:
    said = run(pictures / "a.jpg", pictures / "gone.jpg", pictures / "b.jpg", "--jsonl")

    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert [each["finding"] for each in found] == ["unmarked", "unreadable", "unmarked"]
    assert found[1]["policy"]["decision"] == "error"
    assert said.exit_code == 2


def test_a_batch_goes_on_where_it_stopped(pictures: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    run(pictures / "a.jpg", "--resume", kept)
    first = kept.read_text()
    kept.write_text(first + '{"schema": "lampoon.verdict/1", "ass')  # torn by a crash

    said = run(pictures / "*.jpg", "--resume", kept)

    assert kept.read_text().startswith(first)
    assert kept.read_text() == said.stdout
    assert len(said.stdout.splitlines()) == 3


@pytest.mark.slow
def test_a_changed_file_is_read_again(pictures: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    run(pictures / "a.jpg", "--resume", kept)
    written(pictures / "a.jpg", b"no picture any more")

    said = run(pictures / "a.jpg", "--resume", kept)

    assert json.loads(said.stdout)["finding"] == "unreadable"
    assert len(kept.read_text().splitlines()) == 2


def test_a_verdict_by_another_policy_does_not_count(tmp_path: Path) -> None:
    made = verdict("a", "accept")
    with Ledger(tmp_path / "kept.jsonl") as ledger:
        ledger.add(made)
        policy = made["policy"] | {"version": "2"}
        other = terms_of(made | {"policy": policy})

        assert ledger.find("a", "ab", terms_of(made)) == made
        assert ledger.find("a", "ab", other) is None


def test_a_file_that_is_no_list_of_verdicts_is_left_alone(tmp_path: Path) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("Dear diary,\ntoday\n")

    with pytest.raises(MediaError, match="not a list of verdicts"), Ledger(diary):
        pass
    assert diary.read_text() == "Dear diary,\ntoday\n"


def test_a_report_of_a_resumed_batch_is_refused(pictures: Path, tmp_path: Path) -> None:
    said = run(pictures, "--resume", tmp_path / "x", "--report", tmp_path / "y")

    assert isinstance(said.exception, UnreadableError | SettingsError)


def test_junit_counts_failures_and_errors_and_holds_any_text() -> None:
    page = junit_xml(
        [
            verdict("fine.mp4", "accept"),
            verdict("look\x1b.mp4", "review"),
            verdict("bad.mp4", "reject"),
            verdict("torn.mp4", "error"),
        ]
    )

    suite = ElementTree.fromstring(page.encode())
    assert dict(suite.attrib) == {
        "name": "lampoon verify",
        "tests": "4",
        "failures": "2",
        "errors": "1",
    }
    kinds = [case[0].tag for case in suite]
    assert kinds == ["system-out", "failure", "failure", "error"]


@pytest.mark.slow
def test_junit_is_written_beside_the_answer(pictures: Path, tmp_path: Path) -> None:
    run(pictures / "a.jpg", "--junit", tmp_path / "out.xml")

    assert ElementTree.parse(tmp_path / "out.xml").getroot().get("tests") == "1"


def test_signed_verdicts_can_be_checked(pictures: Path, tmp_path: Path) -> None:
    private = key_file(tmp_path / "house.pem")
    (tmp_path / "house.pub").write_bytes(public_pem(private))

    said = run(pictures / "a.jpg", "--json", "--sign-with", private)

    key = load_public_key(tmp_path / "house.pub")
    assert check_verdict(json.loads(said.stdout), key).kid == key.kid


def test_a_signature_without_json_is_refused(pictures: Path, tmp_path: Path) -> None:
    said = run(pictures / "a.jpg", "--sign-with", key_file(tmp_path / "house.pem"))

    assert isinstance(said.exception, SettingsError)


def test_results_come_in_order_and_are_not_read_far_ahead() -> None:
    taken: list[int] = []

    def paths() -> Iterator[Path]:
        for number in range(40):
            taken.append(number)
            yield Path(str(number))

    found = check_all(paths(), lambda path: int(path.name), jobs=3)

    assert next(found) == 0
    assert len(taken) <= 6
    assert list(found) == list(range(1, 40))
