"""What a list of consents adds to a verdict."""

import json
from datetime import date
from pathlib import Path

import pytest

from lampoon.consent.status import RecordState, StatusList, load_status, save_status
from lampoon.errors import ConsentError
from lampoon.verify.check import check
from lampoon.verify.evidence import ConsentState
from lampoon.verify.policy import Decision
from lampoon.verify.verdict import Verdict
from lampoon.watermark.manifest.trust import TrustList
from tests.support.certificates import signed_parody, troupe

DONOR, PERFORMER = "ab" * 32, "cd" * 32
"""The salted hashes of the records that the tests' parody names."""

TODAY, LAST_DAY = date(2026, 12, 1), date(2026, 12, 31)


@pytest.fixture(scope="module")
def parody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed_parody(tmp_path_factory.mktemp("parody"))


def status(**records: RecordState) -> StatusList:
    """A list that knows the donor and the performer by these states."""
    hashes = {"donor": DONOR, "performer": PERFORMER}
    said = {hashes[who]: state for who, state in records.items()}
    return StatusList(date(2026, 11, 30), LAST_DAY, said)


def verdict(
    parody: Path,
    consents: StatusList,
    *,
    today: date = TODAY,
    trust: TrustList | None = None,
) -> Verdict:
    return check(
        parody,
        trust=troupe().trust if trust is None else trust,
        consents=consents,
        today=today,
        provenance_only=True,
    )


def test_a_withdrawn_consent_is_rejected_and_told(parody: Path) -> None:
    found = verdict(
        parody, status(donor=RecordState.ACTIVE, performer=RecordState.WITHDRAWN)
    )

    assert found.consent is ConsentState.WITHDRAWN
    assert found.policy.decision is Decision.REJECT
    assert any("withdrawn" in reason for reason in found.reasons)


def test_it_is_valid_where_both_are_listed_as_active(parody: Path) -> None:
    both = status(donor=RecordState.ACTIVE, performer=RecordState.ACTIVE)

    assert verdict(parody, both).consent is ConsentState.VALID


def test_one_that_is_not_listed_leaves_it_unverifiable(parody: Path) -> None:
    one = status(donor=RecordState.ACTIVE)

    assert verdict(parody, one).consent is ConsentState.UNVERIFIABLE


def test_an_old_list_vouches_for_nothing_and_still_knows_what_was_withdrawn() -> None:
    both = status(donor=RecordState.ACTIVE, performer=RecordState.ACTIVE)
    gone = status(donor=RecordState.WITHDRAWN, performer=RecordState.ACTIVE)
    later = date(2027, 1, 1)

    assert both.state_of((DONOR, PERFORMER), TODAY) is RecordState.ACTIVE
    assert both.state_of((DONOR, PERFORMER), later) is None
    assert gone.state_of((DONOR, PERFORMER), later) is RecordState.WITHDRAWN


def test_nobody_is_vouched_for_by_a_signer_whom_nobody_knows(parody: Path) -> None:
    both = status(donor=RecordState.ACTIVE, performer=RecordState.ACTIVE)

    found = verdict(parody, both, trust=TrustList())

    assert found.consent is ConsentState.UNVERIFIABLE


def test_a_list_comes_back_as_it_was_written(tmp_path: Path) -> None:
    both = status(donor=RecordState.ACTIVE, performer=RecordState.EXPIRED)
    save_status(both, tmp_path / "status.json")

    assert load_status(tmp_path / "status.json") == both


@pytest.mark.parametrize(
    "change",
    [{"schema": "other/1"}, {"records": {"short": "active"}}, {"more": 1}],
)
def test_what_is_no_list_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "status.json"
    save_status(status(donor=RecordState.ACTIVE), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(ConsentError, match="no list of consents"):
        load_status(path)
