"""Sign a clip: beside the target, verified, then renamed; or nothing at all.

The library would leave an empty or invalid file behind on failure, and would
truncate a source that is signed in place. So it only ever writes to a fresh file of
ours, which becomes the target after our own reader found it whole.
"""

import io
import mimetypes
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from uuid import uuid4

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lampoon.errors import LampoonError, SigningError
from lampoon.watermark.manifest.build import (
    CREATED,
    METADATA,
    POSTER,
    TRAINING,
    manifest_urn,
)
from lampoon.watermark.manifest.drawn import DrawnClip, drawn_definition, file_digest
from lampoon.watermark.manifest.read import quiet_context, read_manifest
from lampoon.watermark.manifest.reading import (
    CONSENT,
    PARODY,
    UNKNOWN_SIGNER,
    ManifestReading,
)
from lampoon.watermark.manifest.signer import Algorithm, Signer
from lampoon.watermark.manifest.trust import TrustList, join

LIBRARY_ALGORITHMS = {
    Algorithm.ES256: c2pa.C2paSigningAlg.ES256,
    Algorithm.ES384: c2pa.C2paSigningAlg.ES384,
    Algorithm.PS256: c2pa.C2paSigningAlg.PS256,
    Algorithm.ED25519: c2pa.C2paSigningAlg.ED25519,
}

NO_MEDIA = "application/octet-stream"


class Relationship(StrEnum):
    """What an ingredient is to the clip (C2PA 2.2, 18.16)."""

    PARENT = "parentOf"
    COMPONENT = "componentOf"
    INPUT = "inputTo"


@dataclass(frozen=True, slots=True)
class Ingredient:
    """Something the clip was made from; ``label`` is the name that actions use.

    Only what the file at ``path`` says of itself is taken along, never its pictures;
    None for what has no file to read, such as a trained model. The title is
    readable by everyone: no performer's name belongs there.
    """

    path: Path | None
    relationship: Relationship
    label: str
    title: str


def sign_clip(
    source: Path,
    target: Path,
    *,
    definition: Mapping[str, Any],
    ingredients: Sequence[Ingredient],
    poster_jpeg: bytes,
    signer: Signer,
    trust: TrustList | None = None,
) -> str:
    """Write ``source`` with its signed manifest to ``target``; return the urn.

    ``poster_jpeg`` is a *labelled* frame: it is what viewers show. ``trust`` says
    whose footage is recorded as trusted in the history, besides the signer's own.
    A broken history of the footage is recorded as such, not hidden.

    Raises SigningError when anything fails; then ``target`` is as it was, and no
    other file is left. Raises ValueError for a poster that is no JPEG.
    """
    offer = _Offer(definition, ingredients, poster_jpeg, (PARODY, CONSENT))
    return _sign_into(source, target, offer, signer, trust)


def sign_drawn(drawn: DrawnClip, target: Path, *, signer: Signer) -> str:
    """Write a drawn clip with its signed manifest to ``target``; return the urn.

    For pictures that a renderer made of nothing, and only for them: it takes the
    renderer's own record of what it has just written, never a path. The manifest
    says that nobody was filmed; a swap has two consents and a label to declare, and
    goes through ``sign_clip``.

    Raises SigningError where the clip is not what was drawn, already says something
    of itself, or cannot be signed; then ``target`` is as it was.
    """
    if file_digest(drawn.path) != drawn.sha256:
        raise SigningError("the clip is not what was drawn", where=drawn.path)
    if read_manifest(drawn.path, trust=_own_trust(signer)).found:
        raise SigningError(
            "a drawn clip has no history, this one brings a manifest",
            where=drawn.path,
        )
    definition = drawn_definition(drawn, manifest_urn(uuid4()))
    offer = _Offer(definition, (), drawn.poster_jpeg, (TRAINING, METADATA))
    return _sign_into(drawn.path, target, offer, signer, None)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a manifest is to hold; ``insist``: what must be the signer's own words."""

    definition: Mapping[str, Any]
    ingredients: Sequence[Ingredient]
    poster_jpeg: bytes
    insist: tuple[str, ...]


def _sign_into(
    source: Path,
    target: Path,
    offer: _Offer,
    signer: Signer,
    trust: TrustList | None,
) -> str:
    if not offer.poster_jpeg.startswith(b"\xff\xd8"):
        raise ValueError("the poster is a JPEG picture")
    if not source.is_file():
        raise SigningError("no such clip", where=source)
    if target.exists() and target.samefile(source):
        raise SigningError(
            "a clip cannot be signed onto itself",
            where=source,
            hint="name another file for the signed clip",
        )
    own = _own_trust(signer)
    known = own if trust is None else join([own, trust])
    urn = str(offer.definition["label"])
    with _beside(target) as partial:
        with _builder(offer, known) as builder:
            _sign(builder, source, partial, signer)
        _insist(read_manifest(partial, trust=own), urn, offer.insist, target)
        os.replace(partial, target)
    return urn


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a new empty file beside ``target``; remove it unless it was renamed."""
    partial = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
        yield partial
    except OSError as error:
        reason = error.strerror or str(error)
        raise SigningError(f"cannot be written: {reason}", where=target) from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _builder(offer: _Offer, trust: TrustList) -> Iterator[c2pa.Builder]:
    settings = {
        "created_assertion_labels": list(CREATED),
        # no automatic picture of a performer in anybody's history
        "thumbnail": {"enabled": False},
    }
    context = quiet_context(trust, builder=settings)
    try:
        with c2pa.Builder(dict(offer.definition), context) as builder:
            for ingredient in offer.ingredients:
                _add(builder, ingredient)
            builder.add_resource(POSTER, io.BytesIO(offer.poster_jpeg))
            yield builder
    except c2pa.C2paError as error:
        raise SigningError(f"the manifest cannot be built: {error}") from error


def _add(builder: c2pa.Builder, ingredient: Ingredient) -> None:
    described = {
        "title": ingredient.title,
        "relationship": str(ingredient.relationship),
        "label": ingredient.label,
    }
    if ingredient.path is not None:
        mime = mimetypes.guess_type(ingredient.path.name)[0] or NO_MEDIA
        with _opened(ingredient.path) as file:
            try:
                builder.add_ingredient(described, mime, file)
                return
            except c2pa.C2paError:
                # a container without manifests, or one that cannot be read
                note = "What this file says of itself could not be read."
                described["description"] = note
    builder.add_ingredient(described, NO_MEDIA, io.BytesIO())


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise SigningError(f"cannot be read: {error.strerror}", where=path) from error
    with file:
        yield file


def _sign(builder: c2pa.Builder, source: Path, partial: Path, signer: Signer) -> None:
    failures: list[Exception] = []

    def call(data: bytes) -> bytes:
        # the library swallows what goes wrong in here, so keep it
        try:
            return signer.sign(data)
        except Exception as error:
            failures.append(error)
            raise

    try:
        native = c2pa.Signer.from_callback(
            call, LIBRARY_ALGORITHMS[signer.alg], signer.chain_pem.decode()
        )
        with native, source.open("rb") as plain, partial.open("w+b") as signed:
            builder.sign(native, "video/mp4", plain, signed)
            signed.flush()
            os.fsync(signed.fileno())
    except (c2pa.C2paError, UnicodeDecodeError) as error:
        _explain(failures, error, source)


def _explain(failures: list[Exception], error: Exception, source: Path) -> NoReturn:
    if failures and isinstance(failures[0], LampoonError):
        raise failures[0] from error
    cause = failures[0] if failures else error
    raise SigningError(
        f"not signed: {type(cause).__name__}: {cause}",
        where=source,
        hint="nothing was written",
    ) from cause


def _own_trust(signer: Signer) -> TrustList:
    """Return a list that trusts exactly this signer's own authorities."""
    try:
        chain = x509.load_pem_x509_certificates(signer.chain_pem)
    except ValueError as error:
        raise SigningError("the signer's certificate chain is unusable") from error
    above = chain[1:] or chain
    pem = b"".join(each.public_bytes(Encoding.PEM) for each in above)
    return TrustList.of_pem(pem)


def _insist(
    reading: ManifestReading, urn: str, labels: tuple[str, ...], target: Path
) -> None:
    """Raise SigningError unless the file reads as what was to be said."""
    wrong = sorted(set(reading.failures) - {UNKNOWN_SIGNER})
    if not reading.found:
        wrong.append(reading.detail)
    elif reading.urn != urn:
        wrong.append(f"the active manifest is {reading.urn}")
    for label in labels:
        said = reading.active and reading.active.assertion(label)
        if not (said and said.created):
            wrong.append(f"{label} is not the signer's own")
    if wrong:
        raise SigningError(
            f"the signed clip does not verify: {', '.join(wrong)}",
            where=target,
            hint="nothing was written",
        )
