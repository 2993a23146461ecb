"""What stands before a face takes light from it: one soft shadow, one close by.

Unlike the head's own shadows (``shadows``) these are looked up for each pixel, as
fingers and hairs are finer than the points of a cheek.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.canvas import Canvas
from lampoon.datasets.performers.egl import columns, set_values
from lampoon.datasets.performers.scene import Matrix
from lampoon.datasets.performers.shadows import flat_view

SIDE = 384
KEY_UNIT, FRONT_UNIT = 3, 4
"""Texture units: the key light's view, and the view from the front."""
KEY_BLUR, FRONT_BLUR = 3.0, 8.0
"""Of the two pictures, in their pixels of 1.4 mm: a lamp has a size."""
HELD = 0.75
"""Of what is held up; the rest comes round the edges."""


class Cover:
    """How much of the key light, and of the room's light in front, is held up.

    ``program`` is the skin's, ``draw`` draws what stands before the face in white,
    given a 4x4 to clip coordinates.
    """

    def __init__(
        self,
        gl: Any,
        program: Any,
        draw: Callable[[Matrix], None],
        key_from: tuple[float, float, float],
    ) -> None:
        self._canvas, self._draw = Canvas(gl, SIDE, SIDE), draw
        self._key = flat_view(np.array(key_from))
        front = flat_view(np.array([0.0, 0.0, 1.0]))
        self._views = ((self._key, KEY_BLUR), (front, FRONT_BLUR))
        self._sheets = [gl.texture((SIDE, SIDE), 1) for _ in self._views]
        for sheet, unit in zip(self._sheets, (KEY_UNIT, FRONT_UNIT), strict=True):
            sheet.repeat_x = sheet.repeat_y = False
            sheet.use(unit)
        set_values(
            program,
            from_key=columns(self._key),
            from_front=columns(front),
            key_cover=KEY_UNIT,
            front_cover=FRONT_UNIT,
        )
        self._held = np.zeros((SIDE, SIDE), dtype=np.uint8)

    def cast(self) -> None:
        """Look again at what stands where."""
        for sheet, (view, blur) in zip(self._sheets, self._views, strict=True):
            self._canvas.begin()
            self._draw(view)
            seen = np.ascontiguousarray(self._canvas.read()[..., 0])
            part = cv2.convertScaleAbs(seen, alpha=HELD)
            soft = np.asarray(cv2.GaussianBlur(part, (0, 0), blur), np.uint8)
            sheet.write(soft.data)
            if view is self._key:
                self._held = soft

    def passes(self, place: npt.NDArray[np.float64]) -> float:
        """Return which share of the key light comes by, 0 to 1, at a place."""
        across, up = (self._key[:2, :3] @ place + self._key[:2, 3]) * 0.5 + 0.5
        column, row = (
            int(np.clip(share * SIDE, 0, SIDE - 1)) for share in (across, up)
        )
        return 1.0 - float(self._held[row, column]) / 255
