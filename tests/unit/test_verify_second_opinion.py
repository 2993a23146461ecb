"""What a second, independent engine says of the same files."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lampoon.verify.check import check
from lampoon.verify.evidence import Agreement, OtherReading
from lampoon.verify.policy import Decision
from lampoon.verify.report.page import report_html
from lampoon.verify.second_opinion import ask, compare
from lampoon.verify.verdict import verdict_json
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.trust import TrustList
from tests.support.certificates import plain_clip, signed_parody, stranger, troupe
from tests.support.tamper import box, flipped, without_manifest, written

pytest.importorskip("encypher_c2pa")

TRUST = troupe().trust


@pytest.fixture(scope="module")
def parody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed_parody(tmp_path_factory.mktemp("parody"))


def both(path: Path, trust: TrustList = TRUST) -> tuple[Agreement, str, str]:
    found = compare(read_manifest(path, trust=trust), ask(path, trust))
    return found.agreement, found.ours, found.theirs


def test_both_engines_vouch_for_a_parody(parody: Path) -> None:
    assert both(parody) == (Agreement.AGREES, "vouched for", "vouched for")


def test_both_engines_call_a_stranger_unknown(parody: Path) -> None:
    trust = stranger().trust

    assert both(parody, trust) == (Agreement.AGREES, "whole", "whole")


def test_both_engines_see_changed_pictures(parody: Path, tmp_path: Path) -> None:
    content = parody.read_bytes()
    place = box(content, "mdat").start + 50
    path = written(tmp_path / "flipped.mp4", flipped(content, place))

    assert both(path) == (Agreement.AGREES, "broken", "broken")


def test_both_engines_find_nothing_in_a_stripped_clip(
    parody: Path, tmp_path: Path
) -> None:
    stripped = without_manifest(parody.read_bytes())

    assert both(written(tmp_path / "stripped.mp4", stripped))[0] is Agreement.AGREES
    assert both(plain_clip(tmp_path / "plain.mp4"))[0] is Agreement.AGREES


def test_an_engine_that_gives_up_has_not_disagreed(parody: Path) -> None:
    reading = read_manifest(parody, trust=TRUST)

    found = compare(reading, OtherReading("other 1", failure="out of memory"))

    assert found.agreement is Agreement.NO_ANSWER


def test_a_signer_whom_only_one_engine_knows_is_no_quarrel(parody: Path) -> None:
    reading = read_manifest(parody, trust=TRUST)
    codes = ("signingCredential.untrusted",)

    found = compare(reading, OtherReading("other 1", True, "Valid", "match", codes))

    assert found.agreement is Agreement.DIFFERS_ON_TRUST


def test_a_disagreement_is_told_and_goes_to_a_person(parody: Path) -> None:
    whole = check(parody, trust=TRUST, second_opinion=True)
    assert whole.second_opinion.agreement is Agreement.AGREES
    assert whole.policy.decision is Decision.LABEL

    reading = read_manifest(parody, trust=TRUST)
    other = OtherReading("other 1", present=True, state="Invalid")
    doubted = replace(whole, second_opinion=compare(reading, other))

    assert verdict_json(doubted)["second_opinion"]["agreement"] == "disagrees"
    assert "other 1: broken; ours: vouched for" in report_html([doubted])


@pytest.mark.slow
def test_nobody_is_asked_unless_wanted(parody: Path) -> None:
    found = verdict_json(check(parody, trust=TRUST, today=datetime.now(UTC).date()))

    assert found["second_opinion"]["agreement"] == "not_asked"
    assert found["second_opinion"]["engine"] is None


def test_the_engine_saves_nothing_about_its_user(
    parody: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))

    ask(parody, TRUST)

    assert list(tmp_path.iterdir()) == []
