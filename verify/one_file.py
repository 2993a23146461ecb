"""One file to a verdict."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

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
from lampoon.verify.follow import follow_mark
from lampoon.verify.kind import NOT_A_VIDEO, NOT_ASKED, MediaKind, media_kind
from lampoon.verify.made_with import tool_versions, trust_summary
from lampoon.verify.mark_evidence import WatermarkEvidence
from lampoon.verify.policy import Case, Outcome, Policy, default_policy
from lampoon.verify.provenance import is_synthetic
from lampoon.verify.sandbox import Limits, Observation, Request, observe
from lampoon.verify.second_opinion import compare, require_engine
from lampoon.verify.verdict import Verdict
from lampoon.verify.words import blink_words, label_words, other_words
from lampoon.verify.worth import of_a_still, of_a_video, unread

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from lampoon.consent.status import StatusList
    from lampoon.progress import Tell
    from lampoon.verify.blink.calibration import Calibration
    from lampoon.watermark.manifest.trust import TrustList
    from lampoon.watermark.registry import Registry

UNDECODED = "not measurable: the pictures cannot be decoded"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a file, as ``check`` explains it."""

    trust: TrustList
    policy: Policy | None = None
    shadow: Policy | None = None
    sidecar: Path | None = None
    limits: Limits | None = None
    today: date | None = None
    second_opinion: bool = False
    source: Path | None = None
    calibration: Calibration | None = None
    registry: Registry | None = None
    consents: StatusList | None = None
    provenance_only: bool = False


def checked(path: Path, asked: Asked, tell: Tell) -> Verdict:
    """Return the verdict on one file; see ``lampoon.verify.check.check``."""
    request = _request(path, asked)
    digest, observation = _read(path, request, tell)
    pictures = observation.pictures
    day = asked.today or datetime.now(UTC).date()
    found = _provenance(observation, digest, request, day)
    marked = follow_mark(found, observation, request, asked.registry, day)
    provenance = marked.provenance
    if asked.consents is not None:
        from lampoon.verify.consent_state import with_status

        provenance = with_status(provenance, asked.consents, day)
    blink = _blink(observation, request)
    if asked.source is not None:
        blink = beside_source(blink, pictures, asked.source, request.limits)
    if asked.calibration is not None:
        blink = with_calibration(blink, asked.calibration)
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
        policy=_decided(case, asked.policy or default_policy(), asked.shadow),
        tools=tool_versions(),
        trust_list=trust_summary(asked.trust),
        second_opinion=opinion,
        poster=pictures.poster if pictures else None,
    )


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


def _request(path: Path, asked: Asked) -> Request:
    """Return what the child is asked; every file that is named has to be there."""
    if asked.second_opinion:
        require_engine()
    kind = media_kind(head_of(path))
    for beside in (asked.sidecar, asked.source):
        if beside is not None:
            head_of(beside)
    return Request(
        path.absolute(),
        asked.trust,
        None if asked.sidecar is None else asked.sidecar.absolute(),
        asked.limits or Limits(),
        kind,
        asked.second_opinion,
        pictures=not asked.provenance_only,
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
