"""How a head covers a picture: far triangles first, so near skin hides them."""

from dataclasses import dataclass

import cv2
import numpy as np

from lampoon.generate.texture.arrays import Floats, Ints, Pixels, floats
from lampoon.generate.texture.layout import (
    EYE_CHARTS,
    INNER_LIPS,
    SKIN_POINTS,
    Camera,
    EyeChart,
    camera,
    layout,
)

LID_SOFTNESS = 0.04
"""Width of the passage from lid to eyeball, in distances between lid corners."""

LIP_SOFTNESS_PIXELS = 1.5
FINE = 4
"""Lids and lips are drawn this many times finer than the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A part of a picture: its top left pixel and its size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def rows(self) -> slice:
        """Return the rows of the picture that it covers."""
        return slice(self.y, self.y + self.height)

    @property
    def columns(self) -> slice:
        """Return the columns of the picture that it covers."""
        return slice(self.x, self.x + self.width)


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What lies between lids or lips: a window of the patch and how much of it shows.

    ``share`` is (height, width) float32 from 0 (lid or lip) to 1 (what lies behind).
    """

    window: Window
    share: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Where a head shows which point of texture space, over one window of a picture.

    ``place`` (h, w, 2) float32 are layout coordinates in 0..1; ``depth`` (h, w)
    float32 is the distance in pixels to the edge of the skin that faces the camera, 0
    outside; ``eyes`` and ``mouth`` are the openings; ``triangle`` (h, w) int32 names
    the triangle, -1 where there is none.
    """

    window: Window
    place: Floats
    depth: Floats
    triangle: Ints
    eyes: tuple[Opening | None, Opening | None]
    mouth: Opening | None
    landmarks: Floats
    view: Camera


def face_window(landmarks: Floats, frame: tuple[int, int]) -> Window | None:
    """Return the window around the skin within a frame (height, width), if any."""
    low = np.floor(landmarks[:SKIN_POINTS].min(0)).astype(int) - 2
    high = np.ceil(landmarks[:SKIN_POINTS].max(0)).astype(int) + 3
    low = np.maximum(low, 0)
    high = np.minimum(high, [frame[1], frame[0]])
    width, height = (high - low).tolist()
    if width < 8 or height < 8:
        return None
    return Window(int(low[0]), int(low[1]), width, height)


def doubled_areas(points: Floats, triangles: Ints) -> Floats:
    """Return twice the signed area of each triangle, (n,): positive when it faces."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    first, second = b - a, c - a
    area: Floats = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    return area


def affine_maps(
    points: Floats, triangles: Ints, values: Floats, areas: Floats
) -> Floats:
    """Return (n, k, 3): what carries (x, y, 1) in each triangle to ``values``."""
    a, b, c = (points[triangles[:, k]].astype(np.float64) for k in range(3))
    va, vb, vc = (values[triangles[:, k]].astype(np.float64) for k in range(3))
    first, second = b - a, c - a
    area = np.where(np.abs(areas) < 1e-3, np.inf, areas)[:, None]
    one, two = vb - va, vc - va
    gx = (one * second[:, 1:2] - two * first[:, 1:2]) / area
    gy = (two * first[:, :1] - one * second[:, :1]) / area
    constant = va - gx * a[:, :1] - gy * a[:, 1:2]
    return np.stack([gx, gy, constant], 2).astype(np.float32)


def _drawn(points: Floats, areas: Floats, window: Window, view: Camera) -> Ints:
    """Return the triangle seen at each pixel: averted ones first, then far to near."""
    plan = layout()
    depth = (plan.shape[:SKIN_POINTS] @ view.depth)[plan.triangles].mean(1)
    order = np.lexsort((-depth, areas > 0))
    label = np.full((window.height, window.width), -1, np.int32)
    corners = np.round(points[plan.triangles] * 16).astype(np.int32)
    for number in order.tolist():
        cv2.fillConvexPoly(label, corners[number], number, shift=4)
    return label


def carried(affine: Floats, triangle: Ints) -> Floats:
    """Return values (h, w, k) at each pixel from one affine map a triangle."""
    height, width = triangle.shape
    chosen = affine[np.maximum(triangle, 0)]
    x = np.arange(width, dtype=np.float32)[None, :, None]
    y = np.arange(height, dtype=np.float32)[:, None, None]
    made: Floats = chosen[..., 0] * x + chosen[..., 1] * y + chosen[..., 2]
    return made


def _keep_within(place: Floats, triangle: Ints, local: Floats, areas: Floats) -> None:
    """Stop thin triangles from reaching past their corners in the layout, in place.

    A pixel drawn for a sliver may lie many times its height outside it.
    """
    plan = layout()
    corners = local[plan.triangles]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(1)
    thin = np.concatenate([np.abs(areas) < 3 * longest, [False]])
    rows, columns = np.nonzero(thin[triangle])
    ends = plan.points[plan.triangles[triangle[rows, columns]]]
    place[rows, columns] = np.clip(place[rows, columns], ends.min(1), ends.max(1))


def _opening(ring: Floats, window: Window, softness: float) -> Opening | None:
    """Return the inside of a ring of landmarks, given in the window's pixels."""
    low = np.maximum(np.floor(ring.min(0)).astype(int) - 1, 0)
    high = np.minimum(
        np.ceil(ring.max(0)).astype(int) + 2, [window.width, window.height]
    )
    width, height = (high - low).tolist()
    if width < 3 or height < 2:
        return None
    fine = np.zeros((height * FINE, width * FINE), np.uint8)
    corners = ((ring - low + 0.5) * FINE - 0.5) * 16
    cv2.fillPoly(fine, [corners.round().astype(np.int32)], 255, shift=4)
    depth = cv2.distanceTransform(fine, cv2.DIST_L2, 3)
    share = np.clip(depth / (FINE * softness), 0, 1)
    share = cv2.resize(share, (width, height), interpolation=cv2.INTER_AREA)
    return Opening(Window(int(low[0]), int(low[1]), width, height), share)


def lay(landmarks: Floats, frame: tuple[int, int]) -> Surface | None:
    """Return how a face with these landmarks covers a frame (height, width).

    None when less than a few pixels of it lie within the frame.
    """
    window = face_window(landmarks, frame)
    if window is None:
        return None
    plan, view = layout(), camera(landmarks)
    local = landmarks - np.array([window.x, window.y], np.float32)
    areas = doubled_areas(local, plan.triangles)
    triangle = _drawn(local, areas, window, view)
    place = carried(affine_maps(local, plan.triangles, plan.points, areas), triangle)
    place[triangle < 0] = 0
    _keep_within(place, triangle, local, areas)
    front = np.concatenate([areas > 0, [False]])[triangle].astype(np.uint8)
    _show_only_front(place, triangle, front)
    depth = _edge_distance(front)
    depth[triangle < 0] = 0
    eyes = [_eye_opening(local, chart, window) for chart in EYE_CHARTS]
    mouth = _opening(local[list(INNER_LIPS)], window, LIP_SOFTNESS_PIXELS)
    return Surface(
        window, place, depth, triangle, (eyes[0], eyes[1]), mouth, local, view
    )


def _show_only_front(place: Floats, triangle: Ints, front: Pixels) -> None:
    """Give what looks away from the camera the nearest skin that faces it, in place.

    Between nose and far cheek a mesh of landmarks leaves such pixels uncovered.
    """
    averted = (front == 0) & (triangle >= 0)
    if not averted.any() or not front.any():
        return
    _, nearest = cv2.distanceTransformWithLabels(
        1 - front, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    shown = place[front > 0]
    order = np.zeros(int(nearest.max()) + 1, np.intp)
    order[nearest[front > 0]] = np.arange(len(shown))
    place[averted] = shown[order[nearest[averted]]]


def _edge_distance(front: Pixels) -> Floats:
    """Return each pixel's distance to the edge of a mask; the window is no edge."""
    whole = cv2.morphologyEx(front, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    padded = cv2.copyMakeBorder(whole, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    return floats(cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1])


def _eye_opening(local: Floats, chart: EyeChart, window: Window) -> Opening | None:
    ring = local[list(chart.lids)]
    softness = max(0.7, LID_SOFTNESS * float(np.ptp(ring[:, 0])))
    return _opening(ring, window, softness)
