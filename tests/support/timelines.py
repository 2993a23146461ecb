"""What a creator does with moviepy, in a word each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np

from lampoon.datasets.samples import sample
from lampoon.media.reader import read_frames


@contextmanager
def footage(path: Path) -> Iterator[Any]:
    """Open a clip."""
    from moviepy import VideoFileClip

    with VideoFileClip(str(path)) as clip:
        yield clip


def lying_down(name: str, path: Path, frames: int) -> Path:
    """Write a bundled clip as a phone does that is held upright."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 360, 640, "yuv420p"
        stream.set_display_rotation(90)
        for frame in read_frames(sample(name).clip, stop=frames):
            turned = np.ascontiguousarray(np.rot90(frame.rgb, -1))
            output.mux(stream.encode(av.VideoFrame.from_ndarray(turned, "rgb24")))
        output.mux(stream.encode(None))
    return path


def joined(clips: list[Any]) -> Any:
    """Put clips one after the other."""
    from moviepy import concatenate_videoclips

    return concatenate_videoclips(clips)


def crossed(first: Any, second: Any, seconds: float) -> Any:
    """Fade from one clip into another."""
    from moviepy import CompositeVideoClip, vfx

    start = first.duration - seconds
    entering = second.with_start(start).with_effects([vfx.CrossFadeIn(seconds)])
    return CompositeVideoClip([first, entering])


def mirrored(clip: Any) -> Any:
    """Turn left to right."""
    from moviepy import vfx

    return clip.with_effects([vfx.MirrorX()])


def written(clip: Any, path: Path) -> Path:
    """Let moviepy write a clip on its own."""
    clip.write_videofile(str(path), audio=False, logger=None)
    return path
