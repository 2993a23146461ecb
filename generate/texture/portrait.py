"""Building how a person looks: textures laid onto each other and averaged, sharp.

Averaging hundreds of textures removes noise but blurs, because landmarks wander by a
pixel. So textures are first laid onto each other by dense flow (Kroeger et al. 2016,
DIS), then averaged with weights for how well a texel was seen, how sharp and how
frontal the frame was, and how much it agrees with the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lampoon.generate.texture.appearance import KEYS, Appearance, boxes, regions
from lampoon.generate.texture.arrays import Floats, Pixels, floats, pixels
from lampoon.generate.texture.expression import Openness
from lampoon.generate.texture.layout import EYE_CHARTS, chart_texels
from lampoon.generate.texture.light import same_light

KEY_BREADTH = 0.17
DISAGREEMENT = 22.0
"""Difference in grey levels at which a texel counts only a third."""
LARGEST_SHIFT = 0.012
"""Registration never moves a texel by more than this share of the texture."""


HARDLY_SEEN = 0.08
"""Eyeballs seen less than this share of what is seen best are filled in."""
EYE_NEAR = 0.008
"""Standard deviation of how far around is near, in texture widths."""

FINE_BLUR = 0.005
WRAP_LOSS = 1.18
"""Laying a texture back onto a picture blurs it once more; this makes up for it."""

MOST_SHARPENED = 1.7
"""Detail lost is made up for by at most this factor."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One frame as texture.

    ``texture`` is (size, size, 3) uint8, ``visible`` (size, size) from 0 to 1;
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
    target = cv2.cvtColor(pixels(onto), cv2.COLOR_RGB2GRAY)
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
        calmed = cv2.remap(texture, places[..., 0], places[..., 1], cv2.INTER_CUBIC)
        moved.append(floats(calmed))
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
            unlike = floats(cv2.blur(_apart(texture, around), (3, 3))) / DISAGREEMENT
            weight = given * np.exp(-np.square(unlike))
        sum_ += texture * weight[..., None]
        total += weight
    return sum_ / (total[..., None] + 1e-6), total


def _apart(one: Floats, other: Floats) -> Floats:
    """Return the largest difference of any channel, (h, w)."""
    red, green, blue = cv2.split(np.abs(one - other))
    return floats(np.maximum(np.maximum(red, green), blue))


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
    plain = _with_whole_eyes(plain, total)
    keyed = [_keyed(k, frames, lit, plain) for k in range(3)]
    if rounds:
        gain = _lost_detail(lit, weights, plain)
        plain = _sharpened(plain, gain)
        keyed = [np.stack([_sharpened(x, gain) for x in part]) for part in keyed]
    seen = np.clip(total / np.percentile(total[total > 0], 60), 0, 1)
    return Appearance(
        plain, (keyed[0], keyed[1], keyed[2]), seen.astype(np.float32), openness
    )


def _with_whole_eyes(texture: Floats, total: Floats) -> Floats:
    """Return a texture whose eyeballs are whole, where lids hid them go on like near.

    ``total`` is the weight with which each texel was seen.
    """
    made, size = texture.copy(), texture.shape[0]
    for chart in EYE_CHARTS:
        part = chart_texels(chart, size)
        weight = total[part]
        enough = max(float(weight.max()) * HARDLY_SEEN, 1e-6)
        weight = np.square(np.minimum(weight / enough, 1)) + np.float32(1e-9)
        near, share = texture[part] * weight[..., None], weight
        filled = made[part] * 0
        rest = np.ones_like(weight)
        for sigma in (EYE_NEAR, EYE_NEAR * 4):
            around = floats(cv2.GaussianBlur(near, (0, 0), sigma * size))
            seen = floats(cv2.GaussianBlur(share, (0, 0), sigma * size))
            trust = rest * np.minimum(seen / 0.2, 1)
            filled += trust[..., None] * around / (seen[..., None] + 1e-9)
            rest = rest - trust
        filled += rest[..., None] * around / (seen[..., None] + 1e-9)
        made[part] = filled + weight[..., None] * (made[part] - filled)
    return made


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
    return float(np.clip(gain * WRAP_LOSS, 1, MOST_SHARPENED))


def _sharpened(texture: Floats, gain: float) -> Floats:
    """Return a texture with more detail, but no halo: nothing beyond what is near."""
    near = np.ones((5, 5), np.uint8)
    low, high = cv2.erode(texture, near), cv2.dilate(texture, near)
    return floats(np.clip(texture + (gain - 1) * _fine(texture), low, high))


def _keyed(
    part: int, frames: Sequence[Seen], lit: Sequence[Floats], plain: Floats
) -> Floats:
    """Return one texture a key of lids or mouth, (keys, size, size, 3)."""
    box = boxes(plain.shape[0])[part]
    made: list[Floats | None] = []
    for key in KEYS[part]:
        near = [
            np.exp(-(((f.openness[part] - key) / KEY_BREADTH) ** 2)) for f in frames
        ]
        if sum(near) < 0.5:
            made.append(None)
            continue
        chosen = [k for k, share in enumerate(near) if share > 0.03]
        weights = [
            frames[k].visible[box] * np.float32(frames[k].worth * near[k])
            + np.float32(1e-7)
            for k in chosen
        ]
        parts = [lit[k][box] for k in chosen]
        first, _ = _average(parts, weights)
        texture = plain.copy()
        texture[box] = _average(parts, weights, around=first)[0]
        made.append(texture)
    return np.stack(_filled(made, plain))


def _filled(made: Sequence[Floats | None], plain: Floats) -> list[Floats]:
    """Return the textures, each missing one replaced by its nearest neighbour."""
    known = [(k, texture) for k, texture in enumerate(made) if texture is not None]
    if not known:
        return [plain] * len(made)
    return [
        min(known, key=lambda found: abs(found[0] - k))[1] for k in range(len(made))
    ]
