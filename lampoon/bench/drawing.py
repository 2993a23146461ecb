"""Drawing a performer, beside drawing nobody and beside encoding what was drawn."""

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

from lampoon.bench.clock import ratio, timed
from lampoon.datasets.performers.blinks import Context
from lampoon.datasets.performers.filming import film
from lampoon.datasets.performers.people import person_of_seed
from lampoon.datasets.performers.render import CLIP
from lampoon.datasets.performers.take import Take
from lampoon.media.frame import Frame
from lampoon.media.writer import write_clip

SEED, FRAMES, WARM = 7, 75, 5
RATE = Fraction(25)


def render_figures() -> dict[str, Any]:
    """Return processor milliseconds a frame of 640 x 360, and what they are held to.

    The limits: a picture of the backdrop alone, brought back and averaged down just the
    same, and encoding the frames. Mesa and TensorFlow must not share a process, so this
    is measured in one of its own.
    """
    take = Take(context=Context.REST, seconds=(FRAMES + WARM) / 25)
    person = person_of_seed(SEED)
    setting = timed(lambda: film(person, take))
    filming = setting.made
    try:
        for index in range(WARM):
            filming.frame(index)
        span = range(WARM, WARM + FRAMES)
        ours = timed(lambda: [filming.frame(index).rgb for index in span])
        blank = timed(lambda: [filming.painter.blank() for _ in span])
    finally:
        filming.close()
    frames = [
        Frame.from_rgb(rgb, place, place, 1 / RATE, 1)
        for place, rgb in enumerate(ours.made)
    ]
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "drawn.mp4"
        coding = timed(lambda: write_clip(clip, frames, sound_from=None, encoding=CLIP))
    return {
        "bench": "render",
        "frames": FRAMES,
        "frames_per_second": round(FRAMES / ours.seconds, 1),
        "cpu_ms_per_frame": _each(ours.cpu_seconds),
        "blank_cpu_ms_per_frame": _each(blank.cpu_seconds),
        "blank_ratio": ratio(blank.cpu_seconds, ours.cpu_seconds),
        "encode_cpu_ms_per_frame": _each(coding.cpu_seconds),
        "encode_ratio": ratio(coding.cpu_seconds, ours.cpu_seconds),
        "setting_up_seconds": round(setting.seconds, 2),
    }


def _each(seconds: float) -> float:
    return round(1000 * seconds / FRAMES, 2)
