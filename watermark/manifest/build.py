"""The manifest of a parody clip: what was done, to whom, with whose consent.

Pure: it turns a claim into the library's definition. The shape is the one that four
validators accept (c2pa-rs, encypher-c2pa, c2pa-ts, c2pa-wasm). No name, no face and
no embedding is in it: consent records are named by salted hashes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

import lampoon
from lampoon.watermark.invisible.binding import watermarked_action
from lampoon.watermark.manifest.reading import CONSENT, PARODY, VENDOR

TARGET, DONOR, MODEL = "target", "donor", "model"
"""Names that actions call the ingredients by."""

POSTER = "poster.jpg"
THUMBNAIL = {"format": "image/jpeg", "identifier": POSTER}

TRAINING, METADATA = "cawg.training-mining", "cawg.metadata"

CREATED = (
    "c2pa.actions",
    "c2pa.actions.v2",
    "c2pa.ingredient",
    "c2pa.thumbnail.claim",
    "c2pa.ai-disclosure",
    "c2pa.soft-binding",
    TRAINING,
    METADATA,
    PARODY,
    CONSENT,
)
"""Assertions that the signer claims as their own, not merely gathered."""

ASSERTION_VERSION = 1

FACE_ROLES = frozenset({"face_donor", "driving_performer"})
"""Both faces of a swap: without consent of each there is no manifest."""


class SourceType(StrEnum):
    """What pictures are, IPTC digital source type NewsCodes."""

    WITH_TRAINED_MODEL = (
        "http://cv.iptc.org/newscodes/digitalsourcetype/"
        "compositeWithTrainedAlgorithmicMedia"
    )
    """A real performance with elements that a trained model made."""

    SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"
    """A composite with synthetic elements, no model trained: the mesh method."""

    DRAWN = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
    """Made by an algorithm alone, from no sampled training data (IPTC 2022): rendered
    performers. ``virtualRecording`` would need an event and ``digitalCreation`` a
    human author; ``trainedAlgorithmicMedia`` would need a model."""


@dataclass(frozen=True, slots=True)
class ConsentReference:
    """One consent record: who in the swap, its salted SHA-256, until when, for what."""

    role: str
    record_sha256: str
    expires: str
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParodyClaim:
    """What a signed parody says of itself.

    ``label`` is ``ParodyLabel.describe()``. ``spans`` are the swapped stretches,
    (start, end) seconds. ``model_name`` and ``model_sha256`` are "" where no model
    was trained (the mesh method), which changes the declared source type; ``faces``
    is what saw the faces, "" for the usual networks.

    Raises ValueError unless both faces' consents are there and a label is visible.
    """

    title: str
    made_at: datetime
    consents: tuple[ConsentReference, ...]
    label: Mapping[str, Any]
    swap: str
    method: str
    spans: tuple[tuple[Fraction, Fraction], ...]
    model_name: str = ""
    model_sha256: str = ""
    faces: str = ""

    def __post_init__(self) -> None:
        """Refuse a claim without both consents or without a visible label."""
        roles = {each.role for each in self.consents}
        if missing := FACE_ROLES - roles:
            raise ValueError(f"no consent of: {', '.join(sorted(missing))}")
        if not all(each.record_sha256 for each in self.consents):
            raise ValueError("a consent reference needs its record's hash")
        if self.label.get("present") is not True or not self.label.get("text"):
            raise ValueError("a parody has a visible label")
        if self.made_at.tzinfo is None:
            raise ValueError("made_at needs a time zone")

    @property
    def source_type(self) -> SourceType:
        """The digital source type that is true of this swap."""
        if self.model_name:
            return SourceType.WITH_TRAINED_MODEL
        return SourceType.SYNTHETIC


def manifest_urn(identity: UUID) -> str:
    """Return the manifest label, chosen before marking and signing.

    >>> manifest_urn(UUID("47b6ffd4-e38c-4917-a4d8-617b6f6b20fd"))
    'urn:c2pa:47b6ffd4-e38c-4917-a4d8-617b6f6b20fd'
    """
    return f"urn:c2pa:{identity}"


def manifest_definition(
    claim: ParodyClaim,
    label_urn: str,
    *,
    bindings: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the definition that ``sign_clip`` signs.

    The ingredients it refers to are named ``target`` (the performer's footage),
    ``donor`` and, where a model was trained, ``model``. ``bindings`` are what
    ``soft_bindings`` gives for a clip that carries the invisible mark.
    """
    assertions = list(_assertions(claim, marked=bool(bindings)))
    return {
        "claim_version": 2,
        "label": label_urn,
        "claim_generator_info": [{"name": "Lampoon", "version": lampoon.__version__}],
        "title": claim.title,
        "format": "video/mp4",
        "thumbnail": THUMBNAIL,
        "ingredients": [],
        "assertions": [*assertions, *(dict(each) for each in bindings)],
    }


def _assertions(claim: ParodyClaim, *, marked: bool) -> Iterator[dict[str, Any]]:
    done = [*_actions(claim), *([watermarked_action(VENDOR)] if marked else [])]
    actions = {"allActionsIncluded": True, "actions": done}
    yield {"label": "c2pa.actions.v2", "data": actions}
    yield {"label": PARODY, "data": _parody(claim)}
    yield {"label": CONSENT, "data": _consent(claim)}
    if claim.model_name:
        yield {"label": "c2pa.ai-disclosure", "kind": "Json", "data": _model(claim)}
    yield {"label": TRAINING, "data": _no_mining()}
    # encypher-c2pa refuses this one as CBOR
    yield {"label": METADATA, "kind": "Json", "data": _metadata(claim)}


def _actions(claim: ParodyClaim) -> Iterator[dict[str, Any]]:
    when = claim.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    yield {
        "action": "c2pa.opened",
        "when": when,
        "parameters": {"ingredientIds": [TARGET]},
    }
    yield {
        "action": "c2pa.placed",
        "description": "Likeness of the consenting donor",
        "parameters": {"ingredientIds": [DONOR]},
    }
    yield _swap_action(claim, when)
    yield {
        "action": "c2pa.edited",
        "description": "Visible parody label drawn into the picture",
        "parameters": {f"{VENDOR}.operation": "visible_label"},
    }
    # c2pa-ts refuses a transcode that names no ingredient
    yield {"action": "c2pa.transcoded", "parameters": {"ingredientIds": [TARGET]}}


def _swap_action(claim: ParodyClaim, when: str) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        f"{VENDOR}.operation": "face_swap",
        f"{VENDOR}.method": claim.method,
    }
    if claim.model_name:
        parameters["ingredientIds"] = [MODEL]
    if claim.faces:
        parameters[f"{VENDOR}.faces"] = claim.faces
    agent = {"name": "Lampoon face swap", "version": lampoon.__version__}
    action: dict[str, Any] = {
        "action": "c2pa.edited",
        "when": when,
        "digitalSourceType": str(claim.source_type),
        "softwareAgent": agent,
        "description": f"PARODY: {claim.swap}",
        "parameters": parameters,
    }
    if claim.spans:
        regions = [_region(start, end) for start, end in claim.spans]
        action["changes"] = [{"description": "swapped face", "region": regions}]
    return action


def _region(start: Fraction, end: Fraction) -> dict[str, Any]:
    time = {
        "type": "npt",
        "start": f"{float(start):.3f}",
        "end": f"{float(end):.3f}",
    }
    return {"type": "temporal", "time": time}


def _parody(claim: ParodyClaim) -> dict[str, Any]:
    artistic = claim.label.get("preset") == "eu-artistic"
    note = "EU-AI-Act-50(4)-artistic-satirical" if artistic else "EU-AI-Act-50(4)"
    return {
        "version": ASSERTION_VERSION,
        "content_label": "parody",
        "label_text": str(claim.label["text"]),
        "synthetic": True,
        "visible_label": dict(claim.label),
        "jurisdiction_notes": [note],
    }


def _consent(claim: ParodyClaim) -> dict[str, Any]:
    records = [
        {
            "role": each.role,
            "consent_sha256": each.record_sha256,
            "scope": list(each.scope),
            "expires": each.expires,
        }
        for each in claim.consents
    ]
    return {"version": ASSERTION_VERSION, "records": records}


def _model(claim: ParodyClaim) -> dict[str, Any]:
    kind = "onnx" if claim.method == "inswapper" else "keras"
    return {
        "modelType": f"c2pa.types.model.{kind}",
        "modelName": claim.model_name,
        "modelIdentifier": f"sha256:{claim.model_sha256}",
    }


def _no_mining() -> dict[str, Any]:
    uses = ("ai_generative_training", "ai_training", "data_mining", "ai_inference")
    return {"entries": {f"cawg.{use}": {"use": "notAllowed"} for use in uses}}


def _metadata(claim: ParodyClaim) -> dict[str, Any]:
    return {
        "@context": {
            "dc": "http://purl.org/dc/elements/1.1/",
            "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        },
        "dc:title": [claim.title],
        "dc:description": [f"PARODY: {claim.swap}"],
        "Iptc4xmpExt:DigitalSourceType": str(claim.source_type),
    }
