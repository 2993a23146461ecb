"""Laying a face on the mean face and back, as faceswap does it.

A matrix here is (2, 3) float32 and maps frame pixels to crop pixels.
"""

from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# fmt: off
MEAN_FACE_51 = np.array(
    [
        (0.010086, 0.106454), (0.085135, 0.038915), (0.191003, 0.018748),
        (0.300643, 0.034489), (0.40327, 0.077391), (0.596729, 0.077391),
        (0.699356, 0.034489), (0.808997, 0.018748), (0.914864, 0.038915),
        (0.989913, 0.106454), (0.5, 0.203352), (0.5, 0.307009), (0.5, 0.409805),
        (0.5, 0.515625), (0.376753, 0.587326), (0.435909, 0.609345), (0.5, 0.628106),
        (0.56409, 0.609345), (0.623246, 0.587326), (0.13161, 0.216423),
        (0.196995, 0.178758), (0.275698, 0.179852), (0.344479, 0.231733),
        (0.270791, 0.245099), (0.192616, 0.244077), (0.65552, 0.231733),
        (0.724301, 0.179852), (0.803005, 0.178758), (0.868389, 0.216423),
        (0.807383, 0.244077), (0.729208, 0.245099), (0.264022, 0.780233),
        (0.350858, 0.745405), (0.438731, 0.727388), (0.5, 0.742578),
        (0.561268, 0.727388), (0.649141, 0.745405), (0.735977, 0.780233),
        (0.652032, 0.864805), (0.566594, 0.902192), (0.5, 0.909281),
        (0.433405, 0.902192), (0.347967, 0.864805), (0.300252, 0.784792),
        (0.437969, 0.778746), (0.5, 0.785343), (0.56203, 0.778746),
        (0.699747, 0.784792), (0.563237, 0.824182), (0.5, 0.831803),
        (0.436763, 0.824182),
    ],
    dtype=np.float32,
)
"""The mean face, points 17 to 67 of iBUG's 68, in a unit square (faceswap)."""

HEAD_26 = np.array(
    [
        (4.056931, -11.432347, 1.636229), (1.833492, -12.542305, 4.061275),
        (0, -12.901019, 4.070434), (-1.833492, -12.542305, 4.061275),
        (-4.056931, -11.432347, 1.636229), (6.825897, 1.275284, 4.402142),
        (1.330353, 1.636816, 6.903745), (-1.330353, 1.636816, 6.903745),
        (-6.825897, 1.275284, 4.402142), (1.930245, -5.060977, 5.914376),
        (0.746313, -5.136947, 6.263227), (0, -5.485328, 6.76343),
        (-0.746313, -5.136947, 6.263227), (-1.930245, -5.060977, 5.914376),
        (5.311432, 0, 3.987654), (1.78993, -0.091703, 4.413414),
        (-1.78993, -0.091703, 4.413414), (-5.311432, 0, 3.987654),
        (2.774015, -7.566103, 5.048531), (0.509714, -7.056507, 6.566167),
        (0, -7.131772, 6.704956), (-0.509714, -7.056507, 6.566167),
        (-2.774015, -7.566103, 5.048531), (-0.589441, -8.443925, 6.109526),
        (0, -8.601736, 6.097667), (0.589441, -8.443925, 6.109526),
    ],
    dtype=np.float32,
)
# fmt: on
"""The same face in three dimensions, for the pose; y up in its own unit."""

BROWS_AND_NOSE = (17, 21, 22, 26, 31, 32, 33, 34, 35, 36)
EYES_AND_LIPS = (39, 42, 45, 48, 50, 51, 52, 54, 56, 57, 58)
POSE_POINTS = np.array([6, 7, 8, 9, 10, *BROWS_AND_NOSE, *EYES_AND_LIPS])
"""Which of the 68 points HEAD_26 stands for."""

CAMERA = np.array([[4.0, 0.0, 0.5], [0.0, 4.0, 0.5], [0.0, 0.0, 1.0]])


class Centring(StrEnum):
    """What lies in the middle of a crop: faceswap's three ways."""

    LEGACY = "legacy"
    FACE = "face"
    HEAD = "head"

    @property
    def padding(self) -> float:
        """The share of a full crop that lies outside the unit square."""
        return {"legacy": 0.375, "face": 0.5, "head": 0.625}[self.value]


CENTRES = {Centring.FACE: (0.0, -1.5, 4.2), Centring.HEAD: (0.0, 0.0, -2.3)}
"""Points of HEAD_26's space that a crop is centred on; legacy stays as it is."""


def umeyama(source: Floats, target: Floats) -> npt.NDArray[np.float64]:
    """Return the (2, 3) similarity that lays (n, 2) points on others best.

    Scale, rotation and translation by least squares, never a mirror image. Raises
    ValueError for other shapes or points that all coincide. Source: Umeyama 1991,
    equations 34 to 43.
    """
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 2:
        raise ValueError(f"points are (n, 2), not {source.shape} and {target.shape}")
    given, wanted = source.astype(np.float64), target.astype(np.float64)
    from_mean, to_mean = given.mean(axis=0), wanted.mean(axis=0)
    given, wanted = given - from_mean, wanted - to_mean
    variance = (given**2).sum() / len(given)
    if not variance > 0:
        raise ValueError("points that all coincide cannot be aligned")
    u, spread, vt = np.linalg.svd(wanted.T @ given / len(given))
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    turn = (u * signs) @ vt * ((spread * signs).sum() / variance)
    return np.column_stack([turn, to_mean - turn @ from_mean])


def alignment_matrix(
    points68: Floats, *, size: int, centring: Centring, coverage: float = 1.0
) -> Floats:
    """Return the (2, 3) matrix from frame pixels to a ``size`` square crop.

    ``points68`` are (68, 2) pixels in iBUG's order; ``coverage`` is the share of the
    full crop that is kept, over 0 to 1. Raises ValueError for another shape.
    """
    if points68.shape != (68, 2):
        raise ValueError(f"points are (68, 2), not {points68.shape}")
    unit = umeyama(points68[17:], MEAN_FACE_51)
    unit[:, 2] -= _offset(points68, unit, centring)
    padding = round(size * (centring.padding + coverage - 1) / (2 * coverage))
    matrix = unit * (size - 2 * padding)
    matrix[:, 2] += padding
    return matrix.astype(np.float32)


def _offset(
    points68: Floats, unit: npt.NDArray[np.float64], centring: Centring
) -> npt.NDArray[np.float64]:
    """Return how far a centring's middle lies from the unit square's, by the pose."""
    if centring not in CENTRES:
        return np.zeros(2)
    seen = points68[POSE_POINTS] @ unit[:, :2].T + unit[:, 2]
    _, rotation, translation = cv2.solvePnP(
        HEAD_26.astype(np.float64), seen, CAMERA, None, flags=cv2.SOLVEPNP_ITERATIVE
    )
    centre = np.array([CENTRES[centring]])
    shown, _ = cv2.projectPoints(centre, rotation, translation, CAMERA, None)
    return shown.reshape(2).astype(np.float64) - 0.5


def aligned_crop(
    rgb: npt.NDArray[np.uint8], matrix: Floats, size: int
) -> npt.NDArray[np.uint8]:
    """Return the (size, size, 3) uint8 crop that a matrix cuts out of RGB.

    Enlarged with cubic, reduced with area interpolation; black beyond the picture.
    """
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2].astype(np.float64)))))
    way = cv2.INTER_CUBIC if scale >= 1 else cv2.INTER_AREA
    crop = cv2.warpAffine(rgb, matrix, (size, size), flags=way)
    return crop.astype(np.uint8, copy=False)
