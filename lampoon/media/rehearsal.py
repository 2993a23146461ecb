"""Encoding a few pictures in memory, to see what an encoder leaves of them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import av.container
import numpy as np
import numpy.typing as npt
from av.codec.context import Flags
from av.video.stream import VideoStream

from lampoon.media.picture import Picture, picture_of_luma

RATE = 25


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came out: decoded luma planes, and bytes of each, the first one whole."""

    planes: tuple[npt.NDArray[np.uint8], ...]
    sizes: tuple[int, ...]


def rehearse(
    planes: Sequence[npt.NDArray[np.uint8]], *, crf: int, preset: str = "superfast"
) -> Rehearsed:
    """Encode grey pictures as H.264 in memory and decode them again.

    ``planes`` are (height, width) uint8 of one size, sides even.
    """
    memory = io.BytesIO()
    sizes: dict[int, int] = {}
    with av.open(memory, "w", format="matroska") as output:
        stream = _stream(output, planes[0].shape, crf, preset)
        for index, plane in enumerate(planes):
            native = picture_of_luma(plane).native
            native.pts, native.time_base = index, Fraction(1, RATE)
            _mux(output, stream, native, sizes)
        _mux(output, stream, None, sizes)
    memory.seek(0)
    with av.open(memory, "r") as written:
        source = written.streams.video[0]
        source.codec_context.thread_count = 1
        made = tuple(Picture(each).luma().copy() for each in written.decode(source))
    return Rehearsed(made, tuple(sizes[at] for at in sorted(sizes)))


def _stream(
    output: av.container.OutputContainer,
    shape: tuple[int, ...],
    crf: int,
    preset: str,
) -> VideoStream:
    # no threads, no look-ahead: the same bytes on every machine, and quick
    options = {"crf": str(crf), "preset": preset, "x264-params": "rc-lookahead=0"}
    stream = output.add_stream("libx264", rate=RATE, options=options)
    if not isinstance(stream, VideoStream):
        raise ValueError("libx264 encodes pictures")
    stream.height, stream.width = shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = 1
    stream.codec_context.flags |= Flags.global_header
    return stream


def _mux(
    output: av.container.OutputContainer,
    stream: VideoStream,
    native: av.VideoFrame | None,
    sizes: dict[int, int],
) -> None:
    for packet in stream.encode(native):
        sizes[packet.pts or 0] = packet.size
        output.mux(packet)
