"""What ties mark, fingerprint and manifest to each other.

The manifest's ``urn:c2pa:<uuid>`` is chosen first and the mark's key follows from it,
so nothing in the mark depends on what is signed later. The manifest in turn names the
key and commits to the fingerprint (C2PA 2.2, 18.10 soft binding).
"""

import base64
import hashlib
from typing import Any

from lampoon.watermark.fingerprint import FINGERPRINT
from lampoon.watermark.invisible.code import KEY_BYTES
from lampoon.watermark.invisible.tile import ALGORITHM

SOFT_BINDING = "c2pa.soft-binding"
WATERMARKED = "c2pa.watermarked.bound"


def lookup_key(urn: str) -> bytes:
    """Return the 8 bytes that the mark of a manifest's clip carries.

    >>> lookup_key("urn:c2pa:47b6ffd4-e38c-4917-a4d8-617b6f6b20fd").hex()
    'd34358504207761f'
    """
    digest = hashlib.sha256(ALGORITHM.encode() + b"\0" + urn.encode()).digest()
    return digest[:KEY_BYTES]


def watermarked_action(vendor: str) -> dict[str, Any]:
    """Return the action that says so; it needs ``soft_bindings`` beside it."""
    return {
        "action": WATERMARKED,
        "description": "Invisible mark that carries the lookup key of this manifest",
        "parameters": {f"{vendor}.alg": ALGORITHM},
    }


def soft_bindings(
    key: bytes, fingerprint: bytes, milliseconds: int
) -> list[dict[str, Any]]:
    """Return the two assertions of a clip: its mark and its fingerprint.

    ``fingerprint`` are the bytes that go into the registry; the manifest holds their
    SHA-256, so that the registry cannot put others in their place.
    """
    digest = hashlib.sha256(fingerprint).digest()
    return [
        _assertion(ALGORITHM, "Lampoon invisible mark", key, milliseconds),
        _assertion(FINGERPRINT, "Lampoon picture fingerprint", digest, milliseconds),
    ]


def bound_values(assertions: list[Any]) -> dict[str, bytes]:
    """Return what the soft-binding assertions of a manifest say, by algorithm.

    ``assertions`` are their data as a reader gives them; what makes no sense is left
    out. A value may be base64 text, bytes or a list of numbers.
    """
    found: dict[str, bytes] = {}
    for data in assertions:
        if not isinstance(data, dict) or not isinstance(data.get("alg"), str):
            continue
        blocks = data.get("blocks")
        first = blocks[0] if isinstance(blocks, list) and blocks else None
        value = _bytes(first.get("value")) if isinstance(first, dict) else None
        if value is not None:
            found[data["alg"]] = value
    return found


def _assertion(algorithm: str, name: str, value: bytes, end: int) -> dict[str, Any]:
    block = {
        "scope": {"timespan": {"start": 0, "end": end}},
        "value": base64.b64encode(value).decode(),
    }
    data = {"alg": algorithm, "name": name, "blocks": [block]}
    return {"label": SOFT_BINDING, "data": data}


def _bytes(value: Any) -> bytes | None:
    try:
        if isinstance(value, str):
            return base64.b64decode(value, validate=True)
        if isinstance(value, bytes | list):
            return bytes(value)
    except (ValueError, TypeError):
        return None
    return None
