"""Learning the eye-state networks: the single picture first, then its course."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.eyes.crops import EyeCrops
from lampoon.datasets.eyes.network import course_network, load_keras, look_network
from lampoon.datasets.eyes.spoil import draw_spoiling, spoiled
from lampoon.faces.eye_state import course_input
from lampoon.progress import Tell, silent

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Vector = npt.NDArray[np.float64]

LOOK_BATCH, COURSE_BATCH = 128, 512
RATE, LAST_RATE = 2e-3, 1e-4
OPEN_SHARE = 0.3
"""Share of the open eyes that an epoch shows; of the others it shows all."""
OPEN = 0.08


@dataclass(frozen=True, slots=True)
class Lesson:
    """How much is learnt; ``views`` is how often each clip is spoiled anew in time."""

    look_epochs: int = 10
    course_epochs: int = 6
    views: int = 2
    seed: int = 7

    @property
    def epochs(self) -> int:
        """Both networks' epochs."""
        return self.look_epochs + self.course_epochs


LESSON = Lesson()


@dataclass(frozen=True, slots=True)
class Learnt:
    """Both networks, and the loss on people who were not learnt from, per epoch."""

    look: Any
    course: Any
    look_losses: tuple[float, ...]
    course_losses: tuple[float, ...]


def learn(
    shown: Sequence[EyeCrops],
    checked: Sequence[EyeCrops],
    lesson: Lesson = LESSON,
    *,
    tell: Tell = silent,
) -> Learnt:
    """Return both networks after a lesson; ``checked`` only watches, for the loss."""
    keras = load_keras()
    keras.utils.set_random_seed(lesson.seed)
    random = np.random.default_rng([lesson.seed, 3])
    total = lesson.epochs
    look = look_network()
    look_losses = _learn_look(look, shown, checked, lesson, random, tell, total)
    course = course_network()
    course_losses = _learn_course(
        (look, course), shown, checked, lesson, random, tell, total
    )
    return Learnt(look, course, look_losses, course_losses)


def _learn_look(
    look: Any,
    shown: Sequence[EyeCrops],
    checked: Sequence[EyeCrops],
    lesson: Lesson,
    random: np.random.Generator,
    tell: Tell,
    total: int,
) -> tuple[float, ...]:
    keras = load_keras()
    answer = keras.Model(look.inputs, look.get_layer("shut").output)
    rates = _falling(lesson.look_epochs)
    answer.compile(keras.optimizers.Adam(rates[0]), loss="binary_crossentropy")
    watched = _look_examples(checked, np.random.default_rng(lesson.seed))
    losses = []
    for epoch, rate in enumerate(rates):
        answer.optimizer.learning_rate.assign(rate)
        pictures, shut = _look_examples(shown, random)
        answer.fit(pictures, shut, batch_size=LOOK_BATCH, verbose=0)
        losses.append(float(answer.evaluate(*watched, batch_size=512, verbose=0)))
        tell(epoch + 1, total)
    return tuple(losses)


def _look_examples(
    clips: Sequence[EyeCrops], random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return pictures (n, 36, 48, 1), each spoiled in its own way, and how shut."""
    pictures, shut = [], []
    for clip in clips:
        taken = (clip.shut > OPEN) | (random.random(clip.shut.shape) < OPEN_SHARE)
        for frame, side in np.argwhere(taken):
            picture = clip.pictures[frame, side, int(random.integers(2))]
            pictures.append(spoiled(picture, draw_spoiling(random), random))
            shut.append(clip.shut[frame, side])
    order = random.permutation(len(pictures))
    stacked = np.stack(pictures)[order].astype(np.float32)
    return stacked[..., None], np.array(shut, np.float32)[order]


def _learn_course(
    networks: tuple[Any, Any],
    shown: Sequence[EyeCrops],
    checked: Sequence[EyeCrops],
    lesson: Lesson,
    random: np.random.Generator,
    tell: Tell,
    total: int,
) -> tuple[float, ...]:
    keras = load_keras()
    look, course = networks
    moments, blinked = _course_examples(look, shown, lesson.views, random)
    watched = _course_examples(look, checked, 2, np.random.default_rng(lesson.seed))
    rates = _falling(lesson.course_epochs)
    course.compile(keras.optimizers.Adam(rates[0]), loss="binary_crossentropy")
    losses = []
    for epoch, rate in enumerate(rates):
        course.optimizer.learning_rate.assign(rate)
        course.fit(moments, blinked, batch_size=COURSE_BATCH, verbose=0)
        losses.append(float(course.evaluate(*watched, batch_size=2048, verbose=0)))
        tell(lesson.look_epochs + epoch + 1, total)
    return tuple(losses)


def _course_examples(
    look: Any, clips: Sequence[EyeCrops], views: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return what the second network is given, and how far the lid is in a blink.

    A whole clip is spoiled in one way, and some of its frames are dropped.
    """
    moments, blinked = [], []
    for clip in clips:
        for _ in range(views):
            rows = _kept(len(clip.times), random)
            off, how = int(random.integers(2)), draw_spoiling(random)
            for side in range(2):
                pictures = np.stack(
                    [
                        spoiled(each, how, random)
                        for each in clip.pictures[rows, side, off]
                    ]
                )
                given = pictures[..., None].astype(np.float32)
                looks = look.predict(given, batch_size=512, verbose=0)
                moments.append(course_input(clip.times[rows], looks))
                blinked.append(clip.blinked[rows, side])
    return np.concatenate(moments), np.concatenate(blinked).astype(np.float32)


def _kept(count: int, random: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return which frames stay: all, every second one, or a random 70 %."""
    way = random.random()
    if way < 0.5:
        return np.arange(count)
    if way < 0.75:
        return np.arange(int(random.integers(2)), count, 2)
    return np.flatnonzero(random.random(count) < 0.7)


def _falling(epochs: int) -> list[float]:
    """Return the learning rate of each epoch: half a cosine (Loshchilov 2017)."""
    share = np.arange(epochs) / max(epochs - 1, 1)
    return [
        float(rate)
        for rate in LAST_RATE + (RATE - LAST_RATE) * (1 + np.cos(np.pi * share)) / 2
    ]
