"""The layout of texture space: where each part of a face lies when it is laid flat.

A texture is a square. The skin fills most of it, cut into triangles between 468
landmarks of the face mesh, with the lids and lips opened and magnified. The two
lower corners, which the chin leaves free, hold one chart of each eyeball, centred on
the iris: an iris drawn there stays round and goes where the gaze goes.

``layout.npz`` beside this file holds the mean face of the two bundled rendered
performers, made symmetric, its layout and the Delaunay triangles of that layout.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from lampoon.generate.texture.arrays import Bools, Floats, Ints

SKIN_POINTS = 468
"""The landmarks that triangles hang on; the ten iris points come after them."""

# Rings of the face mesh, each in order around its opening (image left eye first).
RIGHT_LIDS = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)  # fmt: skip  # noqa: E501 - one ring, one line
LEFT_LIDS = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)  # fmt: skip  # noqa: E501 - one ring, one line
INNER_LIPS = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)  # fmt: skip  # noqa: E501 - one ring, one line
OUTER_LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)  # fmt: skip  # noqa: E501 - one ring, one line
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400,
    377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103,
    67, 109,
)  # fmt: skip
STABLE = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 2, 98, 327, 8, 9, 151, 10, 109, 338, 127, 356)  # fmt: skip  # noqa: E501 - one set, one line
"""Points that hardly move with speech, lids or brows: they give the head's pose."""


@dataclass(frozen=True, slots=True)
class EyeChart:
    """One eyeball's window in texture space.

    ``lids`` is the ring of landmarks around the opening; ``iris`` the landmark of the
    iris centre; ``left, top, right, bottom`` the window in 0..1 of the texture, whose
    middle is the iris centre.
    """

    lids: tuple[int, ...]
    iris: int
    left: float
    top: float
    right: float
    bottom: float


CHART_WIDTH = 0.42
"""Width of an eye chart, in distances between the outer corners of the eyes."""

EYE_CHARTS = (
    EyeChart(RIGHT_LIDS, 468, 0.0, 0.87, 0.2, 1.0),
    EyeChart(LEFT_LIDS, 473, 0.8, 0.87, 1.0, 1.0),
)


def chart_texels(chart: EyeChart, size: int) -> tuple[slice, slice]:
    """Return rows and columns of a chart in a texture of some size."""
    return (
        slice(math.ceil(chart.top * size), round(chart.bottom * size)),
        slice(math.ceil(chart.left * size), round(chart.right * size)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Texture space as arrays, all read-only.

    ``points`` are (468, 2) in 0..1; ``shape`` is the mean face, (478, 3) with x right,
    y down, z away from the camera, in distances between the outer eye corners, origin
    between them; ``triangles`` (n, 3) turn clockwise on the screen when they face the
    camera; the three masks, (n,) bool, tell skin from what lies between the lids and
    between the lips; ``normals`` (468, 3) point out of the mean face.
    """

    points: Floats
    shape: Floats
    triangles: Ints
    eye: Bools
    mouth: Bools
    normals: Floats


def _vertex_normals(shape: Floats, triangles: Ints) -> Floats:
    a, b, c = (shape[triangles[:, k]] for k in range(3))
    faces = np.cross(c - a, b - a)  # y points down: this order looks outwards
    normals = np.zeros((SKIN_POINTS, 3))
    for k in range(3):
        np.add.at(normals, triangles[:, k], faces)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return normals.astype(np.float32)


@lru_cache(maxsize=1)
def layout() -> Layout:
    """Return the one layout that every texture of this house uses."""
    with np.load(Path(__file__).with_name("layout.npz")) as stored:
        shape, points = stored["shape"], stored["points"]
        triangles = stored["triangles"].astype(np.int32)
    rings = [np.isin(triangles, ring).all(1) for ring in (RIGHT_LIDS, LEFT_LIDS)]
    made = Layout(
        points=points,
        shape=shape,
        triangles=triangles,
        eye=np.asarray(rings[0] | rings[1]),
        mouth=np.asarray(np.isin(triangles, INNER_LIPS).all(1)),
        normals=_vertex_normals(shape, triangles),
    )
    for array in (made.points, made.shape, made.triangles, made.eye, made.mouth):
        array.setflags(write=False)
    return made


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """How a head stands before the camera: weak perspective.

    ``matrix`` (2, 3) and ``shift`` (2,) take points of the mean face to pixels;
    ``depth`` (3,) is the unit direction away from the camera; ``scale`` is pixels
    per distance between the outer corners of the eyes.
    """

    matrix: Floats
    shift: Floats
    depth: Floats
    scale: float

    @property
    def axes(self) -> Floats:
        """Return the (2, 2) matrix from face units, x and y, to pixels."""
        return self.matrix[:, :2]


def camera(landmarks: Floats) -> Camera:
    """Return the camera under which the mean face looks like ``landmarks`` (478, 2).

    A least-squares fit of an affine camera over the stable points, made orthogonal:
    scaled rows of a rotation (Tomasi and Kanade 1992, weak perspective).
    """
    chosen = list(STABLE)
    given = landmarks[chosen].astype(np.float64)
    model = layout().shape[chosen].astype(np.float64)
    middle, model_middle = given.mean(0), model.mean(0)
    fit = np.linalg.lstsq(model - model_middle, given - middle, rcond=None)[0].T
    left, singular, right = np.linalg.svd(fit, full_matrices=False)
    scale = float(singular.mean())
    matrix = scale * left @ right
    depth = np.cross(matrix[0], matrix[1]) / scale**2
    return Camera(
        matrix.astype(np.float32),
        (middle - matrix @ model_middle).astype(np.float32),
        depth.astype(np.float32),
        scale,
    )


def facing(towards: Camera) -> Floats:
    """Return (468,) cosines: 1 where the skin looks into the camera, below 0 away."""
    return -(layout().normals @ towards.depth)
