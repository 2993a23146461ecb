"""Label, mark, encode, sign, publish: the only way out of the house.

Swapped frames go in; a labelled, marked, signed and registered clip comes out, or
nothing. Label and mark are in every frame before the encoder sees it, and the grant
is renewed after the encoding, so a record that was withdrawn meanwhile stops the
publication.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2

import lampoon
from lampoon.consent.check import ConsentGrant, GrantedRole, require_grant
from lampoon.consent.store import file_sha256
from lampoon.errors import ConsentRefusedError, MediaError
from lampoon.generate.segments import LabelledFrames, Segments, Swapped
from lampoon.media.join import join_clips
from lampoon.media.reader import Clip, probe, read_frames
from lampoon.progress import Tell, silent
from lampoon.watermark.fingerprint import FingerprintTaker, watched
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

POSTER_JPEG_QUALITY = 88

_MINT = object()


@dataclass(frozen=True, slots=True)
class LabelledVideo:
    """A clip that left the house: labelled in every frame and signed.

    Only ``finish`` makes one; constructing it elsewhere raises TypeError.
    """

    clip: Clip
    manifest: str
    label_text: str
    _mint: object

    def __post_init__(self) -> None:
        """Refuse to be made by anyone but ``finish``."""
        if self._mint is not _MINT:
            raise TypeError("only lampoon.generate.finish.finish makes a LabelledVideo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What the clip says of itself besides the consents.

    ``swap`` is one sentence for people. ``spans`` are the swapped stretches in
    seconds from the clip's start. The model's name and SHA-256 are "" where none
    was trained.
    """

    title: str
    label: LabelPreset
    swap: str
    spans: tuple[tuple[Fraction, Fraction], ...]
    model_name: str = ""
    model_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a clip is made from, by whose leave, and where the work in progress lies.

    ``plate`` is the performer's footage: its sound is copied and it is named as the
    parent in the clip's history. ``still_granted`` is called just before anything is
    signed and raises where consent has ended. In ``registry`` the clip's mark leads
    to its manifest.
    """

    plate: Path
    donor: Path
    grant: ConsentGrant
    still_granted: Callable[[], None]
    work: Path
    registry: Registry


def finish(
    swapped: Swapped,
    target: Path,
    *,
    origin: Origin,
    disclosure: Disclosure,
    signer: Signer,
    tell: Tell = silent,
) -> LabelledVideo:
    """Write the labelled and signed clip to ``target`` and return what left.

    ``swapped(first, stop)`` gives the frames of a stretch; stretches that an
    interrupted run finished are not asked for again. Raises MediaError, SigningError
    or ConsentRefusedError; the target is then as it was before.
    """
    insist_on_label(require_grant(origin.grant), disclosure.label)
    source = probe(origin.plate)
    first = next(read_frames(origin.plate, stop=1))
    shape = next(iter(swapped(0, 1)))
    label = ParodyLabel(
        disclosure.label,
        width=shape.width,
        height=shape.height,
        seconds=source.seconds,
        title=disclosure.title,
    )
    seal = _Seal(origin, disclosure, signer, label)
    segments = Segments(origin.work / seal.work_name(), source.frame_count)
    hidden = target.with_name(f".{target.name}.labelled-{secrets.token_hex(4)}")
    signed = hidden.with_suffix(".signed.mp4")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        urn = segments.urn()
        drawn = LabelledFrames(label, first.seconds, lookup_key(urn))
        parts = segments.complete(swapped, drawn, seal.stretch, tell=tell)
        join_clips(
            hidden,
            parts,
            time_base=first.time_base,
            sound_from=origin.plate,
            comment=f"PARODY: {disclosure.title}",
        )
        entry = seal.whole(hidden, signed, urn)
        origin.registry.publish(entry, signed, target)
    except OSError as error:
        raise MediaError(f"cannot be written: {error}", where=target) from error
    finally:
        hidden.unlink(missing_ok=True)
        signed.unlink(missing_ok=True)
    segments.remove()
    return LabelledVideo(probe(target), urn, label.text, _MINT)


def insist_on_label(grant: ConsentGrant, label: LabelPreset) -> None:
    """Raise ConsentRefusedError when a record asks for a fuller label than this."""
    fullest_first = (LabelPreset.EU_FULL.value, LabelPreset.EU_ARTISTIC.value)
    asked, given = (fullest_first.index(each.value) for each in (grant.label, label))
    if given > asked:
        sides = f"{grant.performer.record_id} or {grant.donor.record_id}"
        detail = f"asks for {grant.label.value}, the job has {label.value}"
        raise ConsentRefusedError(((sides, "label", detail),))


@dataclass(frozen=True, slots=True)
class _Seal:
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
        key, fingerprint = lookup_key(urn), _fingerprint(plain)
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
            poster_jpeg=_poster(plain),
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
            "title": said.title,
            "label": self.label.describe(),
            "records": [grant.performer.record_sha256, grant.donor.record_sha256],
        }
        text = json.dumps(depends, sort_keys=True, default=str)
        return f"segments-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _fingerprint(clip: Path) -> bytes:
    """Return what a clip's pictures look like, as the registry keeps it."""
    taker = FingerprintTaker()
    for _ in watched(read_frames(clip), taker):
        pass
    return taker.fingerprint().to_bytes()


def _poster(clip: Path) -> bytes:
    """Return the middle frame of a labelled clip as JPEG."""
    middle = probe(clip).frame_count // 2
    rgb = next(read_frames(clip, first=middle, stop=middle + 1)).rgb
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    quality = [cv2.IMWRITE_JPEG_QUALITY, POSTER_JPEG_QUALITY]
    encoded, data = cv2.imencode(".jpg", bgr, quality)
    if not encoded:
        raise MediaError("the poster frame cannot be encoded", where=clip)
    return data.tobytes()


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
