"""Cutting a face out of a picture at a network's size."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt


def moved_points(
    points: npt.NDArray[np.floating[Any]], matrix: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.float32]:
    """Return (n, 2) ``points`` taken through the (2, 3) ``matrix``."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32)


def shrunk(
    picture: npt.NDArray[np.uint8], matrix: npt.NDArray[np.floating[Any]], side: int
) -> npt.NDArray[np.uint8]:
    """Return ``picture`` through the (2, 3) ``matrix``, (side, side, 3), not aliased.

    A crop that shrinks is taken several times as large, then averaged.
    """
    scale = float(np.sqrt(abs(np.linalg.det(np.asarray(matrix, np.float64)[:, :2]))))
    times = max(1, min(8, round(1 / max(scale, 1e-6))))
    larger = np.asarray(matrix, np.float64) * times
    larger[:, 2] += (times - 1) / 2  # pixel centres, not corners, stay in place
    crop = cv2.warpAffine(
        picture,
        larger,
        (side * times, side * times),
        flags=cv2.INTER_LINEAR if times > 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
    )
    if times > 1:
        crop = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(crop, np.uint8)
