"""Small clips of every kind, made on the spot."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType

SOUND_RATES = {"libopus": 48000, "opus": 48000}


@dataclass(frozen=True)
class Recipe:
    """What a test clip is made of; ``ticks`` are the frames' moments."""

    ticks: Sequence[int] = tuple(range(0, 12 * 512, 512))
    time_base: Fraction = Fraction(1, 12800)
    size: tuple[int, int] = (64, 48)
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    sounds: tuple[str, ...] = ()
    rotation: int = 0
    sound_seconds: float = 0.5
    matrix: int = 1


def picture(index: int, size: tuple[int, int] = (64, 48)) -> npt.NDArray[np.uint8]:
    """Smooth colours, brighter to the right, with a bar that tells the frame."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    red = 40 + 160 * x / width
    green = 60 + 120 * y / height
    blue = 200 - 120 * x / width
    rgb = np.stack([red, green, blue], axis=-1).astype(np.uint8)
    rgb[: height // 6, : 2 + 3 * index % width] = (220, 40, 40)
    return rgb


def clip_of(path: Path, recipe: Recipe = Recipe()) -> Path:
    """Write a clip after a recipe and return its path."""
    options = {"strict": "experimental"}
    if path.suffix == ".mp4":
        options["video_track_timescale"] = str(recipe.time_base.denominator)
        options["movie_timescale"] = str(recipe.time_base.denominator)
    with av.open(str(path), "w", options=options) as output:
        stream = output.add_stream(
            recipe.codec, rate=_frame_rate(recipe), options=_fast(recipe.codec)
        )
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = recipe.size
        stream.pix_fmt = recipe.pix_fmt
        stream.codec_context.time_base = recipe.time_base
        stream.codec_context.colorspace = recipe.matrix
        stream.codec_context.color_range = 1
        if recipe.rotation:
            stream.set_display_rotation(recipe.rotation)
        tracks = [output.add_stream(c, rate=_rate(c)) for c in recipe.sounds]
        for track in tracks:
            assert isinstance(track, av.AudioStream)
            _sing(output, track, recipe.sound_seconds)
        for index, tick in enumerate(recipe.ticks):
            native = _native(index, recipe)
            native.pts, native.time_base = tick, recipe.time_base
            output.mux(stream.encode(native))
        output.mux(stream.encode(None))
    return path


def _frame_rate(recipe: Recipe) -> Fraction:
    first, second = [*recipe.ticks, recipe.ticks[0] + 512][:2]
    return (1 / ((second - first) * recipe.time_base)).limit_denominator(1001)


def _native(index: int, recipe: Recipe) -> av.VideoFrame:
    width, height = recipe.size
    rgb = picture(index, (width, height))
    native = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
        format=recipe.pix_fmt,
        dst_colorspace=1 if recipe.matrix == 1 else 5,
        src_color_range=2,
        dst_color_range=1,
    )
    native.pict_type = PictureType.NONE
    return native


def _fast(codec: str) -> dict[str, str]:
    return {
        "libx264": {"crf": "10", "preset": "veryfast"},
        "libx265": {"crf": "10", "preset": "ultrafast", "x265-params": "log-level=0"},
        "libvpx-vp9": {"crf": "10", "b": "0", "deadline": "realtime", "cpu-used": "8"},
        "libsvtav1": {"crf": "8", "preset": "11", "svtav1-params": "lp=1"},
    }.get(codec, {})


def _rate(codec: str) -> int:
    return SOUND_RATES.get(codec, 44100)


def _sing(
    output: av.container.OutputContainer, track: av.AudioStream, seconds: float
) -> None:
    formats = track.codec_context.codec.audio_formats or []
    wanted = formats[0].name if formats else "s16"
    moments = np.arange(int(seconds * track.rate)) / track.rate
    wave = (8000 * np.sin(2 * np.pi * 440 * moments)).astype(np.int16)
    native = av.AudioFrame.from_ndarray(
        np.repeat(wave, track.channels)[None], format="s16", layout=track.layout.name
    )
    native.sample_rate, native.pts = track.rate, 0
    native.time_base = Fraction(1, track.rate)
    resampler = av.AudioResampler(wanted, track.layout, track.rate)
    for part in [*resampler.resample(native), *resampler.resample(None)]:
        output.mux(track.encode(part))
    output.mux(track.encode(None))


def sound_packets(path: Path) -> list[list[tuple[Fraction, bytes]]]:
    """Return the packets of every track of sound: moment and payload."""
    with av.open(str(path)) as container:
        tracks: dict[int, list[tuple[Fraction, bytes]]]
        tracks = {s.index: [] for s in container.streams.audio}
        if not tracks:
            return []
        for packet in container.demux(*container.streams.audio):
            if packet.size and packet.pts is not None:
                moment = packet.pts * packet.time_base
                tracks[packet.stream_index].append((moment, bytes(packet)))
        return list(tracks.values())
