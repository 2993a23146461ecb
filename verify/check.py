"""The door: one file to a verdict.

What judges is loaded when a file comes, so that naming these costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lampoon.progress import Tell, silent

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from lampoon.consent.status import StatusList
    from lampoon.verify.blink.calibration import Calibration
    from lampoon.verify.evidence import ProvenanceEvidence
    from lampoon.verify.policy import Policy
    from lampoon.verify.sandbox import Limits
    from lampoon.verify.verdict import Verdict
    from lampoon.watermark.manifest.trust import TrustList
    from lampoon.watermark.registry import Registry


def check(
    path: Path,
    *,
    trust: TrustList,
    policy: Policy | None = None,
    shadow: Policy | None = None,
    sidecar: Path | None = None,
    limits: Limits | None = None,
    today: date | None = None,
    second_opinion: bool = False,
    source: Path | None = None,
    calibration: Calibration | None = None,
    registry: Registry | None = None,
    consents: StatusList | None = None,
    provenance_only: bool = False,
    tell: Tell = silent,
) -> Verdict:
    """Return the verdict on one file.

    The bytes are parsed in a limited child process only, so whatever they are there
    is a verdict: ``unreadable`` and ``malformed`` are findings, not exceptions. Of
    pictures, sound and documents the provenance alone is checked.
    ``today`` (UTC by default) decides whether a declared consent has run out.
    ``second_opinion`` asks an independent engine about the manifest as well.
    ``shadow`` is a policy on trial: what it would decide is written down beside the
    decision, and changes nothing. ``source`` is the clip that this one is said to be
    made from: their blinks are compared. ``calibration`` tells how unusual genuine
    clips of one's own look. ``registry`` tells whose clip an invisible mark names, so
    that a record that was stripped is found again. ``consents`` tells which consents
    still hold. With ``provenance_only`` nothing
    is decoded: no blinks, no label, no mark.

    Raises UnreadableError only where there is no file that could be opened, and
    MissingExtraError where a second engine is wanted and not installed.
    """
    from lampoon.verify.one_file import Asked, checked

    asked = Asked(
        trust=trust,
        policy=policy,
        shadow=shadow,
        sidecar=sidecar,
        limits=limits,
        today=today,
        second_opinion=second_opinion,
        source=source,
        calibration=calibration,
        registry=registry,
        consents=consents,
        provenance_only=provenance_only,
    )
    return checked(path, asked, tell)


def provenance_of(
    path: Path,
    *,
    trust: TrustList,
    sidecar: Path | None = None,
    today: date | None = None,
) -> ProvenanceEvidence:
    """Return what a file's manifest is worth, and look at nothing else.

    This is as fast as hashing the bytes, because it reads them here, by c2pa alone
    (memory-safe code, no decoder), and not in a limited child: for files of unknown
    origin beside other work, prefer ``check``. ``today`` is as in ``check``.

    Raises ProvenanceError where there is no file that could be read.
    """
    from datetime import UTC, datetime

    from lampoon.verify.provenance import judge_manifest
    from lampoon.watermark.manifest.read import read_manifest

    reading = read_manifest(path, trust=trust, sidecar=sidecar)
    return judge_manifest(reading, today or datetime.now(UTC).date())
