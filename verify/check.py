"""One file to a verdict."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import lampoon
from lampoon.progress import Tell, silent
from lampoon.verify.blink.human import Context
from lampoon.verify.blink.statistics import blink_statistics
from lampoon.verify.digest import Digest, digest_of, head_of
from lampoon.verify.evidence import (
    Agreement,
    AssetEvidence,
    BlinkEvidence,
    Finding,
    HardBinding,
    History,
    Integrity,
    LabelEvidence,
    LabelSeen,
    PictureEvidence,
    ProvenanceEvidence,
    SecondOpinion,
    Trust,
    WatermarkEvidence,
)
from lampoon.verify.kind import MediaKind, media_kind
from lampoon.verify.policy import Case, Policy, default_policy
from lampoon.verify.provenance import is_synthetic, judge_manifest
from lampoon.verify.sandbox import Limits, Observation, Request, observe
from lampoon.verify.second_opinion import compare, require_engine
from lampoon.verify.verdict import Verdict
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.trust import TrustList

TOOLS = ("c2pa-python", "av", "ai-edge-litert", "numpy", "opencv-python")
"""Libraries whose version can change a verdict."""

UNDECODED = "not measurable: the pictures cannot be decoded"
NOT_A_VIDEO = "not_a_video"
"""How the blink part begins for pictures, sound and documents."""

TELLING = frozenset(
    {
        Finding.CONTENT_ALTERED,
        Finding.MANIFEST_ALTERED,
        Finding.REVOKED,
        Finding.MALFORMED,
    }
)
"""Findings that stand even where the pictures cannot be decoded."""


def check(
    path: Path,
    *,
    trust: TrustList,
    policy: Policy | None = None,
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
        provenance = _provenance(observation, day, digest.names_manifest)
        failure = f"{UNDECODED} ({observation.pictures_failure})"
    else:
        provenance = _of_a_still(observation, day, digest.mentions_manifest)
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
        policy=(policy or default_policy()).decide(case),
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


def tool_versions() -> dict[str, str]:
    """Return the versions of what this verdict was made with."""
    found = {"lampoon": lampoon.__version__}
    for name in TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def trust_summary(trust: TrustList) -> dict[str, Any]:
    """Return which trust list was used: name, URIs, and a hash of its anchors."""
    anchors = "".join(f"{a.uri}\n{a.kind}\n{a.pem}\n" for a in trust.anchors)
    return {
        "name": trust.name,
        "uris": list(trust.signer_uris),
        "anchors": len(trust.anchors),
        "sha256": hashlib.sha256(anchors.encode()).hexdigest(),
    }


def _provenance(
    seen: Observation, today: date, names_manifest: bool
) -> ProvenanceEvidence:
    """Return the finding, with what the pictures add to it."""
    found = _manifest_evidence(seen, today)
    if seen.pictures is not None:
        return found
    is_sure = found.finding in TELLING
    if found.finding is Finding.MALFORMED:
        is_sure = names_manifest
    words = f"The pictures cannot be decoded: {seen.pictures_failure}."
    if is_sure:
        return replace(found, reasons=(*found.reasons, words))
    kept = found.reasons if found.manifest else ()
    return replace(found, finding=Finding.UNREADABLE, reasons=(words, *kept))


def _of_a_still(seen: Observation, today: date, mentions: bool) -> ProvenanceEvidence:
    """Return the finding of a file without moving pictures.

    What breaks off without a word of C2PA has no damaged record: it is unreadable.
    """
    found = _manifest_evidence(seen, today)
    if found.finding is not Finding.MALFORMED or mentions:
        return found
    words = "The file is broken: not even its outline can be read."
    return replace(found, finding=Finding.UNREADABLE, reasons=(words,))


def _manifest_evidence(seen: Observation, today: date) -> ProvenanceEvidence:
    """Return what the manifest is worth by itself."""
    if seen.manifest is None:
        return _unread(seen.manifest_failure)
    return judge_manifest(seen.manifest, today)


def _unread(failure: str) -> ProvenanceEvidence:
    """Return the evidence where the manifest reader itself did not come back."""
    return ProvenanceEvidence(
        finding=Finding.MALFORMED,
        reasons=(f"The provenance record could not be read: {failure}.",),
        integrity=Integrity.UNREADABLE,
        trust=Trust.ABSENT,
        hard_binding=HardBinding.ABSENT,
        history=History.NONE,
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
