"""How a performer's face usually looks in a clip, laid flat: what to compare with.

What lies before a face now and then stands out from how the face is at other times,
whatever its colour. The look is a median over the clip, so it also shows no blink, no
word and nothing that only passes by; what stays before the face all the time is in it.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.faces.track import FaceTrack
from lampoon.generate.texture.unwrap import Unwrapper, shrunk
from lampoon.media.reader import read_frames

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

LOOKS = 25
"""Frames that the look is a median of, spread evenly over those with the face."""
SEEN = 0.2
"""Texels seen less than this do not count."""
LEAST_LOOKS = 2
"""A texel seen in fewer frames has no usual look."""
MIDDLE = 0.5
"""What the mean brightness of an evened texture is."""


def evened(texture: Pixels, visible: Floats) -> Floats:
    """Return a texture (n, n, 3) uint8 with its mean brightness made MIDDLE, float32.

    Only texels that are ``visible`` (n, n), 0 to 1, count for the mean.
    """
    seen = visible > SEEN
    level = float(texture[seen].mean()) if seen.any() else 128.0
    made: Floats = np.minimum(texture * np.float32(MIDDLE / max(level, 8.0)), 2)
    return made


def median_look(looks: list[tuple[Pixels, Floats]]) -> Floats:
    """Return the median of textures, each with how well its texels are seen.

    (n, n, 3) float32, evened; 0 where fewer than LEAST_LOOKS show a texel.
    """
    shown = np.stack([evened(texture, visible) for texture, visible in looks])
    seen = np.stack([visible > SEEN for _, visible in looks])
    often = seen.sum(0) >= min(LEAST_LOOKS, len(looks))
    middle = np.zeros(shown.shape[1:], np.float32)
    shown[~seen] = np.nan
    middle[often] = np.nanmedian(shown[:, often], axis=0)
    return middle


def usual_look(clip: Path, track: FaceTrack, unwrap: Unwrapper) -> Floats | None:
    """Return how the tracked face usually looks, (n, n, 3) float32; None unseen.

    The clip is read once; one frame is held at a time.
    """
    rows = np.flatnonzero(np.isfinite(track.landmarks).all((1, 2)))
    if not len(rows):
        return None
    places = np.linspace(0, len(rows) - 1, min(LOOKS, len(rows))).round().astype(int)
    wanted = {int(row) + track.first_frame: int(row) for row in rows[places]}
    looks = []
    for frame in read_frames(clip, first=min(wanted), stop=max(wanted) + 1):
        if frame.index in wanted:
            landmarks = track.landmarks[wanted[frame.index]]
            part, moved = shrunk(frame.rgb, landmarks, pixels=2 * unwrap.size)
            looks.append(unwrap.look(part, moved))
    return median_look(looks) if looks else None
