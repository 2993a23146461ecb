"""Sound carried from one file into another, untouched wherever MP4 can hold it."""

from __future__ import annotations  # av's Packet is generic to type checkers only

from collections.abc import Iterator
from fractions import Fraction

import av
import av.container
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet

from lampoon.media.container import PathText, guarded, sounds_in
from lampoon.media.timing import rescale

HELD_BY_MP4 = frozenset({"aac", "mp3", "ac3", "eac3", "opus", "flac", "alac", "dts"})
"""Codecs whose packets go into MP4 bit by bit as they are."""

AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 8000)
AAC_BITS_PER_CHANNEL = 96_000


class _Copied:
    """A track whose packets are passed on, payload untouched."""

    def __init__(self, source: AudioStream, target: AudioStream) -> None:
        self._target = target
        self.index = source.index

    def packets(self, packet: Packet[AudioStream]) -> list[Packet[AudioStream]]:
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

    def packets(self, packet: Packet[AudioStream]) -> list[Packet[AudioStream]]:
        made: list[Packet[AudioStream]] = []
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
        self._packets = source.demux(streams) if streams else iter(())
        self._waiting: Packet[AudioStream] | None = None

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

    def _rest(self) -> Iterator[Packet[AudioStream]]:
        if self._waiting is not None:
            held, self._waiting = self._waiting, None
            yield held
        while True:
            with guarded(self._path):
                packet = next(self._packets, None)
            if packet is None:
                return
            yield packet

    def _carry(self, packet: Packet[AudioStream]) -> None:
        ticks = rescale(1, self._shift, packet.time_base) if self._shift else 0
        if packet.pts is not None:
            packet.pts += ticks
        if packet.dts is not None:
            packet.dts += ticks
        for made in self._tracks[packet.stream.index].packets(packet):
            self._target.mux(made)


def _track(
    source: AudioStream, target: av.container.OutputContainer
) -> _Copied | _Encoded:
    if source.codec_context.codec.canonical_name in HELD_BY_MP4:
        stream = target.add_stream_from_template(source, opaque=None)
        made: _Copied | _Encoded = _Copied(source, stream)
    else:
        rate = min(AAC_RATES, key=lambda known: abs(known - (source.rate or 48000)))
        stream = target.add_stream("aac", rate=rate)
        stream.layout = source.layout
        stream.bit_rate = AAC_BITS_PER_CHANNEL * source.channels
        made = _Encoded(source, stream)
    if source.language:
        stream.metadata["language"] = source.language
    return made
