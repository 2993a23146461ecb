"""Opening a file of unknown origin, and what lies in it without decoding it."""

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from os import PathLike
from pathlib import Path

import av
import av.container
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from lampoon.errors import UnreadableError
from lampoon.media.timing import Timeline

MOST_PIXELS = 8192 * 8192
"""A picture larger than this is refused before anything of it is decoded."""

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,ivf,asf,nut,mxf,"
    "gif,h264,hevc"
)
"""Containers that are opened. Playlists are not: they name other files and URLs."""

ANSWERS = {"protocol_whitelist": "file", "format_whitelist": FORMATS}

ALLOWED_GAP = Fraction(3, 2)
"""Seconds by which a file may end before its header says so; more means cut short."""

PathText = str | PathLike[str]


@contextmanager
def guarded(path: PathText) -> Iterator[None]:
    """Turn whatever a broken file makes the decoder raise into UnreadableError."""
    try:
        yield
    except (av.FFmpegError, ValueError, EOFError, MemoryError) as error:
        raise UnreadableError(
            f"not a clip that can be decoded: {_plain(error)}",
            where=path,
            hint="is it complete, and does a player open it?",
        ) from error


def input_of(path: PathText) -> av.container.InputContainer:
    """Return the open file, to be closed by the caller; it alone is ever touched.

    Raises UnreadableError when it is missing or is no clip.
    """
    place = Path(path)
    if not place.is_file():
        raise UnreadableError("there is no such file", where=path)
    with guarded(path):
        return av.open(
            f"file:{place.absolute()}",
            options=dict(ANSWERS),
            metadata_errors="replace",
        )


@contextmanager
def opened(path: PathText) -> Iterator[av.container.InputContainer]:
    """Open a clip for reading; what breaks meanwhile becomes UnreadableError."""
    with input_of(path) as container, guarded(path):
        yield container


def _plain(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text[:1].lower() + text[1:]


def pictures_in(container: av.container.InputContainer, path: PathText) -> VideoStream:
    """Return the stream of moving pictures; cover art does not count.

    Raises UnreadableError when there is none, it has no decoder, it is too large or
    the file stops before its last picture.
    """
    streams = [s for s in container.streams.video if not _is_cover(s)]
    if not streams:
        raise UnreadableError("there are no moving pictures in it", where=path)
    stream = streams[0]
    context = stream.codec_context
    if context is None or context.format is None:
        raise UnreadableError("its pictures cannot be decoded", where=path)
    if not 0 < context.width * context.height <= MOST_PIXELS:
        raise UnreadableError(
            f"pictures of {context.width}x{context.height} are not read", where=path
        )
    if _lowest_end(stream) > Path(path).stat().st_size:
        raise UnreadableError(
            "the file is cut short", where=path, hint="copy it again from its source"
        )
    return stream


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & stream.disposition.__class__.attached_pic)


def _lowest_end(stream: VideoStream) -> int:
    """Return the byte at which the last indexed picture ends; 0 without an index."""
    entries = stream.index_entries
    if not len(entries):
        return 0
    last = entries[len(entries) - 1]
    return last.pos + last.size


def sounds_in(container: av.container.InputContainer) -> list[AudioStream]:
    """Return the streams of sound that can be decoded, in order."""
    return [s for s in container.streams.audio if s.codec_context is not None]


class RisingTicks:
    """Presentation times that always rise, whatever the file says.

    A missing time is one step after the one before; a time that does not rise is
    moved one tick behind the one before it, so that no picture is lost.
    """

    def __init__(self, step: int) -> None:
        self._step = max(step, 1)
        self._last: int | None = None

    def next(self, told: int | None) -> int:
        """Return the time of the next picture, given what the file says."""
        if self._last is None:
            self._last = told or 0
        elif told is None:
            self._last += self._step
        else:
            self._last = max(told, self._last + 1)
        return self._last


def usual_step(stream: VideoStream) -> int:
    """Return how many ticks a picture usually stays."""
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    return max(round(1 / (rate * (stream.time_base or Fraction(1, 25)))), 1)


def scan(path: PathText) -> tuple[Timeline, dict[int, Fraction]]:
    """Return every picture's moment and the seconds of each sound, undecoded.

    Sounds are keyed by stream index. Raises UnreadableError as `opened` does, and
    when the file stops well before its header says it ends.
    """
    with opened(path) as container:
        stream = pictures_in(container, path)
        sounds = sounds_in(container)
        step = usual_step(stream)
        told: list[tuple[int, int]] = []
        certain = True
        spans: dict[int, tuple[Fraction, Fraction]] = {}
        for packet in container.demux([stream, *sounds]):
            if packet.size == 0 or packet.is_discard:
                continue
            ticks = packet.pts if packet.pts is not None else packet.dts
            if packet.stream_index == stream.index:
                certain = certain and packet.pts is not None
                ticks = ticks if ticks is not None else len(told) * step
                told.append((ticks, packet.duration or 0))
            elif ticks is not None:
                end = (ticks + (packet.duration or 0)) * packet.time_base
                begin = spans.get(packet.stream_index, (ticks * packet.time_base,))[0]
                spans[packet.stream_index] = (begin, end)
        timeline = replace(_timeline(sorted(told), stream, step), certain=certain)
        ends = [end for _, end in spans.values()]
        if timeline.ticks:
            ends.append(timeline.ticks[0] * timeline.time_base + timeline.seconds)
        _refuse_early_end(container, ends, path)
        return timeline, {index: end - begin for index, (begin, end) in spans.items()}


def _timeline(told: list[tuple[int, int]], stream: VideoStream, step: int) -> Timeline:
    rising = RisingTicks(step)
    ticks = array("q", (rising.next(moment) for moment, _ in told))
    last = told[-1][1] if told else 0
    if last <= 0:
        last = ticks[-1] - ticks[-2] if len(ticks) > 1 else step
    return Timeline(ticks, stream.time_base or Fraction(1, 25), last)


def _refuse_early_end(
    container: av.container.InputContainer, ends: list[Fraction], path: PathText
) -> None:
    if container.duration is None or not ends:
        return
    start = Fraction(container.start_time or 0, av.time_base)
    said = start + Fraction(container.duration, av.time_base)
    if max(ends) + ALLOWED_GAP < said:
        raise UnreadableError(
            f"the file is cut short: {float(max(ends)):.1f} of {float(said):.1f} s",
            where=path,
            hint="copy it again from its source",
        )
