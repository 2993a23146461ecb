"""Eyes drawn with a few lines, for lessons that take seconds."""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.eyes.crops import EyeCrops
from lampoon.faces.eye_state import PATCH_SHAPE
from tests.support.verify import Blink, clock, closure_of


def drawn_eye(shut: float, skin: int = 150) -> npt.NDArray[np.uint8]:
    """One eye, (36, 48): a white almond with a dark disc, lowered from above."""
    picture = np.full(PATCH_SHAPE, skin, np.uint8)
    height = max(round(7 * (1 - shut)), 0)
    if height:
        mask = np.zeros(PATCH_SHAPE, np.uint8)
        cv2.ellipse(mask, (24, 18), (12, height), 0, 0, 360, 1, -1)
        picture[mask > 0] = 220
        iris = np.zeros(PATCH_SHAPE, np.uint8)
        cv2.circle(iris, (24, 18), 5, 1, -1)
        picture[(mask > 0) & (iris > 0)] = 40
    cv2.line(picture, (12, 18 + height // 2), (36, 18 + height // 2), 60, 1)
    return picture


def drawn_crops(seed: int, seconds: float = 12.0, *, squints: bool = True) -> EyeCrops:
    """Both eyes of somebody who blinks, and squints for two seconds."""
    random = np.random.default_rng(seed)
    times = clock(seconds)
    starts = np.arange(1.0, seconds - 1, 1.7) + random.uniform(0, 0.5)
    blinked = closure_of(times, [Blink(float(start), 0.25) for start in starts])
    squint = 0.45 * ((times % 6) > 4) if squints else np.zeros(len(times))
    shut = np.maximum(blinked, squint)
    skin = int(random.integers(110, 190))
    pictures = np.stack([drawn_eye(float(each), skin) for each in shut])
    both = np.stack([shut, shut], axis=1)
    return EyeCrops(
        times=times,
        pictures=np.broadcast_to(
            pictures[:, None, None], (len(times), 2, 2, *PATCH_SHAPE)
        ).copy(),
        shut=both,
        blinked=np.stack([blinked, blinked], axis=1),
        sure=np.ones((len(times), 2), np.bool_),
        landmarks=both,
    )
