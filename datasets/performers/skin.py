"""Skin, hair and cloth painted once in texture space, read in every frame."""

import os
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.egl import program_of, set_values
from lampoon.datasets.performers.figure import Floats, Part
from lampoon.datasets.performers.hair import HEIGHTS, ROUGHNESS
from lampoon.datasets.performers.mesh import data_folder
from lampoon.datasets.performers.person import HairStyle, Person
from lampoon.errors import LampoonError

SIDE = 2048
MASKS = {"lip_mask": "mpfb_lips.jpg", "mouth_mask": "mpfb_inside-mouth.jpg"}
MARGIN = 0.004
CHIN = 6.1
BINS, FAVOUR = 128, 3.0
"""The face's front gets so many times the room of all the rest."""
TEXELS = 640.0
"""To 10 cm of the face, in the painted texture."""
TEXELS_A_PIXEL, ENOUGH = 2.0, 1.1
PAINT_UNIT = 2
SKIN_RELIEF, HAIR_RELIEF, SHINE_RELIEF = 0.35, 1.6, 1.3
"""How strongly relief turns the surface to the key light, or its mirror image."""


class Layout:
    """Where each place of the body's texture is painted: most room for the face.

    The texture's own layout gives a face no more room than a back of the head. Each
    axis is stretched by how much of the face's front lies there.
    """

    def __init__(self, body: Part) -> None:
        corners = body.triangles
        place = body.points[body.point_of][corners]
        flat = np.cross(place[:, 1] - place[:, 0], place[:, 2] - place[:, 0])
        middle = place.mean(axis=1)
        seen = np.clip(flat[:, 2], 0, None) * (middle[:, 1] > CHIN)
        texture = body.texture[corners].mean(axis=1)
        self._edges, self._stops = [], []
        for axis in range(2):
            low, high = body.texture[:, axis].min(), body.texture[:, axis].max()
            edges = np.linspace(low - MARGIN, high + MARGIN, BINS + 1)
            share, _ = np.histogram(texture[:, axis], edges, weights=seen)
            smooth = np.convolve(share / share.sum(), np.ones(5) / 5, "same")
            room = 1 / BINS + FAVOUR * smooth / smooth.sum()
            self._edges.append(edges)
            self._stops.append(np.concatenate([[0], np.cumsum(room / room.sum())]))

    def place(self, texture: Floats) -> Floats:
        """Return (n, 2) places on the sheet, 0 to 1, of places of the texture."""
        axes = [
            np.interp(texture[:, axis], self._edges[axis], self._stops[axis])
            for axis in range(2)
        ]
        return np.stack(axes, axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """A painted person: what the skin's program must be told, and where hair is."""

    values: dict[str, Any]
    coverage: npt.NDArray[np.uint8]

    def dry(self, sheet: Floats) -> Floats:
        """Return (n,) 0 skin to 1 hair or cloth at (n, 2) places on the sheet."""
        column, row = np.clip((sheet * SIDE).astype(int), 0, SIDE - 1).T
        share = self.coverage[row, column].astype(np.float32)
        return np.asarray(share / np.float32(255), np.float32)


def paint_skin(
    gl: Any,
    person: Person,
    body: Part,
    layout: Layout,
    *,
    pixels: float,
    key_from: tuple[float, float, float],
) -> Paint:
    """Paint a person; the texture stays bound.

    What pores do to the key light, which stands still, is painted as well. ``pixels``
    is how many of the picture there are to 10 cm of the face. With two texels to a
    pixel, blurred to the pixel, the nearest one is as good as a mean of four, and half
    the price.
    """
    texels = _painted(gl, person, body, layout)
    nearest = _nearest_painted(texels[0][:, 3].reshape(SIDE, SIDE) > 0)
    share = TEXELS_A_PIXEL * pixels / TEXELS
    side = int(np.clip(64 * round(SIDE * share / 64), 512, SIDE))
    colour, relief = (
        _fitted(table[nearest].reshape(SIDE, SIDE, 4), side) for table in texels
    )
    sheet = gl.texture((side, side), 4, _lit(colour, relief, key_from).tobytes())
    fine = gl.NEAREST if share <= ENOUGH else gl.LINEAR
    sheet.filter = (fine, fine)
    sheet.use(PAINT_UNIT)
    coverage = texels[1][nearest][:, 3].reshape(SIDE, SIDE)
    return Paint({"paint": PAINT_UNIT}, coverage)


def _painted(
    gl: Any, person: Person, body: Part, layout: Layout
) -> list[npt.NDArray[np.uint8]]:
    """Return two (texels, 4) sheets: colour and folds; relief, shine and dryness."""
    size = (SIDE, SIDE)
    sheets = [gl.texture(size, 4) for _ in range(2)]
    program = program_of(gl, "paint", "paint")
    for unit, name in enumerate(MASKS):
        _mask(gl, name).use(unit)
        set_values(program, **{name: unit})
    set_values(program, **_colours(person))
    sheet = layout.place(body.texture)
    corners = np.column_stack([body.rest[body.point_of], body.texture, sheet])
    names = ("rest", "texture_place", "sheet_place")
    arrays = gl.vertex_array(
        program,
        [(gl.buffer(corners.astype("f4").tobytes()), "3f 2f 2f", *names)],
        gl.buffer(body.triangles.astype(np.int32).tobytes()),
    )
    canvas = gl.framebuffer(sheets)
    gl.disable(gl.DEPTH_TEST)
    canvas.use()
    canvas.clear(0, 0, 0, 0)
    arrays.render()
    gl.enable(gl.DEPTH_TEST)
    return [np.frombuffer(each.read(), np.uint8).reshape(-1, 4) for each in sheets]


def _lit(
    colour: npt.NDArray[np.uint8],
    relief: npt.NDArray[np.uint8],
    key_from: tuple[float, float, float],
) -> npt.NDArray[np.uint8]:
    """Return one sheet: the root of the colour as relief and folds leave it, shine."""
    bump = relief[..., :2].astype(np.float32) / 255 - np.float32(0.5)
    slope = bump @ np.array(key_from[:2], np.float32)
    dry = relief[..., 3].astype(np.float32) / 255
    light = 1 - slope * (SKIN_RELIEF + (HAIR_RELIEF - SKIN_RELIEF) * dry)
    light *= colour[..., 3].astype(np.float32) / 255
    made = np.empty_like(colour)
    root = colour[..., :3] * np.sqrt(np.clip(light, 0, None))[..., None]
    made[..., :3] = np.clip(np.round(root), 0, 255)
    shine = relief[..., 2] * np.clip(1 - SHINE_RELIEF * slope, 0.2, 2.2)
    made[..., 3] = np.clip(np.round(shine), 0, 255)
    return made


def _fitted(table: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Return a texture at another size, blurred to what a pixel of the picture sees."""
    if side < SIDE:
        table = np.asarray(
            cv2.resize(table, (side, side), interpolation=cv2.INTER_AREA), np.uint8
        )
        table = np.asarray(cv2.GaussianBlur(table, (3, 3), 0.7), np.uint8)
    return np.ascontiguousarray(table)


def _colours(person: Person) -> dict[str, Any]:
    look = person.look
    names = ("skin", "lips", "brows", "hair", "shirt", "beard", "brow_density",
             "brow_height", "brow_thickness", "hair_line", "temples", "age",
             "freckles", "grey")  # fmt: skip
    bald = look.hair_style is HairStyle.BALD
    assert look.hair_style in HEIGHTS
    return {name: getattr(look, name) for name in names} | {
        "rough": ROUGHNESS[look.hair_style],
        "grows": 0.12 if bald else 1.0,
        "seed": float(person.seed % 97),
    }


def _mask(gl: Any, name: str) -> Any:
    path = data_folder() / "mpfb2/textures" / MASKS[name]
    grey = cv2.imread(os.fspath(path), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise LampoonError("a mask cannot be read", where=path)
    upright = np.ascontiguousarray(grey[::-1])
    mask = gl.texture(upright.shape[::-1], 1, upright.tobytes())
    mask.build_mipmaps()
    return mask


def _nearest_painted(painted: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return, for each texel, the painted one nearest to it: no seams in mipmaps."""
    _, labels = cv2.distanceTransformWithLabels(
        (~painted).astype(np.uint8),
        cv2.DIST_L2,
        5,
        labelType=cv2.DIST_LABEL_PIXEL,
    )
    source = np.zeros(int(labels.max()) + 1, dtype=np.int64)
    source[labels[painted]] = np.flatnonzero(painted)
    return np.asarray(source[labels].ravel())
