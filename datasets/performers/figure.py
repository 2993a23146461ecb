"""A person's head as arrays: where each vertex rests, and what each face unit moves.

Everything is a linear sum, so it is worked out once for a person; a frame then costs
one product of a matrix with the weights of the face units.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.hair import hair_height
from lampoon.datasets.performers.mesh import (
    BODY,
    BaseMesh,
    Indices,
    Points,
    base_mesh,
    face_unit,
    fine_texture,
    shape_target,
    subdivision,
)
from lampoon.datasets.performers.person import Person, weights_of

Floats = npt.NDArray[np.float32]

UNITS = (
    *("eyeBlinkLeft", "eyeBlinkRight", "eyeSquintLeft", "eyeSquintRight"),
    *("eyeLookDownLeft", "eyeLookDownRight", "eyeWideLeft", "eyeWideRight"),
    *("jawOpen", "mouthFunnel", "mouthPucker", "mouthClose"),
    *("mouthStretchLeft", "mouthStretchRight", "mouthSmileLeft", "mouthSmileRight"),
    *("mouthUpperUpLeft", "mouthUpperUpRight"),
    *("mouthLowerDownLeft", "mouthLowerDownRight"),
    *("mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper"),
    *("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    *("browDownLeft", "browDownRight", "cheekSquintLeft", "cheekSquintRight"),
)
"""The face units that are used, in the order of the weights."""

TEETH_UP, TEETH_LOW, TONGUE = (
    "helper-upper-teeth",
    "helper-lower-teeth",
    "helper-tongue",
)
MOUTH = {
    TEETH_UP: ((0.93, 1.0, 1.0), (0.0, -0.05, -0.02)),
    TEETH_LOW: ((0.90, 1.0, 1.0), (0.0, -0.03, -0.03)),
    TONGUE: ((0.90, 1.0, 1.0), (0.0, -0.11, -0.14)),
}
"""Scale and shift that keep molars and tongue out of the corners of the mouth."""

LOWEST, WIDEST = 4.6, 2.6
"""Of the body only head, neck and shoulders are drawn."""
EYEBALL = 0.985
"""Share of the fitted radius; the lids close over the rest."""
LASH_LENGTH = 0.22
NECK_LOW, NECK_HIGH = 5.55, 6.45
"""Below the first nothing turns with the head, above the second everything."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One drawn surface: corners (c,) into its points, triangles into the corners."""

    name: str
    rest: Points
    points: Points
    unit_offsets: npt.NDArray[np.float32]
    point_of: Indices
    texture: Floats
    triangles: Indices


@dataclass(frozen=True, slots=True)
class Eye:
    """One eyeball."""

    centre: tuple[float, float, float]
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Everything of a person that has a place: parts, eyes (left, right), pivot."""

    parts: tuple[Part, ...]
    eyes: tuple[Eye, Eye]
    pivot: tuple[float, float, float]

    def part(self, name: str) -> Part:
        """Return the part of this name."""
        return next(part for part in self.parts if part.name == name)


def figure_of(person: Person) -> Figure:
    """Return the head of a person."""
    mesh = base_mesh()
    shaped = mesh.points.copy()
    for name, weight in weights_of(person.shape).items():
        target = shape_target(name)
        shaped[target.vertices] += weight * target.offsets
    offsets = np.zeros((len(shaped), len(UNITS), 3))
    for column, unit in enumerate(UNITS):
        moved = face_unit(unit)
        offsets[moved.vertices, column] += moved.offsets
    eyes = (_eye(mesh, shaped, "l"), _eye(mesh, shaped, "r"))
    parts = [_body(mesh, shaped, offsets, person)]
    parts += [_inside(mesh, shaped, offsets, name) for name in MOUTH]
    parts += [_lashes(mesh, shaped, offsets, side) for side in "lr"]
    return Figure(tuple(parts), eyes, (0.0, eyes[0].centre[1] - 1.25, 0.3))


def weights_vector(weights: Mapping[str, float]) -> Floats:
    """Return (units,) weights in the order of ``UNITS``; ValueError for a stranger."""
    vector = np.zeros(len(UNITS), dtype=np.float32)
    for name, weight in weights.items():
        vector[UNITS.index(name)] = weight
    return vector


def turns_with_head(rest: Points) -> Floats:
    """Return (n,) shares of 0 (shoulders) to 1 (head) for points at rest."""
    share = np.clip((rest[:, 1] - NECK_LOW) / (NECK_HIGH - NECK_LOW), 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def unit_normals(points: Points, triangles: Indices) -> Points:
    """Return (n, 3) outward normals of points, weighed by the triangles' areas."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    flat = np.cross(b - a, c - a)
    places = triangles.ravel()
    each = np.repeat(flat, 3, axis=0)
    sums = [np.bincount(places, axis, minlength=len(points)) for axis in each.T]
    normals = np.stack(sums, axis=1)
    long: Points = normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9)
    return long


def _eye(mesh: BaseMesh, shaped: Points, side: str) -> Eye:
    """Return the sphere through the eye's helper, by least squares."""
    points = shaped[mesh.group(f"helper-{side}-eye")]
    left = np.column_stack([2 * points, np.ones(len(points))])
    found = np.linalg.lstsq(left, (points**2).sum(axis=1), rcond=None)[0]
    x, y, z = (float(value) for value in found[:3])
    radius = float(np.sqrt(found[3] + (found[:3] ** 2).sum()))
    return Eye((x, y, z), radius * EYEBALL)


def _body(mesh: BaseMesh, shaped: Points, offsets: Points, person: Person) -> Part:
    quads = mesh.quads[BODY]
    corners = mesh.points[quads]
    kept = (corners[..., 1].min(axis=1) > LOWEST) & (
        np.abs(corners[..., 0].mean(axis=1)) < WIDEST
    )
    part = _smooth(mesh, shaped, offsets, (BODY, quads[kept], mesh.corners[BODY][kept]))
    triangles = part.point_of[part.triangles]
    normals = unit_normals(part.points, triangles)
    height = hair_height(part.rest, person.look, person.seed)
    return Part(
        part.name,
        part.rest,
        part.points + normals * height[:, None],
        part.unit_offsets,
        part.point_of,
        part.texture,
        part.triangles,
    )


def _inside(mesh: BaseMesh, shaped: Points, offsets: Points, name: str) -> Part:
    scale, shift = (np.array(each) for each in MOUTH[name])
    moved = shaped * scale + shift
    return _smooth(
        mesh, moved, offsets * scale, (name, mesh.quads[name], mesh.corners[name])
    )


def _smooth(
    mesh: BaseMesh, shaped: Points, offsets: Points, what: tuple[str, Indices, Indices]
) -> Part:
    name, quads, corners = what
    finer = subdivision(quads)
    wide = offsets.reshape(len(offsets), -1)
    return _part(
        name,
        (finer.refined(mesh.points), finer.refined(shaped), finer.refined(wide)),
        finer.fine_quads(),
        fine_texture(mesh.texture[corners]),
    )


def _lashes(mesh: BaseMesh, shaped: Points, offsets: Points, side: str) -> Part:
    """Return lashes glued to the lid: each follows the nearest point of its rim."""
    rest, points, moves = mesh.points.copy(), shaped.copy(), offsets.copy()
    names = [f"helper-{side}-eyelashes-{row}" for row in "12"]
    for name in names:
        own = mesh.group(name)
        rim = _rim(mesh, side, own)
        apart = np.linalg.norm(rest[own][:, None] - rest[rim][None], axis=2)
        near = rim[apart.argmin(axis=1)]
        points[own] = shaped[near] + LASH_LENGTH * (rest[own] - rest[near])
        moves[own] = offsets[near]
    quads = np.vstack([mesh.quads[name] for name in names])
    used, place = np.unique(quads, return_inverse=True)
    corners = np.vstack([mesh.corners[name] for name in names])
    wide = moves[used].reshape(len(used), -1)
    return _part(
        f"lashes-{side}",
        (rest[used], points[used], wide),
        place.reshape(-1, 4),
        mesh.texture[corners],
    )


def _rim(mesh: BaseMesh, side: str, lashes: Indices) -> Indices:
    """Return the vertices of the lid that a row of lashes stands on."""
    centre = mesh.points[mesh.group(f"helper-{side}-eye")].mean(axis=0)
    if mesh.points[lashes][:, 1].mean() > centre[1]:
        blink = face_unit("eyeBlinkLeft" if side == "l" else "eyeBlinkRight")
        body = blink.vertices <= mesh.quads[BODY].max()
        return np.asarray(blink.vertices[body & (blink.offsets[:, 1] < -0.06)])
    body = mesh.group(BODY)
    away = mesh.points[body] - centre
    return np.asarray(body[(away[:, 1] < 0) & (np.abs(away).max(axis=1) < 0.3)])


def _part(
    name: str, values: tuple[Points, Points, Points], quads: Indices, texture: Points
) -> Part:
    """Return a part whose corners are the distinct pairs of point and texture."""
    rest, points, wide = values
    keys = np.column_stack([quads.ravel(), np.round(texture.reshape(-1, 2) * 1e5)])
    corners, inverse = np.unique(keys, axis=0, return_inverse=True)
    square = inverse.reshape(-1, 4)
    triangles = np.vstack([square[:, [0, 1, 2]], square[:, [0, 2, 3]]])
    moves = wide.reshape(len(points), -1, 3).transpose(1, 0, 2).astype(np.float32)
    return Part(
        name,
        rest,
        points,
        np.ascontiguousarray(moves),
        corners[:, 0].astype(int),
        (corners[:, 1:] / 1e5).astype(np.float32),
        triangles,
    )
