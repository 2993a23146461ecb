"""Rules that are data: what they may say, and what they decide."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import yaml

from lampoon.errors import SettingsError
from lampoon.verify.blink.statistics import BlinkAnswer
from lampoon.verify.evidence import (
    Agreement,
    ConsentState,
    Finding,
    Integrity,
    LabelSeen,
)
from lampoon.verify.policy import (
    DEFAULT,
    Case,
    Decision,
    default_policy,
    load_policy,
)


def case(
    finding: Finding,
    *,
    synthetic: bool = False,
    blink: BlinkAnswer = BlinkAnswer.CONSISTENT,
    consent: ConsentState = ConsentState.ABSENT,
    integrity: Integrity = Integrity.INTACT,
) -> Case:
    return Case(finding, integrity, synthetic, consent, LabelSeen.UNKNOWN, blink)


def policy_file(folder: Path, **changes: object) -> Path:
    content = yaml.safe_load(DEFAULT.read_text()) | changes
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


DEFAULTS = {
    Finding.LABELLED_PARODY: Decision.LABEL,
    Finding.RECOVERED: Decision.LABEL,
    Finding.SIGNED_OTHER: Decision.ACCEPT,
    Finding.UNKNOWN_SIGNER: Decision.REVIEW,
    Finding.BROKEN_HISTORY: Decision.REVIEW,
    Finding.EXPIRED: Decision.REVIEW,
    Finding.MALFORMED: Decision.REVIEW,
    Finding.CONTENT_ALTERED: Decision.REJECT,
    Finding.MANIFEST_ALTERED: Decision.REJECT,
    Finding.SUBSTITUTED: Decision.REJECT,
    Finding.REVOKED: Decision.REJECT,
    Finding.UNMARKED: Decision.ACCEPT,
    Finding.UNREADABLE: Decision.ERROR,
}


@pytest.mark.parametrize("finding", list(Finding))
def test_the_default_policy_decides_each_finding_as_designed(finding: Finding) -> None:
    assert default_policy().decide(case(finding)).decision is DEFAULTS[finding]


def test_a_signed_clip_that_says_synthetic_gets_a_label() -> None:
    outcome = default_policy().decide(case(Finding.SIGNED_OTHER, synthetic=True))

    assert outcome.decision is Decision.LABEL


@pytest.mark.parametrize("answer", [BlinkAnswer.FEW, BlinkAnswer.MANY])
def test_unusual_blinks_send_an_unmarked_clip_to_review(answer: BlinkAnswer) -> None:
    outcome = default_policy().decide(case(Finding.UNMARKED, blink=answer))

    assert outcome.decision is Decision.REVIEW


def test_withdrawn_consent_rejects_even_a_labelled_parody() -> None:
    given = case(Finding.LABELLED_PARODY, consent=ConsentState.WITHDRAWN)

    assert default_policy().decide(given).decision is Decision.REJECT


def test_provenance_at_an_address_asks_for_a_look() -> None:
    given = case(Finding.UNMARKED, integrity=Integrity.REMOTE)

    assert default_policy().decide(given).decision is Decision.REVIEW


def test_blinks_alone_never_reject_or_fail_by_default() -> None:
    for finding, answer in product(Finding, BlinkAnswer):
        quiet = default_policy().decide(case(finding)).decision
        loud = default_policy().decide(case(finding, blink=answer)).decision
        assert loud is quiet or loud is Decision.REVIEW


def test_no_policy_may_reject_on_blinks(tmp_path: Path) -> None:
    rules = [
        {
            "name": "strict",
            "when": {"blink": ["unusually_few_blinks"]},
            "decision": "reject",
            "because": "No blinks.",
        },
        {"name": "rest", "when": {}, "decision": "accept", "because": "Fine."},
    ]

    with pytest.raises(SettingsError, match="may not do more than review"):
        load_policy(policy_file(tmp_path, rules=rules))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"colour": "red"}, "colour"),
        ({"schema": "lampoon.policy/2"}, "schema"),
        ({"version": "one"}, "version"),
        ({"rules": []}, "rules"),
        ({"id": "../../etc"}, "id"),
    ],
)
def test_what_is_no_policy_is_refused(
    tmp_path: Path, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        load_policy(policy_file(tmp_path, **changes))


def changed_rules(**first: object) -> list[dict[str, object]]:
    rules = yaml.safe_load(DEFAULT.read_text())["rules"]
    return [rules[0] | first, *rules[1:]]


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        (changed_rules(when={"findings": ["unmarked"]}), "findings"),
        (changed_rules(when={"finding": ["authentic"]}), "finding"),
        (changed_rules(when={"finding": []}), "finding"),
        (changed_rules(decision="delete"), "decision"),
        (changed_rules(when={}), "never reached"),
        (changed_rules(name="altered"), "two rules"),
        (changed_rules()[:-1], "must match everything"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    tmp_path: Path, rules: list[dict[str, object]], complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        load_policy(policy_file(tmp_path, rules=rules))


@pytest.mark.parametrize("text", ["rules: [", "- 1", "", "!!python/object:os.system x"])
def test_what_is_no_yaml_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text)

    with pytest.raises(SettingsError):
        load_policy(path)


def test_a_missing_policy_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.yaml"):
        load_policy(tmp_path / "nothing.yaml")


def test_the_version_tells_changed_rules_apart(tmp_path: Path) -> None:
    changed = changed_rules(because="Something else.")
    other = load_policy(policy_file(tmp_path, rules=changed))

    assert default_policy().version_text.startswith("1+")
    assert other.version_text.startswith("1+")
    assert other.version_text != default_policy().version_text


def test_the_first_rule_that_matches_decides() -> None:
    outcome = default_policy().decide(case(Finding.UNREADABLE, blink=BlinkAnswer.FEW))

    assert outcome.rule == "unreadable"
    assert outcome.reasons == ("The file cannot be read as a video.",)


def test_engines_that_disagree_go_to_a_person() -> None:
    parody = case(Finding.LABELLED_PARODY)
    doubted = replace(parody, second_opinion=Agreement.DISAGREES)

    assert default_policy().decide(parody).decision is Decision.LABEL
    assert default_policy().decide(doubted).decision is Decision.REVIEW
