"""Which pixels of an aligned face are face, eyes and mouth, from its 68 points."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

_RIGHT_BROW, _LEFT_BROW = slice(17, 22), slice(22, 27)
_RIGHT_EYE, _LEFT_EYE, _MOUTH = slice(36, 42), slice(42, 48), slice(48, 60)
_BROW_LIFT = 0.5
"""Brows are lifted by this part of their height over the eye, up the forehead."""
_FEATURE_GROWTH = 0.02
"""Eyes and mouth are grown by this part of the picture, to take in lids and lips."""


def face_region(
    points: npt.NDArray[np.floating[Any]], height: int, width: int
) -> npt.NDArray[np.float32]:
    """Return (height, width) float32: 1 inside the hull of (68, 2) ``points``, else 0.

    The hull is faceswap's ``extended`` one: lifted at the brows.
    """
    return _filled([with_raised_brows(points)], height, width)


def with_raised_brows(
    points: npt.NDArray[np.floating[Any]],
) -> npt.NDArray[np.float32]:
    """Return (68, 2) points whose brows are lifted up the forehead."""
    raised = points.astype(np.float32)
    for brow, eye in ((_RIGHT_BROW, _RIGHT_EYE), (_LEFT_BROW, _LEFT_EYE)):
        lift = raised[brow] - raised[eye].mean(axis=0)
        raised[brow] += _BROW_LIFT * lift
    return raised


def eye_region(
    points: npt.NDArray[np.floating[Any]], height: int, width: int
) -> npt.NDArray[np.float32]:
    """Return (height, width) float32: 1 on and around both eyes, else 0."""
    eyes = [points[_RIGHT_EYE], points[_LEFT_EYE]]
    return _grown(_filled(eyes, height, width))


def mouth_region(
    points: npt.NDArray[np.floating[Any]], height: int, width: int
) -> npt.NDArray[np.float32]:
    """Return (height, width) float32: 1 on and around the lips, else 0."""
    return _grown(_filled([points[_MOUTH]], height, width))


def loss_weights(
    points: npt.NDArray[np.floating[Any]], side: int
) -> npt.NDArray[np.float32]:
    """Return what a wrong pixel costs, (side, side) float32: face 1, eyes +3, mouth +2.

    Source: faceswap's defaults, penalised mask loss with eye_multiplier 3 and
    mouth_multiplier 2; the mask is blurred by 3 pixels.
    """
    face = cv2.GaussianBlur(face_region(points, side, side), (3, 3), 0)
    eyes = eye_region(points, side, side)
    mouth = mouth_region(points, side, side)
    return np.asarray(face * (1 + 3 * eyes + 2 * mouth), np.float32)


def _filled(
    shapes: list[npt.NDArray[np.floating[Any]]], height: int, width: int
) -> npt.NDArray[np.float32]:
    region = np.zeros((height, width), np.float32)
    for shape in shapes:
        hull = cv2.convexHull(np.round(shape).astype(np.int32))
        cv2.fillConvexPoly(region, hull, 1.0)
    return region


def _grown(region: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    reach = 2 * max(1, round(_FEATURE_GROWTH * region.shape[0])) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return np.asarray(cv2.dilate(region, kernel), np.float32)
