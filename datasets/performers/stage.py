"""Where the camera stands and what shines: a take's values for the shaders."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lampoon.datasets.performers.figure import TEETH_LOW, TEETH_UP, TONGUE, Eye
from lampoon.datasets.performers.person import Look
from lampoon.datasets.performers.scene import (
    DISTANCE,
    LIGHTS,
    Light,
    Matrix,
    Moment,
    Vector3,
    camera_matrix,
    rotation,
)

FIELD_DEGREES = 20.0
TINTS = {
    TEETH_UP: ((0.50, 0.45, 0.37, 1.0), 30.0, 0.10),
    TEETH_LOW: ((0.31, 0.26, 0.20, 1.0), 30.0, 0.05),
    TONGUE: ((0.40, 0.12, 0.12, 1.0), 20.0, 0.12),
}
FAIR = 0.35
"""Brightness of a skin for which the lights are as written; darker ones get more."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A take's size, light and framing; ``eye_height`` is the performer's."""

    width: int
    height: int
    light: Light
    eye_height: float
    seed: int = 0
    field_degrees: float = FIELD_DEGREES

    @property
    def target(self) -> Matrix:
        """The place that the camera looks at."""
        return np.array([0.0, self.eye_height - 0.10, 0.6])

    def scale(self, height: int) -> float:
        """Return pixels for 10 cm at the face, in a picture of this height."""
        half = np.tan(np.radians(self.field_degrees) / 2) * DISTANCE
        return float(height / (2 * half))

    def camera(self, sway: tuple[float, float]) -> tuple[Matrix, Matrix]:
        """Return where the camera is and what it looks at."""
        across = np.array([sway[0], sway[1], 0.0])
        middle = self.target + across
        return middle + np.array([0.5 * sway[0], 0.12, DISTANCE]), middle

    def view(self, sway: tuple[float, float]) -> Matrix:
        """Return the 4x4 from places to clip coordinates."""
        eye, middle = self.camera(sway)
        return camera_matrix(
            eye,
            middle,
            field_degrees=self.field_degrees,
            aspect=self.width / self.height,
        )

    def lights(self, look: Look) -> dict[str, Any]:
        """Return the light uniforms, exposed for the skin as a camera would be."""
        lights = LIGHTS[self.light]
        brightness = float(np.dot(look.skin, (0.21, 0.72, 0.07)))
        gain = float(np.clip((FAIR / max(brightness, 0.01)) ** 0.35, 0.85, 1.7))
        return {
            "key_from": _unit(lights.key_from),
            "key": _times(lights.key, gain),
            "fill_from": _unit(lights.fill_from),
            "fill": _times(lights.fill, gain),
            "rim_from": _unit(lights.rim_from),
            "rim": _times(lights.rim, gain),
            "around": _times(lights.around, gain),
        }

    def eye(self, eye: Eye, moment: Moment, side: int, look: Look) -> dict[str, Any]:
        """Return the uniforms of one eyeball (0 left, 1 right)."""
        turn = moment.head[:3, :3]
        inward = -1.2 if side == 0 else 1.2
        ahead = rotation(moment.gaze[0] + inward, moment.gaze[1], 0) @ [0.0, 0.0, 1.0]
        middle = turn @ np.array(eye.centre) + moment.head[:3, 3]
        return {
            "middle": tuple(middle),
            "gaze": tuple(turn @ ahead),
            "up": tuple(turn @ [0.0, 1.0, 0.0]),
            "iris": look.iris,
            "shut": moment.shut[side],
        }


def tints(name: str) -> dict[str, Any]:
    """Return the material of a part of the mouth."""
    tint, power, shine = TINTS[name]
    return {"tint": tint, "power": power, "shine": shine, "deep": 1.0}


def _unit(vector: Vector3) -> Vector3:
    x, y, z = np.array(vector) / np.linalg.norm(vector)
    return float(x), float(y), float(z)


def _times(colour: Vector3, gain: float) -> Vector3:
    return colour[0] * gain, colour[1] * gain, colour[2] * gain
