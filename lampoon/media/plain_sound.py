"""Samples into a file that sound is carried from."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from lampoon.errors import MediaError

LAYOUTS = {1: "mono", 2: "stereo"}


def write_sound(
    target: Path, samples: Iterable[npt.NDArray[np.int16]], rate: int
) -> Path:
    """Write chunks of (samples, channels) int16, one or two channels, as they are.

    The file is a MOV that holds nothing else, from 0 s on. Raises MediaError where
    it cannot be written.
    """
    try:
        with av.open(str(target), "w", format="mov") as output:
            track = None
            done = 0
            for chunk in samples:
                layout = LAYOUTS[chunk.shape[1]]
                if track is None:
                    track = output.add_stream("pcm_s16le", rate=rate, layout=layout)
                flat = np.ascontiguousarray(chunk).reshape(1, -1)
                native = av.AudioFrame.from_ndarray(flat, format="s16", layout=layout)
                native.sample_rate, native.pts = rate, done
                native.time_base = Fraction(1, rate)
                output.mux(track.encode(native))
                done += len(chunk)
            if track is not None:
                output.mux(track.encode(None))
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot be written: {error}", where=target) from error
    return target
