"""Rendered clips say that they are: a signed manifest, made as the clip is joined.

Only what ``render`` has just written is signed here; there is no way in for a file
that was there before.
"""

import hashlib
import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import cv2

from lampoon.datasets.performers.person import Person
from lampoon.datasets.performers.take import Take
from lampoon.errors import SigningError
from lampoon.media.frame import Frame
from lampoon.watermark.manifest.certificates import init_certificates
from lampoon.watermark.manifest.drawn import DrawnClip, file_digest
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.sign import sign_drawn
from lampoon.watermark.manifest.signer import FileSigner, Signer
from lampoon.watermark.manifest.trust import TrustList

TROUPE = "Rendered performers"
"""The name in certificates that are made where there are none."""


def recipe_sha256(person: Person, take: Take) -> str:
    """Return the hash of what a take is drawn from."""
    recipe = {"person": asdict(person), "take": asdict(take)}
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


def sign_take(
    person: Person,
    take: Take,
    joined: Path,
    poster: Frame,
    target: Path,
    signer: Signer,
) -> None:
    """Write the clip that was just joined to ``target``, signed as drawn.

    Raises SigningError where it cannot be signed.
    """
    fine, coded = cv2.imencode(".jpg", cv2.cvtColor(poster.rgb, cv2.COLOR_RGB2BGR))
    if not fine:
        raise SigningError("its first frame is no picture", where=target)
    drawn = DrawnClip(
        path=joined,
        sha256=file_digest(joined),
        title=f"Rendered performer {person.name}, {take.context}",
        made_at=datetime.now(UTC),
        recipe_sha256=recipe_sha256(person, take),
        poster_jpeg=coded.tobytes(),
    )
    sign_drawn(drawn, target, signer=signer)


def signed(clip: Path) -> bool:
    """Return whether a clip carries a manifest."""
    return read_manifest(clip, trust=TrustList()).found


def troupe_signer(folder: Path, passphrase: str | None = None) -> FileSigner:
    """Return the signer of a folder of certificates, made where there is none."""
    if not folder.exists():
        os.makedirs(folder.parent, exist_ok=True)
        init_certificates(folder, name=TROUPE, passphrase=passphrase)
    return FileSigner(folder, passphrase)
