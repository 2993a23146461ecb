"""How surely the pixels where the mesh puts an eye are an eye.

The mesh invents eyes behind a bar, a hand or dark glasses, and its score stays at 1.
So the pixels are asked: cut out between the corners, do they look like an eye, open
or shut (normalised correlation with ten typical ones), do they stand out from the
skin, and are they sharp enough for the lids to be told apart?
"""

from dataclasses import dataclass
from importlib import resources

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.faces.landmarks import (
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    Eye,
)

Floats = npt.NDArray[np.float32]

CORNERS = {
    Eye.RIGHT: (RIGHT_EYE_OUTER, RIGHT_EYE_INNER),
    Eye.LEFT: (LEFT_EYE_OUTER, LEFT_EYE_INNER),
}

PATCH = (48, 36)
EYE_WIDTH = 24
"""Pixels of a patch, across and down, and between the corners of the eye in it."""

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)

MIDDLE = (slice(10, 26), slice(10, 38))
AROUND = (slice(7, 29), slice(8, 40))
"""Where a typical eye lies in a patch, and how far it is looked for."""


LEAST_SPREAD = 0.5
"""Levels of brightness; a flatter patch looks like nothing."""

FLAT = 1e-3
"""A length below which a cut has no picture in it to compare."""


@dataclass(frozen=True, slots=True)
class EyeEvidence:
    """What the pixels say about one eye.

    ``likeness`` is the correlation with the nearest typical eye, -1 to 1;
    ``contrast`` the spread of brightness over the skin's; ``sharpness`` the mean
    step between neighbouring pixels over that spread (a sharp eye has 0.6 to 0.9,
    one blurred over a thirtieth of the eye distance 0.35, noise 2).
    """

    likeness: float
    contrast: float
    sharpness: float


class EyeGallery:
    """The typical eyes, loaded once."""

    def __init__(self) -> None:
        file = resources.files("lampoon.faces") / "models" / "eyes.npz"
        with file.open("rb") as opened, np.load(opened) as stored:
            eyes = stored["eyes"].astype(np.float32)
        self._shape = eyes.shape[1:]
        self._eyes = _unit_rows(eyes.reshape(len(eyes), -1)).T

    def evidence(
        self, rgb: npt.NDArray[np.uint8], landmarks: Floats
    ) -> dict[Eye, EyeEvidence]:
        """Return what RGB says about both eyes of (478, 2) points in its pixels."""
        skin = skin_brightness(rgb, landmarks)
        return {eye: self._of(eye_patch(rgb, landmarks, eye), skin) for eye in Eye}

    def _of(self, patch: Floats, skin: float) -> EyeEvidence:
        middle = patch[MIDDLE]
        spread = float(middle.std())
        likeness = self._likeness(patch[AROUND]) if spread > LEAST_SPREAD else 0.0
        steps = sum(np.abs(np.diff(middle, axis=axis)).mean() for axis in (0, 1))
        return EyeEvidence(likeness, spread / (skin + 8), float(steps) / (spread + 2))

    def _likeness(self, around: Floats) -> float:
        """Return the best correlation of any typical eye at any place, -1 to 1."""
        places = np.lib.stride_tricks.sliding_window_view(around, self._shape)
        cuts = places.reshape(-1, self._eyes.shape[0])
        return float((_unit_rows(cuts) @ self._eyes).max())


def _unit_rows(rows: Floats) -> Floats:
    """Return each row without its mean, and of length 1 (of 0 where it is flat)."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    return np.asarray(centred / np.maximum(lengths, FLAT)[:, None], np.float32)


def skin_brightness(rgb: npt.NDArray[np.uint8], landmarks: Floats) -> float:
    """Return how bright a face is, 0 to 255: three quarters of its points are darker.

    The whole face is asked, so that a dark bar does not pass for dark skin.
    """
    height, width = rgb.shape[:2]
    x, y = np.round(landmarks).astype(np.intp).T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    if not inside.any():
        return 255.0
    brightness = rgb[y[inside], x[inside]] @ LUMA
    # the quarter that is brighter begins here: a percentile's interpolation is slow
    most = 3 * (len(brightness) - 1) // 4
    return float(np.partition(brightness, most)[most])


def eye_patch(pixels: npt.NDArray[np.uint8], landmarks: Floats, eye: Eye) -> Floats:
    """Return the brightness around an eye, (36, 48) float32, 0 to 255.

    ``pixels`` are RGB (height, width, 3), or one plane (height, width), uint8. The
    patch is turned level and scaled to one width, the outer corner to the left: a
    left eye comes mirrored, so that both look alike.
    """
    outer, inner = (landmarks[point].tolist() for point in CORNERS[eye])
    right, sunk = (inner[0] - outer[0]) / EYE_WIDTH, (inner[1] - outer[1]) / EYE_WIDTH
    way = -1 if eye is Eye.LEFT else 1
    down_x, down_y = -sunk * way, right * way
    half_wide, half_high = PATCH[0] / 2, PATCH[1] / 2
    left = (inner[0] + outer[0]) / 2 - right * half_wide - down_x * half_high
    top = (inner[1] + outer[1]) / 2 - sunk * half_wide - down_y * half_high
    matrix = np.array([[right, down_x, left], [sunk, down_y, top]], np.float32)
    cut = cv2.warpAffine(
        pixels, matrix, PATCH, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    if pixels.ndim == 2:
        return cut.astype(np.float32)
    return cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY).astype(np.float32)
