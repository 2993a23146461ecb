"""The eyeball: a cap of triangles, and any other ball."""

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.figure import Eye, Floats

AROUND, DOWN = 48, 32
CAP_AROUND, CAP_DOWN = 28, 12
CAP = np.radians(105.0)
"""As much of an eyeball as lids ever show, from the middle of its front."""

Ball = tuple[Floats, Floats, npt.NDArray[np.int32]]


def ball(
    centre: tuple[float, float, float],
    radius: float,
    *,
    around: int = AROUND,
    down: int = DOWN,
) -> Ball:
    """Return a ball as a mesh.

    That is (corners, 6) places and normals, (corners, 3) what the surface shader
    reads besides (texture place, share that turns with the head), (t, 3) triangles.
    """
    turn, fall = _grid(around, down, np.pi)
    normals = np.stack(
        [np.sin(fall) * np.cos(turn), np.cos(fall), np.sin(fall) * np.sin(turn)], -1
    )
    return _mesh(centre, radius, normals.reshape(-1, 3), around)


def eyeball(eye: Eye) -> Ball:
    """Return the front of an eye; it turns with the head, and its iris is painted."""
    turn, fall = _grid(CAP_AROUND, CAP_DOWN, CAP)
    normals = np.stack(
        [np.sin(fall) * np.sin(turn), np.sin(fall) * np.cos(turn), np.cos(fall)], -1
    )
    return _mesh(eye.centre, eye.radius, normals.reshape(-1, 3), CAP_AROUND)


def _grid(around: int, down: int, end: float) -> tuple[Floats, Floats]:
    turn, fall = np.meshgrid(
        np.linspace(0, 2 * np.pi, around + 1), np.linspace(0, end, down + 1)
    )
    return turn.astype(np.float32), fall.astype(np.float32)


def _mesh(
    centre: tuple[float, float, float], radius: float, normals: Floats, around: int
) -> Ball:
    down = len(normals) // (around + 1) - 1
    first = np.arange(down)[:, None] * (around + 1) + np.arange(around)[None]
    one = first.ravel()
    below = one + around + 1
    pairs = np.stack(
        [np.stack([one, one + 1, below], 1), np.stack([one + 1, below + 1, below], 1)],
        axis=1,
    )
    places = np.array(centre) + radius * normals
    fixed = np.column_stack([places, normals]).astype(np.float32)
    extra = np.ones((len(places), 3), dtype=np.float32)
    return fixed, extra, pairs.reshape(-1, 3).astype(np.int32)
