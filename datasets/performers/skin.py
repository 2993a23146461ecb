"""Skin, hair and cloth painted once in texture space, read in every frame."""

import os
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.egl import program_of, set_values
from lampoon.datasets.performers.figure import Part
from lampoon.datasets.performers.hair import HEIGHTS, ROUGHNESS
from lampoon.datasets.performers.mesh import data_folder
from lampoon.datasets.performers.person import HairStyle, Person
from lampoon.errors import LampoonError

SIDE = 2048
MASKS = {"lip_mask": "mpfb_lips.jpg", "mouth_mask": "mpfb_inside-mouth.jpg"}
MARGIN = 0.004


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """A painted person: what the skin's program must be told about it."""

    values: dict[str, Any]
    region: tuple[float, float, float, float]
    coverage: npt.NDArray[np.uint8]

    def dry(self, texture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return (n,) 0 skin to 1 hair or cloth at (n, 2) places of the texture."""
        place = (texture - self.region[:2]) * self.region[2:] * SIDE
        column, row = np.clip(place.astype(int), 0, SIDE - 1).T
        share: npt.NDArray[np.float32] = self.coverage[row, column].astype(np.float32)
        return share / 255


def paint_skin(gl: Any, person: Person, body: Part) -> Paint:
    """Paint a person; the textures stay bound."""
    low = body.texture.min(axis=0) - MARGIN
    high = body.texture.max(axis=0) + MARGIN
    x, y = (float(side) for side in low)
    wide, high_up = (float(side) for side in 1 / (high - low))
    region = (x, y, wide, high_up)
    size = (SIDE, SIDE)
    sheets = [gl.texture(size, 4) for _ in range(2)]
    program = program_of(gl, "paint", "paint")
    for unit, name in enumerate(MASKS):
        _mask(gl, name).use(unit)
        set_values(program, **{name: unit})
    set_values(program, region=region, **_colours(person))
    corners = np.column_stack([body.rest[body.point_of], body.texture])
    arrays = gl.vertex_array(
        program,
        [(gl.buffer(corners.astype("f4").tobytes()), "3f 2f", "rest", "texture_place")],
        gl.buffer(body.triangles.astype(np.int32).tobytes()),
    )
    canvas = gl.framebuffer(sheets)
    gl.disable(gl.DEPTH_TEST)
    canvas.use()
    canvas.clear(0, 0, 0, 0)
    arrays.render()
    gl.enable(gl.DEPTH_TEST)
    pictures = [np.frombuffer(sheet.read(), np.uint8) for sheet in sheets]
    texels = [picture.reshape(-1, 4) for picture in pictures]
    nearest = _nearest_painted(texels[0][:, 3].reshape(size) > 0)
    for unit, table in enumerate(texels):
        sheet = gl.texture(size, 4, table[nearest].tobytes())
        sheet.build_mipmaps()
        sheet.filter = (gl.LINEAR_MIPMAP_NEAREST, gl.LINEAR)
        sheet.use(2 + unit)
    coverage = texels[1][nearest][:, 3].reshape(size)
    values = {"paint": 2, "relief": 3, "region": region}
    return Paint(values, region, coverage)


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
