"""What the house needs of a moviepy clip, without importing moviepy."""

from collections.abc import Callable
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

ShownAt = Callable[[float], npt.NDArray[Any]]
"""Gives the picture of a moment in seconds."""


class Sound(Protocol):
    """A moviepy sound: ``fps`` samples a second, of ``nchannels``."""

    duration: float | None
    nchannels: int

    def get_frame(self, t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the samples at moments in seconds, -1 to 1."""
        ...


class Clip(Protocol):
    """A moviepy picture clip; ``size`` is width, height."""

    duration: float | None
    fps: float | None
    audio: Sound | None
    size: tuple[int, int]

    def get_frame(self, t: float) -> npt.NDArray[Any]:
        """Return the picture at a moment in seconds."""
        ...

    def transform(self, func: Callable[[ShownAt, float], npt.NDArray[Any]]) -> Self:
        """Return a clip of the pictures that ``func`` makes."""
        ...


def picture_at(shown: ShownAt, t: float) -> Picture:
    """Return a picture as RGB, (height, width, 3) uint8.

    Raises ValueError for a clip that shows something else, a mask for instance.
    """
    picture = np.asarray(shown(t))
    if picture.ndim != 3 or picture.shape[2] < 3:
        raise ValueError(f"a clip of RGB pictures is needed, not {picture.shape}")
    return np.ascontiguousarray(picture[..., :3], np.uint8)
