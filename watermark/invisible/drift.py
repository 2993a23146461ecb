"""Letting the mark ride on what moves.

A pattern that stands still on the screen while the scene pans has to be coded anew in
every frame, and looks like a dirty window. When most of a scene moves as one, the
mark moves along: the encoder's own motion compensation then carries it for nothing.
The camera's motion is found by Lucas and Kanade's method (1981) over the whole frame.
"""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.tile import Plane

Shift = npt.NDArray[np.float64]

STILL = 0.05
"""Samples: less than this since the anchor is a tripod."""

FASTEST = 12.0
"""Samples a frame; more is a cut or a whip."""

AGREEING, BETTER = 0.5, 0.85
"""Part of the frame that has to fit better when moved, and how much better."""

AS_EXPECTED, SLACK = 0.4, 0.06
"""How far motion may stray from steady, in part and in samples a frame."""

REACH, PATIENCE = 1.5, 12
"""An anchor serves until the scene is so many samples away, or so many frames."""

SMOOTHING = 1.0
"""Samples; keeps noise and aliasing from looking like stillness."""

CELLS = (32, 18)
ROUNDS = 4
EDGE = 3


class Drift:
    """How far the scene has moved since the mark was laid on it.

    ``offset`` is (across, down) in samples of the planes given to ``follow``. Motion
    is measured against an anchor some frames back, so that slow pans stand out from
    the noise and nothing adds up.
    """

    def __init__(self) -> None:
        self.offset: Shift = np.zeros(2)
        self._velocity: Shift = np.zeros(2)
        self._anchor: Plane | None = None
        self._since: Shift = np.zeros(2)
        self._age = 0

    def follow(self, plane: Plane) -> None:
        """Take the next frame, (height, width) float32 of 0 to 255, always one size."""
        plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), SMOOTHING), np.float32)
        if self._anchor is None:
            self._anchor = plane
            return
        self._age += 1
        expected = self._since + self._velocity
        since, error = _lucas_kanade(self._anchor, plane, expected)
        if np.abs(since).max() < STILL and not self._velocity.any():
            since = np.zeros(2)
        elif not self._believable(plane, since, error, expected):
            since, self._velocity = self._since, np.zeros(2)
        else:
            self._velocity = (
                since - self._since if self._velocity.any() else (since / self._age)
            )
        self.offset = self.offset + since - self._since
        self._since = since
        if self._age >= PATIENCE or np.abs(since).max() > REACH:
            self._anchor, self._since, self._age = plane, np.zeros(2), 0

    def restart(self) -> None:
        """Forget the motion, at a cut; the offset stays."""
        self._velocity, self._anchor = np.zeros(2), None
        self._since, self._age = np.zeros(2), 0

    def _believable(
        self, plane: Plane, since: Shift, error: Plane, expected: Shift
    ) -> bool:
        if np.abs(since - self._since).max() > FASTEST:
            return False
        speed = float(np.abs(self._velocity).max())
        strayed = float(np.abs(since - expected).max())
        if speed and strayed < AS_EXPECTED * speed + SLACK:
            return True
        assert self._anchor is not None
        return _agreeing(np.abs(plane - self._anchor), error) > AGREEING


def _agreeing(still: Plane, moved: Plane) -> float:
    before = cv2.resize(still, CELLS, interpolation=cv2.INTER_AREA)
    after = cv2.resize(moved, CELLS, interpolation=cv2.INTER_AREA)
    return float((after < before * BETTER).mean())


def _lucas_kanade(last: Plane, plane: Plane, start: Shift) -> tuple[Shift, Plane]:
    """Return how far ``last`` has to move to be ``plane``, and what then differs."""
    shift = start
    for _ in range(ROUNDS):
        moved = _moved(last, shift)
        middle = 0.5 * (moved + plane)
        across = cv2.Sobel(middle, -1, 1, 0, scale=1 / 8)
        down = cv2.Sobel(middle, -1, 0, 1, scale=1 / 8)
        error = plane - moved
        weight = 1 / (1 + np.abs(error))
        inner = slice(EDGE, -EDGE)
        gx, gy = across[inner, inner].ravel(), down[inner, inner].ravel()
        e, w = error[inner, inner].ravel(), weight[inner, inner].ravel()
        wx, wy = w * gx, w * gy
        normal = np.array([[wx @ gx, wx @ gy], [wx @ gy, wy @ gy]], np.float64)
        step = np.linalg.solve(normal + 1e-3 * np.eye(2), [-(wx @ e), -(wy @ e)])
        shift = shift + step
        if np.abs(step).max() < 0.003:
            break
    return shift, np.abs(plane - _moved(last, shift))


def _moved(plane: Plane, shift: Shift) -> Plane:
    if not shift.any():
        return plane
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64)
    height, width = plane.shape
    moved = cv2.warpAffine(
        plane, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.float32)
