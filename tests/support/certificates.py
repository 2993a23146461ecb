"""Keys, small clips and signed parodies for tests; every key is made on the spot."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import c2pa
import cv2
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from lampoon.watermark.manifest.build import (
    CREATED,
    ConsentReference,
    ParodyClaim,
    manifest_definition,
    manifest_urn,
)
from lampoon.watermark.manifest.certificates import MintedChain, mint_chain
from lampoon.watermark.manifest.sign import Ingredient, Relationship, sign_clip
from lampoon.watermark.manifest.signer import Algorithm, Signer
from lampoon.watermark.manifest.trust import TrustList

URN = manifest_urn(UUID("11111111-2222-4333-8444-555555555555"))

LABEL = {
    "present": True,
    "preset": "eu-full",
    "position": "top-right",
    "text": "AI MODIFIED - PARODY",
}


@dataclass(frozen=True)
class MemorySigner:
    """A signer whose key never touches a disk."""

    minted: MintedChain

    @property
    def chain_pem(self) -> bytes:
        return self.minted.chain_pem

    @property
    def alg(self) -> Algorithm:
        return Algorithm.ES256

    @property
    def trust(self) -> TrustList:
        return TrustList.of_pem(self.minted.root_pem)

    def sign(self, data: bytes) -> bytes:
        return self.minted.key.sign(data, ec.ECDSA(hashes.SHA256()))


@cache
def troupe() -> MemorySigner:
    """The signer most tests trust."""
    return MemorySigner(mint_chain("Test Troupe", now=datetime.now(UTC)))


@cache
def stranger() -> MemorySigner:
    """A signer nobody trusts."""
    return MemorySigner(mint_chain("A Stranger", now=datetime.now(UTC)))


@cache
def late_signer() -> MemorySigner:
    """A signer whose certificate ended a year ago."""
    past = datetime.now(UTC) - timedelta(days=730)
    return MemorySigner(mint_chain("Late Troupe", now=past, days=365))


def sign_late(source: Path, target: Path) -> TrustList:
    """Write a clip whose signer's certificate has ended since; return its root.

    The library refuses to sign with an ended certificate, so a current one is
    exchanged for an ended one of the same key and size, in what is signed and in
    the file.
    """
    current, ended = _twins()
    exchange = [
        (_der(current.leaf_pem), _der(ended.leaf_pem)),
        (_der(current.issuer_pem), _der(ended.issuer_pem)),
    ]

    class BackDated(MemorySigner):
        def sign(self, data: bytes) -> bytes:
            return super().sign(_exchanged(data, exchange))

    sign_raw(source, target, signer=BackDated(current))
    target.write_bytes(_exchanged(target.read_bytes(), exchange))
    return TrustList.of_pem(ended.root_pem)


def _twins() -> tuple[MintedChain, MintedChain]:
    now = datetime.now(UTC)
    current = mint_chain("Late Troupe", now=now)
    while True:  # the length of an ECDSA signature varies by a byte or two
        ended = mint_chain(
            "Late Troupe", now=now - timedelta(days=730), days=365, key=current.key
        )
        if _sizes(ended) == _sizes(current):
            return current, ended


def _sizes(minted: MintedChain) -> list[int]:
    return [len(_der(pem)) for pem in (minted.leaf_pem, minted.issuer_pem)]


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def _exchanged(data: bytes, pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    for old, new in pairs:
        assert data.count(old) == 1
        data = data.replace(old, new)
    return data


def plain_clip(path: Path, *, frames: int = 25, grey: int = 60) -> Path:
    """Write a small moving picture without a manifest; return its path."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for index in range(frames):
            picture = np.full((120, 160, 3), grey + index, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def poster() -> bytes:
    """A JPEG for the manifest's thumbnail."""
    return bytes(cv2.imencode(".jpg", np.zeros((90, 160, 3), np.uint8))[1])


def parody_claim(**changes: Any) -> ParodyClaim:
    """A claim with both consents, as the pipeline would make it."""
    consents = tuple(
        ConsentReference(role, digest * 32, "2027-11-22", ("parody",))
        for role, digest in (("face_donor", "ab"), ("driving_performer", "cd"))
    )
    given: dict[str, Any] = {
        "title": "Parody: press conference",
        "made_at": datetime(2026, 11, 22, 18, tzinfo=UTC),
        "consents": consents,
        "label": LABEL,
        "swap": "face of a consenting performer replaced",
        "method": "autoencoder",
        "spans": ((Fraction(0), Fraction(1)),),
        "model_name": "sketch",
        "model_sha256": "ef" * 32,
    }
    return ParodyClaim(**(given | changes))


def parody_ingredients(footage: Path) -> tuple[Ingredient, ...]:
    """The three things every trained parody is made from."""
    return (
        Ingredient(footage, Relationship.PARENT, "target", "performer footage"),
        Ingredient(None, Relationship.COMPONENT, "donor", "donor footage"),
        Ingredient(None, Relationship.INPUT, "model", "sketch"),
    )


def signed_parody(
    folder: Path,
    *,
    signer: Signer | None = None,
    footage: Path | None = None,
    urn: str = "",
) -> Path:
    """Write a signed parody into ``folder`` and return its path."""
    urn = urn or manifest_urn(uuid4())
    source = plain_clip(folder / "plain.mp4")
    target = folder / "parody.mp4"
    sign_clip(
        source,
        target,
        definition=manifest_definition(parody_claim(), urn),
        ingredients=parody_ingredients(footage or source),
        poster_jpeg=poster(),
        signer=signer or troupe(),
    )
    return target


def sign_raw(
    source: Path,
    target: Path,
    *,
    signer: MemorySigner,
    definition: Mapping[str, Any] | None = None,
    ingredients: Sequence[tuple[Mapping[str, Any], Path | None]] = (),
    remote_url: str = "",
    embed: bool = True,
) -> bytes:
    """Sign with the library alone, whatever it says: how forgeries are made.

    Returns the manifest store's bytes.
    """
    settings = signer.trust.settings()
    settings["builder"] = {"created_assertion_labels": list(CREATED)}
    settings["verify"]["verify_after_sign"] = False
    builder = c2pa.Builder(
        dict(definition or camera_definition()), c2pa.Context.from_dict(settings)
    )
    for described, path in ingredients:
        stream = io.BytesIO(path.read_bytes() if path else b"")
        mime = "video/mp4" if path else "application/octet-stream"
        builder.add_ingredient(dict(described), mime, stream)
    if not embed:
        builder.set_no_embed()
    if remote_url:
        builder.set_remote_url(remote_url)
    native = c2pa.Signer.from_callback(
        signer.sign, c2pa.C2paSigningAlg.ES256, signer.chain_pem.decode()
    )
    with source.open("rb") as plain, target.open("w+b") as signed:
        store = builder.sign(native, "video/mp4", plain, signed)
    return bytes(store)


def camera_definition() -> dict[str, Any]:
    """What a camera would say: no parody, digitalCapture."""
    capture = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    created = {"action": "c2pa.created", "digitalSourceType": capture}
    return {
        "claim_version": 2,
        "claim_generator_info": [{"name": "Some camera", "version": "1"}],
        "title": "A walk in the park",
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}],
    }
