"""A swap method that paints, for tests of what happens around a method."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lampoon.consent.record import Method
from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.mask import hull_mask
from lampoon.generate.methods.protocol import FacePatch, PlateFace


class GreenPaint:
    """A method that paints the face it is given green."""

    name = Method.MESH

    def begin(self, track: FaceTrack, clip: Path) -> None:
        """Learn nothing."""

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        """Return a green patch over each face's hull."""
        made: list[FacePatch | None] = []
        for face in faces:
            size = face.rgb.shape[0], face.rgb.shape[1]
            green = np.full(face.rgb.shape, (0, 255, 0), np.uint8)
            made.append(FacePatch(green, hull_mask(face.landmarks, size), 0, 0))
        return made
