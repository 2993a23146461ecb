"""A drawn surface between frames: what moves, and its normals, with little work."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.figure import (
    Floats,
    Part,
    turns_with_head,
    unit_normals,
)

STILL = 5e-5
"""Five micrometres: a face unit does not move what it moves less."""


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
        return _bent(self._points, self._bend.units, weights)

    def corners(self, weights: Floats) -> Floats:
        """Return (moving, 6) places and normals of the corners that move."""
        points = self.points(weights)
        normals = self._bend.normals(points)
        first = self.point_of[: self.moving]
        made = np.empty((self.moving, 6), dtype=np.float32)
        np.take(points, first, axis=0, out=made[:, :3], mode="clip")
        np.take(normals, first, axis=0, out=made[:, 3:], mode="clip")
        return made


class Places:
    """Some of a part's points, without their surface: ``chosen`` are their numbers."""

    def __init__(self, part: Part, chosen: npt.NDArray[np.int64]) -> None:
        self.turns = turns_with_head(part.rest[chosen])
        self._points = part.points[chosen].astype(np.float32)
        self._units = [_moved(offsets[chosen]) for offsets in part.unit_offsets]

    def points(self, weights: Floats) -> Floats:
        """Return (chosen, 3) places under the face units, the head not turned."""
        return _bent(self._points, self._units, weights)


class _Bend:
    """The linear part: offsets unit by unit, normals by one sparse sum."""

    def __init__(
        self,
        part: Part,
        touched: npt.NDArray[np.bool_],
        triangles: npt.NDArray[np.int64],
    ) -> None:
        self.units = [_moved(offsets) for offsets in part.unit_offsets]
        near = triangles[touched[triangles].any(axis=1)]
        self._one, self._two, self._three = (
            np.ascontiguousarray(near[:, i]) for i in range(3)
        )
        self._vertices, place = np.unique(near, return_inverse=True)
        self._sum = _sum_over(place.reshape(-1), len(self._vertices))
        self._normals = np.zeros((len(part.points), 3), dtype=np.float32)

    def normals(self, points: Floats) -> Floats:
        """Return (points, 3) normals, right where something moves, else 0.

        The buffer is used again by the next call.
        """
        if not len(self._one):
            return self._normals
        a = points.take(self._one, axis=0)
        one = (points.take(self._two, axis=0) - a).T
        two = (points.take(self._three, axis=0) - a).T
        flat = np.empty((len(a), 3), dtype=np.float32)
        flat[:, 0] = one[1] * two[2] - one[2] * two[1]
        flat[:, 1] = one[2] * two[0] - one[0] * two[2]
        flat[:, 2] = one[0] * two[1] - one[1] * two[0]
        sums = self._sum @ flat
        sums /= np.sqrt(np.einsum("ij,ij->i", sums, sums))[:, None] + 1e-9
        self._normals[self._vertices] = sums
        return self._normals


def _bent(
    points: Floats,
    units: list[tuple[npt.NDArray[np.int64], Floats]],
    weights: Floats,
) -> Floats:
    """Return points moved by the face units, one after the other: exact every time."""
    points = points.copy()
    for unit in np.flatnonzero(weights):
        vertices, offsets = units[unit]
        points[vertices] += weights[unit] * offsets
    return points


def _moved(offsets: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the points that a face unit moves, and how far."""
    vertices = np.flatnonzero(np.abs(offsets).max(axis=1) > STILL)
    return vertices, np.ascontiguousarray(offsets[vertices])


def _sum_over(corners: npt.NDArray[np.int64], points: int) -> Any:
    """Return the sparse (points, triangles) matrix that sums triangles at points."""
    from scipy.sparse import csr_matrix

    shares = np.ones(len(corners), dtype=np.float32)
    places = (corners, np.arange(len(corners)) // 3)
    return csr_matrix((shares, places), shape=(points, len(corners) // 3))
