"""A performer before the camera: everything that a take's frames are made from.

Each frame depends on person, take and its own number alone, so a take may be
rendered in any order, by any number of processes, and comes out the same.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.eyelids import Eyelids, measure_eyelids
from lampoon.datasets.performers.figure import Figure, figure_of
from lampoon.datasets.performers.grain import grained
from lampoon.datasets.performers.graphics import EglPainter
from lampoon.datasets.performers.mesh import BODY
from lampoon.datasets.performers.motion import Motion, motion_of, sound_of
from lampoon.datasets.performers.occluders import hand, lock, microphone
from lampoon.datasets.performers.person import Person
from lampoon.datasets.performers.points import told_points
from lampoon.datasets.performers.props import Prop, glasses
from lampoon.datasets.performers.scene import (
    Matrix,
    Moment,
    Painted,
    Pixels,
    head_matrix,
)
from lampoon.datasets.performers.sight import telling_rows
from lampoon.datasets.performers.stage import FIELD_DEGREES, Stage
from lampoon.datasets.performers.surface import Places
from lampoon.datasets.performers.take import Occluder, Take
from lampoon.datasets.performers.voice import Speech

EXPOSURES = 4
"""Pictures averaged into one frame where the shutter is open for a while."""


@dataclass(slots=True, eq=False)
class Filming:
    """One take being filmed. Close it to give the painter back."""

    person: Person
    take: Take
    figure: Figure
    stage: Stage
    painter: EglPainter
    eyelids: Eyelids
    sound: Speech
    motion: Motion
    places: Places

    def frame(self, index: int) -> Painted:
        """Return frame ``index``, with its blur and noise."""
        shown = [self._painted(time) for time in self._exposure(index)]
        if len(shown) == 1:
            rgb = shown[0].rgb
        else:
            mean = np.mean([np.square(p.rgb, dtype=np.float32) for p in shown], axis=0)
            rgb = np.asarray(np.round(np.sqrt(mean)), np.uint8)
        return Painted(self._with_noise(rgb, index), shown[0].covered)

    def seen(self, index: int, places: Matrix) -> npt.NDArray[np.bool_]:
        """Return (n,) which places of frame ``index`` nothing hides."""
        moment = self.moment(self.motion, index)
        if self.take.shutter != 0:
            self.painter.paint(moment)
        return self.painter.seen(moment, places)

    def moment(self, motion: Motion, row: int) -> Moment:
        """Return one row of a motion as the painter wants it."""
        yaw, pitch, roll = (float(angle) for angle in motion.pose[row])
        x, y, z = (float(way) for way in motion.shift[row])
        return Moment(
            weights=motion.weights[row],
            head=head_matrix((yaw, pitch, roll), self.figure.pivot, (x, y, z)),
            gaze=(float(motion.gaze[row, 0]), float(motion.gaze[row, 1])),
            shut=(float(motion.lids[row, 0]), float(motion.lids[row, 1])),
            sway=(float(motion.sway[row, 0]), float(motion.sway[row, 1])),
        )

    def close(self) -> None:
        """Give the painter back."""
        self.painter.close()

    def _exposure(self, index: int) -> npt.NDArray[np.float64]:
        rate = float(self.take.exact_rate)
        if self.take.shutter == 0:
            return np.array([index / rate])
        steps = (np.arange(EXPOSURES) + 0.5) / EXPOSURES - 0.5
        return np.asarray((index + self.take.shutter * steps) / rate)

    def _painted(self, time: float) -> Painted:
        if self.take.shutter == 0:
            row = round(time * float(self.take.exact_rate))
            return self.painter.paint(self.moment(self.motion, row))
        now = motion_of(
            self.person, self.take, self.eyelids, self.sound, np.array([max(time, 0.0)])
        )
        return self.painter.paint(self.moment(now, 0))

    def _with_noise(self, rgb: Pixels, index: int) -> Pixels:
        if self.take.noise == 0:
            return rgb
        return grained(
            rgb, self.take.noise, np.random.default_rng([self.take.seed, index, 9])
        )


def film(person: Person, take: Take, *, sound: Speech | None = None) -> Filming:
    """Return a take ready to be filmed.

    Raises MissingExtraError and LampoonError where EGL or espeak-ng is missing.
    """
    heard = sound or sound_of(person, take)
    figure = figure_of(person)
    stage = Stage(
        take.width,
        take.height,
        take.light,
        figure.eyes[0].centre[1],
        seed=take.seed,
        field_degrees=_field(take),
    )
    painter = EglPainter(person, figure, stage, props=_props(person, take, figure))
    eyelids = measure_eyelids(painter.eye_areas)
    times = np.arange(take.frame_count) / float(take.exact_rate)
    motion = motion_of(person, take, eyelids, heard, times)
    body = figure.part(BODY)
    places = Places(body, told_points(body.rest))
    made = Filming(person, take, figure, stage, painter, eyelids, heard, motion, places)
    painter.keep_seen(made.moment(motion, row) for row in telling_rows(motion))
    return made


def _field(take: Take) -> float:
    """Return the upright field of view; a tall picture shows the width of a square."""
    half = np.tan(np.radians(FIELD_DEGREES) / 2) * take.distance
    half *= max(1.0, 0.8 * take.height / take.width)
    return float(np.degrees(2 * np.arctan(half)))


def _props(person: Person, take: Take, figure: Figure) -> tuple[Prop, ...]:
    worn = glasses(figure, person.look) if person.look.glasses else ()
    return (*worn, *_before_face(person, take.occluder, figure))


def _before_face(person: Person, what: Occluder, figure: Figure) -> tuple[Prop, ...]:
    if what is Occluder.MICROPHONE:
        return (microphone(figure),)
    if what is Occluder.HAND:
        return (hand(figure, person.look),)
    return (lock(figure, person),) if what is Occluder.HAIR else ()


def encoded_mask(covered: npt.NDArray[np.bool_]) -> bytes:
    """Return a mask as the bytes of a PNG of one bit a pixel."""
    fine, coded = cv2.imencode(
        ".png", covered.astype(np.uint8) * 255, [cv2.IMWRITE_PNG_BILEVEL, 1]
    )
    if not fine:
        raise ValueError("a mask that is no picture")
    return coded.tobytes()
