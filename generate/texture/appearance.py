"""How one person looks in texture space, for every openness of lids and mouth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from lampoon.generate.texture.arrays import Floats, floats, pixels
from lampoon.generate.texture.expression import Openness
from lampoon.generate.texture.layout import (
    EYE_CHARTS,
    INNER_LIPS,
    LEFT_LIDS,
    RIGHT_LIDS,
    chart_texels,
    layout,
)
from lampoon.generate.texture.light import resized

LID_KEYS = (0.0, 0.35, 0.7, 1.05)
MOUTH_KEYS = (0.0, 0.3, 0.8)
KEYS = (LID_KEYS, LID_KEYS, MOUTH_KEYS)
"""Openness at which a picture is kept, for right lids, left lids and mouth."""

LOOK_ARRAYS = (
    "plain", "right_lids", "left_lids", "mouth", "seen", "open_lids", "shut_lids",
)  # fmt: skip
"""Names of the arrays that an appearance is stored as."""


@lru_cache(maxsize=4)
def regions(size: int) -> Floats:
    """Return where lids and mouth rule, (3, size, size) float32 with soft borders."""
    points = layout().points
    masks = []
    for ring, reach in ((RIGHT_LIDS, 0.055), (LEFT_LIDS, 0.055), (INNER_LIPS, 0.085)):
        mask = np.zeros((size, size), np.uint8)
        hull = cv2.convexHull((points[list(ring)] * size).astype(np.float32))
        cv2.fillConvexPoly(mask, hull.round().astype(np.int32), 1)
        away = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5) / (reach * size)
        masks.append(np.clip(1.5 - 1.5 * away, 0, 1))
    made = np.stack(masks).astype(np.float32)
    for chart in EYE_CHARTS:
        rows, columns = chart_texels(chart, size)
        made[:, rows, columns] = 0
    made.setflags(write=False)
    return made


def key_weights(openness: float, keys: Sequence[float]) -> Floats:
    """Return how much each key counts at an openness: two neighbours, summing to 1."""
    weights = np.zeros(len(keys), np.float32)
    place = float(np.interp(openness, keys, np.arange(len(keys))))
    low = min(int(place), len(keys) - 2)
    weights[low], weights[low + 1] = low + 1 - place, place - low
    return weights


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """A person in texture space.

    ``plain`` (size, size, 3) float32 0 to 255 is the face at rest; ``keyed`` holds,
    for right lids, left lids and mouth, one texture a key, (keys, size, size, 3);
    ``seen`` (size, size) says how much each texel was seen, 0 to 1; ``openness`` is
    the person's range of lids.
    """

    plain: Floats
    keyed: tuple[Floats, Floats, Floats]
    seen: Floats
    openness: Openness

    @property
    def size(self) -> int:
        """Return the width of the textures."""
        return int(self.plain.shape[0])

    def texture(self, openness: Floats) -> Floats:
        """Return the face at an openness of right lids, left lids and mouth, (3,)."""
        made = self.plain.copy()
        masks = regions(self.size)
        for k, (rows, columns) in enumerate(boxes(self.size)):
            weights = key_weights(float(openness[k]), KEYS[k])
            part = self.keyed[k][:, rows, columns]
            mixed = sum(w * part[i] for i, w in enumerate(weights) if w > 0)
            made[rows, columns] += masks[k, rows, columns, None] * (
                mixed - self.plain[rows, columns]
            )
        return made

    def at_size(self, size: int) -> "Appearance":
        """Return the same person in textures of another size."""
        keyed = [np.stack([resized(x, size) for x in part]) for part in self.keyed]
        return Appearance(
            resized(self.plain, size),
            (keyed[0], keyed[1], keyed[2]),
            resized(self.seen, size),
            self.openness,
        )

    def arrays(self) -> dict[str, Any]:
        """Return everything as arrays that ``np.savez`` stores; see ``from_arrays``."""
        return {
            "plain": pixels(self.plain),
            "right_lids": pixels(self.keyed[0]),
            "left_lids": pixels(self.keyed[1]),
            "mouth": pixels(self.keyed[2]),
            "seen": (self.seen * 255).astype(np.uint8),
            "open_lids": np.array(self.openness.open_lids),
            "shut_lids": np.array(self.openness.shut_lids),
        }

    @classmethod
    def from_arrays(cls, stored: "Mapping[str, Any]") -> "Appearance":
        """Return what ``arrays`` gave; KeyError when a part is missing."""
        parts = {
            name: floats(stored[name])
            for name in ("plain", "right_lids", "left_lids", "mouth", "seen")
        }
        usual, shut = (
            (float(pair[0]), float(pair[1]))
            for pair in (stored["open_lids"], stored["shut_lids"])
        )
        keyed = (parts["right_lids"], parts["left_lids"], parts["mouth"])
        return cls(
            parts["plain"], keyed, floats(parts["seen"] / 255), Openness(usual, shut)
        )


@lru_cache(maxsize=4)
def boxes(size: int) -> tuple[tuple[slice, slice], ...]:
    """Return the rows and columns that each of the regions touches."""
    found = []
    for mask in regions(size):
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        found.append((slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)))
    return tuple(found)
