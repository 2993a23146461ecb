"""Faces in one picture: boxes, points, expression and pose, behind a Protocol."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lampoon.faces.landmarks import eye_distance
from lampoon.faces.networks import (
    Detection,
    Region,
    box_overlap,
    load_networks,
    mesh_region,
)
from lampoon.faces.pose import head_pose

LEAST_NEAR_SCORE = 0.5
LEAST_FAR_SCORE = 0.6
LEAST_MESH_SCORE = 0.5
LEAST_FIRST_SCORE = 0.8
"""A face that is followed may be less sure than one that is seen first."""

MOST_PASSES = 6
CONVERGED = 0.004
"""Mean movement of the points, in eye distances, below which a mesh has settled."""

LEAPT = 0.15
"""Eye distances of movement in one frame after which one pass is not trusted."""

SAME_FACE = 0.3
"""Meshes whose boxes overlap more than this (IoU) follow one face."""

Finder = Callable[[npt.NDArray[np.uint8]], Sequence[Detection]]
"""Finds the faces of RGB (height, width, 3), surest first."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in one picture.

    ``box`` is x0 y0 x1 y1 around the points, (4,); ``landmarks`` are (478, 2), both
    float32 in source pixels; ``depth`` is (478,) in the same unit, growing away from
    the camera; ``blendshapes`` are (52,) from 0 to 1; ``score`` is the odds, 0 to 1,
    that this is a face. Degrees: +yaw turns to the performer's own left (image
    right), +pitch looks down, +roll leans anticlockwise as seen.
    """

    box: npt.NDArray[np.float32]
    landmarks: npt.NDArray[np.float32]
    depth: npt.NDArray[np.float32]
    blendshapes: npt.NDArray[np.float32]
    score: float
    yaw: float
    pitch: float
    roll: float

    def moved(self, x: int, y: int) -> "Face":
        """Return the same face where the picture's corner lies elsewhere."""
        if not x and not y:
            return self
        shift = np.array([x, y, x, y], np.float32)
        return replace(self, box=self.box + shift, landmarks=self.landmarks + shift[:2])


class FaceBackend(Protocol):
    """Whatever finds faces; every backend gives the same points in the same order."""

    @property
    def name(self) -> str:
        """The backend as reports call it."""
        ...

    def faces(
        self,
        rgb: npt.NDArray[np.uint8],
        *,
        previous: Sequence[Face] = (),
        search: bool = False,
    ) -> list[Face]:
        """Return the faces of RGB (height, width, 3) uint8, largest first.

        ``previous`` are the faces of the frame before, which are followed; without
        them the picture is searched. A lost face makes it search again, and so does
        ``search``, for faces that came in meanwhile.
        """
        ...


class LiteRTBackend:
    """MediaPipe's networks by LiteRT: the default, vendored, for CPUs.

    One object serves one thread. On a first sight the mesh is run until its region
    has settled: a single pass is off by several percent of the eye distance.
    """

    name = "litert"

    def __init__(
        self, max_faces: int = 4, threads: int = 1, *, finder: Finder | None = None
    ) -> None:
        """Take another ``finder`` of faces where there is a better one."""
        if max_faces < 1 or threads < 1:
            raise ValueError("max_faces and threads count from 1")
        self._most = max_faces
        self._finder = finder
        self._networks = load_networks(threads)

    def faces(
        self,
        rgb: npt.NDArray[np.uint8],
        *,
        previous: Sequence[Face] = (),
        search: bool = False,
    ) -> list[Face]:
        """Return the faces of RGB (height, width, 3) uint8, largest first."""
        followed = [self._follow(rgb, face) for face in previous]
        found = _distinct([face for face in followed if face is not None])
        if search or len(found) < max(len(previous), 1):
            found = self._search(rgb, found)
        return sorted(found, key=lambda f: -_area(f.box))[: self._most]

    def _search(self, rgb: npt.NDArray[np.uint8], known: Sequence[Face]) -> list[Face]:
        """Return known faces and those found beside them.

        The detectors see a picture of 128 or 192 pixels, so only where nothing is
        found are parts of it looked at closer; a finder from elsewhere looks once.
        """
        if self._finder is not None:
            return self._settled(rgb, self._finder(rgb), known)
        found = self._settled(rgb, self._detected(rgb), known)
        for side in (1.0, 0.5):
            if found:
                break
            for part, offset in _parts(rgb, side):
                near = self._networks.far(part, LEAST_FAR_SCORE)
                moved = [d.moved(offset) for d in near]
                found = self._settled(rgb, moved, found)
        return found

    def _detected(self, rgb: npt.NDArray[np.uint8]) -> list[Detection]:
        """Return near faces and, behind them, small ones, surest first, each once."""
        near = self._networks.near(rgb, LEAST_NEAR_SCORE)
        far = self._networks.far(rgb, LEAST_FAR_SCORE)
        unseen = [
            d for d in far if all(box_overlap(d.box, n.box) < SAME_FACE for n in near)
        ]
        return [*near, *unseen]

    def _settled(
        self,
        rgb: npt.NDArray[np.uint8],
        detections: Sequence[Detection],
        known: Sequence[Face],
    ) -> list[Face]:
        found = list(known)
        for detection in detections[: 2 * self._most]:
            if any(_holds(face.box, detection.box) for face in found):
                continue
            face = self._settle(rgb, detection.region())
            if face is not None:
                found = _distinct([*found, face])
        return found

    def _settle(self, rgb: npt.NDArray[np.uint8], region: Region) -> Face | None:
        before: npt.NDArray[np.float32] | None = None
        for _ in range(MOST_PASSES):
            points, depth, score = self._networks.mesh.points(rgb, region)
            if score < LEAST_FIRST_SCORE:
                return None
            region = mesh_region(points)
            if before is not None:
                moved = float(np.hypot(*(points - before).T).mean())
                if moved < CONVERGED * eye_distance(points):
                    break
            before = points
        return self._face(points, depth, score)

    def _follow(self, rgb: npt.NDArray[np.uint8], face: Face) -> Face | None:
        region = mesh_region(face.landmarks)
        points, depth, score = self._networks.mesh.points(rgb, region)
        if score < LEAST_MESH_SCORE or not _inside(points, rgb.shape):
            return None
        moved = float(np.hypot(*(points - face.landmarks).T).mean())
        if moved > LEAPT * eye_distance(points):
            return self._settle(rgb, mesh_region(points))
        return self._face(points, depth, score)

    def _face(
        self,
        points: npt.NDArray[np.float32],
        depth: npt.NDArray[np.float32],
        score: float,
    ) -> Face:
        yaw, pitch, roll = head_pose(points, depth)
        return Face(
            box=np.concatenate([points.min(axis=0), points.max(axis=0)]),
            landmarks=points,
            depth=depth,
            blendshapes=self._networks.mesh.expression(points),
            score=score,
            yaw=yaw,
            pitch=pitch,
            roll=roll,
        )


def _parts(
    rgb: npt.NDArray[np.uint8], side: float
) -> Iterator[tuple[npt.NDArray[np.uint8], tuple[int, int]]]:
    """Give squares of a picture, half over one another, and their corners (x, y).

    ``side`` is their side as a share of the picture's shorter one.
    """
    height, width = rgb.shape[:2]
    length = max(int(min(height, width) * side), 1)
    for y in _starts(height, length):
        for x in _starts(width, length):
            yield rgb[y : y + length, x : x + length], (x, y)


def _starts(whole: int, length: int) -> list[int]:
    count = 1 if whole <= length else 1 + -(-(whole - length) * 2 // length)
    return [round(n) for n in np.linspace(0, whole - length, count)]


def _area(box: npt.NDArray[np.float32]) -> float:
    return float(np.prod(np.maximum(box[2:] - box[:2], 0)))


def _holds(face: npt.NDArray[np.float32], detected: npt.NDArray[np.float32]) -> bool:
    """Return whether a detection's middle lies in a known face's box."""
    middle = (detected[:2] + detected[2:]) / 2
    return bool((middle > face[:2]).all() and (middle < face[2:]).all())


def _inside(points: npt.NDArray[np.float32], shape: tuple[int, ...]) -> bool:
    """Return whether at least half of the points lie in the picture."""
    height, width = shape[:2]
    x, y = points[:, 0], points[:, 1]
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    return bool(inside.mean() >= 0.5)


def _distinct(found: Sequence[Face]) -> list[Face]:
    """Return faces whose meshes do not lie on one another; the surest stays."""
    kept: list[Face] = []
    for face in sorted(found, key=lambda f: -f.score):
        if all(box_overlap(face.box, other.box) < SAME_FACE for other in kept):
            kept.append(face)
    return kept
