"""A folder of aligned faces, faceswap's or ours, and what is known of each."""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError, LampoonError
from lampoon.faces.align import Centring, alignment_matrix
from lampoon.faces.track import FaceTrack
from lampoon.generate.interchange.face_png import (
    FaceHeader,
    FaceSource,
    read_face,
    read_face_header,
)
from lampoon.generate.interchange.record import FaceRecord

_SCHEMA = "lampoon.face/1"
_HEAD_BYTES = 1 << 16
_ENDING = b"\0\0\0\0IEND\xaeB`\x82"
_POINTS = 478
_SHAPES = 52


@dataclass(frozen=True, slots=True, eq=False)
class FaceKnowledge:
    """What Lampoon knows of a face beyond faceswap's 68 points.

    ``landmarks`` are (478, 2) float32 in frame pixels, ``blendshapes`` (52,) float32
    from 0 to 1; the angles are degrees (+yaw turns to the subject's left, +pitch looks
    down); ``index`` is the frame's place in its clip and ``seconds`` its time.
    """

    index: int
    seconds: float
    landmarks: npt.NDArray[np.float32]
    blendshapes: npt.NDArray[np.float32]
    yaw: float
    pitch: float
    roll: float
    sharpness: float
    eyes_measurable: tuple[bool, bool]

    @classmethod
    def of_track(cls, track: FaceTrack, row: int) -> Self:
        """Return what ``track`` knows in its ``row``th frame."""
        yaw, pitch, roll = (float(angle) for angle in track.pose[row])
        left, right = (bool(eye) for eye in track.eyes_measurable[row])
        return cls(
            index=track.first_frame + row,
            seconds=float(track.times[row]),
            landmarks=track.landmarks[row].astype(np.float32),
            blendshapes=track.blendshapes[row].astype(np.float32),
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            sharpness=float(track.sharpness[row]),
            eyes_measurable=(left, right),
        )

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it; arrays are base64 of little-endian float32."""
        return {
            "schema": _SCHEMA,
            "index": self.index,
            "seconds": self.seconds,
            "pose": [self.yaw, self.pitch, self.roll],
            "sharpness": self.sharpness,
            "eyes_measurable": list(self.eyes_measurable),
            "landmarks": _packed(self.landmarks),
            "blendshapes": _packed(self.blendshapes),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self | None:
        """Return what ``as_plain`` gave; None where another program made the face.

        Raises LampoonError where it is broken.
        """
        if plain.get("schema") != _SCHEMA:
            return None
        try:
            yaw, pitch, roll = (float(angle) for angle in plain["pose"])
            left, right = (bool(eye) for eye in plain["eyes_measurable"])
            return cls(
                index=int(plain["index"]),
                seconds=float(plain["seconds"]),
                landmarks=_unpacked(plain["landmarks"], (_POINTS, 2)),
                blendshapes=_unpacked(plain["blendshapes"], (_SHAPES,)),
                yaw=yaw,
                pitch=pitch,
                roll=roll,
                sharpness=float(plain["sharpness"]),
                eyes_measurable=(left, right),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise LampoonError("Lampoon's part of the header is broken") from error


@dataclass(frozen=True, slots=True, eq=False)
class ExtractedFace:
    """One face of a faceset; ``own`` is None for a face of another program."""

    path: Path
    record: FaceRecord
    source: FaceSource
    own: FaceKnowledge | None

    def picture(self) -> npt.NDArray[np.uint8]:
        """Return the head-centred picture, (n, n, 3) uint8 RGB."""
        return read_face(_bytes(self.path), where=self.path)[0]

    def matrix_to(
        self, centring: Centring, *, size: int, stored: int
    ) -> npt.NDArray[np.float32]:
        """Return (2, 3): pixels of the ``stored`` sized picture to another crop's."""
        points = self.record.landmarks
        head = alignment_matrix(points, size=stored, centring=Centring.HEAD)
        other = alignment_matrix(points, size=size, centring=centring)
        back = np.linalg.inv(np.vstack([head, [0, 0, 1]]))
        return np.asarray(np.vstack([other, [0, 0, 1]]) @ back, np.float32)[:2]


@dataclass(frozen=True, slots=True, eq=False)
class Faceset:
    """The faces of one performer, in the order of their names."""

    folder: Path
    faces: tuple[ExtractedFace, ...]

    def __len__(self) -> int:
        """Return how many faces there are."""
        return len(self.faces)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the faceset in ``folder``; pictures are read when they are asked for.

        Raises FaceError where there is no face in it, and LampoonError for a picture
        whose header cannot be read.
        """
        paths = sorted(folder.glob("*.png"))
        if not paths:
            raise FaceError(
                "no extracted faces", where=folder, hint="run lampoon generate extract"
            )
        return cls(folder, tuple(_face(path) for path in paths))


def is_whole(path: Path) -> bool:
    """Return whether a PNG at ``path`` was written to its end."""
    try:
        with path.open("rb") as file:
            file.seek(-len(_ENDING), 2)
            return file.read() == _ENDING
    except OSError:
        return False


def _face(path: Path) -> ExtractedFace:
    header = _header(path)
    if header.record.landmarks.shape != (68, 2):
        raise LampoonError("a face without 68 points", where=path)
    try:
        own = FaceKnowledge.from_plain(header.own)
    except LampoonError as error:
        raise LampoonError(error.what, where=path) from error
    return ExtractedFace(path, header.record, header.source, own)


def _header(path: Path) -> FaceHeader:
    try:
        with path.open("rb") as file:
            return read_face_header(file.read(_HEAD_BYTES), where=path)
    except OSError as error:
        raise LampoonError(f"cannot be read: {error.strerror}", where=path) from error
    except LampoonError:
        return read_face_header(_bytes(path), where=path)  # a header with large masks


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LampoonError(f"cannot be read: {error.strerror}", where=path) from error


def _packed(array: npt.NDArray[np.float32]) -> str:
    return base64.b64encode(array.astype("<f4").tobytes()).decode("ascii")


def _unpacked(text: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    raw = base64.b64decode(text, validate=True)
    if len(raw) != 4 * math.prod(shape):
        raise ValueError(f"not {shape} numbers")
    array = np.frombuffer(raw, "<f4").reshape(shape).astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError("not numbers")
    return array
