"""What a picture shows: poses, light, camera, and the Protocol of what paints it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]
Vector3 = tuple[float, float, float]

DISTANCE = 9.0
"""From the camera to the face, in units of 10 cm."""
NEAR, FAR = 1.0, 40.0


class Light(StrEnum):
    """Where light comes from."""

    STUDIO = "studio"
    WINDOW = "window"
    EVENING = "evening"
    OFFICE = "office"


class Camera(StrEnum):
    """How the camera is held."""

    TRIPOD = "tripod"
    HANDHELD = "handheld"


@dataclass(frozen=True, slots=True)
class Lights:
    """Directions of three lights and the linear colours of four."""

    key_from: Vector3
    key: Vector3
    fill_from: Vector3
    fill: Vector3
    rim_from: Vector3
    rim: Vector3
    around: Vector3


LIGHTS = {
    Light.STUDIO: Lights(
        *((-0.6, 0.55, 0.9), (1.10, 1.03, 0.94)),
        *((0.75, 0.25, 0.75), (0.30, 0.31, 0.35)),
        *((0.2, 0.7, -0.9), (0.70, 0.72, 0.80)),
        (0.22, 0.22, 0.24),
    ),
    Light.WINDOW: Lights(
        *((0.9, 0.35, 0.55), (1.05, 1.12, 1.22)),
        *((-0.7, 0.1, 0.6), (0.20, 0.18, 0.15)),
        *((-0.4, 0.5, -0.9), (0.25, 0.26, 0.30)),
        (0.20, 0.21, 0.24),
    ),
    Light.EVENING: Lights(
        *((0.5, 0.25, 0.85), (1.18, 0.92, 0.66)),
        *((-0.8, 0.3, 0.5), (0.22, 0.24, 0.34)),
        *((-0.5, 0.6, -0.8), (0.80, 0.55, 0.38)),
        (0.19, 0.17, 0.17),
    ),
    Light.OFFICE: Lights(
        *((0.05, 0.95, 0.65), (0.92, 0.95, 0.93)),
        *((-0.6, 0.3, 0.8), (0.38, 0.40, 0.40)),
        *((0.5, 0.6, -0.8), (0.30, 0.32, 0.33)),
        (0.30, 0.31, 0.31),
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """Everything that moves, at one moment.

    ``weights`` (units,) of the face units; ``head`` 4x4 from the resting to the
    turned head; ``gaze`` degrees (to the subject's left, down) against the head;
    ``shut`` the lids' closure (left, right), for the eyes' shade; ``sway`` the
    camera's own movement: across and up, in units of 10 cm.
    """

    weights: Floats
    head: Matrix
    gaze: tuple[float, float] = (0.0, 0.0)
    shut: tuple[float, float] = (0.0, 0.0)
    sway: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """A picture, and which of its pixels something in front of the face covers."""

    rgb: Pixels
    covered: npt.NDArray[np.bool_] | None


class Painter(Protocol):
    """What turns moments into pictures of one person."""

    def paint(self, moment: Moment) -> Painted:
        """Return the picture of a moment."""
        ...

    def eye_areas(self, weights: Floats) -> tuple[int, int]:
        """Return how many pixels of each eyeball (left, right) a front view shows."""
        ...

    def close(self) -> None:
        """Give back what the machine lent."""
        ...


def rotation(yaw: float, pitch: float, roll: float) -> Matrix:
    """Return (3, 3) for degrees: to the subject's own left, down, to the image left."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array(
        [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    )
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]]
    )
    about_z = np.array(
        [[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]]
    )
    turned: Matrix = about_y @ about_x @ about_z
    return turned


def head_matrix(
    pose: tuple[float, float, float], pivot: Vector3, shift: Vector3
) -> Matrix:
    """Return the 4x4 that turns a head about its pivot, then moves it."""
    made = np.eye(4)
    made[:3, :3] = rotation(*pose)
    middle = np.array(pivot)
    made[:3, 3] = middle + np.array(shift) - made[:3, :3] @ middle
    return made


def camera_matrix(
    eye: Matrix, target: Matrix, *, field_degrees: float, aspect: float
) -> Matrix:
    """Return the 4x4 from places to clip coordinates, seen from ``eye``."""
    front = (target - eye) / np.linalg.norm(target - eye)
    side = np.cross(front, [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    view = np.eye(4)
    view[:3, :3] = np.stack([side, np.cross(side, front), -front])
    view[:3, 3] = -view[:3, :3] @ eye
    scale = 1 / np.tan(np.radians(field_degrees) / 2)
    lens = np.zeros((4, 4))
    lens[0, 0], lens[1, 1] = scale / aspect, scale
    lens[2, 2] = (FAR + NEAR) / (NEAR - FAR)
    lens[2, 3] = 2 * FAR * NEAR / (NEAR - FAR)
    lens[3, 2] = -1
    together: Matrix = lens @ view
    return together


def projected(points: Matrix, matrix: Matrix, width: int, height: int) -> Matrix:
    """Return (n, 2) pixels of (n, 3) places."""
    wide = points @ matrix[:, :3].T + matrix[:, 3]
    flat = wide[:, :2] / wide[:, 3:4]
    return np.column_stack(
        [(flat[:, 0] * 0.5 + 0.5) * width, (0.5 - flat[:, 1] * 0.5) * height]
    )
