"""One file to a verdict."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from lampoon.progress import Tell, silent
from lampoon.verify.blink.compared import beside_source, no_blinks, with_calibration
from lampoon.verify.digest import Digest, digest_of, head_of
from lampoon.verify.evidence import (
    AssetEvidence,
    BlinkEvidence,
    Finding,
    LabelEvidence,
    LabelSeen,
    PictureEvidence,
    ProvenanceEvidence,
    SecondOpinion,
)
from lampoon.verify.kind import NOT_A_VIDEO, NOT_ASKED, MediaKind, media_kind
from lampoon.verify.made_with import tool_versions, trust_summary
from lampoon.verify.mark_evidence import WatermarkEvidence
from lampoon.verify.policy import Case, Outcome, Policy, default_policy
from lampoon.verify.provenance import is_synthetic, judge_manifest
from lampoon.verify.sandbox import Limits, Observation, Request, observe
from lampoon.verify.second_opinion import compare, require_engine
from lampoon.verify.verdict import Verdict
from lampoon.verify.words import blink_words, label_words, other_words
from lampoon.verify.worth import of_a_still, of_a_video, unread
from lampoon.watermark.manifest.read import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from lampoon.consent.status import StatusList
    from lampoon.verify.blink.calibration import Calibration
    from lampoon.verify.recovery import Marked
    from lampoon.watermark.manifest.trust import TrustList
    from lampoon.watermark.registry import Registry

UNDECODED = "not measurable: the pictures cannot be decoded"


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
    if second_opinion:
        require_engine()
    kind = media_kind(head_of(path))
    if sidecar is not None:
        head_of(sidecar)
    if source is not None:
        head_of(source)
    request = Request(
        path.absolute(),
        trust,
        _absolute(sidecar),
        limits or Limits(),
        kind,
        second_opinion,
        pictures=not provenance_only,
    )
    digest, observation = _read(path, request, tell)
    pictures = observation.pictures
    day = today or datetime.now(UTC).date()
    found = _provenance(observation, digest, request, day)
    marked = _followed(found, observation, request, registry, day)
    provenance = marked.provenance
    if consents is not None:
        from lampoon.verify.consent_state import with_status

        provenance = with_status(provenance, consents, day)
    blink = _blink(observation, request)
    if source is not None:
        blink = beside_source(blink, pictures, source, request.limits)
    if calibration is not None:
        blink = with_calibration(blink, calibration)
    label = _label(provenance, pictures, marked.label)
    opinion = _opinion(observation)
    case = _case(provenance, label, blink, opinion)
    return Verdict(
        asset=_asset(path, digest, pictures),
        finding=provenance.finding,
        reasons=(
            *provenance.reasons,
            *marked.reasons,
            *label_words(label),
            *other_words(opinion),
            *blink_words(blink),
        ),
        provenance=provenance,
        watermark=marked.mark,
        consent=provenance.consent,
        label=label,
        blink=blink,
        policy=_decided(case, policy or default_policy(), shadow),
        tools=tool_versions(),
        trust_list=trust_summary(trust),
        second_opinion=opinion,
        poster=pictures.poster if pictures else None,
    )


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
    reading = read_manifest(path, trust=trust, sidecar=sidecar)
    return judge_manifest(reading, today or datetime.now(UTC).date())


def unjudged(
    path: Path, why: str, *, trust: TrustList, policy: Policy | None = None
) -> Verdict:
    """Return the verdict on a path whose bytes could not even be had: unreadable."""
    nothing = replace(unread(why), finding=Finding.UNREADABLE, reasons=(why,), codes=())
    blink = no_blinks(f"{UNDECODED} ({why})")
    case = Case(
        finding=Finding.UNREADABLE,
        integrity=nothing.integrity,
        synthetic=False,
        consent=nothing.consent,
        label=LabelSeen.UNKNOWN,
        blink=blink.statistics.answer,
    )
    return Verdict(
        asset=AssetEvidence(str(path), "", 0),
        finding=Finding.UNREADABLE,
        reasons=nothing.reasons,
        provenance=nothing,
        watermark=WatermarkEvidence(),
        consent=nothing.consent,
        label=LabelEvidence(),
        blink=blink,
        policy=(policy or default_policy()).decide(case),
        tools=tool_versions(),
        trust_list=trust_summary(trust),
    )


def _read(path: Path, request: Request, tell: Tell) -> tuple[Digest, Observation]:
    """Return the bytes' digest and what the child saw, both read at once."""
    with ThreadPoolExecutor(1) as aside:
        hashing = aside.submit(digest_of, path)
        observation = observe(request, tell=tell)
        return hashing.result(), observation


def _provenance(
    seen: Observation, digest: Digest, request: Request, day: date
) -> ProvenanceEvidence:
    """Return what the manifest is worth in a file of this kind."""
    if request.kind is not MediaKind.VIDEO:
        return of_a_still(seen, day, digest.mentions_manifest)
    if request.pictures:
        return of_a_video(seen, day, digest.names_manifest)
    return of_a_still(seen, day, digest.names_manifest)


def _followed(
    found: ProvenanceEvidence,
    seen: Observation,
    request: Request,
    registry: Registry | None,
    day: date,
) -> Marked:
    """Return the finding with what the invisible mark adds to it."""
    # loads what compares pictures, which the limited child does without
    from lampoon.verify.follow import follow_mark

    return follow_mark(found, seen, request, registry, day)


def _blink(seen: Observation, request: Request) -> BlinkEvidence:
    """Return the blinks that were seen, or why there are none to see."""
    if seen.pictures is not None:
        return seen.pictures.blink
    if request.kind is not MediaKind.VIDEO:
        kind = request.kind.value
        return no_blinks(f"{NOT_A_VIDEO}: a {kind} has no blinks to measure")
    if not request.pictures:
        return no_blinks(f"{NOT_ASKED}: only the provenance was looked at")
    return no_blinks(f"{UNDECODED} ({seen.pictures_failure})")


def _case(
    provenance: ProvenanceEvidence,
    label: LabelEvidence,
    blink: BlinkEvidence,
    opinion: SecondOpinion,
) -> Case:
    """Return what a policy looks at."""
    return Case(
        finding=provenance.finding,
        integrity=provenance.integrity,
        synthetic=is_synthetic(provenance.digital_source_type),
        consent=provenance.consent,
        label=label.seen,
        blink=blink.statistics.answer,
        second_opinion=opinion.agreement,
        repetition=blink.repetition.state,
    )


def _label(
    provenance: ProvenanceEvidence,
    pictures: PictureEvidence | None,
    recovered: LabelSeen,
) -> LabelEvidence:
    """Return what is declared and what was seen of the visible label."""
    parody = provenance.parody
    declared = (parody.visible_label or parody.label_text) if parody else ""
    seen = pictures.label_seen if pictures else LabelSeen.UNKNOWN
    seen = recovered if seen is LabelSeen.UNKNOWN else seen
    return LabelEvidence(declared=declared or None, seen=seen)


def _decided(case: Case, policy: Policy, shadow: Policy | None) -> Outcome:
    """Return the decision, with that of a policy on trial beside it."""
    outcome = policy.decide(case)
    if shadow is None:
        return outcome
    return replace(outcome, shadow=shadow.decide(case))


def _opinion(seen: Observation) -> SecondOpinion:
    """Return what the second engine adds, if it was asked."""
    if seen.other is None:
        return SecondOpinion()
    return compare(seen.manifest, seen.other)


def _asset(
    path: Path, digest: Digest, pictures: PictureEvidence | None
) -> AssetEvidence:
    """Return the file's facts; the path as it was given."""
    return AssetEvidence(
        path=str(path),
        sha256=digest.sha256,
        bytes=digest.size,
        seconds=round(pictures.seconds, 6) if pictures else None,
        width=pictures.width if pictures else None,
        height=pictures.height if pictures else None,
        rate=pictures.rate if pictures else None,
    )


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()
