"""What the evidence beyond the record means, in plain words."""

from lampoon.verify.blink.agreement import SourceAnswer
from lampoon.verify.blink.repetition import Repeats
from lampoon.verify.evidence import (
    Agreement,
    BlinkEvidence,
    LabelEvidence,
    LabelSeen,
    SecondOpinion,
)
from lampoon.verify.mark_evidence import MarkState, WatermarkEvidence

MARK = {
    MarkState.NOT_CHECKED: "not checked",
    MarkState.NOT_FOUND: "not found",
    MarkState.NOT_REGISTERED: "found, but not known to any registry that was asked",
    MarkState.NO_ANSWER: "found, but the registry gave no answer",
    MarkState.FOUND: "found; it belongs to the record",
    MarkState.UNCONFIRMED: "found; the record it leads to does not vouch for this clip",
    MarkState.RECOVERED: "found; it led to the record",
    MarkState.SUBSTITUTED: "found; it belongs to another clip",
}


def mark_words(mark: WatermarkEvidence) -> str:
    """Return in a few words what became of the invisible mark.

    >>> mark_words(WatermarkEvidence())
    'not checked'
    """
    return MARK[mark.state]


def label_words(label: LabelEvidence) -> tuple[str, ...]:
    """Return what a label that is missing from the pictures means."""
    if label.declared is None or label.seen is not LabelSeen.NOT_SEEN:
        return ()
    return (
        "The visible label that it declares was not found in the pictures: whoever "
        "shows the clip has to add one.",
    )


def blink_words(blink: BlinkEvidence) -> tuple[str, ...]:
    """Return in words what the pattern of the blinks says beyond their number."""
    words = []
    found = blink.repetition
    if found.state is Repeats.REPEATED and found.lag_seconds is not None:
        words.append(
            f"{found.blinks} blinks in a row come again {found.lag_seconds:.1f} s "
            "later to the frame: a stretch of the clip was copied or looped."
        )
    if found.state is Repeats.REGULAR:
        words.append("The eyes blink as regularly as a clock; people do not.")
    if blink.source.answer is SourceAnswer.OTHER:
        words.append("It does not blink when the source that was named does.")
    return tuple(words)


def other_words(opinion: SecondOpinion) -> tuple[str, ...]:
    """Return in words that two engines do not agree."""
    apart = (Agreement.DISAGREES, Agreement.DIFFERS_ON_TRUST)
    if opinion.agreement not in apart or opinion.other is None:
        return ()
    return (
        f"A second, independent engine ({opinion.other.engine}) disagrees about the "
        f"provenance record: it says {opinion.theirs}, ours says {opinion.ours}.",
    )
