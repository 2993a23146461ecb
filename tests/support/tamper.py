"""Ways to harm a signed clip, each told by what it does to the bytes."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


@dataclass(frozen=True)
class Box:
    """One box at the top of an MP4: its four letters and where it lies."""

    kind: str
    start: int
    stop: int


def boxes(content: bytes) -> Iterator[Box]:
    """Walk the top boxes; the one with the manifest is called ``c2pa``."""
    at = 0
    while at + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        if size == 1:
            size = struct.unpack(">Q", content[at + 8 : at + 16])[0]
        stop = at + size if size else len(content)
        is_manifest = content[at + 8 : at + 24] == C2PA_BOX
        yield Box("c2pa" if is_manifest else kind.decode("latin-1"), at, stop)
        at = stop


def box(content: bytes, kind: str) -> Box:
    """Return the first box of a kind."""
    return next(each for each in boxes(content) if each.kind == kind)


def box_at(content: bytes, place: int) -> Box:
    """Return the box that holds a byte."""
    return next(each for each in boxes(content) if each.start <= place < each.stop)


def flipped(content: bytes, place: int, bit: int = 0) -> bytes:
    """Return the bytes with one bit turned over."""
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    return bytes(changed)


def written(path: Path, content: bytes) -> Path:
    """Write bytes, return the path."""
    path.write_bytes(content)
    return path


def without_manifest(content: bytes) -> bytes:
    """Return the clip with the manifest's box made into one of an unknown kind."""
    found = box(content, "c2pa")
    changed = bytearray(content)
    changed[found.start + 8 : found.start + 24] = bytes(16)
    return bytes(changed)


def with_manifest_of(content: bytes, other: bytes) -> bytes:
    """Return the clip carrying another clip's manifest instead of its own."""
    own, foreign = box(content, "c2pa"), box(other, "c2pa")
    head, tail = content[: own.start], content[own.stop :]
    return head + other[foreign.start : foreign.stop] + tail


def with_manifest_twice(content: bytes) -> bytes:
    """Return the clip with its manifest's box doubled."""
    own = box(content, "c2pa")
    return content[: own.stop] + content[own.start :]


def remuxed(source: Path, target: Path, **options: str) -> Path:
    """Copy the packets into a new container, as ``ffmpeg -c copy`` does."""
    with (
        av.open(str(source)) as given,
        av.open(str(target), "w", options=options) as made,
    ):
        streams = {
            stream.index: made.add_stream_from_template(stream)
            for stream in given.streams
            if stream.type in ("video", "audio")
        }
        for packet in given.demux(*[given.streams[index] for index in streams]):
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                made.mux(packet)
    return target


@dataclass(frozen=True)
class Recipe:
    """How a clip is encoded again; ``frames`` is how many of it, 0 for all."""

    crf: int = 30
    width: int = 0
    height: int = 0
    every: int = 1
    frames: int = 0
    bar: tuple[float, float, float, float] | None = None


def transcoded(source: Path, target: Path, recipe: Recipe | None = None) -> Path:
    """Encode the pictures again; ``bar`` is a black box, in shares of the picture."""
    recipe = recipe or Recipe()
    with av.open(str(source)) as given, av.open(str(target), "w") as made:
        stream = given.streams.video[0]
        rate = Fraction(stream.average_rate or 25) / recipe.every
        out = made.add_stream("libx264", rate=rate)
        out.width = recipe.width or stream.width
        out.height = recipe.height or stream.height
        out.pix_fmt = "yuv420p"
        out.time_base = stream.time_base
        out.options = {"crf": str(recipe.crf), "preset": "veryfast"}
        for index, frame in enumerate(given.decode(stream)):
            if index % recipe.every:
                continue
            if recipe.frames and index >= recipe.frames:
                break
            made.mux(out.encode(_changed(frame, recipe)))
        made.mux(out.encode())
    return target


def _changed(frame: av.VideoFrame, recipe: Recipe) -> av.VideoFrame:
    """Return the frame with the bar drawn, otherwise as it is."""
    if recipe.bar is None:
        return frame.reformat(
            width=recipe.width or frame.width, height=recipe.height or frame.height
        )
    picture = frame.to_ndarray(format="rgb24")
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = recipe.bar
    picture[int(y0 * height) : int(y1 * height), int(x0 * width) : int(x1 * width)] = 12
    made = av.VideoFrame.from_ndarray(picture, format="rgb24")
    made.pts, made.time_base = frame.pts, frame.time_base
    return made
