"""One file to a verdict."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from lampoon.progress import Tell, silent
from lampoon.verify.blink.human import Context
from lampoon.verify.blink.statistics import blink_statistics
from lampoon.verify.digest import Digest, digest_of, head_of
from lampoon.verify.evidence import (
    Agreement,
    AssetEvidence,
    BlinkEvidence,
    Finding,
    LabelEvidence,
    LabelSeen,
    PictureEvidence,
    ProvenanceEvidence,
    SecondOpinion,
    WatermarkEvidence,
)
from lampoon.verify.kind import MediaKind, media_kind
from lampoon.verify.made_with import tool_versions, trust_summary
from lampoon.verify.policy import Case, Outcome, Policy, default_policy
from lampoon.verify.provenance import is_synthetic, judge_manifest
from lampoon.verify.sandbox import Limits, Observation, Request, observe
from lampoon.verify.second_opinion import compare, require_engine
from lampoon.verify.verdict import Verdict
from lampoon.verify.worth import of_a_still, of_a_video, unread
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.trust import TrustList

UNDECODED = "not measurable: the pictures cannot be decoded"

NOT_A_VIDEO = "not_a_video"
"""How the blink part begins for pictures, sound and documents."""


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
    tell: Tell = silent,
) -> Verdict:
    """Return the verdict on one file.

    The bytes are parsed in a limited child process only, so whatever they are there
    is a verdict: ``unreadable`` and ``malformed`` are findings, not exceptions. Of
    pictures, sound and documents the provenance alone is checked.
    ``today`` (UTC by default) decides whether a declared consent has run out.
    ``second_opinion`` asks an independent engine about the manifest as well.
    ``shadow`` is a policy on trial: what it would decide is written down beside the
    decision, and changes nothing.

    Raises UnreadableError only where there is no file that could be opened, and
    MissingExtraError where a second engine is wanted and not installed.
    """
    if second_opinion:
        require_engine()
    kind = media_kind(head_of(path))
    if sidecar is not None:
        head_of(sidecar)
    request = Request(
        path.absolute(),
        trust,
        _absolute(sidecar),
        limits or Limits(),
        kind,
        second_opinion,
    )
    with ThreadPoolExecutor(1) as aside:
        hashing = aside.submit(digest_of, path)
        observation = observe(request, tell=tell)
        digest = hashing.result()
    day = today or datetime.now(UTC).date()
    pictures = observation.pictures
    if kind is MediaKind.VIDEO:
        provenance = of_a_video(observation, day, digest.names_manifest)
        failure = f"{UNDECODED} ({observation.pictures_failure})"
    else:
        provenance = of_a_still(observation, day, digest.mentions_manifest)
        failure = f"{NOT_A_VIDEO}: a {kind.value} has no blinks to measure"
    blink = pictures.blink if pictures else _no_blinks(failure)
    label = _label(provenance, pictures)
    opinion = _opinion(observation)
    case = Case(
        finding=provenance.finding,
        integrity=provenance.integrity,
        synthetic=is_synthetic(provenance.digital_source_type),
        consent=provenance.consent,
        label=label.seen,
        blink=blink.statistics.answer,
        second_opinion=opinion.agreement,
    )
    return Verdict(
        asset=_asset(path, digest, pictures),
        finding=provenance.finding,
        reasons=(*provenance.reasons, *_label_words(label), *_other_words(opinion)),
        provenance=provenance,
        watermark=WatermarkEvidence(),
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
    blink = _no_blinks(f"{UNDECODED} ({why})")
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


def _label(
    provenance: ProvenanceEvidence, pictures: PictureEvidence | None
) -> LabelEvidence:
    """Return what is declared and what was seen of the visible label."""
    parody = provenance.parody
    declared = (parody.visible_label or parody.label_text) if parody else ""
    seen = pictures.label_seen if pictures else LabelSeen.UNKNOWN
    return LabelEvidence(declared=declared or None, seen=seen)


def _label_words(label: LabelEvidence) -> tuple[str, ...]:
    """Return what a label that is missing from the pictures means."""
    if label.declared is None or label.seen is not LabelSeen.NOT_SEEN:
        return ()
    return (
        "The visible label that it declares was not found in the pictures: whoever "
        "shows the clip has to add one.",
    )


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


def _other_words(opinion: SecondOpinion) -> tuple[str, ...]:
    """Return in words that two engines do not agree."""
    apart = (Agreement.DISAGREES, Agreement.DIFFERS_ON_TRUST)
    if opinion.agreement not in apart or opinion.other is None:
        return ()
    return (
        f"A second, independent engine ({opinion.other.engine}) disagrees about the "
        f"provenance record: it says {opinion.theirs}, ours says {opinion.ours}.",
    )


def _no_blinks(reason: str) -> BlinkEvidence:
    """Return the blink evidence of a file without moving pictures to look at."""
    nothing = blink_statistics(
        (), measurable_seconds=0.0, on_screen_seconds=0.0, context=Context.UNKNOWN
    )
    return BlinkEvidence(replace(nothing, reason=reason))


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
