"""Pictures with and without the label, and what the internet does to them."""

import io
from fractions import Fraction
from functools import cache

import av
import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.samples import sample
from lampoon.media.reader import read_frames
from lampoon.watermark.label.draw import ParodyLabel
from lampoon.watermark.label.presets import LabelPreset

Picture = npt.NDArray[np.uint8]

SECONDS = Fraction(10)


@cache
def sample_pictures(count: int = 4, every: int = 12) -> tuple[Picture, ...]:
    """Frames of the bundled performer ada, 640 x 360, without a label."""
    frames = read_frames(sample("ada").clip, stop=count * every, every=every)
    return tuple(frame.rgb for frame in frames)


def sized(rgb: Picture, width: int, height: int) -> Picture:
    """Return the picture stretched to another size."""
    size = (width, height)
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def grounds(width: int, height: int) -> dict[str, Picture]:
    """The hardest things to put a label on."""
    dice = np.random.default_rng(5)
    shape = (height, width, 3)
    return {
        "black": np.zeros(shape, np.uint8),
        "white": np.full(shape, 255, np.uint8),
        "noise": dice.integers(0, 256, shape, dtype=np.uint8),
    }


def label_for(rgb: Picture, preset: LabelPreset) -> ParodyLabel:
    """The label of a clip of ten seconds with pictures of this size."""
    height, width = rgb.shape[:2]
    return ParodyLabel(
        preset, width=width, height=height, seconds=SECONDS, title="The Minister Sings"
    )


def reencoded(
    pictures: tuple[Picture, ...], *, crf: int, short_side: int
) -> list[Picture]:
    """Return pictures after H.264 at ``crf``, scaled to a shorter side."""
    height, width = pictures[0].shape[:2]
    factor = short_side / min(width, height)
    width, height = (round(side * factor / 2) * 2 for side in (width, height))
    store = io.BytesIO()
    with av.open(store, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=25, options={"crf": str(crf), "preset": "veryfast"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for rgb in pictures:
            frame = av.VideoFrame.from_ndarray(sized(rgb, width, height), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    store.seek(0)
    with av.open(store, "r") as squeezed:
        frames = squeezed.decode(video=0)
        return [np.asarray(f.to_ndarray(format="rgb24"), np.uint8) for f in frames]
