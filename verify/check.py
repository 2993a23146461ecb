"""One file to a verdict."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

import lampoon
from lampoon.errors import UnreadableError
from lampoon.progress import Tell, silent
from lampoon.verify.blink.human import Context
from lampoon.verify.blink.statistics import blink_statistics
from lampoon.verify.evidence import (
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
    Trust,
    WatermarkEvidence,
)
from lampoon.verify.policy import Case, Policy, default_policy
from lampoon.verify.provenance import is_synthetic, judge_manifest
from lampoon.verify.sandbox import Limits, Observation, Request, observe
from lampoon.verify.verdict import Verdict
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.trust import TrustList

TOOLS = ("c2pa-python", "av", "ai-edge-litert", "numpy", "opencv-python")
"""Libraries whose version can change a verdict."""

BLOCK_BYTES = 1 << 20

C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The identity of the box that holds a manifest in an MP4 (C2PA 2.2, A.5.1)."""

TELLING = frozenset(
    {
        Finding.CONTENT_ALTERED,
        Finding.MANIFEST_ALTERED,
        Finding.REVOKED,
        Finding.MALFORMED,
    }
)
"""Findings that stand even where the pictures cannot be decoded."""


@dataclass(frozen=True, slots=True)
class _Digest:
    """What reading the bytes once gives."""

    sha256: str
    size: int
    names_manifest: bool


def check(
    path: Path,
    *,
    trust: TrustList,
    policy: Policy | None = None,
    sidecar: Path | None = None,
    limits: Limits | None = None,
    today: date | None = None,
    tell: Tell = silent,
) -> Verdict:
    """Return the verdict on one file.

    The bytes are parsed in a limited child process only, so whatever they are there
    is a verdict: ``unreadable`` and ``malformed`` are findings, not exceptions.
    ``today`` (UTC by default) decides whether a declared consent has run out.

    Raises UnreadableError only where there is no file that could be opened.
    """
    _openable(path)
    if sidecar is not None:
        _openable(sidecar)
    request = Request(path.absolute(), trust, _absolute(sidecar), limits or Limits())
    with ThreadPoolExecutor(1) as aside:
        hashing = aside.submit(_digest, path)
        observation = observe(request, tell=tell)
        digest = hashing.result()
    provenance = _provenance(
        observation, today or datetime.now(UTC).date(), digest.names_manifest
    )
    pictures = observation.pictures
    blink = pictures.blink if pictures else _no_blinks(observation.pictures_failure)
    label = _label(provenance, pictures)
    case = Case(
        finding=provenance.finding,
        integrity=provenance.integrity,
        synthetic=is_synthetic(provenance.digital_source_type),
        consent=provenance.consent,
        label=label.seen,
        blink=blink.statistics.answer,
    )
    return Verdict(
        asset=_asset(path, digest, pictures),
        finding=provenance.finding,
        reasons=(*provenance.reasons, *_label_words(label)),
        provenance=provenance,
        watermark=WatermarkEvidence(),
        consent=provenance.consent,
        label=label,
        blink=blink,
        policy=(policy or default_policy()).decide(case),
        tools=tool_versions(),
        trust_list=trust_summary(trust),
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


def _digest(path: Path) -> _Digest:
    """Return hash and size of a file, and whether it names a C2PA box early on."""
    hasher, size, names = hashlib.sha256(), 0, False
    with _opened(path) as file:
        while block := file.read(BLOCK_BYTES):
            if size == 0:
                names = C2PA_BOX in block
            hasher.update(block)
            size += len(block)
    return _Digest(hasher.hexdigest(), size, names)


def _openable(path: Path) -> None:
    """Refuse a path that is no file, or none that we may read."""
    with _opened(path):
        pass


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Give a file open for reading; raise UnreadableError where that is impossible."""
    if path.exists() and not path.is_file():
        raise UnreadableError("is not a file", where=path)
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise UnreadableError(
            f"cannot be read: {error.strerror or error}",
            where=path,
            hint="name a video file that exists and that you may read",
        ) from error


def _provenance(
    seen: Observation, today: date, names_manifest: bool
) -> ProvenanceEvidence:
    """Return the finding, with what the pictures add to it."""
    if seen.manifest is None:
        found = _unread(seen.manifest_failure)
    else:
        found = judge_manifest(seen.manifest, today)
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


def _no_blinks(failure: str) -> BlinkEvidence:
    """Return the blink evidence of a file whose pictures cannot be decoded."""
    return BlinkEvidence(
        blink_statistics(
            (),
            measurable_seconds=0.0,
            on_screen_seconds=0.0,
            context=Context.UNKNOWN,
            reason_lost=f"the pictures cannot be decoded ({failure})",
        )
    )


def _asset(
    path: Path, digest: _Digest, pictures: PictureEvidence | None
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
