"""A drawn surface between frames: what moves, and its normals, with little work."""

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.figure import (
    Floats,
    Part,
    turns_with_head,
    unit_normals,
)

STILL = 1e-7


class Surface:
    """One part's corners in an order in which those that move come first.

    ``fixed`` is (corners, 6) float32, places and normals at rest; only its first
    ``moving`` rows change with the face units.
    """

    def __init__(self, part: Part) -> None:
        moves = np.abs(part.unit_offsets).max(axis=(0, 2)) > STILL
        triangles = part.point_of[part.triangles]
        near = moves[triangles].any(axis=1)
        touched = np.zeros(len(part.points), dtype=bool)
        touched[triangles[near].ravel()] = True
        order = np.argsort(~touched[part.point_of], kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        self.triangles = place[part.triangles].astype(np.int32)
        self.point_of = part.point_of[order]
        self.texture = part.texture[order]
        self.rest = part.rest[self.point_of].astype(np.float32)
        self.turns = turns_with_head(part.rest)[self.point_of]
        self.moving = int(touched[part.point_of].sum())
        self._points = part.points.astype(np.float32)
        self._bend = _Bend(part, touched, triangles)
        normals = unit_normals(part.points, triangles)
        self.fixed = np.column_stack([part.points, normals])[self.point_of].astype(
            np.float32
        )

    def points(self, weights: Floats) -> Floats:
        """Return (points, 3) places under the face units, the head not turned."""
        points = self._points.copy()
        points[self._bend.moved] += self._bend.offsets(weights)
        return points

    def corners(self, weights: Floats) -> Floats:
        """Return (moving, 6) places and normals of the corners that move."""
        points = self.points(weights)
        normals = self._bend.normals(points)
        first = self.point_of[: self.moving]
        return np.concatenate([points[first], normals[first]], axis=1)


class _Bend:
    """The linear part: offsets by one product, normals by one sorted sum."""

    def __init__(
        self,
        part: Part,
        touched: npt.NDArray[np.bool_],
        triangles: npt.NDArray[np.int64],
    ) -> None:
        self.moved = np.flatnonzero(np.abs(part.unit_offsets).max(axis=(0, 2)) > STILL)
        table = part.unit_offsets[:, self.moved]
        self._table = np.ascontiguousarray(table.reshape(len(table), -1))
        self._triangles = triangles[touched[triangles].any(axis=1)]
        corners = self._triangles.ravel()
        order = np.argsort(corners, kind="stable")
        self._triangle_of = order // 3
        self._vertices, self._starts = np.unique(corners[order], return_index=True)
        self._normals = np.zeros((len(part.points), 3), dtype=np.float32)

    def offsets(self, weights: Floats) -> Floats:
        """Return (moved, 3) offsets."""
        made = np.zeros(self._table.shape[1], dtype=np.float32)
        for unit in np.flatnonzero(weights):  # one after the other: exact every time
            made += weights[unit] * self._table[unit]
        return made.reshape(-1, 3)

    def normals(self, points: Floats) -> Floats:
        """Return (points, 3) normals, right where something moves, else 0."""
        if not len(self._triangles):
            return self._normals
        a, b, c = (points[self._triangles[:, i]] for i in range(3))
        one, two = b - a, c - a
        flat = np.empty_like(one)
        flat[:, 0] = one[:, 1] * two[:, 2] - one[:, 2] * two[:, 1]
        flat[:, 1] = one[:, 2] * two[:, 0] - one[:, 0] * two[:, 2]
        flat[:, 2] = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
        sums = np.add.reduceat(flat[self._triangle_of], self._starts, axis=0)
        long = np.sqrt(np.einsum("ij,ij->i", sums, sums))[:, None] + 1e-9
        normals = self._normals.copy()
        normals[self._vertices] = sums / long
        return normals
