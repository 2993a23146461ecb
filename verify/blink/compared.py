"""Blink evidence beside a source clip, and beside genuine clips of one's own."""

from dataclasses import replace
from pathlib import Path

from lampoon.verify.blink.agreement import SourceAgreement, SourceAnswer, agreement
from lampoon.verify.blink.calibration import Calibration, calibrated
from lampoon.verify.blink.human import Context
from lampoon.verify.blink.statistics import blink_statistics
from lampoon.verify.evidence import BlinkEvidence, PictureEvidence
from lampoon.verify.sandbox import Limits, Request, observe
from lampoon.watermark.manifest.trust import TrustList


def beside_source(
    blink: BlinkEvidence, pictures: PictureEvidence | None, source: Path, limits: Limits
) -> BlinkEvidence:
    """Return the evidence with the blinks of the source compared.

    The source is read in a limited child of its own.
    """
    if pictures is None:
        why = "this clip has no pictures to compare"
        return replace(blink, source=SourceAgreement(SourceAnswer.INCONCLUSIVE, why))
    seen = observe(Request(source.absolute(), TrustList(), limits=limits))
    if seen.pictures is None:
        why = f"the source cannot be looked at: {seen.pictures_failure}"
        return replace(blink, source=SourceAgreement(SourceAnswer.INCONCLUSIVE, why))
    found = agreement(
        blink.events,
        seen.pictures.blink.events,
        seconds=min(pictures.seconds, limits.measured_seconds),
        source_seconds=min(seen.pictures.seconds, limits.measured_seconds),
    )
    return replace(blink, source=found)


def with_calibration(blink: BlinkEvidence, calibration: Calibration) -> BlinkEvidence:
    """Return the evidence as the calibration leaves it."""
    statistics, said = calibrated(blink.statistics, calibration)
    return replace(blink, statistics=statistics, calibrated=said)


def no_blinks(reason: str) -> BlinkEvidence:
    """Return the blink evidence of a file without moving pictures to look at."""
    nothing = blink_statistics(
        (), measurable_seconds=0.0, on_screen_seconds=0.0, context=Context.UNKNOWN
    )
    return BlinkEvidence(replace(nothing, reason=reason))
