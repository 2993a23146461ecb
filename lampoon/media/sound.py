"""Sound carried from one file into another, untouched wherever MP4 can hold it."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

import av
import av.container
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet  # noqa: TC002 - not only for checkers, see SoundPacket

from lampoon.media.container import PathText, guarded, sounds_in
from lampoon.media.timing import rescale

SoundPacket: TypeAlias = "Packet[AudioStream]"
"""Quoted, because av's Packet is generic to type checkers only."""

HELD_BY_MP4 = frozenset({"aac", "mp3", "ac3", "eac3", "opus", "flac", "alac", "dts"})
"""Codecs whose packets go into MP4 bit by bit as they are."""

AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 8000)
AAC_BITS_PER_CHANNEL = 96_000
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}
"""How so many channels are laid out; any other number is mixed down to two."""


class _Copied:
    """A track whose packets are passed on, payload untouched."""

    def __init__(self, source: AudioStream, target: AudioStream) -> None:
        self._target = target
        self.index = source.index

    def packets(self, packet: SoundPacket) -> list[SoundPacket]:
        if packet.size == 0:
            return []
        packet.stream = self._target
        return [packet]


class _Encoded:
    """A track that MP4 cannot hold, encoded once as AAC at the same moments."""

    def __init__(self, source: AudioStream, target: AudioStream) -> None:
        self._target = target
        self.index = source.index
        self._resampler = AudioResampler("fltp", target.layout, target.rate)

    def packets(self, packet: SoundPacket) -> list[SoundPacket]:
        made: list[SoundPacket] = []
        last = packet.size == 0
        for native in packet.decode():
            for part in self._resampler.resample(native):
                made += self._target.encode(part)
        if last:
            for part in self._resampler.resample(None):
                made += self._target.encode(part)
            made += self._target.encode(None)
        return made


class SoundCarrier:
    """Every track of sound of one open file, muxed into another in step with frames.

    ``shift_seconds`` is added to every moment, as it was to the frames. Raises
    UnreadableError, naming ``path``, where the sound cannot be read.
    """

    def __init__(
        self,
        path: PathText,
        source: av.container.InputContainer,
        target: av.container.OutputContainer,
        shift_seconds: Fraction,
    ) -> None:
        self._path = path
        self._target = target
        self._shift = shift_seconds
        streams = sounds_in(source)
        self._tracks = {s.index: _track(s, target) for s in streams}
        self._packets = _packets(source, streams)
        self._waiting: SoundPacket | None = None

    def carry_until(self, seconds: Fraction | None) -> None:
        """Mux the sound that is heard up to a moment; None carries all the rest."""
        for packet in self._rest():
            told = packet.dts if packet.dts is not None else packet.pts
            if seconds is not None and told is not None:
                moment = told * packet.time_base + self._shift
                if moment > seconds:
                    self._waiting = packet
                    return
            self._carry(packet)

    def _rest(self) -> Iterator[SoundPacket]:
        if self._waiting is not None:
            held, self._waiting = self._waiting, None
            yield held
        while True:
            with guarded(self._path):
                packet = next(self._packets, None)
            if packet is None:
                return
            yield packet

    def _carry(self, packet: SoundPacket) -> None:
        ticks = rescale(1, self._shift, packet.time_base) if self._shift else 0
        if packet.pts is not None:
            packet.pts += ticks
        if packet.dts is not None:
            packet.dts += ticks
        for made in self._tracks[packet.stream.index].packets(packet):
            self._target.mux(made)


def _packets(
    source: av.container.InputContainer, streams: list[AudioStream]
) -> Iterator[SoundPacket]:
    if not streams:  # demux() of nothing would give everything
        return
    for packet in source.demux(streams):
        if isinstance(packet.stream, AudioStream):
            yield packet  # type: ignore[misc] # just narrowed; Packet is invariant


def _track(
    source: AudioStream, target: av.container.OutputContainer
) -> _Copied | _Encoded:
    if source.codec_context.codec.canonical_name in HELD_BY_MP4:
        stream = target.add_stream_from_template(source, opaque=None)
        made: _Copied | _Encoded = _Copied(source, stream)
    else:
        rate = min(AAC_RATES, key=lambda known: abs(known - (source.rate or 48000)))
        stream = target.add_stream("aac", rate=rate)
        stream.layout = LAYOUTS.get(source.channels, "stereo")
        stream.bit_rate = AAC_BITS_PER_CHANNEL * stream.channels
        made = _Encoded(source, stream)
    if source.language:
        stream.metadata["language"] = source.language
    return made
