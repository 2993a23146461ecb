"""Frames and sound into an MP4, or nothing at all.

The picture is 8-bit 4:2:0 with BT.709 tags. Every frame keeps its moment exactly: the
time base of the file is the frames' own. A start other than 0 is carried by the
track's edit list, for pictures and sound alike, so both stay where they were. Only
where that cannot be, for a first frame before 0 or beyond ten minutes (a cut from a
broadcast), everything is moved by one amount so that the first frame is at 0.
"""

import os
import secrets
from array import array
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

import av
import av.container
from av.codec.context import Flags
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from lampoon.errors import MediaError
from lampoon.media.container import input_of
from lampoon.media.frame import Frame
from lampoon.media.mp4 import mp4_options, start_shift
from lampoon.media.picture import Tags, coded_picture
from lampoon.media.reader import Clip, probe, read_frames
from lampoon.media.repeatable import repeatable
from lampoon.media.sound import SoundCarrier
from lampoon.progress import Tell, silent


@dataclass(frozen=True, slots=True)
class Encoding:
    """How pictures are encoded: ``crf`` 0 is best, 51 worst; ``threads`` 0 is all."""

    codec: str = "libx264"
    crf: int = 18
    preset: str = "medium"
    threads: int = 0


def write_clip(
    target: Path,
    frames: Iterable[Frame],
    *,
    sound_from: Path | None,
    encoding: Encoding = Encoding(),
    comment: str = "",
    tell: Tell = silent,
    total: int = 0,
) -> Clip:
    """Write an MP4 and return what it holds; on any failure there is no file.

    Frames must rise in time and have one size and one time base. Odd sides grow by
    one repeated pixel. Every track of sound in ``sound_from`` comes along, packets
    bit by bit where MP4 holds their codec, else encoded once as AAC. The clip is
    written beside ``target``, decoded again to compare every moment, then renamed.
    Raises ValueError for frames that break these rules, UnreadableError for sound
    that cannot be read, MediaError for no frames and for what cannot be written.
    """
    target = Path(target)
    partial = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        moments = _write(
            partial, _told(frames, tell, total), sound_from, encoding, comment
        )
        _compare(partial, moments, target)
        clip = replace(probe(partial), path=target)
        os.replace(partial, target)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot be written: {error}", where=target) from error
    finally:
        partial.unlink(missing_ok=True)
    return clip


@dataclass(slots=True)
class _Moments:
    """Every moment that was written, in ticks of ``time_base``."""

    ticks: "array[int]"
    time_base: Fraction


def _write(
    partial: Path,
    frames: Iterable[Frame],
    sound_from: Path | None,
    encoding: Encoding,
    comment: str,
) -> _Moments:
    stays = _with_stays(frames)
    first = next(stays, None)
    if first is None:
        raise MediaError("there are no frames to write", where=partial.parent)
    shift = start_shift(first[0].pts, first[0].time_base)
    with ExitStack() as stack:
        options = mp4_options(first[0].time_base)
        output = stack.enter_context(
            av.open(os.fspath(partial), "w", format="mp4", options=options)
        )
        if comment:
            output.metadata["comment"] = comment
        track = _PictureTrack(output, first, encoding, shift)
        sound = None
        if sound_from is not None:
            source = stack.enter_context(input_of(sound_from))
            seconds = shift * first[0].time_base
            sound = SoundCarrier(sound_from, source, output, seconds)
        for frame, stay in chain([first], stays):
            if sound is not None:
                sound.carry_until(frame.seconds + shift * frame.time_base)
            track.add(frame, stay)
        track.finish()
        if sound is not None:
            sound.carry_until(None)
    return _Moments(track.ticks, track.time_base)


def _told(frames: Iterable[Frame], tell: Tell, total: int) -> Iterator[Frame]:
    for done, frame in enumerate(frames, start=1):
        yield frame
        tell(done, total)


def _with_stays(frames: Iterable[Frame]) -> Iterator[tuple[Frame, int]]:
    """Give each frame with the ticks that it stays, which the next one tells."""
    last: Frame | None = None
    step = 0
    for last, following in pairwise(_with_end(frames)):
        assert last is not None
        if following is None:
            stay = last.duration or step or round(1 / (25 * last.time_base))
            yield last, max(stay, 1)
            return
        step = following.pts - last.pts
        if step <= 0 or following.time_base != last.time_base:
            raise ValueError(f"frame {following.index} does not follow in time")
        yield last, step


def _with_end(frames: Iterable[Frame]) -> Iterator[Frame | None]:
    yield from frames
    yield None


class _PictureTrack:
    """The track of pictures while it grows."""

    def __init__(
        self,
        output: av.container.OutputContainer,
        first: tuple[Frame, int],
        encoding: Encoding,
        shift: int,
    ) -> None:
        frame, stay = first
        self._output = output
        self._shift = shift
        self._source_base = frame.time_base
        self.time_base = Fraction(1, frame.time_base.denominator)
        self.ticks = array("q")
        self._size = (frame.width, frame.height)
        self._stays: dict[int, int] = {}
        self._reformatter = VideoReformatter()
        rate = 1 / (stay * frame.time_base)
        width = frame.width + frame.width % 2
        self._stream = _picture_stream(output, rate, encoding, width)
        self._stream.width = width
        self._stream.height = frame.height + frame.height % 2
        self._stream.codec_context.time_base = self.time_base
        self._stream.time_base = self.time_base
        _tag(self._stream, frame.tags)

    def add(self, frame: Frame, stay: int) -> None:
        """Encode one frame that stays for so many ticks of its own time base."""
        if (frame.width, frame.height) != self._size:
            raise ValueError(f"frame {frame.index} has another size than the first")
        native = frame.picture.coded() if frame.picture is not None else None
        if native is None:
            native = coded_picture(frame.rgb, self._reformatter)
        ratio = self._source_base.numerator
        native.pts = (frame.pts + self._shift) * ratio
        native.time_base = self.time_base
        native.pict_type = PictureType.NONE
        self.ticks.append(native.pts)
        self._stays[native.pts] = stay * ratio
        self._mux(native)

    def finish(self) -> None:
        """Encode what the encoder still holds."""
        self._mux(None)

    def _mux(self, native: av.VideoFrame | None) -> None:
        for packet in self._stream.encode(native):
            if packet.pts is not None:
                packet.duration = self._stays.pop(packet.pts, packet.duration)
            self._output.mux(packet)


def _picture_stream(
    output: av.container.OutputContainer,
    rate: Fraction,
    encoding: Encoding,
    width: int,
) -> VideoStream:
    options = {"crf": str(encoding.crf), "preset": encoding.preset}
    if encoding.codec == "libx264":
        options |= repeatable(width)
    stream = output.add_stream(
        encoding.codec, rate=rate.limit_denominator(65535), options=options
    )
    if not isinstance(stream, VideoStream):
        raise ValueError(f"{encoding.codec} does not encode pictures")
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = encoding.threads
    stream.codec_context.flags |= Flags.global_header
    return stream


def _tag(stream: VideoStream, tags: Tags) -> None:
    context = stream.codec_context
    context.colorspace = 1
    context.color_range = 1
    context.color_primaries = tags.primaries
    context.color_trc = tags.transfer
    if tags.pixel_aspect != 1:
        context.sample_aspect_ratio = tags.pixel_aspect


def _compare(partial: Path, moments: _Moments, target: Path) -> None:
    """Decode what was written; raise MediaError unless every moment is there."""
    count = 0
    for count, frame in enumerate(read_frames(partial), start=1):
        past = count > len(moments.ticks)
        told = 0 if past else moments.ticks[count - 1] * moments.time_base
        if past or frame.seconds != told:
            raise MediaError(f"frame {count - 1} came out displaced", where=target)
    if count != len(moments.ticks):
        raise MediaError(
            f"{len(moments.ticks)} frames went in, {count} came out", where=target
        )
