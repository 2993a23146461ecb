"""A few frames of a long clip, cheaply: keyframes alone, or some after each."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from av.video.reformatter import VideoReformatter

from lampoon.media.container import (
    PathText,
    RisingTicks,
    opened,
    pictures_in,
    usual_step,
)
from lampoon.media.frame import Frame
from lampoon.media.picture import Picture, orientation_of


def keyframes(path: PathText, *, threads: int = 0) -> Iterator[Frame]:
    """Give the frames that are coded on their own; the others are never decoded.

    Their ``index`` counts keyframes; their moments are those of the clip. Raises
    UnreadableError for broken bytes.
    """
    return _some(path, "NONKEY", threads)


def cheap_frames(path: PathText, *, threads: int = 0) -> Iterator[tuple[Frame, bool]]:
    """Give every frame that others rely on, with whether it is a keyframe.

    Frames that nothing is predicted from are skipped, which saves a third of the
    time in usual files. ``index`` counts what is given.
    """
    for frame in _some(path, "NONREF", threads):
        assert frame.picture is not None
        yield frame, bool(frame.picture.native.key_frame)


def _some(
    path: PathText, skipped: Literal["NONKEY", "NONREF"], threads: int
) -> Iterator[Frame]:
    with opened(path) as container:
        stream = pictures_in(container, path)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        stream.codec_context.skip_frame = skipped
        rising = RisingTicks(usual_step(stream))
        reformatter = VideoReformatter()
        base = stream.time_base or Fraction(1, 25)
        orientation = None
        for index, native in enumerate(container.decode(stream)):
            orientation = orientation or orientation_of(native)
            yield Frame(
                index=index,
                pts=rising.next(native.pts),
                time_base=base,
                duration=native.duration or 0,
                picture=Picture(native, orientation, reformatter),
            )
