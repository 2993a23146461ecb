"""Tracked stretches of the rendered performers, for what works in texture space."""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.datasets.samples import sample
from lampoon.faces.track import FaceTrack, main_track, track_clip
from lampoon.generate.methods.protocol import PlateFace
from lampoon.media.reader import read_frames

TURNED = (205, 220)
"""Frames of ada in which the head is turned to the side."""


@cache
def tracked(name: str, first: int, stop: int) -> FaceTrack:
    """Return the face track of some frames of a bundled performer."""
    clip = sample(name).clip
    return main_track(track_clip(clip, first=first, stop=stop), clip)


@cache
def plate_faces(name: str, first: int, stop: int) -> list[PlateFace]:
    """Return a performer's face in each of some frames."""
    track = tracked(name, first, stop)
    frames = read_frames(sample(name).clip, first=first, stop=stop)
    return [_plate_face(track, frame.rgb, frame.index) for frame in frames]


def _plate_face(track: FaceTrack, rgb: npt.NDArray[np.uint8], index: int) -> PlateFace:
    row = index - track.first_frame
    yaw, pitch, roll = (float(angle) for angle in track.pose[row])
    return PlateFace(
        rgb, track.landmarks[row], track.blendshapes[row], yaw, pitch, roll, index
    )


def clip_of(name: str) -> Path:
    """Return the bundled clip of a performer."""
    return sample(name).clip


def peak_signal_to_noise(
    one: npt.NDArray[np.uint8],
    other: npt.NDArray[np.uint8],
    where: npt.NDArray[np.bool_],
) -> float:
    """Return the PSNR in decibels of two pictures over some pixels."""
    apart = (one.astype(np.float64) - other)[where]
    return float(10 * np.log10(255**2 / np.mean(np.square(apart))))
