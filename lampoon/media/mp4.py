"""What MP4 can hold of moments, shared by all that write it."""

from fractions import Fraction
from math import lcm

from lampoon.errors import MediaError

LATEST_START = Fraction(600)
"""Seconds; a clip that begins later is moved to begin at 0."""

LARGEST_TIMESCALE = 2**31 - 1
USUAL_SOUND_RATES = (44100, 48000)
"""Start offsets of tracks are kept in a unit that suits these too."""


def start_shift(first_tick: int, time_base: Fraction) -> int:
    """Return the ticks added to every moment: 0 unless MP4 cannot carry the start.

    >>> start_shift(-512, Fraction(1, 12800))
    512
    """
    return 0 if 0 <= first_tick * time_base <= LATEST_START else -first_tick


def mp4_options(time_base: Fraction) -> dict[str, str]:
    """Return the muxer's options for pictures in ``time_base``.

    Raises MediaError for a time base finer than MP4 has.
    """
    scale = time_base.denominator
    if scale > LARGEST_TIMESCALE:
        raise MediaError(f"MP4 has no time base as fine as {time_base}")
    movie = lcm(scale, *USUAL_SOUND_RATES)
    return {
        "movflags": "+faststart",
        "video_track_timescale": str(scale),
        "movie_timescale": str(movie if movie <= LARGEST_TIMESCALE else scale),
        "strict": "experimental",
    }
