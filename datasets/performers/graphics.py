"""Painting with OpenGL, without a screen: moderngl on EGL, Mesa's llvmpipe on a CPU.

Pictures are drawn larger and averaged down.
"""

from typing import Any

import cv2
import numpy as np

from lampoon.datasets.performers.backdrop import backdrop
from lampoon.datasets.performers.egl import open_context, program_of, set_values
from lampoon.datasets.performers.eyeball import eyeball
from lampoon.datasets.performers.figure import MOUTH, Figure
from lampoon.datasets.performers.mesh import BODY
from lampoon.datasets.performers.person import Person
from lampoon.datasets.performers.props import Prop
from lampoon.datasets.performers.scene import (
    Floats,
    Matrix,
    Moment,
    Painted,
    camera_matrix,
)
from lampoon.datasets.performers.skin import paint_skin
from lampoon.datasets.performers.stage import Stage, tints
from lampoon.datasets.performers.surface import Surface

OVERSAMPLING = 1.5
"""Pictures are drawn this much larger each way."""
BACKDROP_UNIT = 5
EYE_VIEW = (560, 240)
EYE_FIELD_DEGREES = 3.6
EYE_HEIGHT_AT_REST = 7.26
LOWER_LASHES = 0.3
"""Lower lashes are so much fainter; as dark as the upper ones they look painted."""


class EglPainter:
    """Paints one person at one size; honours ``Painter``.

    ``field_degrees`` is the camera's upright field of view. The same moment gives
    the same pixels on the same machine.
    """

    def __init__(
        self,
        person: Person,
        figure: Figure,
        stage: Stage,
        *,
        props: tuple[Prop, ...] = (),
    ) -> None:
        self._person, self._figure, self._stage = person, figure, stage
        self._gl = open_context()
        self._programs = {
            name: program_of(self._gl, vertex, fragment)
            for name, vertex, fragment in (
                ("skin", "surface", "skin"),
                ("eye", "surface", "eye"),
                ("plain", "surface", "plain"),
                ("flat", "surface", "flat"),
                ("backdrop", "backdrop", "backdrop"),
            )
        }
        self._size = (
            2 * round(stage.width * OVERSAMPLING / 2),
            2 * round(stage.height * OVERSAMPLING / 2),
        )
        self._canvas = self._canvas_of(*self._size)
        self._eye_canvas = self._canvas_of(*EYE_VIEW)
        self._surfaces = {part.name: Surface(part) for part in figure.parts}
        self._drawn = {name: self._upload(name) for name in self._surfaces}
        self._balls = [self._upload_mesh(eyeball(eye), "eye") for eye in figure.eyes]
        self._props = [(prop, self._upload_mesh(prop.mesh, "plain")) for prop in props]
        set_values(
            self._programs["skin"], **paint_skin(self._gl, person, figure.part(BODY))
        )
        self._hang_backdrop()
        for name in ("skin", "eye", "plain"):
            set_values(self._programs[name], **stage.lights(person.look))

    def paint(self, moment: Moment) -> Painted:
        """Return the picture of a moment."""
        self._pose(moment)
        self._canvas.use()
        self._canvas.clear(depth=1.0)
        self._draw_all(moment)
        rgb = self._read(self._canvas, self._size)
        covered = self._covered() if any(p.occludes for p, _ in self._props) else None
        smaller = (self._stage.width, self._stage.height)
        averaged = cv2.resize(rgb, smaller, interpolation=cv2.INTER_AREA)
        return Painted(np.asarray(averaged, np.uint8), covered)

    def eye_areas(self, weights: Floats) -> tuple[int, int]:
        """Return how many pixels of each eyeball (left, right) a front view shows."""
        middle = np.mean([eye.centre for eye in self._figure.eyes], axis=0)
        matrix = camera_matrix(
            middle + np.array([0, 0, 9.0]),
            middle,
            field_degrees=EYE_FIELD_DEGREES,
            aspect=EYE_VIEW[0] / EYE_VIEW[1],
        )
        self._write(BODY, weights)
        flat = self._programs["flat"]
        set_values(flat, view=_columns(matrix), head=_columns(np.eye(4)))
        self._eye_canvas.use()
        self._eye_canvas.clear(0, 0, 0, 0, depth=1.0)
        set_values(flat, tint=(0.0, 0.0, 0.0, 1.0))
        self._drawn[BODY]["flat"].render()
        for arrays, tint in zip(
            self._balls, ((1.0, 0, 0, 1.0), (0, 1.0, 0, 1.0)), strict=True
        ):
            set_values(flat, tint=tint)
            arrays["flat"].render()
        seen = self._read(self._eye_canvas, EYE_VIEW) > 128
        return int(seen[..., 0].sum()), int(seen[..., 1].sum())

    def places(self, weights: Floats) -> Floats:
        """Return (points, 3) of the body under the face units, the head not turned."""
        return self._surfaces[BODY].points(weights)

    def close(self) -> None:
        """Give the context back."""
        self._gl.release()

    def _draw_all(self, moment: Moment) -> None:
        self._backdrop.render(self._gl.TRIANGLE_STRIP)
        self._gl.enable(self._gl.CULL_FACE)
        self._drawn[BODY]["skin"].render()
        self._gl.disable(self._gl.CULL_FACE)
        for name in MOUTH:
            set_values(self._programs["plain"], **tints(name))
            self._drawn[name]["plain"].render()
        for side, arrays in enumerate(self._balls):
            set_values(
                self._programs["eye"],
                **self._stage.eye(
                    self._figure.eyes[side], moment, side, self._person.look
                ),
            )
            arrays["eye"].render()
        self._gl.enable(self._gl.BLEND)
        for name in ("lashes-l", "lashes-r"):
            tint = (0.012, 0.010, 0.009, self._person.look.lashes)
            set_values(self._programs["flat"], tint=tint, deep=1.0)
            self._drawn[name]["flat"].render()
        for prop, arrays in self._props:
            set_values(self._programs["plain"], **prop.material)
            arrays["plain"].render()
        self._gl.disable(self._gl.BLEND)
        set_values(self._programs["flat"], deep=0.0)

    def _covered(self) -> Any:
        """Return (height, width) bool: what hides the face, seen from the camera."""
        flat = self._programs["flat"]
        self._canvas.use()
        self._canvas.clear(0, 0, 0, 0, depth=1.0)
        set_values(flat, tint=(0.0, 0.0, 0.0, 1.0))
        self._drawn[BODY]["flat"].render()
        set_values(flat, tint=(1.0, 1.0, 1.0, 1.0))
        for prop, arrays in self._props:
            if prop.occludes:
                arrays["flat"].render()
        mask = self._read(self._canvas, self._size)[..., 0]
        smaller = (self._stage.width, self._stage.height)
        return cv2.resize(mask, smaller, interpolation=cv2.INTER_AREA) > 127

    def _pose(self, moment: Moment) -> None:
        eye, target = self._stage.camera(moment.sway)
        matrix = _columns(self._stage.view(moment.sway))
        for name in ("skin", "eye", "plain", "flat"):
            set_values(
                self._programs[name],
                view=matrix,
                head=_columns(moment.head),
                camera=tuple(eye),
            )
        set_values(
            self._programs["backdrop"],
            shift=tuple(0.02 * (target - self._stage.target)[:2]),
        )
        for name in self._surfaces:
            self._write(name, moment.weights)

    def _write(self, name: str, weights: Floats) -> None:
        surface = self._surfaces[name]
        if surface.moving:
            self._drawn[name]["buffer"].write(surface.corners(weights).tobytes())

    def _upload(self, name: str) -> dict[str, Any]:
        surface = self._surfaces[name]
        extra = np.column_stack([surface.texture, surface.turns]).astype(np.float32)
        if name in MOUTH:
            extra[:, 0] = _depth_light(surface.rest)
        elif name != BODY:
            middle = EYE_HEIGHT_AT_REST
            extra[:, 0] = np.where(surface.rest[:, 1] > middle, 1.0, LOWER_LASHES)
        return self._upload_mesh(
            (surface.fixed, extra, surface.triangles),
            "skin" if name == BODY else "plain",
        )

    def _upload_mesh(
        self, mesh: tuple[Floats, Floats, Any], program: str
    ) -> dict[str, Any]:
        fixed, extra, triangles = mesh
        buffer = self._gl.buffer(fixed.astype(np.float32).tobytes())
        static = self._gl.buffer(extra.astype(np.float32).tobytes())
        index = self._gl.buffer(triangles.astype(np.int32).tobytes())
        made: dict[str, Any] = {"buffer": buffer}
        for name in (program, "flat"):
            used = self._programs[name]
            made[name] = self._gl.vertex_array(
                used,
                [
                    _attributes(used, buffer, (("place", 3), ("normal", 3))),
                    _attributes(used, static, (("texture_place", 2), ("turns", 1))),
                ],
                index,
            )
        return made

    def _hang_backdrop(self) -> None:
        corners = np.array([-1, -1, 1, -1, -1, 1, 1, 1], dtype=np.float32)
        picture = backdrop(*self._size, self._stage.light, self._stage.seed)
        sheet = self._gl.texture(self._size, 3, picture[::-1].tobytes())
        sheet.use(BACKDROP_UNIT)
        program = self._programs["backdrop"]
        set_values(program, picture=BACKDROP_UNIT)
        buffer = self._gl.buffer(corners.tobytes())
        self._backdrop = self._gl.vertex_array(program, [(buffer, "2f", "corner")])

    def _canvas_of(self, width: int, height: int) -> Any:
        size = (width, height)
        canvas = self._gl.framebuffer(
            [self._gl.renderbuffer(size, 4)], self._gl.depth_renderbuffer(size)
        )
        return canvas

    def _read(self, canvas: Any, size: tuple[int, int]) -> Any:
        raw = np.frombuffer(canvas.read(components=3, alignment=1), np.uint8)
        return raw.reshape(size[1], size[0], 3)[::-1]


def _columns(matrix: Matrix) -> tuple[float, ...]:
    """Return a matrix as OpenGL wants it, column by column."""
    return tuple(float(value) for value in matrix.T.ravel())


def _depth_light(rest: Floats) -> Floats:
    """Return (n,) how much light reaches points of the mouth, 0 to 1."""
    front = np.clip((rest[:, 2] - 0.95) / 0.53, 0, 1)
    aside = np.clip((np.abs(rest[:, 0]) - 0.08) / 0.18, 0, 1)
    light: Floats = 0.62 * front * front * (3 - 2 * front) * (1 - 0.9 * aside) + 0.03
    return light


def _attributes(
    program: Any, buffer: Any, columns: tuple[tuple[str, int], ...]
) -> tuple[Any, ...]:
    """Return one buffer's layout, skipping what the program does not read."""
    used = [name for name, _ in columns if name in program]
    kinds = [f"{n}f" if name in program else f"{n}x4" for name, n in columns]
    return (buffer, " ".join(kinds), *used)
