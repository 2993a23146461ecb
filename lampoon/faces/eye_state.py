"""How shut an eye is, by two small networks that look at its pixels.

In the line of "In Ictu Oculi" (Li, Chang, Lyu 2018, arXiv 1806.02877): one network
looks at single pictures of an eye, a second one, recurrent, at what the first made of
the moments around. The first says how far the lid is down, for whatever reason; the
second how far it is down in a blink, so that a squint or a look down does not count.
Both are Lampoon's own, learnt from rendered performers (docs/eye-state.md).
"""

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.faces.eye_evidence import PATCH, eye_patch
from lampoon.faces.landmarks import Eye
from lampoon.quiet import quiet_start

Floats = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

PATCH_SHAPE = (PATCH[1], PATCH[0])
"""Rows and columns of the picture of an eye."""
CLUES = 16
"""What the first network hands on, beside its own answer."""

STEP_SECONDS = 0.04
STEPS_ASIDE = 10
STEPS = 2 * STEPS_ASIDE + 1
"""The second network sees 21 moments, 40 ms apart, whatever the frame rate is."""

EYES_AT_ONCE = 64
MOMENTS_AT_ONCE = 128
MODELS = ("eye_look.tflite", "eye_course.tflite")


def eye_picture(pixels: Pixels, landmarks: Floats, eye: Eye) -> Pixels:
    """Return the picture of an eye that the networks know, (36, 48) uint8.

    ``pixels`` are RGB (height, width, 3) or luma (height, width), uint8: the networks
    even out brightness and contrast. ``landmarks`` are (478, 2) in them.
    """
    patch = np.clip(np.round(eye_patch(pixels, landmarks, eye)), 0, 255)
    return patch.astype(np.uint8)


def moments_around(times: Vector) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return which frames stand for the moments around each, and when they were.

    Both are (frames, 21): rows of ``times`` (rising seconds), and their distance from
    the middle one in seconds. A moment takes the frame nearest to it, so at 12 frames
    a second neighbours share one, and beyond an end the last one stands for all.

    Examples
    --------
    >>> rows, apart = moments_around(np.arange(5) / 25)
    >>> rows[2, 8:13].tolist()
    [0, 1, 2, 3, 4]
    """
    wanted = times[:, None] + STEP_SECONDS * np.arange(-STEPS_ASIDE, STEPS_ASIDE + 1)
    after = np.clip(np.searchsorted(times, wanted), 0, len(times) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(times[before] - wanted) < np.abs(times[after] - wanted)
    rows = np.where(nearer, before, after)
    rows[:, STEPS_ASIDE] = np.arange(len(times))
    return rows, (times[rows] - times[:, None]).astype(np.float32)


def course_input(times: Vector, looks: Floats) -> Floats:
    """Return what the second network is given, (frames, 21, clues + 2) float32.

    ``looks`` (frames, clues + 1) is what the first one made of each frame of one eye.
    """
    rows, apart = moments_around(times)
    far = np.clip(apart[..., None] / (STEP_SECONDS * STEPS_ASIDE), -2, 2)
    return np.concatenate([looks[rows], far], axis=2).astype(np.float32)


class EyeNetworks:
    """Both networks, run by LiteRT on one thread; one object serves one thread."""

    def __init__(self, models: tuple[bytes, bytes]) -> None:
        look, course = models
        self._look = _Batches(look, (EYES_AT_ONCE, *PATCH_SHAPE, 1))
        self._course = _Batches(course, (MOMENTS_AT_ONCE, STEPS, CLUES + 2))

    def look(self, pictures: npt.NDArray[Any]) -> Floats:
        """Return (n, 1 + clues) of n pictures (n, 36, 48): first how shut, 0 to 1."""
        return self._look(pictures[..., None].astype(np.float32))

    def course(self, times: Vector, looks: Floats) -> Floats:
        """Return how far the lid is down in a blink, (frames,), 0 to 1.

        ``times`` are the frames' seconds, rising; ``looks`` what ``look`` made of one
        eye in them, (frames, 1 + clues).
        """
        if not len(times):
            return np.zeros(0, np.float32)
        return self._course(course_input(times, looks))[:, 0]


class _Batches:
    """One model that is always given the same number of rows."""

    def __init__(self, model: bytes, shape: tuple[int, ...]) -> None:
        from ai_edge_litert.interpreter import Interpreter

        with quiet_start():
            self._run: Any = Interpreter(model_content=model, num_threads=1)
            self._input = self._run.get_input_details()[0]["index"]
            self._run.resize_tensor_input(self._input, shape)
            self._run.allocate_tensors()
        self._output = self._run.get_output_details()[0]["index"]
        self._rows = shape[0]

    def __call__(self, values: Floats) -> Floats:
        made = [
            self._one(values[first : first + self._rows])
            for first in range(0, len(values), self._rows)
        ]
        return np.concatenate(made) if made else np.zeros((0, 1), np.float32)

    def _one(self, values: Floats) -> Floats:
        count = len(values)
        filled = np.zeros((self._rows, *values.shape[1:]), np.float32)
        filled[:count] = values
        self._run.set_tensor(self._input, filled)
        self._run.invoke()
        made: Floats = self._run.get_tensor(self._output)[:count].copy()
        return made


def load_eye_networks() -> EyeNetworks:
    """Return the vendored networks."""
    return EyeNetworks(_vendored())


@cache
def _vendored() -> tuple[bytes, bytes]:
    folder = resources.files("lampoon.faces") / "models"
    look, course = ((folder / name).read_bytes() for name in MODELS)
    return look, course
