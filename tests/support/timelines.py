"""What a creator does with moviepy, in a word each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def footage(path: Path) -> Iterator[Any]:
    """Open a clip."""
    from moviepy import VideoFileClip

    with VideoFileClip(str(path)) as clip:
        yield clip


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
