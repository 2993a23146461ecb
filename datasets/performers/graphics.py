"""Painting with OpenGL, without a screen: moderngl on EGL, Mesa's llvmpipe on a CPU.

Pictures are drawn larger and averaged down. What is dear on a CPU is done once: paint
(``skin``), shadows (``shadows``), the choice of triangles (``lod``), the backdrop.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.backdrop import backdrop
from lampoon.datasets.performers.canvas import Canvas, Sheet
from lampoon.datasets.performers.cover import Cover
from lampoon.datasets.performers.drawn import Drawn, Easel
from lampoon.datasets.performers.egl import columns, set_values
from lampoon.datasets.performers.eyeball import eyeball
from lampoon.datasets.performers.figure import MOUTH, Figure, unit_normals
from lampoon.datasets.performers.lod import before, thinned
from lampoon.datasets.performers.mesh import BODY
from lampoon.datasets.performers.person import Person
from lampoon.datasets.performers.props import Prop
from lampoon.datasets.performers.scene import (
    Floats,
    Matrix,
    Moment,
    Painted,
    Pixels,
    camera_matrix,
)
from lampoon.datasets.performers.shadows import Shadows
from lampoon.datasets.performers.sight import numbers_in, with_neighbours
from lampoon.datasets.performers.skin import Layout, paint_skin
from lampoon.datasets.performers.stage import Stage, tints
from lampoon.datasets.performers.strands import strands_of

OVERSAMPLING = 1.5
"""Pictures are drawn this much larger each way."""
MARGIN = 1.06
"""So much larger is the backdrop, for the camera to move before it."""
ROUGH_PIXELS = 1.1
"""Of the enlarged picture: no edge is further from the smooth surface."""
FINEST, COARSEST = 0.001, 0.012
EYE_VIEW = (560, 240)
EYE_FIELD_DEGREES = 3.6
LIDS = 0.24
"""From an eye's middle to where its lids end."""
EYE_REACH = 0.36
"""Around the eyes so much of the face is drawn to measure what lids cover."""


class EglPainter:
    """Paints one person at one size; honours ``Painter``.

    The same moment gives the same pixels on the same machine.
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
        self._easel = Easel()
        gl = self._easel.gl
        self._canvas = Canvas(gl, *_enlarged(stage))
        self._mask_canvas = Canvas(gl, stage.width, stage.height)
        self._eye_canvas = Canvas(gl, *EYE_VIEW)
        self._layout = Layout(figure.part(BODY))
        self._parts = self._hang_parts()
        middles = np.array([eye.centre for eye in figure.eyes])
        self._lids = self._easel.surface(before(figure.part(BODY), middles, EYE_REACH))
        self._balls = [self._easel.mesh(eyeball(eye), "eye") for eye in figure.eyes]
        self._props = [(prop, self._easel.mesh(prop.mesh, "plain")) for prop in props]
        whole = figure.part(BODY)
        normals = unit_normals(whole.points, whole.point_of[whole.triangles])
        self._strands = strands_of(person, whole, normals)
        self._hair = self._easel.strands(self._strands)
        self._sheet = self._hang_backdrop()
        self._occluders = [one for prop, one in self._props if prop.occludes]
        for name in ("skin", "covered skin", "eye", "plain", "hair"):
            set_values(self._easel.programs[name], **stage.lights(person.look))
        self._paint_body()

    def paint(self, moment: Moment) -> Painted:
        """Return the picture of a moment."""
        self._pose(moment)
        target = self._stage.camera(moment.sway)[1] - self._stage.target
        pixels = 0.02 * target[:2] * np.array(self._canvas.size) / MARGIN
        self._canvas.begin(self._sheet.at((float(pixels[0]), float(pixels[1]))))
        self._draw_all(moment)
        rgb = self._canvas.shown(self._stage.width, self._stage.height)
        covered = self._covered() if self._occluders else None
        return Painted(rgb, covered)

    def keep_seen(self, moments: Iterable[Moment]) -> None:
        """Draw of the body from now on only what these moments show, and beside it."""
        body, gl = self._parts[BODY], self._easel.gl
        triangles, strands = body.surface.triangles, self._strands
        seen = np.zeros(len(triangles), dtype=bool)
        combed = np.zeros(len(strands.corners), dtype=bool)
        gl.enable(gl.CULL_FACE)
        for moment in moments:
            self._pose(moment)
            self._canvas.begin()
            body.draw("number")
            seen |= numbers_in(self._canvas.read(), len(seen))
            combed |= self.seen(moment, strands.places(moment.head))
        gl.disable(gl.CULL_FACE)
        body.only(with_neighbours(seen, triangles))
        self._hair.only(strands.whole(combed))

    def blank(self) -> Pixels:
        """Return a picture of nobody: what bringing back a picture costs at least."""
        self._canvas.begin(self._sheet.at((0.0, 0.0)))
        return self._canvas.shown(self._stage.width, self._stage.height)

    def seen(self, moment: Moment, places: Matrix) -> npt.NDArray[np.bool_]:
        """Return (n,) which of (n, 3) places nothing hides, in the last picture."""
        return self._canvas.reached(self._stage.view(moment.sway), places)

    def eye_areas(self, weights: Floats) -> tuple[int, int]:
        """Return how many pixels of each eyeball (left, right) a front view shows."""
        middle = np.mean([eye.centre for eye in self._figure.eyes], axis=0)
        matrix = camera_matrix(
            middle + np.array([0, 0, 9.0]),
            middle,
            field_degrees=EYE_FIELD_DEGREES,
            aspect=EYE_VIEW[0] / EYE_VIEW[1],
        )
        self._lids.move(weights)
        flat = self._easel.programs["flat"]
        set_values(flat, view=columns(matrix), head=columns(np.eye(4)))
        self._eye_canvas.begin()
        set_values(flat, tint=(0.0, 0.0, 0.0, 1.0))
        self._easel.gl.enable(self._easel.gl.CULL_FACE)
        self._lids.draw("flat")
        self._easel.gl.disable(self._easel.gl.CULL_FACE)
        for one, tint in zip(
            self._balls, ((1.0, 0, 0, 1.0), (0, 1.0, 0, 1.0)), strict=True
        ):
            set_values(flat, tint=tint)
            one.draw("flat")
        seen = self._eye_canvas.read() > 128
        return int(np.count_nonzero(seen[..., 0])), int(np.count_nonzero(seen[..., 1]))

    def close(self) -> None:
        """Give the context back."""
        self._easel.gl.release()

    def _draw_all(self, moment: Moment) -> None:
        gl, programs = self._easel.gl, self._easel.programs
        gl.enable(gl.CULL_FACE)
        self._parts[BODY].draw("covered skin" if self._occluders else "skin")
        gl.disable(gl.CULL_FACE)
        self._hair.draw("hair")
        for name in MOUTH:
            set_values(programs["plain"], **tints(name))
            self._parts[name].draw("plain")
        for side, one in enumerate(self._balls):
            eye = self._figure.eyes[side]
            lit = self._stage.eye(eye, moment, side, self._person.look)
            red, green, blue = self._reached[side].tolist()
            sky = float(self._shadows.sky[self._sockets[side]].mean())
            set_values(programs["eye"], **lit, reached=(red, green, blue), sky=sky)
            one.draw("eye")
        gl.enable(gl.BLEND)
        self._canvas.keep_depth(True)
        for name in ("lashes-l", "lashes-r"):
            tint = (0.012, 0.010, 0.009, self._person.look.lashes)
            set_values(programs["lash"], tint=tint)
            self._parts[name].draw("lash")
        for prop, one in self._props:
            self._canvas.keep_depth(prop.material["tint"][3] < 1)
            set_values(programs["plain"], **prop.material)
            one.draw("plain")
        self._canvas.keep_depth(False)
        gl.disable(gl.BLEND)

    def _covered(self) -> npt.NDArray[np.bool_]:
        """Return (height, width) bool: what hides the face, seen from the camera."""
        flat = self._easel.programs["flat"]
        self._mask_canvas.begin()
        set_values(flat, tint=(0.0, 0.0, 0.0, 1.0))
        self._parts[BODY].draw("flat")
        set_values(flat, tint=(1.0, 1.0, 1.0, 1.0))
        for one in self._occluders:
            one.draw("flat")
        return np.asarray(self._mask_canvas.read()[::-1, :, 0] > 127)

    def _hold_light(self, matrix: npt.NDArray[np.float64]) -> None:
        """Draw what stands before the face in white."""
        flat = self._easel.programs["flat"]
        before = flat["view"].value
        set_values(flat, view=columns(matrix), tint=(1.0, 1.0, 1.0, 1.0))
        for one in self._occluders:
            one.draw("flat")
        flat["view"].value = before

    def _pose(self, moment: Moment) -> None:
        eye, _ = self._stage.camera(moment.sway)
        matrix = columns(self._stage.view(moment.sway))
        head = columns(moment.head)
        for program in self._easel.programs.values():
            set_values(program, view=matrix, head=head, camera=tuple(eye))
        for part in self._parts.values():
            part.move(moment.weights)
        key = self._shadows.key(moment.head)
        self._parts[BODY].shade(key)
        if self._occluders:
            self._cover.cast()
        for side, near in enumerate(self._sockets):
            self._reached[side] = key[near].mean(axis=0)
            if self._occluders:
                middle = np.array([*self._figure.eyes[side].centre, 1.0])
                self._reached[side] *= self._cover.passes((moment.head @ middle)[:3])

    def _hang_parts(self) -> dict[str, Drawn]:
        """Upload everything that the face units move."""
        tolerance = float(
            np.clip(ROUGH_PIXELS / self._stage.scale(self._canvas.size[1]),
                    FINEST, COARSEST)
        )  # fmt: skip
        made: dict[str, Drawn] = {}
        for part in self._figure.parts:
            smooth = part.name == BODY or part.name in MOUTH
            drawn = thinned(part, tolerance) if smooth else part
            if part.name == BODY:
                sheet = self._layout.place(drawn.texture)
                drawn = replace(drawn, texture=sheet)
            made[part.name] = self._easel.surface(drawn)
        return made

    def _paint_body(self) -> None:
        body, gl = self._parts[BODY], self._easel.gl
        pixels = self._stage.scale(self._canvas.size[1])
        whole = self._figure.part(BODY)
        key_from = self._stage.lights(self._person.look)["key_from"]
        paint = paint_skin(
            gl, self._person, whole, self._layout, pixels=pixels, key_from=key_from
        )
        covered = self._easel.programs["covered skin"]
        for program in (self._easel.programs["skin"], covered):
            set_values(program, **paint.values)
        self._cover = Cover(gl, covered, self._hold_light, key_from)
        body.dry(paint.dry(body.surface.texture))
        depth = self._easel.programs["depth"]

        def cast(matrix: npt.NDArray[np.float64]) -> None:
            set_values(depth, view=columns(matrix))
            body.draw("depth")

        body.move(np.zeros(1, dtype=np.float32))
        self._shadows = Shadows(gl, cast, body.resting(), key_from)
        body.sky(self._shadows.sky)
        self._sockets = [
            _round_eye(body.resting()[0], np.array(eye.centre))
            for eye in self._figure.eyes
        ]
        self._reached = np.ones((2, 3), dtype=np.float32)

    def _hang_backdrop(self) -> Sheet:
        width, height = self._canvas.size
        wide, high = round(width * MARGIN), round(height * MARGIN)
        picture = backdrop(wide, high, self._stage.light, self._stage.seed)
        return Sheet(np.ascontiguousarray(picture), self._canvas.size)


def _round_eye(
    places: Floats, middle: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Return which corners stand round an eye, in front."""
    away = places - middle
    near = (np.linalg.norm(away[:, :2], axis=1) < LIDS) & (away[:, 2] > 0)
    return np.flatnonzero(near)


def _enlarged(stage: Stage) -> tuple[int, int]:
    """Return the size that pictures are drawn at."""
    return (
        2 * round(stage.width * OVERSAMPLING / 2),
        2 * round(stage.height * OVERSAMPLING / 2),
    )
