"""The textures that the network sees: a small whole face, and its eyes finer.

Eyes are small and looked at most, so a network that sees the whole face at width
``SMALL`` gets both eyes, lids and eyeballs, once more at the width ``DETAIL``: four
cells below the face. ``fold`` makes such an atlas of a texture of width ``DETAIL``,
``unfold`` a texture of an atlas.
"""

from functools import lru_cache

import cv2
import numpy as np

from lampoon.generate.texture.arrays import Floats, floats
from lampoon.generate.texture.layout import (
    EYE_CHARTS,
    LEFT_LIDS,
    RIGHT_LIDS,
    chart_texels,
    layout,
)

SMALL = 96
"""Width of the whole face."""

DETAIL = 192
"""Width of the texture that the cells are cut from."""

CELL_ROWS, CELL_COLUMNS = 32, 48
ATLAS = (SMALL + 2 * CELL_ROWS, SMALL)
"""Rows and columns of an atlas."""

FEATHER = 3
"""Texels over which a cell of skin passes into the coarser face around it."""

Cell = tuple[slice, slice]


@lru_cache(maxsize=1)
def cells() -> tuple[tuple[Cell, Cell], ...]:
    """Return where each cell lies in an atlas and in a texture of width ``DETAIL``.

    Right and left lids come first, then the charts of both eyeballs.
    """
    found = []
    for ring in (RIGHT_LIDS, LEFT_LIDS):
        points = layout().points[list(ring)] * DETAIL
        x, y = np.round((points.min(0) + points.max(0)) / 2).astype(int).tolist()
        found.append(_cell(x - CELL_COLUMNS // 2, y - CELL_ROWS // 2))
    for chart in EYE_CHARTS:
        _, columns = chart_texels(chart, DETAIL)
        x = columns.start if chart.left == 0 else columns.stop - CELL_COLUMNS
        found.append(_cell(x, DETAIL - CELL_ROWS))
    places = [
        _cell(x, y)
        for y in (SMALL, SMALL + CELL_ROWS)
        for x in (0, SMALL - CELL_COLUMNS)
    ]
    return tuple(zip(places, found, strict=True))


def _cell(x: int, y: int) -> Cell:
    return slice(y, y + CELL_ROWS), slice(x, x + CELL_COLUMNS)


def fold(texture: Floats) -> Floats:
    """Return the atlas, float32, of a texture (DETAIL, DETAIL) of any depth."""
    whole = floats(texture)
    made = np.empty((*ATLAS, *whole.shape[2:]), np.float32)
    made[:SMALL] = cv2.resize(whole, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    for place, source in cells():
        made[place] = whole[source]
    return made


def unfold(atlas: Floats) -> Floats:
    """Return the texture (DETAIL, DETAIL, 3), float32, that an atlas shows."""
    given = floats(atlas)
    size = (DETAIL, DETAIL)
    made = floats(cv2.resize(given[:SMALL], size, interpolation=cv2.INTER_CUBIC))
    for k, (place, source) in enumerate(cells()):
        share = _passage() if k < 2 else np.float32(1)
        made[source] += share * (given[place] - made[source])
    return made


@lru_cache(maxsize=1)
def _passage() -> Floats:
    inside = np.zeros((CELL_ROWS + 2, CELL_COLUMNS + 2), np.uint8)
    inside[1:-1, 1:-1] = 1
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1]
    return floats(np.clip(away / FEATHER, 0, 1))[..., None]
