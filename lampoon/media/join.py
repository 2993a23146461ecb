"""Stretches of one clip, each a file of its own, joined without a second encode.

The packets are those of the parts, byte for byte; only their moments are written
anew, so that the whole has every frame where the source clip had it.
"""

import os
import secrets
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import av.container
from av.packet import Packet  # noqa: TC002 - beside its stream, as in sound.py
from av.video.stream import VideoStream

from lampoon.errors import MediaError
from lampoon.media.container import input_of, opened, pictures_in, scan
from lampoon.media.mp4 import mp4_options, start_shift
from lampoon.media.reader import Clip, probe
from lampoon.media.sound import SoundCarrier


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a clip; its first frame belongs at ``first_tick`` of the whole."""

    path: Path
    first_tick: int


def join_clips(
    target: Path,
    parts: Sequence[Part],
    *,
    time_base: Fraction,
    sound_from: Path | None,
    comment: str = "",
) -> Clip:
    """Write the parts, in order, as one MP4 with the sound of another clip.

    ``time_base`` is that of the source clip, in whose ticks the parts begin. Parts
    must be closed and encoded alike, as ``write_clip`` makes them. Beside ``target``,
    compared, then renamed; on any failure there is no file. Raises ValueError for no
    parts, MediaError for parts that do not fit together or cannot be written.
    """
    if not parts:
        raise ValueError("there is nothing to join")
    partial = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        plan = _plan(parts, time_base)
        _write(partial, parts, plan, sound_from, comment)
        if list(scan(partial)[0].ticks) != list(plan.shown):
            raise MediaError("a frame came out displaced", where=target)
        clip = replace(probe(partial), path=target)
        os.replace(partial, target)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot be written: {error}", where=target) from error
    finally:
        partial.unlink(missing_ok=True)
    return clip


@dataclass(frozen=True, slots=True)
class _Plan:
    """Every moment of the whole, rising, in ticks of 1/denominator.

    ``offsets`` are added to the moments in each part; pictures are decoded ``delay``
    places before they are shown; the last one stays for ``last_stay``.
    """

    shown: "array[int]"
    offsets: tuple[int, ...]
    delay: int
    last_stay: int
    time_base: Fraction
    shift: int


def _plan(parts: Sequence[Part], time_base: Fraction) -> _Plan:
    base = Fraction(1, time_base.denominator)
    shift = start_shift(parts[0].first_tick, time_base) * time_base.numerator
    shown, offsets, delay, stay = array("q"), [], 0, 1
    settings: set[bytes | None] = set()
    for part in parts:
        with opened(part.path) as container:
            stream = pictures_in(container, part.path)
            settings.add(stream.codec_context.extradata)
            if len(settings) > 1 or stream.time_base != base:
                raise MediaError("this part was encoded otherwise", where=part.path)
            told = [
                (tick, packet.duration or 0)
                for packet, tick in _packets(container, stream)
            ]
        if not told:
            raise MediaError("this part is empty", where=part.path)
        rising = sorted(told)
        offset = part.first_tick * time_base.numerator + shift - rising[0][0]
        if shown and rising[0][0] + offset <= shown[-1]:
            raise MediaError("this part begins too early", where=part.path)
        moments = [pts for pts, _ in rising]
        ranks = (bisect_left(moments, pts) for pts, _ in told)
        delay = max(delay, *(place - rank for place, rank in enumerate(ranks)))
        shown.extend(pts + offset for pts in moments)
        offsets.append(offset)
        stay = rising[-1][1] or stay
    return _Plan(shown, tuple(offsets), delay, stay, base, shift)


def _packets(
    container: av.container.InputContainer, stream: VideoStream
) -> Iterator[tuple["Packet[VideoStream]", int]]:
    """Give every packet with its presentation tick."""
    for packet in container.demux(stream):
        if packet.size and packet.pts is not None:
            yield packet, packet.pts


def _write(
    partial: Path,
    parts: Sequence[Part],
    plan: _Plan,
    sound_from: Path | None,
    comment: str,
) -> None:
    with ExitStack() as stack:
        options = mp4_options(plan.time_base)
        output = stack.enter_context(
            av.open(os.fspath(partial), "w", format="mp4", options=options)
        )
        if comment:
            output.metadata["comment"] = comment
        with opened(parts[0].path) as first:
            model = pictures_in(first, parts[0].path)
            track = output.add_stream_from_template(model, opaque=None)
            track.time_base = plan.time_base
        sound = None
        if sound_from is not None:
            source = stack.enter_context(input_of(sound_from))
            seconds = plan.shift * plan.time_base
            sound = SoundCarrier(sound_from, source, output, seconds)
        for packet, tick in _retimed(parts, plan):
            if sound is not None:
                sound.carry_until(tick * plan.time_base)
            packet.stream = track
            output.mux(packet)
        if sound is not None:
            sound.carry_until(None)


def _retimed(
    parts: Sequence[Part], plan: _Plan
) -> Iterator[tuple["Packet[VideoStream]", int]]:
    """Give every packet, in decoding order, with its tick in the whole."""
    shown, place = plan.shown, 0
    step = shown[1] - shown[0] if len(shown) > 1 else 1
    for part, offset in zip(parts, plan.offsets, strict=True):
        with opened(part.path) as container:
            stream = pictures_in(container, part.path)
            for packet, told in _packets(container, stream):
                tick = packet.pts = told + offset
                early = place - plan.delay
                packet.dts = shown[early] if early >= 0 else shown[0] + early * step
                here = bisect_left(shown, tick)
                last = here + 1 == len(shown)
                packet.duration = (
                    plan.last_stay if last else shown[here + 1] - shown[here]
                )
                packet.time_base = plan.time_base
                place += 1
                yield packet, tick
