"""From a donor's texture to a patch on the plate: shape, light, wrap, mask."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from lampoon.generate.composite.blend import with_grain
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.texture.appearance import Appearance
from lampoon.generate.texture.arrays import Floats, Pixels, floats, pixels
from lampoon.generate.texture.expression import Openness
from lampoon.generate.texture.layout import (
    CHART_WIDTH,
    EYE_CHARTS,
    camera,
    chart_texels,
)
from lampoon.generate.texture.light import (
    LIGHT_SIZE,
    broad_light,
    relit,
    resized,
)
from lampoon.generate.texture.shape import ShapeChange, with_decisive_lids
from lampoon.generate.texture.surface import Surface, lay
from lampoon.generate.texture.unwrap import Unwrapper, shrunk
from lampoon.generate.texture.wrap import between_lips, oval_depth, wrap

RIM = 0.018
"""Outermost part of the face that stays the plate's, in shares of the texture."""
FEATHER = 0.075
"""Width of the passage from plate to donor inside that rim."""
FOREHEAD_RIM = 0.03
FOREHEAD_FEATHER = 0.11
SILHOUETTE_PIXELS_SHARE = 0.05
"""Passage along the edge of a turned head, in distances between the eyes."""
SEAM_BLUR = 0.035
THREADS = 2
"""Pictures are mostly made outside the interpreter's lock, so two threads help."""

EYE_RANGE = (0.7, 1.3)
"""Eyeballs are never made darker or brighter than this."""
IRIS_REACH = 0.075
"""Farther from its centre no iris reaches, in distances between the eyes."""

PLATE_BREADTH = 0.045
"""Standard deviation of the plate's light that a patch takes on, in texture widths."""


@lru_cache(maxsize=4)
def uv_alpha(size: int) -> Floats:
    """Return how much of the donor each texel shows, (size, size) float32 0 to 1."""
    depth = oval_depth(size)
    height = np.linspace(0, 1, size, dtype=np.float32)[:, None]
    top = np.clip((0.30 - height) / 0.2, 0, 1)
    rim = RIM + (FOREHEAD_RIM - RIM) * top
    feather = FEATHER + (FOREHEAD_FEATHER - FEATHER) * top
    share = np.clip((depth - rim) / feather, 0, 1)
    share = share * share * (3 - 2 * share)
    share[Unwrapper(size).eyeballs] = 1
    return floats(share)


@lru_cache(maxsize=4)
def small_unwrapper(size: int) -> Unwrapper:
    """Return the unwrapper for small textures; made once a size."""
    return Unwrapper(size)


@dataclass(frozen=True, slots=True, eq=False)
class SmallView:
    """A plate's face as a small texture, float32, and how well each texel is seen."""

    texture: Floats
    visible: Floats


def small_view(rgb: Pixels, landmarks: Floats, size: int) -> SmallView:
    """Return a face as a small texture of some size."""
    unwrap = small_unwrapper(size)
    part, moved = shrunk(rgb, landmarks, pixels=size)
    texture, visible = unwrap.look(part, moved)
    return SmallView(floats(texture), visible)


def eye_brightness(performer: Appearance, donor: Appearance) -> float:
    """Return how much brighter the performer's eyeballs are lit than the donor's.

    Only the white of the eyes is compared, where both of them show it.
    """
    size = performer.size
    other = donor.at_size(size)
    shared = white_of_eyes(size) * np.square(np.minimum(performer.seen, other.seen))
    if not shared.any():
        return 1.0
    first, second = (
        float((look.plain.mean(2) * shared).sum()) for look in (performer, other)
    )
    return float(np.clip(first / max(second, 1e-3), *EYE_RANGE))


@lru_cache(maxsize=4)
def white_of_eyes(size: int) -> Floats:
    """Return 1 in the eye charts beside the iris, 0 elsewhere, (size, size)."""
    mask = np.zeros((size, size), np.float32)
    for chart in EYE_CHARTS:
        rows, columns = chart_texels(chart, size)
        x = (np.arange(columns.start, columns.stop) + 0.5) / size
        away = np.abs(x - (chart.left + chart.right) / 2)
        away *= CHART_WIDTH / (chart.right - chart.left)
        mask[rows, columns] = away > IRIS_REACH
    return mask


def _lit(texture: Floats, plate: Floats, visible: Floats, eyes: float) -> Floats:
    """Return the donor's texture in the plate's light, its rim like the plate's.

    Eyeballs are not skin: they only get brighter or darker, by ``eyes``.
    """
    size = texture.shape[0]
    donor = resized(texture, LIGHT_SIZE)
    skin = small_unwrapper(LIGHT_SIZE).covered.astype(np.float32)
    light = broad_light(donor, skin, breadth=PLATE_BREADTH)
    wanted = broad_light(plate, visible, breadth=PLATE_BREADTH)
    made = relit(texture, light, wanted)
    ring = 1 - uv_alpha(LIGHT_SIZE)
    weight, sigma = floats(visible * skin), SEAM_BLUR * LIGHT_SIZE
    apart = (plate - resized(made, LIGHT_SIZE)) * weight[..., None]
    near = floats(cv2.GaussianBlur(weight, (0, 0), sigma))[..., None] + 0.05
    seam = floats(cv2.GaussianBlur(apart, (0, 0), sigma)) / near
    made += resized(seam * ring[..., None], size)
    share = eye_share(size)[..., None]
    lit: Floats = made * (1 - share) + texture * (share * eyes)
    return lit


@lru_cache(maxsize=4)
def eye_share(size: int) -> Floats:
    """Return where a texture shows eyeball and not skin, (size, size) float32."""
    unwrap = small_unwrapper(size)
    opening = unwrap.between_lids.astype(np.float32)
    soft = floats(cv2.GaussianBlur(opening, (0, 0), size * 0.006))
    soft[unwrap.eyeballs] = 1
    return soft


@dataclass(frozen=True, slots=True, eq=False)
class TexturedFace:
    """Puts textures of a donor onto one performer.

    ``change`` is the way to the donor's shape, ``lids`` the performer's range, ``eyes``
    how much brighter eyeballs get.
    """

    change: ShapeChange
    lids: Openness
    eyes: float = 1.0

    def patch(
        self, face: PlateFace, texture: Floats, small: SmallView
    ) -> FacePatch | None:
        """Return a texture (size, size, 3) float32 as a patch on this frame.

        ``small`` is the plate's own face as texture. None when the face lies outside
        the frame.
        """
        view = camera(face.landmarks)
        shut = with_decisive_lids(face.landmarks, self.lids, view)
        moved = self.change.moved(shut, view)
        surface = lay(moved, face.rgb.shape[:2])
        if surface is None:
            return None
        plate = resized(small.texture, LIGHT_SIZE)
        lit = _lit(texture, plate, resized(small.visible, LIGHT_SIZE), self.eyes)
        size = texture.shape[0]
        packed = np.empty((size, size, 4), np.uint8)
        packed[..., :3] = pixels(lit)
        packed[..., 3] = uv_alpha(size) * 255
        wrapped = wrap(packed, surface)
        soft = max(1.5, SILHOUETTE_PIXELS_SHARE * view.scale)
        inside = np.clip((surface.depth - 1) / soft, 0, 1)
        alpha = floats(inside * (wrapped[..., 3] / np.float32(255)))
        plate_part = face.rgb[surface.window.rows, surface.window.columns]
        drawn = wrapped[..., :3]
        rgb = with_grain(drawn, plate_part) if face.grain else drawn.copy()
        _keep_mouth(rgb, face, surface)
        return FacePatch(rgb, alpha, surface.window.x, surface.window.y, floats(inside))


Wanted = tuple[PlateFace, Callable[[], Floats], SmallView]
"""A face of the plate, what makes the donor's texture for it, its small view."""


def patches(on: TexturedFace, wanted: Sequence[Wanted]) -> list[FacePatch | None]:
    """Return one patch a face, in order, made on as many threads as pay."""

    def made(one: Wanted) -> FacePatch | None:
        face, texture, small = one
        return on.patch(face, texture(), small)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(made, wanted))


def _keep_mouth(rgb: Pixels, face: PlateFace, surface: Surface) -> None:
    """Show the plate's own mouth between the lips, in place."""
    if surface.mouth is None:
        return
    part, share = surface.mouth.window, surface.mouth.share[..., None]
    mouth = between_lips(face.rgb, surface, face.landmarks)
    view = rgb[part.rows, part.columns]
    view[...] = np.round(view + share * (mouth.astype(np.float32) - view))
