"""What a conversion did, frame by frame: swapped, left, hidden, restless."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.generate.methods.protocol import PlateFace
from lampoon.generate.texture.unwrap import Unwrapper, shrunk

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

EVERY, RUN = 25, 3
"""Flicker is measured on so many frames in a row, once in so many frames."""
TEXELS = 64
HIDDEN = 0.01
"""From this share of the mask on, something counts as in front of the face."""


@dataclass(slots=True)
class ConversionReport:
    """Notes of the frames that were rendered in this run.

    ``lost`` are frames of the clip in which the face is not seen, ``profile`` those
    in which it is turned too far; both show the plate.
    """

    rate: Fraction
    lost: tuple[int, ...] = ()
    profile: tuple[int, ...] = ()
    swapped: set[int] = field(default_factory=set)
    unpatched: set[int] = field(default_factory=set)
    hidden: dict[int, float] = field(default_factory=dict)
    _looks: dict[int, tuple[Floats, Floats, Floats]] = field(default_factory=dict)

    def note(self, face: PlateFace, made: Pixels, hidden: float) -> None:
        """Note a swapped frame (h, w, 3) and the share of its mask that is hidden."""
        self.swapped.add(face.index)
        if hidden >= HIDDEN:
            self.hidden[face.index] = hidden
        if face.index % EVERY < RUN:
            self._looks[face.index] = _looks(face, made)

    def flicker(self) -> tuple[float, float] | None:
        """Return how restless face textures are, plate and swap; None if unmeasured.

        Each is the mean distance, in levels of 255, of a frame from the mean of its
        neighbours, in texture space, so that plain movement does not count.
        """
        found = [
            _restlessness(*(self._looks[index + k] for k in (-1, 0, 1)))
            for index in self._looks
            if index - 1 in self._looks and index + 1 in self._looks
        ]
        if not found:
            return None
        plate, swap = np.mean(found, axis=0).tolist()
        return plate, swap

    def figures(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        flicker = self.flicker()
        return {
            "rendered_now": len(self.swapped) + len(self.unpatched),
            "plate_kept": {
                "lost": self._kind(self.lost),
                "profile": self._kind(self.profile),
                "no_patch": self._kind(self.unpatched),
            },
            "in_front": self._kind(self.hidden),
            "flicker": None
            if flicker is None
            else {"plate": round(flicker[0], 3), "swap": round(flicker[1], 3)},
        }

    def lines(self) -> tuple[str, ...]:
        """Return the report in words, the empty tuple where all went as usual."""
        found = self.figures()
        kept, said = found["plate_kept"], []
        reasons = (
            ("lost", "the face is not seen, or another person's may be"),
            ("profile", "the head is turned too far"),
            ("no_patch", "the face is out of the picture or tiny"),
        )
        for name, why in reasons:
            if kept[name]["frames"]:
                said.append(f"{kept[name]['frames']} frames show the plate: {why}")
        if found["in_front"]["frames"]:
            count = found["in_front"]["frames"]
            said.append(f"{count} frames have something kept in front of the face")
        if found["flicker"] is not None:
            plate, swap = found["flicker"]["plate"], found["flicker"]["swap"]
            said.append(f"flicker: {swap} levels, the plate {plate}")
        return tuple(said)

    def _kind(self, indices: Iterable[int]) -> dict[str, Any]:
        chosen = sorted(indices)
        seconds = [
            [round(float(first / self.rate), 3), round(float(stop / self.rate), 3)]
            for first, stop in runs(chosen)
        ]
        return {"frames": len(chosen), "seconds": seconds}


def runs(rising: list[int]) -> list[tuple[int, int]]:
    """Return unbroken runs of rising integers, each as first and one past the last.

    >>> runs([1, 2, 3, 7])
    [(1, 4), (7, 8)]
    """
    made: list[tuple[int, int]] = []
    for index in rising:
        if made and made[-1][1] == index:
            made[-1] = made[-1][0], index + 1
        else:
            made.append((index, index + 1))
    return made


def _looks(face: PlateFace, made: Pixels) -> tuple[Floats, Floats, Floats]:
    """Return plate and swap as small textures, and how well each texel is seen."""
    unwrap = Unwrapper(TEXELS)
    part, moved = shrunk(face.rgb, face.landmarks, pixels=TEXELS)
    plate, visible = unwrap.look(part, moved)
    part, moved = shrunk(made, face.landmarks, pixels=TEXELS)
    return plate.astype(np.float32), unwrap(part, moved).astype(np.float32), visible


def _restlessness(
    before: tuple[Floats, Floats, Floats],
    now: tuple[Floats, Floats, Floats],
    after: tuple[Floats, Floats, Floats],
) -> tuple[float, float]:
    weight = np.minimum(np.minimum(before[2], now[2]), after[2])
    total = max(float(weight.sum()), 1e-6)
    plate, swap = (
        float((np.abs(now[k] - (before[k] + after[k]) / 2).mean(2) * weight).sum())
        / total
        for k in (0, 1)
    )
    return plate, swap
