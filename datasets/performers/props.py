"""Things on a face: glasses; and the tubes that they and others are made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.figure import Figure, Floats
from lampoon.datasets.performers.mesh import BODY, Points
from lampoon.datasets.performers.person import Frame, Look

Mesh = tuple[Floats, Floats, npt.NDArray[np.int32]]

FRAMES = {
    Frame.SQUARE: (0.285, 0.215, 0.62, 0.026),
    Frame.ROUND: (0.250, 0.235, 1.0, 0.016),
    Frame.NARROW: (0.285, 0.165, 0.75, 0.018),
    Frame.LARGE: (0.300, 0.260, 0.80, 0.034),
}
"""Half width, half height, exponent of the superellipse, radius of the wire."""
ARM_END, ARM_BEND = 0.20, 0.12
"""How far back an arm reaches, and how far in its end lies."""
PLASTIC = {"power": 40.0, "shine": 0.8, "deep": 0.0}
GLASS = {"tint": (0.03, 0.035, 0.04, 0.10), "power": 700.0, "shine": 2.0, "deep": 0.0}


@dataclass(frozen=True, slots=True, eq=False)
class Prop:
    """A mesh with its material; ``occludes`` where it hides the face behind it."""

    mesh: Mesh
    material: dict[str, Any]
    occludes: bool


def glasses(figure: Figure, look: Look) -> tuple[Prop, ...]:
    """Return frame and lenses that fit a figure; they turn with the head."""
    wide, high, exponent, radius = FRAMES[look.frame]
    front = figure.eyes[0].centre[2] + figure.eyes[0].radius + 0.17
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    frame, lenses = [], []
    inner: list[float] = []
    for eye, sign in zip(figure.eyes, (1.0, -1.0), strict=True):
        x, y = eye.centre[0] + sign * 0.02, eye.centre[1]
        across = x + wide * _rounded(np.cos(turn), exponent)
        back = 0.25 * np.maximum(np.abs(x + wide * np.cos(turn)) - 0.45, 0)
        up = y - 0.03 + high * _rounded(np.sin(turn), exponent)
        ring = np.column_stack([across, up, front - back])
        frame.append(tube(ring, radius, closed=True))
        lenses.append(_disc(ring))
        hinge = np.array([x + sign * 0.95 * wide, y + 0.04, front - back.max()])
        frame.append(tube(_arm(figure, hinge, sign), 0.8 * radius))
        inner.append(x - sign * (wide - 0.015))
    along = np.linspace(0, 1, 8)
    arc = figure.eyes[0].centre[1] + 0.03 + 0.05 * np.sin(np.pi * along)
    bridge = np.column_stack(
        [inner[1] + along * (inner[0] - inner[1]), arc, np.full(8, front + 0.02)]
    )
    frame.append(tube(bridge, 0.8 * radius))
    tinted = PLASTIC | {"tint": (*look.frame_colour, 1.0)}
    return Prop(joined(frame), tinted, False), Prop(joined(lenses), GLASS, False)


def tube(path: Points, radius: float, *, closed: bool = False, sides: int = 8) -> Mesh:
    """Return a tube along (n, 3) points that turns with the head."""
    along = (
        np.roll(path, -1, 0) - np.roll(path, 1, 0)
        if closed
        else np.gradient(path, axis=0)
    )
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    one = np.cross(along, [0.13, 0.2, 0.97])
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    two = np.cross(along, one)
    angle = np.arange(sides) * 2 * np.pi / sides
    normals = (
        np.cos(angle)[None, :, None] * one[:, None]
        + np.sin(angle)[None, :, None] * two[:, None]
    )
    places = path[:, None] + radius * normals
    count = len(path)
    ring = np.arange(count if closed else count - 1)
    here, there = ring[:, None] * sides, ((ring + 1) % count)[:, None] * sides
    a = np.arange(sides)
    b = (a + 1) % sides
    triangles = np.vstack(
        [
            np.stack([here + a, there + a, there + b], -1).reshape(-1, 3),
            np.stack([here + a, there + b, here + b], -1).reshape(-1, 3),
        ]
    )
    fixed = np.concatenate([places, normals], -1).reshape(-1, 6).astype(np.float32)
    extra = np.ones((len(fixed), 3), dtype=np.float32)
    return fixed, extra, triangles.astype(np.int32)


def _arm(figure: Figure, hinge: Points, sign: float) -> Points:
    """Return the path of one arm, from its hinge beside the temple to the ear."""
    points, y = figure.part(BODY).points, hinge[1]
    beside = points[
        (np.abs(points[:, 1] - y) < 0.10) & (points[:, 2] > 0.55) & (points[:, 2] < 0.8)
    ]
    wide = float(np.abs(beside[:, 0]).max()) + 0.06
    share = np.linspace(0, 1, 12)[:, None]
    end = np.array([sign * wide, y + 0.02, ARM_END])
    path: Points = (1 - share) * hinge + share * end
    # the last of it goes in behind the ear, where hair and ear hide it
    path[:, 0] -= sign * ARM_BEND * np.clip((share[:, 0] - 0.8) / 0.2, 0, 1)
    return path


def _disc(ring: Points) -> Mesh:
    """Return the pane inside a ring, slightly curved, so that it catches light."""
    middle = ring.mean(axis=0)
    bulge = ring - middle
    normals = bulge * [0.9, 0.9, 0.0] + [0.0, 0.0, 1.0]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    fixed = np.vstack(
        [np.column_stack([ring, normals]), [*middle, 0.0, 0.0, 1.0]]
    ).astype(np.float32)
    here = np.arange(len(ring))
    middles = np.full(len(ring), len(ring))
    triangles = np.stack([here, np.roll(here, -1), middles], 1).astype(np.int32)
    return fixed, np.ones((len(fixed), 3), dtype=np.float32), triangles


def following(mesh: Mesh, share: float) -> Mesh:
    """Return a mesh that goes only a share of the way with the head."""
    fixed, extra, triangles = mesh
    return fixed, extra * np.array([1, 1, share], dtype=np.float32), triangles


def joined(meshes: list[Mesh]) -> Mesh:
    """Return several meshes as one."""
    starts = np.cumsum([0, *(len(fixed) for fixed, _, _ in meshes)])
    triangles = [mesh[2] + start for mesh, start in zip(meshes, starts, strict=False)]
    return (
        np.vstack([fixed for fixed, _, _ in meshes]),
        np.vstack([extra for _, extra, _ in meshes]),
        np.vstack(triangles).astype(np.int32),
    )


def _rounded(value: Points, exponent: float) -> Points:
    """Return a superellipse's side."""
    side: Points = np.sign(value) * np.abs(value) ** exponent
    return side
