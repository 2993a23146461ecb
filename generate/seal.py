"""What a clip says of itself, where it comes from, and the signature under both."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import uuid4

import lampoon
from lampoon.consent.check import ConsentGrant, GrantedRole
from lampoon.consent.store import file_sha256
from lampoon.generate.impression import fingerprint_of, poster_of
from lampoon.media.reader import probe
from lampoon.watermark.invisible.binding import lookup_key, soft_bindings
from lampoon.watermark.label.draw import ParodyLabel
from lampoon.watermark.label.presets import LabelPreset
from lampoon.watermark.manifest.build import (
    DONOR,
    MODEL,
    TARGET,
    ConsentReference,
    ParodyClaim,
    manifest_definition,
    manifest_urn,
)
from lampoon.watermark.manifest.sign import Ingredient, Relationship, sign_clip
from lampoon.watermark.manifest.signer import Signer
from lampoon.watermark.manifest.store import manifest_store
from lampoon.watermark.registry import Entry, Registry

Spans = tuple[tuple[Fraction, Fraction], ...]
"""Stretches of a clip, from and to, in seconds from its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What the clip says of itself besides the consents.

    ``swap`` is one sentence for people. ``spans`` are the swapped stretches in
    seconds from the clip's start. The model's name and SHA-256 are "" where none
    was trained; ``faces`` is what saw the faces, "" for the usual networks.
    """

    title: str
    label: LabelPreset
    swap: str
    spans: Spans
    model_name: str = ""
    model_sha256: str = ""
    faces: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a clip is made from, by whose leave, and where the work in progress lies.

    ``plate`` is the performer's footage: its sound is copied and it is named as the
    parent in the clip's history. ``still_granted`` is called just before anything is
    signed and raises where consent has ended. In ``registry`` the clip's mark leads
    to its manifest. ``foreground`` is the SHA-256 of what lies
    over the swap, if anything.
    """

    plate: Path
    donor: Path
    grant: ConsentGrant
    still_granted: Callable[[], None]
    work: Path
    registry: Registry
    foreground: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs what one job makes: its stretches and the whole."""

    origin: Origin
    disclosure: Disclosure
    signer: Signer
    label: ParodyLabel

    def stretch(self, plain: Path, target: Path) -> None:
        """Sign a labelled stretch into ``target``, under a name of its own."""
        self._put(plain, target, manifest_urn(uuid4()), ())

    def whole(self, plain: Path, target: Path, urn: str) -> Entry:
        """Sign the whole clip into ``target``; return what the registry keeps."""
        key, fingerprint = lookup_key(urn), fingerprint_of(plain)
        milliseconds = round(probe(plain).seconds * 1000)
        self._put(plain, target, urn, soft_bindings(key, fingerprint, milliseconds))
        return Entry(key, urn, manifest_store(target), fingerprint)

    def _put(
        self,
        plain: Path,
        target: Path,
        urn: str,
        bindings: Sequence[Mapping[str, Any]],
    ) -> None:
        self.origin.still_granted()
        claim = _claim(self.origin.grant, self.disclosure, self.label)
        sign_clip(
            plain,
            target,
            definition=manifest_definition(claim, urn, bindings=bindings),
            ingredients=_ingredients(self.origin, self.disclosure),
            poster_jpeg=poster_of(plain),
            signer=self.signer,
        )

    def work_name(self) -> str:
        """Return a folder name that changes with everything the pixels depend on."""
        grant, said = self.origin.grant, self.disclosure
        depends = {
            "lampoon": lampoon.__version__,
            "plate": file_sha256(self.origin.plate),
            "donor": file_sha256(self.origin.donor),
            "method": grant.method.value,
            "model": said.model_sha256,
            "faces": said.faces,
            "title": said.title,
            "label": self.label.describe(),
            "foreground": self.origin.foreground,
            "records": [grant.performer.record_sha256, grant.donor.record_sha256],
        }
        text = json.dumps(depends, sort_keys=True, default=str)
        return f"segments-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _claim(
    grant: ConsentGrant, disclosure: Disclosure, label: ParodyLabel
) -> ParodyClaim:
    return ParodyClaim(
        title=disclosure.title,
        made_at=datetime.now(UTC),
        consents=(_reference(grant.performer), _reference(grant.donor)),
        label=label.describe(),
        swap=disclosure.swap,
        method=grant.method.value,
        spans=disclosure.spans,
        model_name=disclosure.model_name,
        model_sha256=disclosure.model_sha256,
        faces=disclosure.faces,
    )


def _reference(side: GrantedRole) -> ConsentReference:
    return ConsentReference(
        role=side.role.value,
        record_sha256=side.record_sha256,
        expires=side.expires.isoformat(),
        scope=side.scope,
    )


def _ingredients(origin: Origin, disclosure: Disclosure) -> list[Ingredient]:
    made_from = [
        Ingredient(origin.plate, Relationship.PARENT, TARGET, "Performer's footage"),
        Ingredient(origin.donor, Relationship.COMPONENT, DONOR, "Donor's footage"),
    ]
    if disclosure.model_name:
        model = Ingredient(None, Relationship.INPUT, MODEL, "Face-swap model")
        made_from.append(model)
    return made_from
