"""Frames for looking at, not for keeping: decoded ahead, and coloured quickly.

Decoding and the networks both leave Python to itself while they work, so a thread
that stays a few frames ahead uses the second core. Pixels become RGB where they are
looked at, and mostly only those around a face.
"""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Any

from av.video.reformatter import Interpolation, VideoReformatter

from lampoon.media.frame import Frame
from lampoon.media.picture import Picture

FRAMES_AHEAD = 4
"""How many decoded frames wait at most; memory does not grow beyond that."""

WAIT_SECONDS = 0.1
"""How long a full queue is waited for before it is asked whether anybody reads."""


class QuickPicture(Picture):
    """A picture whose RGB is made five times as fast, with chroma not interpolated.

    A level differs by 1.3 of 255 on average from the careful one. Landmarks do not
    notice; pictures that leave the house are never made of it.
    """

    def _source(self) -> dict[str, Any]:
        return super()._source() | {"interpolation": Interpolation.BILINEAR}


def quick(frame: Frame, reformatter: VideoReformatter) -> Frame:
    """Return the same frame, its RGB to be made the quick way.

    ``reformatter`` serves the thread that looks; the frame's own serves the thread that
    decodes, where others may look as well. One for both would crash.
    """
    if frame.picture is None:
        return frame
    given = frame.picture
    return Frame(
        index=frame.index,
        pts=frame.pts,
        time_base=frame.time_base,
        duration=frame.duration,
        picture=QuickPicture(given.native, given.orientation, reformatter),
        tags=frame.tags,
    )


def decoded_ahead(frames: Iterator[Frame]) -> Generator[Frame, None, None]:
    """Give the frames with quick RGB, decoded by a thread that stays a little ahead.

    Whatever breaks there is raised here. The thread ends when this is closed.
    """
    waiting: queue.Queue[Frame | Exception | None] = queue.Queue(FRAMES_AHEAD)
    left = threading.Event()
    reformatter = VideoReformatter()

    def hand(value: Frame | Exception | None) -> None:
        while not left.is_set():
            try:
                return waiting.put(value, timeout=WAIT_SECONDS)
            except queue.Full:
                continue

    def work() -> None:
        try:
            for frame in frames:
                if left.is_set():
                    return
                hand(quick(frame, reformatter))
            hand(None)
        except Exception as error:  # carried over to the reader, never swallowed
            hand(error)

    thread = threading.Thread(target=work, name="decode-ahead", daemon=True)
    thread.start()
    try:
        while (got := waiting.get()) is not None:
            if isinstance(got, Exception):
                raise got
            yield got
    finally:
        left.set()
        thread.join()
