"""The manifest of drawn footage: rendered performers, who do not exist, unswapped.

Pure but for one digest. It declares ``c2pa.created`` and a synthetic source type, and
has neither ingredients nor a place for them.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lampoon
from lampoon.watermark.manifest.build import METADATA, THUMBNAIL, TRAINING, SourceType
from lampoon.watermark.manifest.reading import VENDOR

CHUNK = 2**20
ALLOWED = ("data_mining", "ai_inference", "ai_training")
CONDITION = "Labelled parody only, under the performer's signed consent record."


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnClip:
    """A renderer's record of the clip that it has just written.

    ``sha256`` is of the file as the renderer closed it; ``recipe_sha256`` of what it
    was drawn from (person and take), so that it can be drawn again and compared.

    Raises ValueError without either hash or without a time zone.
    """

    path: Path
    sha256: str
    title: str
    made_at: datetime
    recipe_sha256: str
    poster_jpeg: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a record that proves nothing."""
        if not (len(self.sha256) == len(self.recipe_sha256) == 64):
            raise ValueError("a drawn clip is known by its hash and its recipe's")
        if self.made_at.tzinfo is None:
            raise ValueError("made_at needs a time zone")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex, "" where there is none."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def drawn_definition(drawn: DrawnClip, label_urn: str) -> dict[str, Any]:
    """Return the definition of a drawn clip's manifest."""
    generator = {"name": "Lampoon", "version": lampoon.__version__}
    created = {
        "action": "c2pa.created",
        "when": drawn.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "digitalSourceType": str(SourceType.DRAWN),
        "softwareAgent": generator | {"name": "Lampoon performers"},
        "description": "Drawn from CC0 shapes; nobody was filmed, no model was trained",
        "parameters": {f"{VENDOR}.recipe_sha256": drawn.recipe_sha256},
    }
    metadata = {
        "@context": {
            "dc": "http://purl.org/dc/elements/1.1/",
            "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        },
        "dc:title": [drawn.title],
        "Iptc4xmpExt:DigitalSourceType": str(SourceType.DRAWN),
    }
    actions = {"allActionsIncluded": True, "actions": [created]}
    return {
        "claim_version": 2,
        "label": label_urn,
        "claim_generator_info": [generator],
        "title": drawn.title,
        "format": "video/mp4",
        "thumbnail": THUMBNAIL,
        "ingredients": [],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": actions},
            {"label": TRAINING, "data": _uses()},
            # encypher-c2pa refuses this one as CBOR
            {"label": METADATA, "kind": "Json", "data": metadata},
        ],
    }


def _uses() -> dict[str, Any]:
    """Return what others may do with it (CAWG training and data mining 1.1)."""
    entries: dict[str, Any] = {f"cawg.{use}": {"use": "allowed"} for use in ALLOWED}
    entries["cawg.ai_generative_training"] = {
        "use": "constrained",
        "constraint_info": CONDITION,
    }
    return {"entries": entries}
