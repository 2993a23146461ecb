"""Frames out of a file, one at a time, at their exact moments."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from lampoon.errors import UnreadableError
from lampoon.media.container import (
    PathText,
    RisingTicks,
    opened,
    pictures_in,
    scan,
    sounds_in,
    usual_step,
)
from lampoon.media.frame import Frame
from lampoon.media.picture import UPRIGHT, Picture, Tags, orientation_of, tags_of
from lampoon.media.timing import Timeline

WORTH_SEEKING = 50
"""Frames that are decoded and dropped rather than sought."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One track of sound: codec, samples a second, channels, length, language."""

    codec: str
    rate: int
    channels: int
    seconds: Fraction
    language: str = ""


@dataclass(frozen=True, slots=True)
class Clip:
    """What a file holds.

    ``width`` and ``height`` are upright; ``rate`` is frames a second, the average
    where ``variable_rate``; ``frame_count`` is exact; ``rotation`` is how far, in
    degrees anticlockwise, the stored pixels were turned to stand upright.
    """

    path: Path
    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    seconds: Fraction
    frame_count: int
    codec: str
    bit_depth: int
    rotation: int
    variable_rate: bool
    sounds: tuple[Sound, ...]


def probe(path: PathText) -> Clip:
    """Return what a clip holds; every packet is read, only the first frame decoded.

    Raises UnreadableError for a file that is missing, broken, cut short or no clip.
    """
    timeline, lengths = scan(path)
    with opened(path) as container:
        stream = pictures_in(container, path)
        sounds = tuple(
            Sound(
                codec=sound.codec_context.codec.canonical_name,
                rate=sound.rate or 0,
                channels=sound.channels,
                seconds=lengths.get(sound.index, Fraction(0)),
                language=sound.language or "",
            )
            for sound in sounds_in(container)
        )
        native = next(container.decode(stream), None)
        if native is None or not timeline.ticks:
            raise UnreadableError("not a single frame can be decoded", where=path)
        return _clip(path, stream, native, timeline, sounds)


def _clip(
    path: PathText,
    stream: VideoStream,
    native: av.VideoFrame,
    timeline: Timeline,
    sounds: tuple[Sound, ...],
) -> Clip:
    orientation = orientation_of(native)
    width, height = native.width, native.height
    if orientation.lies_down:
        width, height = height, width
    hints = (stream.average_rate, stream.guessed_rate, stream.base_rate)
    return Clip(
        path=Path(path),
        width=width,
        height=height,
        rate=timeline.rate(hints),
        time_base=timeline.time_base,
        seconds=timeline.seconds,
        frame_count=len(timeline.ticks),
        codec=stream.codec_context.codec.canonical_name,
        bit_depth=native.format.components[0].bits,
        rotation=orientation.quarter_turns * 90,
        variable_rate=timeline.variable_rate,
        sounds=sounds,
    )


def read_frames(
    path: PathText,
    *,
    first: int = 0,
    stop: int | None = None,
    every: int = 1,
    threads: int = 0,
) -> Iterator[Frame]:
    """Give frames ``first``, ``first + every``, ... before ``stop``, upright.

    Frames keep the index and the moment that they have in the whole clip. One frame
    is held at a time, so memory does not grow with the clip; pixels become RGB only
    when asked for. ``threads`` 0 decodes on every core. Raises ValueError for
    numbers that make no sense, and UnreadableError, also midway, for broken bytes.
    """
    if first < 0 or every < 1 or threads < 0 or (stop is not None and stop < 0):
        raise ValueError("first, stop and threads count from 0, every from 1")
    if stop is not None and stop <= first:
        return iter(())
    wanted = _decoded(path, first, threads)
    return _chosen(wanted, first, stop, every)


def _chosen(
    frames: Iterator[Frame], first: int, stop: int | None, every: int
) -> Iterator[Frame]:
    for frame in frames:
        if frame.index >= first and (frame.index - first) % every == 0:
            yield frame
        if stop is not None and frame.index + 1 >= stop:
            return


def _decoded(path: PathText, first: int, threads: int) -> Iterator[Frame]:
    """Give every frame from ``first``, or from some frame before it."""
    if first > WORTH_SEEKING:
        timeline, _ = scan(path)
        if first >= len(timeline.ticks):
            return
        start = _landing(path, timeline, first)
        yield from _run(path, threads, *start)
    else:
        yield from _run(path, threads, 0, None)


def _landing(path: PathText, timeline: Timeline, first: int) -> tuple[int, int | None]:
    """Return the index that decoding starts at after seeking, and where to seek.

    Only a keyframe of known moment at or before the wanted one will do; else the
    clip is decoded from its beginning.
    """
    if not timeline.certain:
        return 0, None
    target = timeline.ticks[first]
    with opened(path) as container:
        stream = pictures_in(container, path)
        container.seek(target, stream=stream, backward=True)
        native = next(container.decode(stream), None)
        if native is None or native.pts is None or not native.key_frame:
            return 0, None
        index = bisect_left(timeline.ticks, native.pts)
        known = index <= first and timeline.ticks[index] == native.pts
        return (index, target) if known and index else (0, None)


def _run(
    path: PathText, threads: int, index: int, target: int | None
) -> Iterator[Frame]:
    with opened(path) as container:
        stream = pictures_in(container, path)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        if target is not None:
            container.seek(target, stream=stream, backward=True)
        yield from _frames(container, stream, index)


def _frames(
    container: av.container.InputContainer, stream: VideoStream, index: int
) -> Iterator[Frame]:
    rising = RisingTicks(usual_step(stream))
    reformatter = VideoReformatter()
    time_base = stream.time_base or Fraction(1, 25)
    aspect = stream.sample_aspect_ratio
    orientation, tags, size = UPRIGHT, Tags(), (0, 0)
    for native in container.decode(stream):
        if size == (0, 0):
            orientation = orientation_of(native)
            tags = tags_of(native, aspect, orientation.lies_down)
            size = (native.width, native.height)
        if (native.width, native.height) != size:
            raise ValueError(f"pictures change their size at frame {index}")
        yield Frame(
            index=index,
            pts=rising.next(native.pts),
            time_base=time_base,
            duration=native.duration or 0,
            picture=Picture(native, orientation, reformatter),
            tags=tags,
        )
        index += 1
