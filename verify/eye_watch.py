"""The second measure of the eyes: networks that look at their pixels, frame by frame.

Landmarks are geometry; these are appearance. Where both say the same of a blink it is
surer than either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lampoon.faces.eye_state import (
    CLUES,
    EYES_AT_ONCE,
    EyeNetworks,
    eye_picture,
    load_eye_networks,
)
from lampoon.faces.landmarks import Eye

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lampoon.faces.detector import Face
    from lampoon.faces.track import FaceTrack
    from lampoon.media.frame import Frame

Vector = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Key = tuple[int, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class EyeStates:
    """What the networks say of one track, (frames, 2) each, subject's left eye first.

    ``shut`` is how far the lid is down for whatever reason, ``blinked`` how far it is
    down in a blink: 0 to 1, NaN where the face was lost.
    """

    shut: Vector
    blinked: Vector


class EyeWatch:
    """Looks at the eyes of every face that goes by, many eyes at a time.

    Only what the network makes of a picture is kept: 136 bytes a face and frame.
    """

    def __init__(self, networks: EyeNetworks | None = None) -> None:
        self._networks = networks or load_eye_networks()
        self._keys: list[Key] = []
        self._pictures: list[npt.NDArray[np.uint8]] = []
        self._looks: dict[Key, Floats] = {}

    def keep(self, frame: Frame, faces: Sequence[Face]) -> None:
        """Look at the eyes of a frame's faces, now or a few frames later."""
        for face in faces:
            self._keys.append(_key(frame.index, face.box))
            self._pictures += [
                eye_picture(frame.luma, face.landmarks, eye)
                for eye in (Eye.LEFT, Eye.RIGHT)
            ]
        if len(self._pictures) >= EYES_AT_ONCE:
            self._look()

    def states(self, track: FaceTrack) -> EyeStates:
        """Return what was seen of a track whose frames were all kept."""
        self._look()
        found = {
            row: self._looks[key]
            for row in range(track.frame_count)
            if (key := _key(track.first_frame + row, track.boxes[row])) in self._looks
        }
        rows = np.array(list(found), np.intp)
        looks = np.array(list(found.values()), np.float32).reshape(-1, 2, 1 + CLUES)
        shut = np.full((track.frame_count, 2), np.nan)
        blinked = shut.copy()
        shut[rows] = looks[:, :, 0]
        times = np.asarray(track.times, np.float64)[rows]
        for side in range(2):
            blinked[rows, side] = self._networks.course(times, looks[:, side])
        return EyeStates(shut, blinked)

    def _look(self) -> None:
        if not self._keys:
            return
        looks = self._networks.look(np.stack(self._pictures))
        pairs = looks.reshape(len(self._keys), 2, -1)
        self._looks |= dict(zip(self._keys, pairs, strict=True))
        self._keys, self._pictures = [], []


def _key(index: int, box: Floats) -> Key:
    return index, np.asarray(box, np.float32).tobytes()
