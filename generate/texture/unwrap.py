"""From a picture to texture space: the face laid flat."""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.generate.texture.arrays import Floats, Pixels, floats
from lampoon.generate.texture.layout import (
    CHART_WIDTH,
    EYE_CHARTS,
    Camera,
    EyeChart,
    camera,
    chart_texels,
    layout,
)

GRAZING = 0.12
"""Cosine of the view on skin below which a texel counts as not seen at all."""

PLAIN = 0.55
"""Cosine of the view on skin from which a texel counts in full."""


def chart_axes(view: Camera) -> Floats:
    """Return (2, 2): columns are the upright x and y of an eye chart, in pixels.

    Their length is that of one distance between the outer corners of the eyes.
    """
    direction = view.matrix[:, 0] / np.linalg.norm(view.matrix[:, 0])
    x, y = (direction * view.scale).tolist()
    return np.array([[x, -y], [y, x]], np.float32)


def chart_height(chart: EyeChart) -> float:
    """Return the height of a chart, in distances between the outer eye corners."""
    return CHART_WIDTH * (chart.bottom - chart.top) / (chart.right - chart.left)


class Unwrapper:
    """Unwraps faces to textures of one size; made once, used for every frame.

    ``covered`` (size, size) bool says which texels show anything; ``eyeballs`` is the
    part of it that lies in the two eye charts; ``between_lids`` and ``between_lips``
    are the openings in the skin.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        plan = layout()
        label = np.zeros((size, size), np.int32)
        corners = (plan.points[plan.triangles] * size - 0.5) * 16
        for number, corner in enumerate(corners.round().astype(np.int32)):
            cv2.fillConvexPoly(label, corner, number + 1, shift=4)
        self._rows, self._columns = np.nonzero(label)
        triangle = label[self._rows, self._columns] - 1
        self._vertices = plan.triangles[triangle]
        self._weights = self._barycentric(plan.points * size - 0.5)
        self._charts = [self._chart(chart) for chart in EYE_CHARTS]
        self.covered = label > 0
        self.eyeballs = np.zeros((size, size), bool)
        for rows, columns, _ in self._charts:
            self.eyeballs[rows, columns] = True
        self.covered |= self.eyeballs
        self.between_lids = self._painted(label, plan.eye)
        self.between_lips = self._painted(label, plan.mouth)
        normals = np.zeros((size, size, 3), np.float32)
        normals[self._rows, self._columns] = self.carry(plan.normals)
        self._normals = normals

    @staticmethod
    def _painted(
        label: npt.NDArray[np.int32], chosen: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        return np.concatenate([[False], chosen])[label]

    def _barycentric(self, points: Floats) -> Floats:
        a, b, c = (points[self._vertices[:, k]] for k in range(3))
        at = np.stack([self._columns, self._rows], 1)
        first, second, here = b - a, c - a, at - a
        area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
        v = (here[:, 0] * second[:, 1] - here[:, 1] * second[:, 0]) / area
        w = (first[:, 0] * here[:, 1] - first[:, 1] * here[:, 0]) / area
        return np.stack([1 - v - w, v, w], 1).astype(np.float32)

    def _chart(
        self, chart: EyeChart
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
        rows, columns = (
            part.ravel() for part in np.mgrid[chart_texels(chart, self.size)]
        )
        x = ((columns + 0.5) / self.size - chart.left) / (chart.right - chart.left)
        y = ((rows + 0.5) / self.size - chart.top) / (chart.bottom - chart.top)
        place = np.stack(
            [(x - 0.5) * CHART_WIDTH, (y - 0.5) * chart_height(chart)], 1
        ).astype(np.float32)
        return rows, columns, place

    def carry(self, values: Floats) -> Floats:
        """Return values given at the landmarks, (n, k), at each skin texel."""
        share, corner = self._weights, self._vertices
        carried: Floats = share[:, :1] * values[corner[:, 0]]
        for k in (1, 2):
            carried += share[:, k : k + 1] * values[corner[:, k]]
        return carried

    def places(self, landmarks: Floats) -> tuple[Floats, Floats]:
        """Return where in the picture each texel lies: x and y, (size, size) each."""
        where = np.full((self.size, self.size, 2), -1e4, np.float32)
        where[self._rows, self._columns] = self.carry(landmarks)
        axes = chart_axes(camera(landmarks))
        for chart, (rows, columns, place) in zip(EYE_CHARTS, self._charts, strict=True):
            where[rows, columns] = landmarks[chart.iris] + place @ axes.T
        return np.ascontiguousarray(where[..., 0]), np.ascontiguousarray(where[..., 1])

    def __call__(self, rgb: Pixels, landmarks: Floats) -> Pixels:
        """Return a face's texture, (size, size, 3) uint8; uncovered texels are 0."""
        return self._texture(rgb, *self.places(landmarks))

    def _texture(self, rgb: Pixels, x: Floats, y: Floats) -> Pixels:
        found = cv2.remap(rgb, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        found[~self.covered] = 0
        return np.asarray(found, np.uint8)

    def visible(self, landmarks: Floats, *, frame: tuple[int, int]) -> Floats:
        """Return how well each texel is seen, (size, size) float32 from 0 to 1.

        Skin that turns away fades out; an eyeball counts where it lies well between
        the lids; what lies outside the frame, (height, width), counts nothing.
        """
        return self._visible(landmarks, frame, *self.places(landmarks))

    def _visible(
        self, landmarks: Floats, frame: tuple[int, int], x: Floats, y: Floats
    ) -> Floats:
        view = camera(landmarks)
        cosine = -(self._normals @ view.depth)
        seen = np.clip((cosine - GRAZING) / (PLAIN - GRAZING), 0, 1) * self.covered
        for chart, (rows, columns, _) in zip(EYE_CHARTS, self._charts, strict=True):
            ring = landmarks[list(chart.lids)]
            seen[rows, columns] = _between(ring, x[rows, columns], y[rows, columns])
        height, width = frame
        seen *= (x > -1) & (y > -1) & (x < width) & (y < height)
        return floats(seen)

    def look(self, rgb: Pixels, landmarks: Floats) -> tuple[Pixels, Floats]:
        """Return a face's texture and how well each texel is seen, together."""
        x, y = self.places(landmarks)
        seen = self._visible(landmarks, rgb.shape[:2], x, y)
        return self._texture(rgb, x, y), seen


def _between(ring: Floats, x: Floats, y: Floats) -> Floats:
    """Return 0 outside a ring of lids, rising to 1 well inside it."""
    low = ring.min(0) - 2
    size = np.maximum(np.ceil((ring.max(0) - low + 3) * 4), 8).astype(int)
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillPoly(mask, [np.round((ring - low) * 4).astype(np.int32)], 255)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3) / 4
    margin = max(0.06 * float(np.ptp(ring[:, 0])), 0.7)
    inside = cv2.remap(
        depth, (x - low[0]) * 4, (y - low[1]) * 4, cv2.INTER_LINEAR, borderValue=0
    )
    return floats(np.clip(inside.ravel() / margin - 0.5, 0, 1))


def shrunk(rgb: Pixels, landmarks: Floats, *, pixels: int) -> tuple[Pixels, Floats]:
    """Return the part of a picture around a face, made small, and its landmarks there.

    The face comes out at most about ``pixels`` wide, averaged, so that a small texture
    taken from it neither glitters nor depends on the size of the video.
    """
    low = np.maximum(np.floor(landmarks.min(0)).astype(int) - 8, 0)
    high = np.minimum(np.ceil(landmarks.max(0)).astype(int) + 9, rgb.shape[1::-1])
    if (high - low < 8).any():
        return rgb, landmarks
    part = rgb[low[1] : high[1], low[0] : high[0]]
    width = float(np.ptp(landmarks[:, 0]))
    factor = min(1.0, pixels / max(width, 1.0))
    if factor > 0.8:
        return part, (landmarks - low).astype(np.float32)
    size = np.maximum(np.round((high - low) * factor), 4).astype(int)
    small = cv2.resize(part, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
    scale = size / (high - low)
    moved = (landmarks - low + 0.5) * scale - 0.5
    return np.asarray(small, np.uint8), moved.astype(np.float32)
