"""Whether what is read off a face can be believed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lampoon.faces.detector import Face
from lampoon.faces.landmarks import eye_distance

LEAST_EYE_DISTANCE_PIXELS = 24.0
MOST_YAW_DEGREES = 30.0
MOST_PITCH_DEGREES = 28.0


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """What a face allows to be measured.

    ``height_pixels`` is chin to hairline, ``eye_distance_pixels`` between the outer
    corners; ``sharpness`` is the mean gradient around the eyes over their contrast,
    0 (flat) to about 1. ``reason`` says why an eye is not measurable, "" if both are.
    """

    height_pixels: float
    eye_distance_pixels: float
    sharpness: float
    left_eye_measurable: bool
    right_eye_measurable: bool
    reason: str


def face_quality(rgb: npt.NDArray[np.uint8], face: Face) -> FaceQuality:
    """Return what RGB (height, width, 3) uint8 allows to be measured of a face."""
    distance = eye_distance(face.landmarks)
    height = float(face.box[3] - face.box[1])
    reason = ""
    if distance < LEAST_EYE_DISTANCE_PIXELS:
        reason = "too small"
    elif abs(face.yaw) > MOST_YAW_DEGREES or abs(face.pitch) > MOST_PITCH_DEGREES:
        reason = "turned away"
    return FaceQuality(height, distance, 0.0, not reason, not reason, reason)
