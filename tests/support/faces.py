"""Frames of the rendered performers with their truth, and ways to hide an eye."""

import json
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.samples import sample
from lampoon.faces.detector import Face
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames

Pixels = npt.NDArray[np.uint8]
RATE = Fraction(25)


@cache
def performer_frames(name: str, first: int, stop: int, every: int = 1) -> list[Frame]:
    """Return some frames of a bundled performer, their RGB already there."""
    frames = list(read_frames(sample(name).clip, first=first, stop=stop, every=every))
    return [frame.with_rgb(frame.rgb) for frame in frames]


@cache
def truth(name: str) -> list[dict[str, Any]]:
    """Return what is true of every frame of a bundled performer."""
    frames = json.loads(sample(name).truth.read_text())["frames"]
    assert isinstance(frames, list)
    return frames


def eyes_of(name: str, index: int) -> npt.NDArray[np.float64]:
    """Return the true middles of the left and the right eye, (2, 2) pixels."""
    lids = truth(name)[index]["lids"]
    return np.array([np.mean(lids["l"], axis=0), np.mean(lids["r"], axis=0)])


def behind_bar(
    frame: Frame, eyes: npt.NDArray[np.float64], fill: Pixels, width: float = 2.3
) -> Frame:
    """Return a frame with a bar over some eyes, its pixels taken from ``fill``."""
    middle, across = eyes.mean(axis=0), eyes[0] - eyes[-1]
    distance = float(np.hypot(*across)) or 60.0
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    corners = cv2.boxPoints(
        ((middle[0], middle[1]), (distance * width, distance * 0.62), angle)
    )
    mask = np.zeros(frame.rgb.shape[:2], np.uint8)
    cv2.fillPoly(mask, [corners.astype(np.int32)], 1)
    return frame.with_rgb(np.where(mask[..., None] == 1, fill, frame.rgb))


def fill_of(kind: str, rgb: Pixels) -> Pixels:
    """Return pixels to hide an eye with."""
    random = np.random.default_rng(5)
    if kind == "noise":
        return random.integers(0, 256, rgb.shape).astype(np.uint8)
    if kind == "blurred":
        return cv2.GaussianBlur(rgb, (0, 0), 20).astype(np.uint8)
    if kind == "mosaic":
        height, width = rgb.shape[:2]
        coarse = cv2.resize(rgb, (width // 20, height // 20))
        fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)
        return fine.astype(np.uint8)
    if kind == "stripes":
        rows = (np.arange(rgb.shape[0]) // 4 % 2 * 200 + 20).astype(np.uint8)
        return np.broadcast_to(rows[:, None, None], rgb.shape).copy()
    if kind == "cheek":
        return np.roll(rgb, -50, axis=0)
    colours = {"black": (0, 0, 0), "white": (255, 255, 255), "skin": (205, 170, 150)}
    return np.full_like(rgb, colours[kind])


def on_stage(rgb: Pixels, scale: float, at: tuple[int, int]) -> Pixels:
    """Return a 1280 x 720 picture with a smaller one pasted at (x, y)."""
    stage = np.full((720, 1280, 3), 90, np.uint8)
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    stage[at[1] : at[1] + height, at[0] : at[0] + width] = small
    return stage


def face_at(x: float, y: float, score: float = 1.0) -> Face:
    """Return a face of a made-up mesh, 40 pixels wide."""
    spread = np.random.default_rng(1).uniform(-20, 20, (478, 2))
    landmarks = (spread + np.array([x, y])).astype(np.float32)
    return Face(
        box=np.array([x - 20, y - 20, x + 20, y + 20], np.float32),
        landmarks=landmarks,
        depth=np.zeros(478, np.float32),
        blendshapes=np.zeros(52, np.float32),
        score=score,
        yaw=0.0,
        pitch=0.0,
        roll=0.0,
    )


class ScriptedBackend:
    """A backend that sees what it is told in each of the `blank_frames`."""

    name = "scripted"

    def __init__(self, script: Sequence[Sequence[Face]]) -> None:
        self._script = list(script)

    def faces(
        self, rgb: Pixels, *, previous: Sequence[Face] = (), search: bool = False
    ) -> list[Face]:
        """Return the faces of the frame whose index the first pixel tells."""
        return list(self._script[min(int(rgb[0, 0, 0]), len(self._script) - 1)])


def blank_frames(count: int) -> list[Frame]:
    """Return grey frames, 25 a second, whose first pixel tells their index."""
    frames = []
    for index in range(count):
        grey = np.full((120, 160, 3), 128, np.uint8)
        grey[0, 0] = index
        frames.append(Frame.from_rgb(grey, index, index, Fraction(1, 25)))
    return frames
