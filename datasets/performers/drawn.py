"""What lies ready to be drawn: programs, and buffers of corners."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.egl import open_context, program_of
from lampoon.datasets.performers.figure import MOUTH, Floats, Part
from lampoon.datasets.performers.mesh import BODY, base_mesh
from lampoon.datasets.performers.props import Mesh
from lampoon.datasets.performers.strands import Strands
from lampoon.datasets.performers.surface import Surface

PROGRAMS = {
    "skin": ("skin", "skin"),
    "covered skin": ("skin", "skin", "COVERED"),
    "eye": ("surface", "eye"),
    "plain": ("surface", "plain"),
    "flat": ("surface", "flat"),
    "lash": ("surface", "lash"),
    "hair": ("hair", "hair"),
    "depth": ("depth", "depth"),
    "number": ("surface", "number"),
}
EYE_HEIGHT_AT_REST = 7.26
PROGRAMS_OF = {
    BODY: ("skin", "covered skin", "flat", "depth", "number")
} | dict.fromkeys(MOUTH, ("plain",))
LOWER_LASHES = 100.0
"""Added to how far along the lid they stand, to know them from the upper ones."""


class Mould:
    """A mesh in buffers that some programs can draw."""

    def __init__(self, arrays: dict[str, Any], buffer: Any, index: Any) -> None:
        self._arrays, self._buffer, self._index = arrays, buffer, index

    def draw(self, program: str) -> None:
        """Draw it with one of the programs that it was made for."""
        self._arrays[program].render()

    def only(self, triangles: npt.NDArray[np.int32]) -> None:
        """Draw these (t, 3) triangles from now on, at most as many as before."""
        self._index.write(triangles.data)
        for each in self._arrays.values():
            each.vertices = triangles.size


class Drawn(Mould):
    """A surface that the face units move."""

    def __init__(
        self,
        surface: Surface,
        arrays: dict[str, Any],
        buffers: tuple[Any, Any],
        shade: Any,
        dry: Any,
    ) -> None:
        super().__init__(arrays, *buffers)
        self.surface, self._shade, self._dry = surface, shade, dry
        self._light = np.full((len(surface.point_of), 4), 255, dtype=np.uint8)

    def move(self, weights: Floats) -> None:
        """Put the corners where the face units say."""
        if self.surface.moving:
            self._buffer.write(self.surface.corners(weights).data)

    def resting(self) -> tuple[Floats, Floats, Floats]:
        """Return (corners, 3) places and normals and (corners,) share that turns."""
        fixed = self.surface.fixed
        return fixed[:, :3], fixed[:, 3:], self.surface.turns

    def sky(self, share: Floats) -> None:
        """Say how much light from all around reaches each corner."""
        self._light[:, 3] = np.round(255 * np.clip(share, 0, 1))

    def shade(self, key: Floats) -> None:
        """Say how much of the key light's colours reaches each corner."""
        np.multiply(key, 255, out=self._light[:, :3], casting="unsafe")
        self._shade.write(self._light.data)

    def dry(self, share: Floats) -> None:
        """Say where the surface is no skin but hair or cloth."""
        self._dry.write(share.astype(np.float32).data)


class Easel:
    """The context, its programs, and what uploads to it."""

    def __init__(self) -> None:
        self.gl = open_context()
        self.programs = {
            name: program_of(self.gl, *shaders) for name, shaders in PROGRAMS.items()
        }

    def surface(self, part: Part) -> Drawn:
        """Upload a part of the figure."""
        surface = Surface(part)
        extra = np.column_stack([surface.texture, surface.turns]).astype(np.float32)
        if part.name in MOUTH:
            extra[:, 0] = _depth_light(surface.rest)
        elif part.name != BODY:
            extra[:, :2] = _along_lid(surface.rest)
        count = len(surface.point_of)
        shade, dry = self.gl.buffer(reserve=4 * count), self.gl.buffer(bytes(4 * count))
        names = PROGRAMS_OF.get(part.name, ("lash",))
        more = [(shade, (("shade", 4, "f1"),)), (dry, (("dry", 1, "f"),))]
        mesh = (surface.fixed, extra, surface.triangles)
        arrays, *buffers = self._arrays(mesh, names, more)
        return Drawn(surface, arrays, (buffers[0], buffers[1]), shade, dry)

    def mesh(self, mesh: Mesh, program: str) -> Mould:
        """Upload a mesh that keeps its shape."""
        return Mould(*self._arrays(mesh, (program, "flat"), []))

    def strands(self, strands: Strands) -> Mould:
        """Upload hair."""
        buffer = self.gl.buffer(strands.corners.tobytes() or bytes(48))
        index = self.gl.buffer(strands.triangles.tobytes() or bytes(12))
        names = ("place", "along", "tint", "shape")
        layout = [(buffer, "3f 3f 3f 3f", *names)]
        made = self.gl.vertex_array(self.programs["hair"], layout, index)
        return Mould({"hair": made}, buffer, index)

    def _arrays(
        self, mesh: Mesh, names: tuple[str, ...], more: list[tuple[Any, Any]]
    ) -> tuple[dict[str, Any], Any, Any]:
        fixed, extra, triangles = mesh
        buffer = self.gl.buffer(np.ascontiguousarray(fixed, np.float32).data)
        static = self.gl.buffer(np.ascontiguousarray(extra, np.float32).data)
        index = self.gl.buffer(np.ascontiguousarray(triangles, np.int32).data)
        layout = [
            (buffer, (("place", 3, "f"), ("normal", 3, "f"))),
            (static, (("texture_place", 2, "f"), ("turns", 1, "f"))),
            *more,
        ]
        made = {}
        for name in names:
            used = self.programs[name]
            content = [_attributes(used, *columns) for columns in layout]
            kept = [each for each in content if len(each) > 2]
            made[name] = self.gl.vertex_array(used, kept, index)
        return made, buffer, index


def _depth_light(rest: Floats) -> Floats:
    """Return (n,) how much light reaches points of the mouth, 0 to 1."""
    front = np.clip((rest[:, 2] - 0.95) / 0.53, 0, 1)
    aside = np.clip((np.abs(rest[:, 0]) - 0.06) / 0.28, 0, 1)
    light: Floats = 0.70 * front * front * (3 - 2 * front) * (1 - 0.97 * aside) + 0.01
    return light


def _along_lid(rest: Floats) -> Floats:
    """Return (n, 2) how far along the lid lashes stand, and 0 at the root to 1."""
    side = "l" if rest[:, 0].mean() > 0 else "r"
    mesh = base_mesh()
    middle = mesh.points[mesh.group(f"helper-{side}-eye")].mean(axis=0)
    away = np.linalg.norm(rest - middle, axis=1)
    lower = rest[:, 1] < EYE_HEIGHT_AT_REST
    tip = np.zeros(len(rest))
    for row in (lower, ~lower):
        near, far = away[row].min(), away[row].max()
        tip[row] = (away[row] - near) / (far - near)
    along = rest[:, 0] - middle[0] + LOWER_LASHES * lower
    return np.stack([along, tip], axis=1).astype(np.float32)


def _attributes(
    program: Any, buffer: Any, columns: tuple[tuple[str, int, str], ...]
) -> tuple[Any, ...]:
    """Return one buffer's layout, skipping what the program does not read."""
    used = [name for name, _, _ in columns if name in program]
    kinds = [
        f"{n}{kind}" if name in program else f"{4 * n if kind == 'f' else n}x"
        for name, n, kind in columns
    ]
    return (buffer, " ".join(kinds), *used)
