"""Letting the mark ride on what moves.

A pattern that stands still on the screen while the scene pans has to be coded anew in
every frame, and looks like a dirty window. When most of a scene moves as one, the
mark moves along: the encoder's own motion compensation then carries it for nothing.
The camera's motion is found by Lucas and Kanade's method (1981) over the whole frame.
"""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.tile import Plane

Motion = npt.NDArray[np.float64]
"""Across, down, and outwards at the left and right edge: three numbers of samples."""

STILL = 0.05
"""Samples: less than this since the anchor is a tripod."""

ZOOMING = 0.12
"""Samples at the edge: less than this since the anchor is no zoom, unless one is on."""

WIDEST = (0.8, 1.25)
"""How small and large the mark may get before it is laid anew."""

FASTEST = 12.0
"""Samples a frame; more is a cut or a whip."""

AGREEING, BETTER = 0.5, 0.85
"""Part of the frame that has to fit better when moved, and how much better."""

AS_EXPECTED, SLACK = 0.4, 0.06
"""How far motion may stray from steady, in part and in samples a frame."""

REACH, PATIENCE = 1.5, 12
"""An anchor serves until the scene is so many samples away, or so many frames."""

FAR, LEARNING = 0.3, 0.15
"""Samples the scene must have moved by to show what slips, and how much each frame
teaches."""

SMOOTHING = 1.0
"""Samples; keeps noise and aliasing from looking like stillness."""

CELLS = (32, 18)
ROUNDS = 4
EDGE = 3
_INNER = (slice(EDGE, -EDGE), slice(EDGE, -EDGE))


class Drift:
    """How far the scene has moved and grown since the mark was laid on it.

    ``offset`` is (across, down) in samples of the planes given to ``follow``, of
    before they grew by ``scale`` about the middle. ``slipping``, (18, 32), says of
    each part of the frame how surely it goes another way than the mark. Motion
    is measured against an anchor some frames back, so that slow pans stand out from
    the noise and nothing adds up.
    """

    def __init__(self) -> None:
        self.offset: npt.NDArray[np.float64] = np.zeros(2)
        self.scale = 1.0
        self.slipping: Plane = np.zeros(CELLS[::-1], np.float32)
        self._laid = (self.offset, self.scale)
        self._velocity: Motion = np.zeros(3)
        self._anchor: Plane | None = None
        self._since: Motion = np.zeros(3)
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
        if abs(since[2]) < ZOOMING and not self._velocity[2]:
            since[2] = 0
        still = np.abs(plane - self._anchor)
        if np.abs(since).max() < STILL and not self._velocity.any():
            since = np.zeros(3)
        elif not self._believable(since, still, error, expected):
            self.slipping = self.slipping * (1 - LEARNING)
            since, self._velocity = self._since, np.zeros(3)
        else:
            self._watch(still, error, since)
            self._velocity = (
                since - self._since if self._velocity.any() else (since / self._age)
            )
        self._since = since
        self._move(plane.shape[1] / 2)
        if self._age >= PATIENCE or np.abs(since).max() > REACH:
            self._drop_anchor(plane)

    def restart(self) -> None:
        """Forget the motion, at a cut; the mark stays where it is."""
        self._velocity, self._anchor = np.zeros(3), None
        self._since, self._age = np.zeros(3), 0
        self._laid = (self.offset, self.scale)
        self.slipping = np.zeros_like(self.slipping)

    def _watch(self, still: Plane, error: Plane, since: Motion) -> None:
        """Learn what stays where the mark rides away.

        Where the mark stays and something moves across it, all of it is kept: that is
        how a face moves before a wall, and it is to carry the mark.
        """
        if float(np.abs(since).max()) > FAR:
            other = _better(error, still).astype(np.float32)
            self.slipping = self.slipping + LEARNING * (other - self.slipping)

    def _move(self, half_width: float) -> None:
        offset, scale = self._laid
        self.scale = scale * (1 + float(self._since[2]) / half_width)
        self.offset = offset + self._since[:2] / self.scale

    def _drop_anchor(self, plane: Plane) -> None:
        self._anchor, self._since, self._age = plane, np.zeros(3), 0
        if not WIDEST[0] < self.scale < WIDEST[1]:
            self.scale = 1.0
        self._laid = (self.offset, self.scale)

    def _believable(
        self, since: Motion, still: Plane, error: Plane, expected: Motion
    ) -> bool:
        if np.abs(since - self._since).max() > FASTEST:
            return False
        speed = float(np.abs(self._velocity).max())
        strayed = float(np.abs(since - expected).max())
        if speed and strayed < AS_EXPECTED * speed + SLACK:
            return True
        return float(_better(still, error).mean()) > AGREEING


def _better(before: Plane, after: Plane) -> npt.NDArray[np.bool_]:
    """Return which parts of the frame fit better after than before, (18, 32)."""
    one, other = (
        cv2.resize(each, CELLS, interpolation=cv2.INTER_AREA)
        for each in (before, after)
    )
    return np.asarray(other < one * BETTER, np.bool_)


def _lucas_kanade(last: Plane, plane: Plane, start: Motion) -> tuple[Motion, Plane]:
    """Return how ``last`` has to move to be ``plane``, and what then differs."""
    motion = start
    outwards = _outwards(plane.shape)
    for _ in range(ROUNDS):
        moved = _moved(last, motion)
        middle = 0.5 * (moved + plane)
        across = cv2.Sobel(middle, -1, 1, 0, scale=1 / 8)[_INNER].ravel()
        down = cv2.Sobel(middle, -1, 0, 1, scale=1 / 8)[_INNER].ravel()
        error = (plane - moved)[_INNER].ravel()
        slopes = np.stack(
            [across, down, outwards[0] * across + outwards[1] * down], axis=1
        )
        weighted = slopes / (1 + np.abs(error))[:, None]
        normal = np.asarray(weighted.T @ slopes, np.float64) + 1e-3 * np.eye(3)
        step = np.linalg.solve(normal, -np.asarray(error @ weighted, np.float64))
        motion = motion + step
        if np.abs(step).max() < 0.003:
            break
    return motion, np.abs(plane - _moved(last, motion))


@cache
def _outwards(shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Return where each inner sample goes when the edge goes out by one, (2, n)."""
    height, width = shape
    rows, columns = np.mgrid[:height, :width][(slice(None), *_INNER)]
    middle = np.array([(width - 1) / 2, (height - 1) / 2])[:, None]
    places = np.stack([columns.ravel(), rows.ravel()]) - middle
    return np.asarray(places / (width / 2), np.float32)


def _moved(plane: Plane, motion: Motion) -> Plane:
    if not motion.any():
        return plane
    height, width = plane.shape
    growth = motion[2] / (width / 2)
    x = motion[0] - growth * (width - 1) / 2
    y = motion[1] - growth * (height - 1) / 2
    matrix = np.array([[1 + growth, 0, x], [0, 1 + growth, y]], np.float64)
    moved = cv2.warpAffine(
        plane, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.float32)
