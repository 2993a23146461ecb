"""A method whose model changes with the shot."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lampoon.consent.record import Method
from lampoon.faces.track import FaceTrack
from lampoon.generate.methods.protocol import FacePatch, PlateFace, SwapMethod


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """Frames of the plate, and what swaps there."""

    frames: range
    method: SwapMethod


class ShotsMethod:
    """Swaps each shot with its own method, all other frames with the usual one.

    Where shots overlap, the last one counts.
    """

    def __init__(self, usual: SwapMethod, shots: Sequence[Shot]) -> None:
        self._usual = usual
        self._shots = tuple(shots)

    @property
    def name(self) -> Method:
        """The method as consent records call it."""
        return self._usual.name

    def begin(self, track: FaceTrack, clip: Path) -> None:
        """Have every method learn the performer."""
        for method in (self._usual, *(shot.method for shot in self._shots)):
            method.begin(track, clip)

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        """Return one patch a face, in order; None leaves the plate as it is."""
        made: dict[int, FacePatch | None] = {}
        chosen = [self._method_at(face.index) for face in faces]
        for method in dict.fromkeys(chosen):
            places = [k for k, one in enumerate(chosen) if one is method]
            patches = method.swap([faces[k] for k in places])
            made.update(zip(places, patches, strict=True))
        return [made[place] for place in range(len(faces))]

    def _method_at(self, index: int) -> SwapMethod:
        for shot in reversed(self._shots):
            if index in shot.frames:
                return shot.method
        return self._usual
