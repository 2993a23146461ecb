"""From texture space back onto a head."""

import cv2
import numpy as np

from lampoon.generate.texture.arrays import Floats, Pixels
from lampoon.generate.texture.layout import (
    CHART_WIDTH,
    EYE_CHARTS,
    INNER_LIPS,
    OVAL,
    EyeChart,
    layout,
)
from lampoon.generate.texture.surface import (
    Opening,
    Surface,
    affine_maps,
    carried,
    doubled_areas,
)
from lampoon.generate.texture.unwrap import chart_axes, chart_height


def wrap(texture: Pixels, surface: Surface) -> Pixels:
    """Return a texture (size, size, channels) uint8 as it looks over the window.

    Skin follows its triangles; between the lids the eyeball charts show. Pixels that
    no triangle covers hold whatever lies nearest: use ``surface.depth`` to leave them.
    """
    size = texture.shape[0]
    places = surface.place * size - 0.5
    made = np.asarray(
        cv2.remap(
            texture,
            places[..., 0],
            places[..., 1],
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )
    for chart, opening in zip(EYE_CHARTS, surface.eyes, strict=True):
        if opening is not None:
            _show_eyeball(made, texture, surface, chart, opening)
    return made


def _show_eyeball(
    made: Pixels, texture: Pixels, surface: Surface, chart: EyeChart, opening: Opening
) -> None:
    """Blend an eyeball chart into an opening of ``made``, in place."""
    size, part = texture.shape[0], opening.window
    back = np.linalg.inv(chart_axes(surface.view)).astype(np.float32)
    x = np.arange(part.x, part.x + part.width, dtype=np.float32)
    y = np.arange(part.y, part.y + part.height, dtype=np.float32)
    away = np.stack(np.meshgrid(x, y), -1) - surface.landmarks[chart.iris]
    away = away @ back.T
    across = (chart.right - chart.left) / CHART_WIDTH
    down = (chart.bottom - chart.top) / chart_height(chart)
    u = (chart.left + chart.right) / 2 + away[..., 0] * across
    v = (chart.top + chart.bottom) / 2 + away[..., 1] * down
    edge = 1.5 / size
    u = np.clip(u, chart.left + edge, chart.right - edge) * size - 0.5
    v = np.clip(v, chart.top + edge, chart.bottom - edge) * size - 0.5
    eyeball = cv2.remap(
        texture, u.astype(np.float32), v.astype(np.float32), cv2.INTER_CUBIC
    )
    view = made[part.rows, part.columns]
    share = opening.share.reshape(part.height, part.width, *(1,) * (made.ndim - 2))
    view[...] = np.round(view + share * (eyeball.astype(np.float32) - view))


def between_lips(plate: Pixels, surface: Surface, plate_landmarks: Floats) -> Pixels:
    """Return the plate's own mouth where the wrapped lips open, over the mouth window.

    ``plate_landmarks`` (478, 2) are in pixels of the whole plate; the surface may have
    moved its lips away from them. ValueError when the surface has no open mouth.
    """
    if surface.mouth is None:
        raise ValueError("this surface has no opening between the lips")
    part = surface.mouth.window
    local, plan = surface.landmarks, layout()
    inner = np.flatnonzero(plan.mouth)
    shift = plate_landmarks - local
    chosen = plan.triangles[inner]
    affine = affine_maps(local, chosen, shift, doubled_areas(local, chosen))
    number = np.full(len(plan.triangles) + 1, -1, np.int32)
    number[inner] = np.arange(len(inner))
    inside = number[surface.triangle[part.rows, part.columns]]
    moved = np.zeros((part.height, part.width, 2), np.float32)
    moved[...] = shift[list(INNER_LIPS)].mean(0)
    full = np.full(surface.triangle.shape, -1, np.int32)
    full[part.rows, part.columns] = inside
    found = carried(affine, full)[part.rows, part.columns]
    moved[inside >= 0] = found[inside >= 0]
    x = np.arange(part.x, part.x + part.width, dtype=np.float32)
    y = np.arange(part.y, part.y + part.height, dtype=np.float32)
    places = np.stack(np.meshgrid(x, y), -1) + moved
    return np.asarray(
        cv2.remap(
            plate,
            places[..., 0],
            places[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def oval_depth(size: int) -> Floats:
    """Return each texel's distance to the edge of the face, in shares of the width."""
    mask = np.zeros((size, size), np.uint8)
    ring = layout().points[list(OVAL)] * size
    cv2.fillPoly(mask, [ring.round().astype(np.int32)], 1)
    depth: Floats = cv2.distanceTransform(mask, cv2.DIST_L2, 5) / np.float32(size)
    return depth
