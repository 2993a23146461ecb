"""faceswap's extracted face: a square PNG that carries its record in an iTXt chunk.

The header is text that Python can read as a literal. It is checked to be nothing but
a literal of bounded depth before Python sees it. Lampoon's own knowledge of a face
goes into a ``tEXt`` chunk: faceswap keeps those, and destroys a foreign iTXt.
"""

import ast
import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import LampoonError
from lampoon.generate.interchange.record import (
    ALIGNMENTS_VERSION,
    FaceRecord,
    entries,
    record_of,
    whole,
)

OWN_KEYWORD = b"lampoon"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"faceswap"
_MAX_FILE = 64 << 20
_MAX_HEADER = 8 << 20
_MAX_SIDE = 8192
_STRINGS = re.compile(r"b?'(?:[^'\\]|\\.)*'|b?\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_LITERAL = re.compile(r"[\w\s.,:+\-()\[\]{}]*", re.ASCII)
_SIGNS = re.compile(r"[+\-]\s*[+\-]")
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class FaceSource:
    """Where a face was found: a frame by name, its (height, width), and which face."""

    original_filename: str
    face_index: int
    source_filename: str
    source_is_video: bool
    frame_size: tuple[int, int]
    alignments_version: float = ALIGNMENTS_VERSION

    def as_plain(self) -> dict[str, Any]:
        """Return the source with every key that faceswap writes, in its order."""
        return {
            "alignments_version": self.alignments_version,
            "original_filename": self.original_filename,
            "face_index": self.face_index,
            "source_filename": self.source_filename,
            "source_is_video": self.source_is_video,
            "source_frame_dims": list(self.frame_size),
        }


@dataclass(frozen=True, slots=True)
class FaceHeader:
    """What a face PNG says about itself; ``own`` is Lampoon's part, else empty."""

    record: FaceRecord
    source: FaceSource
    own: Mapping[str, Any] = field(default_factory=dict)


def face_png(
    rgb: npt.NDArray[np.uint8], header: FaceHeader, *, compression: int = 1
) -> bytes:
    """Return the PNG file of a square (n, n, 3) uint8 RGB face with its header.

    ``compression`` is zlib's, 0 to 9: 1 takes 6 ms for 512 pixels, where OpenCV's
    own choice takes 16. Raises ValueError for another shape.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.shape[0] != rgb.shape[1]:
        raise ValueError(f"a face is (n, n, 3), not {rgb.shape}")
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    ways = [cv2.IMWRITE_PNG_COMPRESSION, compression]
    if hasattr(cv2, "IMWRITE_PNG_FILTER"):  # one filter is tried, not five: OpenCV 4.12
        ways += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]
    done, packed = cv2.imencode(".png", bgr, ways)
    if not done:
        raise ValueError("OpenCV cannot write this picture as PNG")
    plain = packed.tobytes()
    text = {"alignments": header.record.as_plain(), "source": header.source.as_plain()}
    chunks = _chunk(b"iTXt", _KEYWORD + b"\0" * 5 + str(text).encode())
    if header.own:
        own = json.dumps(header.own, separators=(",", ":"))
        chunks += _chunk(b"tEXt", OWN_KEYWORD + b"\0" + own.encode("ascii"))
    first = plain.index(b"IDAT") - 4  # OpenCV writes nothing but IHDR before it
    return plain[:first] + chunks + plain[first:]


def read_face_header(data: bytes, *, where: str | PathLike[str] = "") -> FaceHeader:
    """Return what the face PNG ``data`` says about itself.

    Raises LampoonError, named ``where``, if it is no PNG, has no faceswap header, or
    has one that is broken.
    """
    try:
        texts = dict(_texts(data))
        if _KEYWORD not in texts:
            raise LampoonError("not a face that faceswap or Lampoon extracted")
        plain = _literal(texts[_KEYWORD])
        source = source_of(entries(plain, "source"))
        own = _own(texts.get(OWN_KEYWORD, b"{}"))
        return FaceHeader(record_of(plain.get("alignments")), source, own)
    except LampoonError as error:
        raise LampoonError(error.what, where=where, hint=error.hint) from error
    except (struct.error, IndexError) as error:
        raise LampoonError("the PNG is cut off", where=where) from error


def read_face(
    data: bytes, *, where: str | PathLike[str] = ""
) -> tuple[npt.NDArray[np.uint8], FaceHeader]:
    """Return the picture, (n, n, 3) uint8 RGB, and the header; see read_face_header."""
    header = read_face_header(data, where=where)
    width, height = struct.unpack(">II", data[16:24])
    if not 0 < width == height <= _MAX_SIDE:
        raise LampoonError(f"a face of {width} by {height} pixels", where=where)
    try:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise LampoonError("the PNG cannot be decoded", where=where) from error
    if bgr is None:
        raise LampoonError("the PNG cannot be decoded", where=where)
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False), header


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def _texts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keyword and text of every uncompressed text chunk before the picture."""
    if not data.startswith(_SIGNATURE + b"\0\0\0\rIHDR") or len(data) > _MAX_FILE:
        raise LampoonError("not a PNG")
    at = len(_SIGNATURE)
    while True:
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + 12 + length]
        if kind == b"IDAT":
            return
        if check != struct.pack(">I", zlib.crc32(kind + body)):
            raise LampoonError("a PNG chunk fails its checksum")
        keyword, _, text = body.partition(b"\0")
        if kind == b"iTXt" and text.startswith(b"\0\0\0\0"):
            yield keyword, text[4:]
        elif kind == b"tEXt":
            yield keyword, text
        at += 12 + length


def _literal(raw: bytes) -> dict[str, Any]:
    """Return the dict that ``raw`` spells; refuses whatever could hurt the parser."""
    broken = LampoonError("the faceswap header is broken")
    if len(raw) > _MAX_HEADER:
        raise broken
    try:
        text = raw.decode()
        skeleton = _STRINGS.sub("0", text)
        deep = _depth(skeleton) > _DEPTH or _SIGNS.search(skeleton)
        if deep or not _LITERAL.fullmatch(skeleton):
            raise broken
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise broken from error
    if not isinstance(found, dict):
        raise broken
    return found


def _depth(skeleton: str) -> int:
    steps = np.frombuffer(skeleton.encode(errors="replace"), np.uint8)
    opens = np.isin(steps, np.frombuffer(b"([{", np.uint8)).astype(np.int64)
    closes = np.isin(steps, np.frombuffer(b")]}", np.uint8)).astype(np.int64)
    return int(np.cumsum(opens - closes).max(initial=0))


def source_of(plain: Mapping[str, Any]) -> FaceSource:
    """Return the source that a header names; raises LampoonError if it is broken."""
    names = plain.get("original_filename"), plain.get("source_filename")
    size = plain.get("source_frame_dims")
    if not all(isinstance(name, str) for name in names):
        raise LampoonError("the header does not name its frame")
    if not isinstance(size, list | tuple) or len(size) < 2:
        raise LampoonError("the header does not give the size of its frame")
    version = plain.get("alignments_version", ALIGNMENTS_VERSION)
    if not isinstance(version, int | float):
        raise LampoonError("the header has no version")
    return FaceSource(
        original_filename=str(names[0]),
        face_index=whole(plain.get("face_index"), "face_index"),
        source_filename=str(names[1]),
        source_is_video=bool(plain.get("source_is_video")),
        frame_size=(whole(size[0], "height"), whole(size[1], "width")),
        alignments_version=float(version),
    )


def _own(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise LampoonError("Lampoon's part of the header is broken") from error
    if not isinstance(found, dict):
        raise LampoonError("Lampoon's part of the header is broken")
    return found
