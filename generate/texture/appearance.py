"""How one person looks in texture space: sharp, for every openness of lids and mouth.

Averaging hundreds of textures removes noise but blurs, because landmarks wander by a
pixel. So textures are first laid onto each other by dense flow (Kroeger et al. 2016,
DIS), then averaged with weights for how well a texel was seen, how sharp and how
frontal the frame was, and how much it agrees with the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.generate.texture.expression import Openness
from lampoon.generate.texture.layout import (
    EYE_CHARTS,
    INNER_LIPS,
    LEFT_LIDS,
    RIGHT_LIDS,
    Floats,
    chart_texels,
    layout,
)
from lampoon.generate.texture.light import resized, same_light

Pixels = npt.NDArray[np.uint8]

LID_KEYS = (0.0, 0.35, 0.7, 1.05)
MOUTH_KEYS = (0.0, 0.3, 0.8)
KEYS = (LID_KEYS, LID_KEYS, MOUTH_KEYS)
"""Openness at which a picture is kept, for right lids, left lids and mouth."""

LOOK_ARRAYS = (
    "plain", "right_lids", "left_lids", "mouth", "seen", "open_lids", "shut_lids",
)  # fmt: skip
"""Names of the arrays that an appearance is stored as."""

KEY_BREADTH = 0.17
DISAGREEMENT = 22.0
"""Difference in grey levels at which a texel counts only a third."""
LARGEST_SHIFT = 0.012
"""Registration never moves a texel by more than this share of the texture."""


FINE_BLUR = 0.005
MOST_SHARPENED = 1.6
"""Detail lost by averaging is made up for by at most this factor."""


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
        return self.plain.shape[0]

    def texture(self, openness: Floats) -> Floats:
        """Return the face at an openness of right lids, left lids and mouth, (3,)."""
        made = self.plain.copy()
        masks = regions(self.size)
        for k, (rows, columns) in enumerate(_boxes(self.size)):
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

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return everything as arrays that ``np.savez`` stores; see ``from_arrays``."""
        return {
            "plain": _bytes(self.plain),
            "right_lids": _bytes(self.keyed[0]),
            "left_lids": _bytes(self.keyed[1]),
            "mouth": _bytes(self.keyed[2]),
            "seen": (self.seen * 255).astype(np.uint8),
            "open_lids": np.array(self.openness.open_lids),
            "shut_lids": np.array(self.openness.shut_lids),
        }

    @classmethod
    def from_arrays(
        cls, stored: "dict[str, npt.NDArray[np.generic]] | np.lib.npyio.NpzFile"
    ) -> "Appearance":
        """Return what ``arrays`` gave; KeyError when a part is missing."""
        floats = {
            name: np.asarray(stored[name]).astype(np.float32)
            for name in ("plain", "right_lids", "left_lids", "mouth", "seen")
        }
        usual, shut = (
            (float(pair[0]), float(pair[1]))
            for pair in (stored["open_lids"], stored["shut_lids"])
        )
        keyed = (floats["right_lids"], floats["left_lids"], floats["mouth"])
        return cls(floats["plain"], keyed, floats["seen"] / 255, Openness(usual, shut))


def _bytes(texture: Floats) -> Pixels:
    return np.clip(texture + 0.5, 0, 255).astype(np.uint8)


@lru_cache(maxsize=4)
def _boxes(size: int) -> tuple[tuple[slice, slice], ...]:
    found = []
    for mask in regions(size):
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        found.append((slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One frame as texture: ``texture`` (size, size, 3) uint8, ``visible`` (size, size).

    ``openness`` is (3,) of lids and mouth; ``worth`` weighs the whole frame, for
    sharpness and frontality.
    """

    texture: Pixels
    visible: Floats
    openness: Floats
    worth: float


def _registered(frames: Sequence[Seen], onto: Floats) -> list[Floats]:
    """Return the textures, each moved onto ``onto`` by a small smooth flow."""
    size = onto.shape[0]
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    target = cv2.cvtColor(_bytes(onto), cv2.COLOR_RGB2GRAY)
    grid = np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1)
    grid = grid.astype(np.float32)
    masks, limit, moved = regions(size), LARGEST_SHIFT * size, []
    for frame in frames:
        grey = cv2.cvtColor(frame.texture, cv2.COLOR_RGB2GRAY)
        flow = finder.calc(target, grey, np.zeros((size, size, 2), np.float32))
        alike = np.clip(np.abs(frame.openness - [1, 1, 0]) * 2, 0, 1)
        trust = frame.visible * (1 - (masks * alike[:, None, None]).max(0)) + 1e-3
        calm = cv2.GaussianBlur(flow * trust[..., None], (0, 0), size * 0.012)
        calm /= cv2.GaussianBlur(trust, (0, 0), size * 0.012)[..., None]
        calm *= np.minimum(1, limit / (np.linalg.norm(calm, axis=-1) + 1e-6))[..., None]
        calm *= np.minimum(1, cv2.GaussianBlur(trust, (0, 0), 3) * 2)[..., None]
        places = (grid + calm).astype(np.float32)
        texture = frame.texture.astype(np.float32)
        moved.append(
            cv2.remap(texture, places[..., 0], places[..., 1], cv2.INTER_CUBIC)
        )
    return moved


def _average(
    textures: Sequence[Floats], weights: Sequence[Floats], around: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the weighted mean and the total weight; texels unlike ``around`` fade."""
    total = np.zeros(textures[0].shape[:2], np.float32)
    sum_ = np.zeros(textures[0].shape, np.float32)
    for texture, given in zip(textures, weights, strict=True):
        weight = given
        if around is not None:
            unlike = np.abs(texture - around).max(-1) / DISAGREEMENT
            weight = given * np.exp(-np.square(cv2.blur(unlike, (3, 3))))
        sum_ += texture * weight[..., None]
        total += weight
    return sum_ / (total[..., None] + 1e-6), total


def build_appearance(
    frames: Sequence[Seen], openness: Openness, *, rounds: int = 2
) -> Appearance:
    """Return how a person looks, from some dozens of frames as textures.

    Wants frames of every openness of lids and mouth; where a key was never seen, its
    nearest neighbour stands in. ``rounds`` of registration make it sharp, none makes
    it the plain average. ValueError when there is no frame.
    """
    if not frames:
        raise ValueError("no frame to build an appearance from")
    weights = [f.visible * np.float32(f.worth) + np.float32(1e-5) for f in frames]
    textures = [f.texture.astype(np.float32) for f in frames]
    plain, total = _average(textures, weights)
    lit = _in_light(textures, frames, plain)
    plain, total = _average(lit, weights, around=plain)
    for _ in range(rounds):
        lit = _in_light(_registered(frames, plain), frames, plain)
        plain, total = _average(lit, weights, around=plain)
    keyed = [_keyed(k, frames, lit, plain) for k in range(3)]
    if rounds:
        gain = _lost_detail(lit, weights, plain)
        plain = _sharpened(plain, gain)
        keyed = [np.stack([_sharpened(x, gain) for x in part]) for part in keyed]
    seen = np.clip(total / np.percentile(total[total > 0], 60), 0, 1)
    return Appearance(
        plain, (keyed[0], keyed[1], keyed[2]), seen.astype(np.float32), openness
    )


def _in_light(
    textures: Sequence[Floats], frames: Sequence[Seen], like: Floats
) -> list[Floats]:
    pairs = zip(textures, frames, strict=True)
    return [same_light(texture, like, frame.visible) for texture, frame in pairs]


def _fine(texture: Floats) -> Floats:
    """Return what averaging loses first: differences over one or two texels."""
    blurred = cv2.GaussianBlur(texture, (0, 0), FINE_BLUR * texture.shape[0])
    fine: Floats = texture - blurred
    return fine


def _lost_detail(
    frames: Sequence[Floats], weights: Sequence[Floats], mean: Floats
) -> float:
    """Return by how much detail must grow to be as strong as in single frames."""

    def strength(texture: Floats, weight: Floats) -> float:
        grey = np.square(_fine(texture).mean(2))
        return float((grey * weight).sum() / weight.sum())

    best = sorted(range(len(frames)), key=lambda k: -float(weights[k].mean()))[:12]
    single = np.median([strength(frames[k], weights[k]) for k in best])
    kept = np.median([strength(mean, weights[k]) for k in best])
    gain = float(np.sqrt(single / max(float(kept), 1e-6)))
    return float(np.clip(gain, 1, MOST_SHARPENED))


def _sharpened(texture: Floats, gain: float) -> Floats:
    return texture + (gain - 1) * _fine(texture)


def _keyed(
    part: int, frames: Sequence[Seen], lit: Sequence[Floats], plain: Floats
) -> Floats:
    """Return one texture a key of lids or mouth, (keys, size, size, 3)."""
    made: list[Floats | None] = []
    for key in KEYS[part]:
        nearness = [
            float(np.exp(-(((f.openness[part] - key) / KEY_BREADTH) ** 2)))
            for f in frames
        ]
        weights = [
            f.visible * np.float32(f.worth * near) + 1e-7
            for f, near in zip(frames, nearness, strict=True)
        ]
        if sum(nearness) < 0.5:
            made.append(None)
            continue
        first, _ = _average(lit, weights)
        made.append(_average(lit, weights, around=first)[0])
    known = [k for k, texture in enumerate(made) if texture is not None]
    filled = []
    for k in range(len(made)):
        nearest = min(known, key=lambda j: abs(j - k), default=None)
        found = plain if nearest is None else made[nearest]
        assert found is not None
        filled.append(found)
    return np.stack(filled)
