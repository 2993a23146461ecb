"""What the report says of blinks beyond their number."""

import numpy as np

from lampoon.verify.blink.agreement import SourceAnswer
from lampoon.verify.blink.repetition import Repeats
from lampoon.verify.evidence import BlinkEvidence

REPEATS = {
    Repeats.NONE: "no two stretches alike",
    Repeats.REPEATED: "a stretch comes again to the frame",
    Repeats.REGULAR: "as regular as a clock",
    Repeats.TOO_FEW: "too few blinks to tell",
}
SOURCES = {
    SourceAnswer.SAME: "blinks when the source does",
    SourceAnswer.OTHER: "does not blink when the source does",
    SourceAnswer.INCONCLUSIVE: "cannot be told",
}


def pattern_rows(blink: BlinkEvidence) -> list[tuple[str, str]]:
    """Return the lines on durations, repetition, source and calibration."""
    rows = []
    lengths = [1000 * each.half_seconds for each in blink.events if not each.wink]
    if lengths:
        words = f"{np.median(lengths):.0f} ms at half height (median)"
        rows.append(("Duration", words))
    if blink.statistics.rate_per_minute is not None:
        rows.append(("Repetition", REPEATS[blink.repetition.state]))
    if blink.source.answer in SOURCES:
        words = f"{SOURCES[blink.source.answer]} ({blink.source.reason})"
        if blink.source.share is not None:
            fit = f"{blink.source.matched} of {blink.source.here} blinks"
            words = f"{SOURCES[blink.source.answer]}: {fit}"
        rows.append(("Beside the source", words))
    said = blink.calibrated
    if said is not None and said.p_value is not None and said.least_claim is not None:
        rows.append(
            (
                "Genuine clips of your own",
                f"{said.p_value:.1%} of {said.clips} look as unusual; no rate of false "
                f"alarms below {said.least_claim:.1%} can be claimed from so many",
            )
        )
    return rows
