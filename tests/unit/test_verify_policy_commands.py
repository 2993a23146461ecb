"""``lampoon policy``, cases with a known decision, and policies on trial."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from lampoon.errors import SettingsError
from lampoon.verify.commands import verify_command
from lampoon.verify.fixtures import Fixtures, load_fixtures, try_policy
from lampoon.verify.policy import DEFAULT, default_policy
from lampoon.verify.policy_commands import policy_app
from tests.support.stills import jpeg, written

verify_app = typer.Typer()
verify_app.command()(verify_command)

CASES = """
schema: lampoon.policy-fixtures/1
cases:
  - name: a parody of ours is labelled
    given: {finding: labelled_parody}
    decision: label
    rule: labelled-parody
  - name: changed pictures are refused
    given: {finding: content_altered, integrity: altered}
    decision: reject
"""

STRICT = """
schema: lampoon.policy/1
id: strict
version: 3
rules:
  - {name: all, when: {}, decision: reject, because: Closed today.}
"""


def run(app: typer.Typer, *words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.yaml"
    path.write_text(CASES)
    return path


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    path = tmp_path / "strict.yaml"
    path.write_text(STRICT)
    return path


def test_cases_that_come_out_as_expected_pass(cases: Path) -> None:
    said = run(policy_app, "test", DEFAULT, cases, "--json")

    found = json.loads(said.stdout)
    assert said.exit_code == 0
    assert (found["cases"], found["failed"]) == (2, [])
    assert "consent-withdrawn" in found["untouched_rules"]


def test_a_case_that_comes_out_otherwise_fails_and_is_named(
    cases: Path, strict: Path
) -> None:
    said = run(policy_app, "test", strict, cases)

    assert said.exit_code == 1
    assert "a parody of ours is labelled: expected label by labelled-parody" in (
        said.stdout.replace("\n", " ")
    )
    assert "1 of 2 cases hold" in said.stdout


def test_the_right_decision_by_the_wrong_rule_fails(cases: Path) -> None:
    fixtures = load_fixtures(cases)
    wrong = fixtures.cases[0].model_copy(update={"rule": "signed"})
    changed = Fixtures.model_validate(
        {"schema": "lampoon.policy-fixtures/1", "cases": [wrong.model_dump()]}
    )

    assert len(try_policy(default_policy(), changed).failed) == 1


@pytest.mark.parametrize(
    "text",
    ["", "[", "schema: other", CASES.replace("reject", "burn"), CASES + "more: 1\n"],
)
def test_cases_that_make_no_sense_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(text)

    with pytest.raises(SettingsError):
        load_fixtures(path)


def test_a_policy_is_shown_with_its_hash() -> None:
    said = run(policy_app, "show", "--json")

    found = json.loads(said.stdout)
    assert found["hash"] == default_policy().version_text
    assert found["rules"][-1]["when"] == {}
    assert "nothing-known" in run(policy_app, "show").stdout


def test_a_policy_on_trial_is_noted_and_decides_nothing(
    tmp_path: Path, strict: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMPOON_HOME", str(tmp_path / "home"))
    picture = written(tmp_path / "a.jpg", jpeg())

    said = run(verify_app, picture, "--json", "--shadow", strict)

    policy = json.loads(said.stdout)["policy"]
    assert said.exit_code == 0
    assert policy["decision"] == "accept"
    assert policy["shadow"]["id"] == "strict"
    assert policy["shadow"]["decision"] == "reject"


def test_a_case_knows_nothing_that_a_policy_does_not_see(cases: Path) -> None:
    given = load_fixtures(cases).cases[0].given.case()

    assert default_policy().decide(given) == default_policy().decide(replace(given))
