"""Frames through filters and encoders, one at a time, into scratch files."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.filter
from av.video.frame import PictureType
from av.video.stream import VideoStream

from lampoon.bench.watermark.attacks import Attack, Codec, Filter
from lampoon.errors import MediaError
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames

LOSSLESS = Codec("libx264", (("qp", "0"), ("preset", "ultrafast")))

Native = av.VideoFrame


def write(target: Path, pictures: Iterable[Native], codec: Codec) -> int:
    """Encode 4:2:0 pictures into a Matroska file; return how many there were.

    Raises MediaError for none.
    """
    count = 0
    with av.open(str(target), "w", format="matroska") as output:
        stream: VideoStream | None = None
        for picture in pictures:
            if stream is None:
                stream = _stream(output, picture, codec)
            picture.pict_type = PictureType.NONE
            output.mux(stream.encode(picture))
            count += 1
        if stream is None:
            raise MediaError("there are no frames to encode", where=target.name)
        output.mux(stream.encode(None))
    return count


def _stream(
    output: av.container.OutputContainer, first: Native, codec: Codec
) -> VideoStream:
    rate = _rate(first)
    stream = output.add_stream(codec.name, rate=rate, options=dict(codec.options))
    if not isinstance(stream, VideoStream):
        raise ValueError(f"{codec.name} does not encode pictures")
    stream.width, stream.height = first.width, first.height
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = first.time_base or 1 / rate
    stream.codec_context.colorspace = 1
    stream.codec_context.color_range = 1
    stream.codec_context.thread_count = 1
    return stream


def _rate(picture: Native) -> Fraction:
    """Return pictures a second, by how long this one stays."""
    if not picture.duration or picture.time_base is None:
        return Fraction(25)
    return (1 / (picture.duration * picture.time_base)).limit_denominator(65535)


def natives(frames: Iterable[Frame], rate: Fraction) -> Iterator[Native]:
    """Give frames in code as pictures for an encoder, at the moments of their index."""
    for frame in frames:
        picture = frame.in_code().picture
        assert picture is not None
        native = picture.native
        native.pts, native.time_base, native.duration = frame.index, 1 / rate, 1
        yield native


def filtered(
    pictures: Iterable[Native], filters: tuple[Filter, ...]
) -> Iterator[Native]:
    """Give pictures as FFmpeg's filters make them; they keep their moments."""
    graph: av.filter.Graph | None = None
    for picture in pictures:
        if graph is None:
            graph = _graph(picture, filters)
        if not _pushed(graph, picture):
            return  # a trim wants no more
        yield from _ready(graph)
    if graph is not None and _pushed(graph, None):
        yield from _ready(graph)


def _pushed(graph: av.filter.Graph, picture: Native | None) -> bool:
    try:
        graph.vpush(picture)
    except av.EOFError:
        return False
    return True


def _graph(first: Native, filters: tuple[Filter, ...]) -> av.filter.Graph:
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add(
        "buffer",
        f"video_size={first.width}x{first.height}:pix_fmt={first.format.name}:"
        f"time_base={first.time_base}:frame_rate={_rate(first)}:colorspace=bt709:range=tv",
    )
    chain = [source, *(graph.add(name, text or None) for name, text in filters)]
    chain += [graph.add("format", "yuv420p"), graph.add("buffersink")]
    graph.link_nodes(*chain).configure()
    return graph


def _ready(graph: av.filter.Graph) -> Iterator[Native]:
    while True:
        try:
            yield graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return


def attacked(source: Path, attack: Attack, rate: Fraction, folder: Path) -> Path:
    """Return a file of what is left of a clip after an attack."""
    for number, generation in enumerate(attack.generations):
        target = folder / f"generation-{number}.mkv"
        pictures = natives(reread(source, rate), rate)
        if generation.filters:
            pictures = filtered(pictures, generation.filters)
        write(target, pictures, generation.codec)
        source = target
    return source


def reread(path: Path, rate: Fraction) -> Iterator[Frame]:
    """Give a scratch file's frames; each one's index is its place when published."""
    for frame in read_frames(path, threads=1):
        frame.index = round(frame.seconds * rate)
        yield frame


def spread(path: Path, rate: Fraction, count: int) -> list[Frame]:
    """Return some frames of a scratch file, evenly spread, the first one among them."""
    total = sum(1 for _ in read_frames(path, threads=1))
    step = max(total / count, 1.0)
    wanted = {int(place * step) for place in range(count)}
    return [f for place, f in enumerate(reread(path, rate)) if place in wanted]
