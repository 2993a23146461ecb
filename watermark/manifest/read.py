"""Look into a file for its manifest, and never fetch anything it names."""

import io
import json
import mimetypes
from dataclasses import replace
from pathlib import Path
from typing import Any

import c2pa

from lampoon.errors import ProvenanceError
from lampoon.watermark.manifest.large_reads import LargeReads
from lampoon.watermark.manifest.parse import reading_of, thumbnail_uri
from lampoon.watermark.manifest.reading import ManifestReading, ReadingKind
from lampoon.watermark.manifest.trust import TrustList

MATROSKA_MAGIC = b"\x1a\x45\xdf\xa3"
"""MKV and WebM: C2PA has no place for a manifest in them (EBML, RFC 8794)."""

MOST_THUMBNAIL_BYTES = 4 * 2**20

REFUSALS: tuple[tuple[type[Exception], ReadingKind], ...] = (
    (c2pa.C2paError.ManifestNotFound, ReadingKind.ABSENT),
    (c2pa.C2paError.NotSupported, ReadingKind.UNSUPPORTED),
)


def read_manifest(
    path: Path, *, trust: TrustList, sidecar: Path | None = None
) -> ManifestReading:
    """Return what ``path`` declares and whether it holds.

    With ``sidecar`` (a ``.c2pa`` file) the manifest in it is judged against the
    file instead of an embedded one. Hostile bytes end as ``kind`` malformed, with
    the reason in ``detail``; nothing named in the file is fetched.

    Raises ProvenanceError when the operating system cannot give the bytes, or the
    trust list holds a certificate that the library cannot read.
    """
    try:
        data = None if sidecar is None else sidecar.read_bytes()
        with LargeReads(path) as file:
            if file.read(4) == MATROSKA_MAGIC and data is None:
                what = "Matroska and WebM carry no manifest"
                return ManifestReading(ReadingKind.UNSUPPORTED, detail=what)
            file.seek(0)
            return _read(file, _mime(path), trust, data)
    except OSError as error:
        where = error.filename or path
        reason = error.strerror or str(error)
        raise ProvenanceError(f"cannot be read: {reason}", where=where) from error


def quiet_context(trust: TrustList, **more: dict[str, Any]) -> c2pa.Context:
    """Return the library's settings for ``trust``, with the network shut.

    ``more`` adds sections, such as ``builder``. Raises ProvenanceError for
    certificates that the library cannot read.
    """
    try:
        return c2pa.Context.from_dict(trust.settings() | more)
    except c2pa.C2paError as error:
        raise ProvenanceError(
            f"the trust list is unusable: {error}",
            hint="each anchor is a PEM certificate",
        ) from error


def _read(
    file: LargeReads, mime: str, trust: TrustList, data: bytes | None
) -> ManifestReading:
    context = quiet_context(trust)
    try:
        with c2pa.Reader(mime, file, manifest_data=data, context=context) as reader:
            return _facts(reader, trust, beside=data is not None)
    except c2pa.C2paError as error:
        return _refusal(error)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        what = f"manifest store without sense: {type(error).__name__} {error}"
        return ManifestReading(ReadingKind.MALFORMED, detail=what)


def _facts(reader: c2pa.Reader, trust: TrustList, *, beside: bool) -> ManifestReading:
    report = json.loads(reader.json())
    reading = reading_of(
        report,
        kind=ReadingKind.SIDECAR if beside else ReadingKind.EMBEDDED,
        trust=trust,
        remote_url=reader.get_remote_url(),
    )
    return replace(reading, thumbnail=_thumbnail(reader, thumbnail_uri(report)))


def _thumbnail(reader: c2pa.Reader, uri: str | None) -> bytes:
    if uri is None:
        return b""
    stream = io.BytesIO()
    try:
        reader.resource_to_stream(uri, stream)
    except c2pa.C2paError:
        return b""  # a missing poster is no reason to refuse the rest
    picture = stream.getvalue()
    return picture if len(picture) <= MOST_THUMBNAIL_BYTES else b""


def _refusal(error: c2pa.C2paError) -> ManifestReading:
    detail = str(error)
    for refused, kind in REFUSALS:
        if isinstance(error, refused):
            return ManifestReading(kind, detail=detail)
    if detail.startswith("Remote"):
        # told by its text alone (c2pa-python 0.38); the URL is its last word
        url = detail.split()[-1] if "://" in detail else None
        return ManifestReading(ReadingKind.REMOTE, detail=detail, remote_url=url)
    return ManifestReading(ReadingKind.MALFORMED, detail=detail)


def _mime(path: Path) -> str:
    guess, _ = mimetypes.guess_type(path.name)
    return guess or "video/mp4"
