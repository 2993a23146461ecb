"""Label, encode, sign, publish: the only way out of the house.

Swapped frames go in; a labelled, signed clip comes out, or nothing. The label is in
every frame before the encoder sees it, and the grant is renewed after the encoding,
so a record that was withdrawn meanwhile stops the publication.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.consent.check import ConsentGrant, GrantedRole, require_grant
from lampoon.errors import ConsentRefusedError, MediaError
from lampoon.media.frame import Frame
from lampoon.media.reader import Clip, probe
from lampoon.media.writer import write_clip
from lampoon.progress import Tell, silent
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


def finish(
    swapped: Iterable[Frame],
    target: Path,
    *,
    plate: Path,
    donor: Path,
    grant: ConsentGrant,
    disclosure: Disclosure,
    signer: Signer,
    still_granted: Callable[[], None],
    tell: Tell = silent,
) -> LabelledVideo:
    """Write the labelled and signed clip to ``target`` and return what left.

    ``plate`` is the performer's footage: its sound is copied and it is named as the
    parent in the clip's history. ``still_granted`` is called just before signing
    and raises where consent has ended. Raises MediaError, SigningError or
    ConsentRefusedError; the target is then as it was before.
    """
    insist_on_label(require_grant(grant), disclosure.label)
    source = probe(plate)
    label: list[ParodyLabel] = []
    poster = _Poster(source.frame_count // 2)
    hidden = target.with_name(f".{target.name}.labelled-{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        clip = write_clip(
            hidden,
            _labelled(swapped, source.seconds, disclosure, label, poster),
            sound_from=plate,
            comment=f"PARODY: {disclosure.title}",
            tell=tell,
            total=source.frame_count,
        )
        claim = _claim(grant, disclosure, label[0])
        still_granted()
        urn = sign_clip(
            hidden,
            target,
            definition=manifest_definition(claim, manifest_urn(uuid4())),
            ingredients=_ingredients(plate, donor, trained=bool(disclosure.model_name)),
            poster_jpeg=poster.jpeg(),
            signer=signer,
        )
    except OSError as error:
        raise MediaError(f"cannot be written: {error}", where=target) from error
    finally:
        hidden.unlink(missing_ok=True)
    made = probe(target)
    if made.frame_count != clip.frame_count:
        raise MediaError("signing changed the number of frames", where=target)
    return LabelledVideo(made, urn, label[0].text, _MINT)


def insist_on_label(grant: ConsentGrant, label: LabelPreset) -> None:
    """Raise ConsentRefusedError when a record asks for a fuller label than this."""
    fullest_first = (LabelPreset.EU_FULL.value, LabelPreset.EU_ARTISTIC.value)
    asked, given = (fullest_first.index(each.value) for each in (grant.label, label))
    if given > asked:
        sides = f"{grant.performer.record_id} or {grant.donor.record_id}"
        detail = f"asks for {grant.label.value}, the job has {label.value}"
        raise ConsentRefusedError(((sides, "label", detail),))


class _Poster:
    """The labelled frame in the middle, for the manifest's thumbnail."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._rgb: npt.NDArray[np.uint8] | None = None

    def consider(self, index: int, rgb: npt.NDArray[np.uint8]) -> None:
        """Keep the first labelled frame, and the middle one when it comes."""
        if self._rgb is None or index == self._wanted:
            self._rgb = rgb

    def jpeg(self) -> bytes:
        """Return the frame as JPEG. Raises MediaError when no frame was seen."""
        if self._rgb is None:
            raise MediaError("there are no frames to write")
        quality = [cv2.IMWRITE_JPEG_QUALITY, POSTER_JPEG_QUALITY]
        bgr = cv2.cvtColor(self._rgb, cv2.COLOR_RGB2BGR)
        encoded, data = cv2.imencode(".jpg", bgr, quality)
        if not encoded:
            raise MediaError("the poster frame cannot be encoded")
        return data.tobytes()


def _labelled(
    swapped: Iterable[Frame],
    seconds: Fraction,
    disclosure: Disclosure,
    made: list[ParodyLabel],
    poster: _Poster,
) -> Iterator[Frame]:
    start = Fraction(0)
    for index, frame in enumerate(swapped):
        if not made:
            start = frame.seconds
            made.append(
                ParodyLabel(
                    disclosure.label,
                    width=frame.width,
                    height=frame.height,
                    seconds=seconds,
                    title=disclosure.title,
                )
            )
        rgb = made[0].draw(frame.rgb, frame.seconds - start)
        poster.consider(index, rgb)
        yield frame.with_rgb(rgb)


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


def _ingredients(plate: Path, donor: Path, *, trained: bool) -> list[Ingredient]:
    made_from = [
        Ingredient(plate, Relationship.PARENT, TARGET, "Performer's footage"),
        Ingredient(donor, Relationship.COMPONENT, DONOR, "Donor's footage"),
    ]
    if trained:
        model = Ingredient(None, Relationship.INPUT, MODEL, "Face-swap model")
        made_from.append(model)
    return made_from
