"""Pictures with alpha: PNG files, and clips that carry a fourth channel."""

from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.container
import numpy as np
import numpy.typing as npt
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from PIL import Image, UnidentifiedImageError

from lampoon.errors import MediaError, UnreadableError
from lampoon.media.container import opened, pictures_in, scan
from lampoon.media.picture import Picture, orientation_of

Rgba = npt.NDArray[np.uint8]
"""(height, width, 4), alpha last and not multiplied in."""

WITH_ALPHA = {"vp9": "libvpx-vp9", "vp8": "libvpx"}
"""Decoders that see the alpha which WebM keeps beside its pictures."""

WORTH_SEEKING = 50

HINT = "export PNG with transparency, ProRes 4444, or VP9 with alpha"


def png_size(path: Path) -> tuple[int, int]:
    """Return width and height of a PNG with alpha, without decoding it.

    Raises UnreadableError for what is no picture, MediaError where it has no alpha.
    """
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            if "A" not in picture.getbands() and "transparency" not in picture.info:
                raise MediaError("has no alpha channel", where=path, hint=HINT)
            return picture.width, picture.height
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise UnreadableError("not a PNG that can be read", where=path) from error


def read_png(path: Path) -> Rgba:
    """Return the pixels of a PNG, alpha included; raises UnreadableError."""
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            return np.asarray(picture.convert("RGBA"), np.uint8)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableError("not a PNG that can be read", where=path) from error


class AlphaClip:
    """A clip with alpha, asked for any moment; rising moments are quickest.

    ``moments`` are seconds from its first frame. Raises UnreadableError for what is
    no clip, MediaError where it has no alpha.
    """

    def __init__(self, path: Path) -> None:
        """Look at the clip's first frame and at the moments of all."""
        self.path = path
        timeline, _ = scan(path)
        self._ticks = list(timeline.ticks)
        self.seconds = timeline.seconds
        start = self._ticks[0]
        self.moments = [(tick - start) * timeline.time_base for tick in self._ticks]
        self._index = 0
        self._frames = self._from(0)
        self._shown = next(self._frames)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, upright."""
        return self._shown.shape[1], self._shown.shape[0]

    def at(self, seconds: Fraction) -> Rgba:
        """Return the frame that is shown at a moment."""
        index = max(0, bisect_right(self.moments, seconds) - 1)
        if index < self._index or index > self._index + WORTH_SEEKING:
            self._frames, self._index = self._from(index), index
            self._shown = next(self._frames)
        while self._index < index:
            self._shown = next(self._frames)
            self._index += 1
        return self._shown

    def _from(self, index: int) -> Iterator[Rgba]:
        """Give every frame from ``index`` on."""
        with opened(self.path) as container:
            stream = pictures_in(container, self.path)
            if index:
                container.seek(self._ticks[index], stream=stream, backward=True)
            for native in _decoded(container, stream):
                if native.pts is None or native.pts >= self._ticks[index]:
                    yield self._rgba(native)

    def _rgba(self, native: av.VideoFrame) -> Rgba:
        if not any(part.is_alpha for part in native.format.components):
            raise MediaError("has no alpha channel", where=self.path, hint=HINT)
        orientation = orientation_of(native)
        alpha = native.to_ndarray(format="rgba")[..., 3]
        rgb = Picture(native, orientation).rgb()
        return np.dstack([rgb, orientation.upright(alpha.astype(np.uint8))])


def _decoded(
    container: av.container.InputContainer, stream: VideoStream
) -> Iterator[av.VideoFrame]:
    name = WITH_ALPHA.get(stream.codec_context.codec.canonical_name)
    if name is None or stream.metadata.get("alpha_mode") != "1":
        yield from container.decode(stream)
        return
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, VideoCodecContext)
    for packet in container.demux(stream):
        yield from decoder.decode(packet)
