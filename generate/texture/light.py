"""Broad light and skin tone in texture space, apart from what is drawn on the skin."""

from functools import lru_cache

import cv2
import numpy as np

from lampoon.generate.texture.arrays import Floats, floats
from lampoon.generate.texture.layout import (
    EYE_CHARTS,
    INNER_LIPS,
    LEFT_LIDS,
    OUTER_LIPS,
    RIGHT_LIDS,
    chart_texels,
    layout,
)
from lampoon.generate.texture.unwrap import Unwrapper

LIGHT_SIZE = 64
"""Light is smooth: it is measured on textures of this size."""

BREADTH = 0.1
"""Standard deviation of the light's blur, as a share of the texture's width."""

SHADOW_HUE = np.array([-0.12, 0.04, 0.14], np.float32)
"""Shaded skin turns warmer: powers of its share of light, for red, green and blue."""

DARK_SKIN_CONTRAST = 0.35
"""Features of a lighter face gain contrast on darker skin, by this power of light."""

OTHER_SKIN = 0.25
"""Difference in a channel, relative to the brightness, of quite another skin."""

HUE_RANGE = (0.5, 2.0)
DARKEST = 4.0

LIP_RANGE = (0.75, 1.25)
"""Lips keep their own colour; they only get this much darker or brighter."""
LIP_TINT = np.array([[1.0, 0.9, 0.8], [1.08, 1.0, 1.0]], np.float32)
"""How far, in each channel, lips follow skin that is warmer than the donor's."""

FAINT, STRONG = 0.45, 0.75
"""Loss of light, in shares of it, that is shading; and that is drawn on the skin."""

NO_SKIN, SKIN = 0.45, 0.7
"""Shares of the light around, at which a texel counts as no skin, and as skin."""

LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)

RIGHT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
LEFT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
NOSTRILS = (98, 2, 327, 326, 97, 99, 328, 60, 290)


@lru_cache(maxsize=4)
def plain_skin(size: int) -> Floats:
    """Return where skin is plain, (size, size) float32: no brow, eye or lip."""
    points = layout().points * size
    mask = np.zeros((size, size), np.float32)
    mask[Unwrapper(size).covered & ~Unwrapper(size).eyeballs] = 1
    grown = max(1, round(size * 0.022))
    kernel = cv2.getStructuringElement(
        cv2.MORPH_ELLIPSE, (2 * grown + 1, 2 * grown + 1)
    )
    marked = np.zeros((size, size), np.uint8)
    for ring in (RIGHT_BROW, LEFT_BROW, RIGHT_LIDS, LEFT_LIDS, NOSTRILS, OUTER_LIPS):
        hull = cv2.convexHull(points[list(ring)])
        cv2.fillConvexPoly(marked, hull.round().astype(np.int32), 1)
    cv2.fillPoly(marked, [points[list(INNER_LIPS)].round().astype(np.int32)], 1)
    mask[cv2.dilate(marked, kernel) > 0] = 0
    return mask


def _broad(values: Floats, weight: Floats, sigma: float) -> Floats:
    """Return a normalised blur: what the weighted values are like around each texel."""
    weight = weight.astype(np.float32)
    kept = cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    # a far wider blur reaches where nothing was weighed
    far = cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma * 4)
    far_share = cv2.GaussianBlur(weight, (0, 0), sigma * 4)
    trust = 0.02
    reached = floats(far_share)[..., None] + 1e-6
    blurred: Floats = (kept + trust * far / reached) / (share[..., None] + trust)
    return blurred


def broad_light(texture: Floats, weight: Floats, *, breadth: float = BREADTH) -> Floats:
    """Return the light that falls on plain skin around each texel.

    ``texture`` is (LIGHT_SIZE, LIGHT_SIZE, 3) float32 from 0 to 255, ``weight``
    (LIGHT_SIZE, LIGHT_SIZE) says which texels were seen. Only plain skin is measured,
    so lips, brows and lids keep their own colour relative to it. In an eye's chart it
    is the light around that eye. ``breadth`` is what around means: the standard
    deviation of a blur, as a share of the width.
    """
    counted, sigma = weight * plain_skin(LIGHT_SIZE), breadth * LIGHT_SIZE
    first = luma(_broad(texture, counted, sigma))
    share = luma(texture) / (first + 1)
    # what is much darker than the skin around it is no skin: brows, beard, lashes
    counted = counted * np.clip((share - NO_SKIN) / (SKIN - NO_SKIN), 0.02, 1)
    light = _broad(texture, counted, sigma)
    for chart in EYE_CHARTS:
        x, y = (layout().points[list(chart.lids)].mean(0) * LIGHT_SIZE).astype(int)
        rows, columns = chart_texels(chart, LIGHT_SIZE)
        light[rows, columns] = light[y, x]
    return light


def luma(texture: Floats) -> Floats:
    """Return the brightness of a texture (h, w, 3) as (h, w)."""
    return floats(cv2.transform(texture, LUMA))


def resized(texture: Floats, size: int) -> Floats:
    """Return a texture at another size, float32; averaged when it shrinks."""
    if texture.shape[0] == size:
        return texture.astype(np.float32)
    shrinks = texture.shape[0] > size
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    made = cv2.resize(texture.astype(np.float32), (size, size), interpolation=how)
    return np.asarray(made, np.float32)


def relit(texture: Floats, light: Floats, wanted: Floats) -> Floats:
    """Return a texture, any size, moved from one broad light into another.

    The lights are as ``broad_light`` gives them. Shading keeps its difference from
    the skin around it and takes on that skin's colour; what is drawn on the skin, a
    brow or a lash, keeps its share of the skin's light, so that it stays dark on
    bright skin; a highlight keeps its share of the room up to white; lips bring
    their own colour.
    """
    size = texture.shape[0]
    before, after = (np.maximum(luma(x), DARKEST) for x in (light, wanted))
    share = luma(texture) / resized(before, size)
    darker, brighter = np.minimum(share - 1, 0), np.maximum(share - 1, 0)
    ratio = before / after
    deeper = np.clip(np.power(ratio, DARK_SKIN_CONTRAST), 1, 1.25)
    softer = resized(floats(np.where(ratio < 1, ratio, deeper)), size)
    room = resized(np.clip((259 - after) / (259 - before), 0.1, 1), size)
    drawn = np.clip((-darker - FAINT) / (STRONG - FAINT), 0, 1)
    shade = 1 + darker * (softer + drawn * (1 - softer)) + brighter * softer * room
    skin = resized(wanted, size) * shade[..., None]
    tones = floats(light / before[..., None]), floats(wanted / after[..., None])
    skin *= _hue(texture, light, tones, share, shade)
    lips = lip_share(size)[..., None]
    strength = np.clip(np.sqrt(after / before), *LIP_RANGE)[..., None]
    warmer = np.clip(tones[1] / np.maximum(tones[0], 0.1), *LIP_TINT)
    strength = strength * warmer
    coloured = texture * resized(floats(strength), size)
    lit: Floats = skin + lips * (coloured - skin)
    return floats(lit)


def _hue(
    texture: Floats,
    light: Floats,
    tones: tuple[Floats, Floats],
    share: Floats,
    shade: Floats,
) -> Floats:
    """Return each channel's factor: the texture's own hue where the skins are alike.

    On other skin a redness or a blue shadow would turn into another colour; there it
    becomes a plain shadow of that skin.
    """
    size = texture.shape[0]
    apart = np.abs(tones[0] - tones[1]).max(-1)
    alike = resized(floats(np.clip(1 - apart / OTHER_SKIN, 0, 1)), size)[..., None]
    under = np.maximum(resized(light, size) * share[..., None], 1)
    own = np.clip(texture / under, *HUE_RANGE)
    warm = np.power(np.clip(shade, 0.02, 1)[..., None], SHADOW_HUE)
    hue: Floats = warm + alike * (own - warm)
    return hue


@lru_cache(maxsize=4)
def lip_share(size: int) -> Floats:
    """Return where a texture shows lips, (size, size) float32 with a soft border."""
    share = np.zeros((size, size), np.uint8)
    ring = (layout().points[list(OUTER_LIPS)] * size).round().astype(np.int32)
    cv2.fillPoly(share, [ring], 1)
    return floats(cv2.GaussianBlur(share.astype(np.float32), (0, 0), size * 0.01))


def same_light(texture: Floats, like: Floats, weight: Floats) -> Floats:
    """Return a texture in the broad light of another, any size, float32 0 to 255."""
    given, wanted, counted = (resized(x, LIGHT_SIZE) for x in (texture, like, weight))
    return relit(texture, broad_light(given, counted), broad_light(wanted, counted))
