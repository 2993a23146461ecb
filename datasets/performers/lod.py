"""Fewer triangles where nobody can tell: a smooth head, drawn no finer than needed.

A picture of 640 pixels shows the whole subdivided head as triangles of a few pixels
each, and a renderer on a CPU pays for each triangle, not for its size.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.figure import Part
from lampoon.datasets.performers.mesh import Indices

Flags = npt.NDArray[np.bool_]

USUAL_WEIGHT = 0.6
"""Of a face unit in a take; few come near 1."""


def thinned(part: Part, tolerance: float) -> Part:
    """Return the part with coarse faces wherever they are nowhere further off.

    ``part`` is a subdivided one. A face of the unsubdivided mesh stays whole where its
    flat quad keeps within ``tolerance`` (units of 10 cm) of the four small ones, at
    rest and under every face unit. Neighbours share their edges' points: no cracks.
    Points that no triangle needs are gone, so places differ from the whole part's.
    """
    whole = _whole_faces(part)
    fine = _deviation(part, whole) > tolerance
    points = part.point_of[whole]
    split = np.zeros(len(part.points), dtype=bool)
    split[points[fine][:, 4:8]] = True
    triangles = [_four_quads(whole[fine])]
    between = split[points[~fine][:, 4:8]]
    plain = ~between.any(axis=1)
    triangles.append(_one_quad(whole[~fine][plain]))
    triangles.append(_fans(whole[~fine][~plain], between[~plain]))
    return _kept(part, np.vstack(triangles))


def _whole_faces(part: Part) -> Indices:
    """Return (faces, 9) corners: 4 of the face, 4 amid its edges, the middle."""
    half = len(part.triangles) // 2
    small = np.column_stack([part.triangles[:half], part.triangles[half:, 2]])
    four = small.reshape(-1, 4, 4)
    return np.concatenate([four[:, :, 0], four[:, :, 1], four[:, :1, 2]], axis=1)


def _deviation(part: Part, whole: Indices) -> npt.NDArray[np.float64]:
    """Return (faces,) how far the smooth surface stands off the flat quad."""
    points = part.point_of[whole]
    place = part.points[points]
    normal = np.cross(place[:, 2] - place[:, 0], place[:, 3] - place[:, 1])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    off = np.abs((_bulge(place) * normal[:, None]).sum(axis=2)).max(axis=1)
    for moved in part.unit_offsets:
        touched = np.abs(moved[points[:, 8]]).max(axis=1) > 1e-6
        bulge = _bulge(moved[points[touched]].astype(float))
        far = USUAL_WEIGHT * np.linalg.norm(bulge, axis=2).max(axis=1)
        off[touched] = np.maximum(off[touched], far)
    return np.asarray(off)


def _bulge(place: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return (faces, 5, 3) from the flat quad to the points amid edges and face."""
    corners = place[:, :4]
    flat = (corners + np.roll(corners, -1, axis=1)) / 2
    middle = corners.mean(axis=1, keepdims=True)
    return np.asarray(place[:, 4:] - np.concatenate([flat, middle], axis=1))


def _four_quads(faces: Indices) -> Indices:
    made = []
    for i in range(4):
        corner, after, before = faces[:, i], faces[:, 4 + i], faces[:, 4 + (i - 1) % 4]
        made.append(np.stack([corner, after, faces[:, 8]], axis=1))
        made.append(np.stack([corner, faces[:, 8], before], axis=1))
    return np.stack(made, axis=1).reshape(-1, 3)


def _one_quad(faces: Indices) -> Indices:
    pair = np.stack([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]], axis=1)
    return pair.reshape(-1, 3)


def _fans(faces: Indices, between: Flags) -> Indices:
    """Return triangles round the middle, through those edge points that are shared."""
    made = []
    for i in range(4):
        here, there, amid = faces[:, i], faces[:, (i + 1) % 4], faces[:, 4 + i]
        stop = np.where(between[:, i], amid, there)
        made.append(np.stack([here, stop, faces[:, 8]], axis=1))
        rest = between[:, i]
        made.append(np.stack([amid, there, faces[:, 8]], axis=1)[rest])
    return np.vstack(made)


def _kept(part: Part, triangles: Indices) -> Part:
    """Return the part with these triangles alone, corners in the order of their use."""
    used, first, place = np.unique(
        triangles.ravel(), return_index=True, return_inverse=True
    )
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    corners = used[order]
    points, point_of = np.unique(part.point_of[corners], return_inverse=True)
    return replace(
        part,
        rest=part.rest[points],
        points=part.points[points],
        unit_offsets=np.ascontiguousarray(part.unit_offsets[:, points]),
        point_of=point_of.reshape(-1),
        texture=part.texture[corners],
        triangles=rank[place.reshape(-1)].reshape(-1, 3),
    )


def before(part: Part, middles: npt.NDArray[np.float64], reach: float) -> Part:
    """Return the part with the faces alone that may hide a ball from the front.

    Those come within ``reach`` of one of the (n, 3) ``middles``, and before it.
    """
    away = part.points[part.point_of][:, None] - middles[None]
    near = (np.linalg.norm(away, axis=2) < reach) & (away[..., 2] > 0)
    return _kept(part, part.triangles[near.any(axis=1)[part.triangles].any(axis=1)])
