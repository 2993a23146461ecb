"""What every way of swapping a face gives and takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lampoon.consent.record import Method
from lampoon.faces.track import FaceTrack


@dataclass(frozen=True, slots=True, eq=False)
class PlateFace:
    """The performer's face in one frame of the plate.

    ``rgb`` is the whole plate frame, (height, width, 3) uint8; ``landmarks`` are
    (478, 2) float32, smoothed, in its pixels; ``blendshapes`` are (52,) float32,
    0 to 1; the angles are degrees (+yaw turns to the performer's own left, +pitch
    looks down); ``index`` is the frame's place in the clip; without ``grain`` the
    patch is wanted as smooth as the method draws it.
    """

    rgb: npt.NDArray[np.uint8]
    landmarks: npt.NDArray[np.float32]
    blendshapes: npt.NDArray[np.float32]
    yaw: float
    pitch: float
    roll: float
    index: int
    grain: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FacePatch:
    """The part of a frame that a swap changes.

    ``rgb`` is (h, w, 3) uint8, ``alpha`` (h, w) float32 from 0 (plate) to 1
    (patch); ``x`` and ``y`` say where its top left pixel lies in the plate. ``reach``
    (h, w) is how much of each pixel may be shown at most; None where all of it may.
    """

    rgb: npt.NDArray[np.uint8]
    alpha: npt.NDArray[np.float32]
    x: int
    y: int
    reach: npt.NDArray[np.float32] | None = None


class SwapMethod(Protocol):
    """A way of swapping; one object serves one clip at a time."""

    @property
    def name(self) -> Method:
        """The method as consent records call it."""
        ...

    def begin(self, track: FaceTrack, clip: Path) -> None:
        """Learn the performer's statistics from a track and the clip it was seen in."""
        ...

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        """Return one patch a face, in order; None leaves the plate as it is."""
        ...
