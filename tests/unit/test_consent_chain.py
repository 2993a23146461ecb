"""Even the subject's own key cannot sign events into an order that makes no sense."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lampoon.consent.chain import (
    append_event,
    chain_head,
    event_faults,
    record_fault,
    sign_record,
)
from lampoon.consent.record import Event, EventType, SignedEvent, SignedRecord
from lampoon.consent.signature import Signed, SubjectKey, generate_key, load_key, sign
from lampoon.consent.store import load_record
from lampoon.errors import ConsentError
from tests.support.performers import GIVEN, TODAY, tiny_pair


@pytest.fixture
def own(tmp_path: Path) -> tuple[SignedRecord, SubjectKey]:
    pair = tiny_pair(tmp_path)
    return load_record(pair.performer), load_key(pair.performer_key)


def forced(signed: SignedRecord, key: SubjectKey, **said: Any) -> SignedRecord:
    """The record with one more event, well linked and signed but for what is said."""
    plain: dict[str, Any] = {
        "type": EventType.WITHDRAWN,
        "record_id": signed.record.record_id,
        "sequence": len(signed.events),
        "at": TODAY,
        "by": "subject",
        "previous": chain_head(signed),
    }
    event = Event.model_validate(plain | said)
    entry = SignedEvent(event=event, signature=sign(event, key, Signed.EVENT))
    return signed.model_copy(update={"events": (*signed.events, entry)})


def test_a_chain_as_it_should_be_has_no_faults(
    own: tuple[SignedRecord, SubjectKey],
) -> None:
    longer = forced(*own)

    assert record_fault(longer) == ""
    assert event_faults(longer) == []


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"sequence": 7}, "number 7"),
        ({"record_id": "019b796d-d600-7534-b928-000000000000"}, "another record"),
        ({"previous": "0" * 64}, "does not follow"),
        ({"type": EventType.GIVEN}, "wrong place"),
        ({"type": EventType.RENEWED}, "last day"),
        ({"until": date(2030, 1, 1)}, "last day"),
        ({"type": EventType.MODIFIED}, "scope"),
        ({"at": GIVEN - timedelta(days=1)}, "older"),
    ],
)
def test_an_event_out_of_order_is_a_fault_of_the_chain(
    own: tuple[SignedRecord, SubjectKey], said: dict[str, Any], fault: str
) -> None:
    found = event_faults(forced(*own, **said))

    assert [by_signature for by_signature, _ in found] == [False]
    assert fault in found[0][1]


def test_an_event_signed_by_another_key_is_a_fault(
    own: tuple[SignedRecord, SubjectKey], tmp_path: Path
) -> None:
    stranger = generate_key(tmp_path / "stranger.pem")

    assert [by for by, _ in event_faults(forced(own[0], stranger))] == [True]


def test_a_draft_made_for_one_key_is_not_signed_by_another(
    own: tuple[SignedRecord, SubjectKey], tmp_path: Path
) -> None:
    stranger = generate_key(tmp_path / "stranger.pem")

    with pytest.raises(ConsentError, match="another key"):
        sign_record(own[0].record, stranger, GIVEN)


def test_an_event_after_a_broken_chain_is_not_added(
    own: tuple[SignedRecord, SubjectKey],
) -> None:
    broken = own[0].model_copy(update={"events": ()})

    with pytest.raises(ConsentError, match="wrong place"):
        append_event(broken, own[1], EventType.WITHDRAWN, TODAY)


def test_a_clock_that_went_back_does_not_break_the_chain(
    own: tuple[SignedRecord, SubjectKey],
) -> None:
    earlier = GIVEN - timedelta(days=3)

    longer = append_event(*own, EventType.WITHDRAWN, earlier)

    assert longer.events[-1].event.at == GIVEN
