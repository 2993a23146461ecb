"""Soft shadows without a second pass: what blocks the light, found before filming.

A head is nearly rigid, so how much of a light reaches each point depends on where the
light stands against the head and on little else. That is looked up in depth maps for a
fan of directions once; a frame then blends four of them. Source of the idea: Sloan,
Kautz and Snyder 2002, precomputed radiance transfer, here without the transform.

Red light travels furthest under skin: its shadows are blurred over the surface.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.canvas import Canvas
from lampoon.datasets.performers.scene import Floats, Matrix

Draw = Callable[[Matrix], None]

SIDE = 384
MIDDLE, REACH = np.array([0.0, 6.7, 0.2]), 2.7
"""What a depth map shows: a ball about head and shoulders."""

ASIDE = np.radians(np.arange(-48, 49, 12.0))
UPWARDS = np.radians(np.arange(-18, 19, 9.0))
"""How far a light is looked up from its place before the resting head."""

SKY = 40
"""Directions from which light that comes from everywhere is looked up."""
LIFT, BIAS = 0.02, 0.02
"""Points are lifted off their surface by this, against shadows of their own."""
SPREAD = (0.046, 0.034, 0.026)
"""How far red, green and blue light travel under skin, in units of 10 cm."""


class Shadows:
    """How much of the key light, and of light from all around, reaches points.

    ``points`` and ``normals`` are (n, 3) at rest, ``turns`` (n,) the share that turns
    with the head. ``draw`` draws what casts shadows, given a 4x4 to clip coordinates.
    """

    def __init__(
        self,
        gl: Any,
        draw: Draw,
        surface: tuple[Floats, Floats, Floats],
        key_from: tuple[float, float, float],
    ) -> None:
        self._points, self._normals, turns = surface
        self._canvas, self._draw = Canvas(gl, SIDE, SIDE), draw
        self._key_from = np.array(key_from)
        self._turns = turns[:, None].astype(np.float32)
        aside, up = _angles(self._key_from)
        fan = [
            self._softened(_direction(aside + a, up + u))
            for a in ASIDE
            for u in UPWARDS
        ]
        blurred = _blurred(self._points, np.stack(fan, axis=1))
        shape = (len(self._points), len(ASIDE), len(UPWARDS), 3)
        self._fan = np.ascontiguousarray(blurred.reshape(shape).transpose(1, 2, 0, 3))
        middle = self._fan[len(ASIDE) // 2, len(UPWARDS) // 2]
        self._still = middle * (1 - self._turns)
        self.sky = self._from_everywhere()

    def key(self, head: Matrix) -> Floats:
        """Return (n, 3): the share of the key light's red, green, blue at a pose."""
        aside, up = _angles(head[:3, :3].T @ self._key_from)
        aside0, up0 = _angles(self._key_from)
        i, a = _between(_wrapped(aside - aside0), ASIDE)
        j, b = _between(up - up0, UPWARDS)
        fan = self._fan
        seen = fan[i, j] * np.float32((1 - a) * (1 - b))
        seen += fan[i + 1, j] * np.float32(a * (1 - b))
        seen += fan[i, j + 1] * np.float32((1 - a) * b)
        seen += fan[i + 1, j + 1] * np.float32(a * b)
        seen *= self._turns
        seen += self._still
        return np.asarray(seen, np.float32)

    def _seen(self, direction: Matrix) -> Floats:
        """Return (n,) shares of light from a direction that nothing stops."""
        matrix = flat_view(direction)
        self._canvas.begin()
        self._draw(matrix)
        depths = self._canvas.depths()
        lifted = self._points + LIFT * self._normals
        clip = lifted @ matrix[:3, :3].T + matrix[:3, 3]
        column = (clip[:, 0] * 0.5 + 0.5) * SIDE - 0.5
        row = (clip[:, 1] * 0.5 + 0.5) * SIDE - 0.5
        own = clip[:, 2] * 0.5 + 0.5 - BIAS / (4 * REACH)
        x, y = np.floor(column).astype(int), np.floor(row).astype(int)
        fx, fy = column - x, row - y
        total = np.zeros(len(own))
        for dx, wx in ((0, 1 - fx), (1, fx)):
            for dy, wy in ((0, 1 - fy), (1, fy)):
                at = np.clip(y + dy, 0, SIDE - 1), np.clip(x + dx, 0, SIDE - 1)
                total += wx * wy * (depths[at] >= own)
        return total.astype(np.float32)

    def _softened(self, direction: Matrix) -> Floats:
        """Return what is seen, without the shadow that a surface's own back is."""
        towards = self._normals @ direction
        away = np.clip((0.25 - towards) / 0.35, 0, 1)
        away = away * away * (3 - 2 * away)
        return np.asarray(1 - (1 - self._seen(direction)) * (1 - away), np.float32)

    def _from_everywhere(self) -> Floats:
        """Return (n,) shares of light from all sides, weighed as it falls."""
        index = np.arange(SKY) + 0.5
        up = 1 - 2 * index / SKY
        turn = np.pi * (1 + 5**0.5) * index
        flat = np.sqrt(1 - up * up)
        total = np.full(len(self._points), 1e-6)
        seen = np.zeros(len(self._points))
        for x, y, z in zip(flat * np.sin(turn), up, flat * np.cos(turn), strict=True):
            direction = np.array([x, y, z])
            falls = np.clip(self._normals @ direction, 0, None) * (1.2 + y)
            total += falls
            seen += falls * self._seen(direction)
        open_sky = np.repeat((seen / total)[:, None], 1, axis=1)
        return _blurred(self._points, open_sky)[:, 0, 1]


def _blurred(points: Floats, seen: Floats) -> Floats:
    """Return (n, k, 3) of (n, k): each colour's share blurred over near points."""
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree

    tree = cKDTree(points)
    made = []
    for spread in SPREAD:
        pairs = tree.query_pairs(2 * spread, output_type="ndarray")
        away = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
        weight = np.exp(-0.5 * (away / spread) ** 2)
        own = np.arange(len(points))
        rows = np.concatenate([pairs[:, 0], pairs[:, 1], own])
        columns = np.concatenate([pairs[:, 1], pairs[:, 0], own])
        weights = np.concatenate([weight, weight, np.ones(len(own))])
        near = csr_matrix((weights, (rows, columns)), shape=(len(own), len(own)))
        made.append(near @ seen / np.asarray(near.sum(axis=1)))
    return np.stack(made, axis=2).astype(np.float32)


def flat_view(direction: Matrix) -> Matrix:
    """Return the 4x4 of a view from a direction, without perspective."""
    front = direction / np.linalg.norm(direction)
    side = np.cross([0.0, 1.0, 0.02], front)
    side /= np.linalg.norm(side)
    view = np.eye(4)
    view[:3, :3] = np.stack([side, np.cross(front, side), -front / 2]) / REACH
    view[:3, 3] = -view[:3, :3] @ MIDDLE
    return view


def _angles(direction: Matrix) -> tuple[float, float]:
    """Return how far aside and how far up a direction points, in radians."""
    x, y, z = direction / np.linalg.norm(direction)
    return float(np.arctan2(x, z)), float(np.arcsin(y))


def _direction(aside: float, up: float) -> Matrix:
    flat = np.cos(up)
    return np.array([flat * np.sin(aside), np.sin(up), flat * np.cos(aside)])


def _wrapped(angle: float) -> float:
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


def _between(value: float, steps: npt.NDArray[np.float64]) -> tuple[int, float]:
    """Return the step before a value and the share of the way to the next."""
    place = np.clip((value - steps[0]) / (steps[1] - steps[0]), 0, len(steps) - 1.001)
    return int(place), float(place - int(place))
