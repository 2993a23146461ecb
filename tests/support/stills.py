"""Pictures, sound and documents, signed or not, made on the spot."""

import io
import struct
from pathlib import Path

import c2pa
import cv2
import numpy as np

from tests.support.certificates import MemorySigner, camera_definition


def jpeg() -> bytes:
    """A small picture."""
    rows = np.arange(96, dtype=np.uint8)[:, None, None]
    return bytes(cv2.imencode(".jpg", np.tile(rows, (1, 128, 3)))[1])


def png() -> bytes:
    """The same without loss."""
    rows = np.arange(96, dtype=np.uint8)[:, None, None]
    return bytes(cv2.imencode(".png", np.tile(rows, (1, 128, 3)))[1])


def wav() -> bytes:
    """A tenth of a second of silence."""
    sound = bytes(2 * 800)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    body = b"WAVE" + head + struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def signed(content: bytes, mime: str, signer: MemorySigner) -> bytes:
    """Return the bytes with a camera's manifest in them."""
    settings = signer.trust.settings()
    builder = c2pa.Builder(camera_definition(), c2pa.Context.from_dict(settings))
    native = c2pa.Signer.from_callback(
        signer.sign, c2pa.C2paSigningAlg.ES256, signer.chain_pem.decode()
    )
    target = io.BytesIO()
    builder.sign(native, mime, io.BytesIO(content), target)
    return target.getvalue()


def written(path: Path, content: bytes) -> Path:
    """Write bytes, return the path."""
    path.write_bytes(content)
    return path
