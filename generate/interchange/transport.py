"""One face on its way from the confined reader: JSON, arrays as base64.

What arrives is checked field by field like any other face: the reader is not trusted.
"""

import base64
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import LampoonError
from lampoon.generate.interchange.record import FaceRecord, record_of


def face_line(record: FaceRecord) -> dict[str, Any]:
    """Return ``record`` as JSON values."""
    return {
        "box": [record.x, record.y, record.width, record.height],
        "landmarks": packed(record.landmarks, "<f4"),
        "mask": {
            name: mask.as_plain() | {"mask": base64.b64encode(mask.packed).decode()}
            for name, mask in record.masks.items()
        },
        "identity": {
            name: packed(np.array(axis), "<f8")
            for name, axis in record.identity.items()
        },
        "thumb": None
        if record.thumb is None
        else base64.b64encode(record.thumb).decode(),
    }


def face_of(line: Any) -> FaceRecord:
    """Return the record that face_line packed; raises LampoonError if it is broken."""
    try:
        x, y, width, height = line["box"]
        plain = {
            "x": x,
            "y": y,
            "w": width,
            "h": height,
            "landmarks_xy": unpacked(line["landmarks"], "<f4").reshape(-1, 2),
            "mask": {
                name: mask | {"mask": base64.b64decode(mask["mask"], validate=True)}
                for name, mask in line["mask"].items()
            },
            "identity": {
                name: unpacked(axis, "<f8") for name, axis in line["identity"].items()
            },
            "thumb": None if line["thumb"] is None else unpacked(line["thumb"], "u1"),
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LampoonError("the reader's answer makes no sense") from error
    return record_of(plain)


def packed(array: npt.NDArray[Any], kind: str) -> str:
    """Return the bytes of ``array`` as numbers of ``kind``, in base64."""
    return base64.b64encode(array.astype(kind).tobytes()).decode()


def unpacked(text: str, kind: str) -> npt.NDArray[Any]:
    """Return the flat array that packed made; raises ValueError if it is broken."""
    return np.frombuffer(base64.b64decode(text, validate=True), kind)
