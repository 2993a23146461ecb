"""One face as faceswap writes it down: in alignments and in the header of a face PNG.

faceswap refuses a key that it does not know, so a record holds exactly its keys; what
Lampoon knows beyond them is kept elsewhere.
"""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import LampoonError
from lampoon.generate.interchange.unpickle import inflate

ALIGNMENTS_VERSION = 2.4
LANDMARK_COUNTS = (68, 98, 51, 4)
COMPUTED_MASKS = ("components", "extended")
"""faceswap draws these from the landmarks and ignores stored ones."""
_MAX_MASK_SIDE = 2048
_LARGEST = 1 << 20
"""No coordinate in a frame is larger, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredMask:
    """A mask beside a face: uint8, square, 0 is not face and 255 is face.

    ``packed`` is the zlib stream of ``size`` by ``size`` bytes; ``matrix`` is (2, 3)
    float64 and takes frame pixels to mask pixels.
    """

    packed: bytes
    matrix: npt.NDArray[np.float64]
    interpolator: int
    size: int
    centring: str

    def pixels(self) -> npt.NDArray[np.uint8]:
        """Return the mask, (size, size) uint8; raises LampoonError if it is broken."""
        side = self.size
        raw = inflate(self.packed, limit=_MAX_MASK_SIDE**2)
        if side == 0:
            side = math.isqrt(len(raw))
        if len(raw) != side * side:
            raise LampoonError(f"a mask of {len(raw)} bytes is not {side} by {side}")
        return np.frombuffer(raw, np.uint8).reshape(side, side)

    @staticmethod
    def pack(
        pixels: npt.NDArray[np.uint8],
        matrix: npt.NDArray[np.floating[Any]],
        centring: str,
    ) -> "StoredMask":
        """Return the square (n, n) uint8 mask packed, with its (2, 3) matrix."""
        height, width = pixels.shape
        if height != width:
            raise ValueError(f"a mask is square, not {height} by {width}")
        shrinks = math.sqrt(abs(float(np.linalg.det(matrix[:, :2])))) < 1
        linear, area = 1, 3  # OpenCV's numbers for the way back to the frame
        return StoredMask(
            packed=zlib.compress(np.ascontiguousarray(pixels).tobytes()),
            matrix=np.asarray(matrix, np.float64),
            interpolator=linear if shrinks else area,
            size=height,
            centring=centring,
        )

    def as_plain(self) -> dict[str, Any]:
        """Return the mask as faceswap stores it, plain numbers only."""
        return {
            "mask": self.packed,
            "affine_matrix": self.matrix.tolist(),
            "interpolator": self.interpolator,
            "stored_size": self.size,
            "stored_centering": self.centring,
        }


@dataclass(frozen=True, slots=True, eq=False)
class FaceRecord:
    """One face in one frame.

    ``landmarks`` is (68, 2) float32 (98, 51 or 4 points in files of others), x then y
    in frame pixels; x, y, width and height are its box, in frame pixels; ``thumb`` is a
    JPEG of 96 pixels, or None.
    """

    x: int
    y: int
    width: int
    height: int
    landmarks: npt.NDArray[np.float32]
    masks: Mapping[str, StoredMask] = field(default_factory=dict)
    identity: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    thumb: bytes | None = None

    def as_plain(self) -> dict[str, Any]:
        """Return every key that a face PNG carries, in faceswap's order."""
        return {
            "x": self.x,
            "y": self.y,
            "w": self.width,
            "h": self.height,
            "landmarks_xy": self.landmarks.tolist(),
            "mask": {name: mask.as_plain() for name, mask in self.masks.items()},
            "identity": {name: list(axis) for name, axis in self.identity.items()},
        }

    def as_plain_with_thumb(self) -> dict[str, Any]:
        """Return the record with every key that an alignments file carries."""
        thumb = None if self.thumb is None else list(self.thumb)
        return {**self.as_plain(), "thumb": thumb}


def record_of(plain: object) -> FaceRecord:
    """Return the face in faceswap's dict ``plain``, checked field by field.

    Takes lists and arrays, the old key ``landmarksXY`` and files without masks or
    identities. Raises LampoonError for a field that is missing or out of range.
    """
    face = plain if isinstance(plain, dict) else {}
    points = face.get("landmarks_xy", face.get("landmarksXY"))
    return FaceRecord(
        x=whole(face.get("x"), "x"),
        y=whole(face.get("y"), "y"),
        width=whole(face.get("w"), "w"),
        height=whole(face.get("h"), "h"),
        landmarks=_landmarks(points),
        masks={
            intern(name): _mask(mask)
            for name, mask in entries(face, "mask").items()
            if name not in COMPUTED_MASKS
        },
        identity={
            intern(name): _identity(axis)
            for name, axis in entries(face, "identity").items()
        },
        thumb=_thumb(face.get("thumb")),
    )


def whole(value: object, name: str) -> int:
    """Return ``value`` as an int of reasonable size, or raise LampoonError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LampoonError(f"{name} is not a number")
    if not abs(value) <= _LARGEST:
        raise LampoonError(f"{name} is out of range")
    return int(value)


def entries(face: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the dict under ``name``, empty where there is none; keys are text."""
    found = face.get(name) or {}
    if not isinstance(found, dict) or not all(isinstance(k, str) for k in found):
        raise LampoonError(f"{name} is not a table of names")
    return found


def _numbers(value: object, name: str) -> npt.NDArray[np.float64]:
    try:
        found = np.asarray(value, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise LampoonError(f"{name} is not a table of numbers") from error
    if not np.isfinite(found).all() or (np.abs(found) > _LARGEST).any():
        raise LampoonError(f"{name} is out of range")
    return found


def _landmarks(value: object) -> npt.NDArray[np.float32]:
    points = _numbers(value, "landmarks_xy")
    if points.ndim != 2 or points.shape not in [(n, 2) for n in LANDMARK_COUNTS]:
        raise LampoonError(f"landmarks_xy has shape {points.shape}, not (68, 2)")
    return points.astype(np.float32)


def _mask(value: object) -> StoredMask:
    if not isinstance(value, dict) or not isinstance(value.get("mask"), bytes):
        raise LampoonError("a mask without its bytes")
    matrix = _numbers(value.get("affine_matrix"), "affine_matrix")
    if matrix.shape not in ((2, 3), (3, 3)):
        raise LampoonError(f"affine_matrix has shape {matrix.shape}, not (2, 3)")
    size = whole(value.get("stored_size", 128), "stored_size")
    if not 0 <= size <= _MAX_MASK_SIDE:
        raise LampoonError(f"a mask of {size} pixels")
    centring = value.get("stored_centering", "face")  # before 2.2 there was no other
    if centring not in ("face", "head", "legacy"):
        raise LampoonError("a mask with an unknown centring")
    interpolator = whole(value.get("interpolator", 1), "interpolator")
    return StoredMask(value["mask"], matrix[:2], interpolator, size, intern(centring))


def _identity(value: object) -> tuple[float, ...]:
    vector = _numbers(value, "identity")
    if vector.ndim != 1:
        raise LampoonError("an identity that is no vector")
    return tuple(vector.tolist())


def _thumb(value: object) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, np.ndarray) and value.dtype == np.uint8 and value.ndim == 1:
        return value.tobytes()
    if isinstance(value, list):
        try:
            return bytes(value)
        except (TypeError, ValueError) as error:
            raise LampoonError("a thumb that is no list of bytes") from error
    raise LampoonError("a thumb that is no list of bytes")
