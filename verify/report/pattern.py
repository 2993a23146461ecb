"""What the report says of blinks beyond their number."""

import numpy as np

from lampoon.verify.blink.agreement import SourceAnswer
from lampoon.verify.blink.events import SeenBy
from lampoon.verify.blink.habits import Pauses
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
ODD = 0.01
"""Below this p-value the pauses are called anything but log-normal."""


def pattern_rows(blink: BlinkEvidence) -> list[tuple[str, str]]:
    """Return the lines on durations, habits, repetition, source and calibration."""
    rows: list[tuple[str, str]] = []
    lengths = [1000 * each.half_seconds for each in blink.events if not each.wink]
    if lengths:
        words = f"{np.median(lengths):.0f} ms at half height (median)"
        rows.append(("Duration", words))
    rows += [*_pause_rows(blink.habits.pauses), *_habit_rows(blink)]
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


def _pause_rows(pauses: Pauses) -> list[tuple[str, str]]:
    if pauses.median_seconds is None or pauses.median_interval is None:
        return []
    low, high = pauses.median_interval
    words = f"{pauses.median_seconds:.1f} s (median; 95 %: {low:.1f} to {high:.1f})"
    if pauses.human_median is not None:
        least, most = pauses.human_median
        words += f"; 95 of 100 people: {least:.1f} to {most:.1f} s"
    if pauses.fit is not None:
        fits = "log-normal, as people's" if pauses.fit >= ODD else "not log-normal"
        words += f"; {fits} (p {pauses.fit:.2g})"
    return [("Pauses", words)]


def _habit_rows(blink: BlinkEvidence) -> list[tuple[str, str]]:
    habits, rows = blink.habits, []
    if habits.complete_share is not None:
        rows.append(("Lids met", f"in {habits.complete_share:.0%} of the blinks"))
    if habits.both_eyes_share is not None and habits.eyes_correlation is not None:
        words = f"in {habits.both_eyes_share:.0%} of the blinks; over all frames they "
        rows.append(
            ("Both eyes", f"{words}move alike to {habits.eyes_correlation:.2f} of 1")
        )
    seen = [event.seen_by for event in blink.events]
    if SeenBy.BOTH in seen or blink.doubtful:
        words = (
            f"{seen.count(SeenBy.BOTH)} by landmarks and networks, "
            f"{seen.count(SeenBy.LANDMARKS)} by landmarks alone; "
            f"{len(blink.doubtful)} doubtful, not counted"
        )
        rows.append(("Seen by", words))
    return rows
