"""Which of the 478 mesh points is what, and the 68 points that older formats know.

Left and right are the performer's own. A ring begins at the outer corner of an eye
(or the performer's right corner of the mouth) and follows the upper edge first.
Numbers are those of MediaPipe's canonical face mesh with irises (Apache-2.0).
"""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

POINT_COUNT = 478


def _points(numbers: str) -> npt.NDArray[np.intp]:
    chosen = np.array(numbers.split(), np.intp)
    chosen.flags.writeable = False
    return chosen


RIGHT_EYE_OUTER, RIGHT_EYE_INNER = 33, 133
LEFT_EYE_OUTER, LEFT_EYE_INNER = 263, 362

RIGHT_EYE = _points("33 246 161 160 159 158 157 173 133 155 154 153 145 144 163 7")
LEFT_EYE = _points("263 466 388 387 386 385 384 398 362 382 381 380 374 373 390 249")
"""Rings of 16: eight points from the outer corner over the upper lid, eight back."""

RIGHT_EYE_SIX = _points("33 160 158 133 153 144")
LEFT_EYE_SIX = _points("263 387 385 362 380 373")
"""Six points for the eye aspect ratio (Soukupova and Cech 2016, figure 1)."""

RIGHT_IRIS = _points("468 469 470 471 472")
LEFT_IRIS = _points("473 474 475 476 477")
"""The centre first, then four points of the rim."""

RIGHT_BROW = _points("70 63 105 66 107 55 65 52 53 46")
LEFT_BROW = _points("300 293 334 296 336 285 295 282 283 276")

LIPS = _points("61 185 40 39 37 0 267 269 270 409 291 375 321 405 314 17 84 181 91 146")
INNER_LIPS = _points(
    "78 191 80 81 82 13 312 311 310 415 308 324 318 402 317 14 87 178 88 95"
)
"""Outer and inner edge of the lips, rings of 20."""

FACE_OVAL = _points(
    """
    10 338 297 332 284 251 389 356 454 323 361 288 397 365 379 378 400 377 152 148
    176 149 150 136 172 58 132 93 234 127 162 21 54 103 67 109
    """
)
"""The outline, from the middle of the hairline towards the performer's left."""

NOSE_TIP, CHIN, HAIRLINE = 4, 152, 10


class Eye(StrEnum):
    """One of the performer's two eyes."""

    LEFT = "left"
    RIGHT = "right"


BLENDSHAPES = (
    *("_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft"),
    *("browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight"),
    *("eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight"),
    *("eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight"),
    *("eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight"),
    *("eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight"),
    *("mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft"),
    *("mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft"),
    *("mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker"),
    *("mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower"),
    *("mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft"),
    *("mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft"),
    "noseSneerRight",
)
"""The 52 expression scores in the order in which the network gives them."""

IBUG_68 = _points(
    """
    127 234 93 58 172 136 149 148 152 377 378 365 397 288 323 454 356
    70 63 105 66 107 336 296 334 293 300
    168 197 5 4 98 97 2 326 327
    33 160 158 133 153 144 362 385 387 263 373 380
    61 39 37 0 267 269 291 405 314 17 84 181
    78 82 13 312 308 317 14 87
    """
)
"""The mesh point nearest in meaning to each of iBUG's 68 (Sagonas et al. 2013):
jaw from the performer's right ear, brows, nose, eyes, outer and inner lips."""

BLENDSHAPE_POINTS = _points(
    """
    0 1 4 5 6 7 8 10 13 14 17 21 33 37 39 40 46 52 53 54 55 58 61 63 65 66 67 70
    78 80 81 82 84 87 88 91 93 95 103 105 107 109 127 132 133 136 144 145 146 148
    149 150 152 153 154 155 157 158 159 160 161 162 163 168 172 173 176 178 181
    185 191 195 197 234 246 249 251 263 267 269 270 276 282 283 284 285 288 291
    293 295 296 297 300 308 310 311 312 314 317 318 321 323 324 332 334 336 338
    356 361 362 365 373 374 375 377 378 379 380 381 382 384 385 386 387 388 389
    390 397 398 400 402 405 409 415 454 466 468 469 470 471 472 473 474 475 476
    477
    """
)
"""The 146 points that the expression network is given, in its order."""


def points68(landmarks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the 68 points in iBUG's order, (..., 68, 2), of (..., 478, 2).

    Raises ValueError for another shape.
    """
    if landmarks.ndim < 2 or landmarks.shape[-2:] != (POINT_COUNT, 2):
        raise ValueError(f"landmarks are (..., 478, 2), not {landmarks.shape}")
    return landmarks[..., IBUG_68, :]


def eye_distance(landmarks: npt.NDArray[np.float32]) -> float:
    """Return the pixels between the outer corners of the eyes of (478, 2) points."""
    corners = landmarks[LEFT_EYE_OUTER] - landmarks[RIGHT_EYE_OUTER]
    return float(np.hypot(corners[0], corners[1]))
