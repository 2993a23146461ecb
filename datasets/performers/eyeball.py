"""The eyeball, a ball of triangles."""

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.figure import Eye, Floats

AROUND, DOWN = 48, 32


def ball(
    centre: tuple[float, float, float],
    radius: float,
    *,
    around: int = AROUND,
    down: int = DOWN,
) -> tuple[Floats, Floats, npt.NDArray[np.int32]]:
    """Return a ball as a mesh.

    That is (corners, 6) places and normals, (corners, 3) what the surface shader
    reads besides (texture place, share that turns with the head), (t, 3) triangles.
    """
    turn, fall = np.meshgrid(
        np.linspace(0, 2 * np.pi, around + 1), np.linspace(0, np.pi, down + 1)
    )
    normals = np.stack(
        [np.sin(fall) * np.cos(turn), np.cos(fall), np.sin(fall) * np.sin(turn)], -1
    ).reshape(-1, 3)
    first = np.arange(down)[:, None] * (around + 1) + np.arange(around)[None]
    one = first.ravel()
    below = one + around + 1
    triangles = np.vstack(
        [np.stack([one, one + 1, below], 1), np.stack([one + 1, below + 1, below], 1)]
    )
    places = np.array(centre) + radius * normals
    extra = np.column_stack([np.ones((len(places), 2)), np.ones(len(places))])
    fixed = np.column_stack([places, normals]).astype(np.float32)
    return fixed, extra.astype(np.float32), triangles.astype(np.int32)


def eyeball(eye: Eye) -> tuple[Floats, Floats, npt.NDArray[np.int32]]:
    """Return an eye's ball; it turns with the head, and its iris is painted."""
    return ball(eye.centre, eye.radius)
