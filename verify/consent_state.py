"""What a list of consents adds to what a clip declares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lampoon.consent.status import RecordState, StatusList
from lampoon.verify.evidence import ConsentState, ProvenanceEvidence, Trust

if TYPE_CHECKING:
    from datetime import date

WORDS = {
    RecordState.WITHDRAWN: "A performer in it has withdrawn their consent since.",
    RecordState.EXPIRED: "The consent of a performer in it has run out.",
}


def with_status(
    found: ProvenanceEvidence, status: StatusList, today: date
) -> ProvenanceEvidence:
    """Return the evidence with the consent's state as a list knows it.

    That consent is gone counts whoever signed; that it holds is only said where the
    signer is trusted and every record named is listed as active.
    """
    state = status.state_of(found.consent_records, today)
    if state in WORDS:
        gone = ConsentState(state.value)
        return replace(found, consent=gone, reasons=(*found.reasons, WORDS[state]))
    sure = state is RecordState.ACTIVE and found.trust is Trust.TRUSTED
    if sure and found.consent is ConsentState.UNVERIFIABLE:
        return replace(found, consent=ConsentState.VALID)
    return found
