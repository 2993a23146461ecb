"""Learning what hides a face, beside how that face usually looks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.datasets.eyes.network import load_keras
from lampoon.datasets.occluders.film import Filmed, ShownFace
from lampoon.datasets.occluders.network import occlusion_network
from lampoon.datasets.occluders.paste import Cutout, pasted
from lampoon.datasets.performers.take import Occluder
from lampoon.generate.composite.occlusion import TEXELS, face_texels, network_input
from lampoon.generate.composite.usual import MIDDLE, evened, median_look
from lampoon.generate.texture.unwrap import shrunk
from lampoon.progress import Tell, silent

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Random = np.random.Generator

BATCH = 16
STEPS = 4500
RATE, LAST_RATE = 3e-3, 1e-4
CLEAN, PASTED = 0.36, 0.36
"""Shares of faces with nothing before them and with something pasted; others were
filmed with something before them."""
UNKNOWN, ALWAYS_THERE = 0.12, 0.2
"""Shares of examples whose usual look is not known, or has the thing in it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Looks:
    """How one person looks in a take: usually, and with what lies before them."""

    person: Filmed
    usual: dict[Occluder, Floats]


def learn(
    people: Sequence[Filmed],
    *,
    steps: int = STEPS,
    seed: int = 11,
    tell: Tell = silent,
) -> Any:
    """Return the trained occlusion network."""
    keras = load_keras()
    keras.utils.set_random_seed(seed)
    model = occlusion_network()
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps, alpha=LAST_RATE / RATE)
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.BinaryCrossentropy(),
        jit_compile=False,
    )
    batches = examples(people, seed=seed)
    for step, (given, hidden, weight) in zip(range(steps), batches, strict=False):
        model.train_on_batch(given, hidden, sample_weight=weight)
        tell(step + 1, steps)
    return model


def examples(
    people: Sequence[Filmed], *, seed: int
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield batches for ever: input, what is hidden, and what counts.

    Shapes (16, 64, 64, 9), (16, 64, 64, 1) and (16, 64, 64), float32.
    """
    random = np.random.default_rng(seed)
    looks = [_looks(person) for person in people]
    cutouts = [piece for person in people for piece in person.cutouts]
    while True:
        made = [_example(looks, cutouts, random) for _ in range(BATCH)]
        given, hidden, weight = (np.stack(part) for part in zip(*made, strict=True))
        yield given, hidden[..., None], weight


def usual_of(faces: Sequence[ShownFace]) -> Floats:
    """Return how faces usually look, (64, 64, 3) float32 as ``usual_look`` gives it."""
    unwrap = face_texels()
    parts = [shrunk(one.rgb, one.landmarks, pixels=2 * TEXELS) for one in faces]
    return median_look([unwrap.look(rgb, marks) for rgb, marks in parts])


def _looks(person: Filmed) -> _Looks:
    usual = {kind: usual_of(faces) for kind, faces in person.faces.items() if faces}
    return _Looks(person, usual)


def _example(
    looks: Sequence[_Looks], cutouts: Sequence[Cutout], random: Random
) -> tuple[Floats, Floats, Floats]:
    one = looks[int(random.integers(len(looks)))]
    drawn = random.random()
    kinds = [kind for kind in one.usual if kind is not Occluder.NOTHING]
    filmed = drawn > CLEAN + PASTED and bool(kinds)
    kind = kinds[int(random.integers(len(kinds)))] if filmed else Occluder.NOTHING
    faces = one.person.faces[kind]
    face = faces[int(random.integers(len(faces)))]
    rgb, landmarks = shrunk(face.rgb, face.landmarks, pixels=2 * TEXELS)
    mask = _small_mask(face)
    if CLEAN < drawn <= CLEAN + PASTED:
        rgb, mask = pasted(rgb, landmarks, cutouts, random)
    look = _Photograph.drawn(random)
    shown = _trembling(landmarks, random)
    hidden = _unwrapped(mask, shown)
    texture, visible = face_texels().look(look(rgb, random), shown)
    usual = _usual(one, kind, texture, hidden, look, random)
    weight = np.where(visible > 0.05, 1.0, 0.02).astype(np.float32)
    return network_input(texture, visible, usual), hidden, weight


def _usual(
    one: _Looks,
    kind: Occluder,
    texture: Pixels,
    hidden: Floats,
    look: "_Photograph",
    random: Random,
) -> Floats | None:
    """Return the usual look that an example is shown with."""
    drawn = random.random()
    if drawn < UNKNOWN:
        return None
    always = drawn < UNKNOWN + ALWAYS_THERE
    source = one.usual[kind if always else Occluder.NOTHING]
    picture = np.clip(source * (255 * MIDDLE), 0, 255).astype(np.uint8)
    known = (source.min(2) > 0).astype(np.float32)
    usual = evened(look(picture, random, noise=0), known) * known[..., None]
    if always and kind is Occluder.NOTHING:
        soft = cv2.GaussianBlur(hidden, (0, 0), random.uniform(0.3, 1.5))[..., None]
        usual = usual + soft * (evened(texture, known) - usual)
    return np.asarray(usual, np.float32)


def _small_mask(face: ShownFace) -> Floats:
    grey = np.repeat(face.covered.astype(np.uint8)[..., None] * 255, 3, axis=2)
    small, _ = shrunk(grey, face.landmarks, pixels=2 * TEXELS)
    return np.asarray(small[..., 0] / np.float32(255), np.float32)


def _trembling(landmarks: Floats, random: Random) -> Floats:
    scale = TEXELS / max(2 * TEXELS, float(np.ptp(landmarks[:, 0])))
    together = random.normal(0, 0.6 / scale, (1, 2))
    apart = random.normal(0, 0.2 / scale, landmarks.shape)
    return np.asarray(landmarks + together + apart, np.float32)


def _unwrapped(mask: Floats, landmarks: Floats) -> Floats:
    grey = np.repeat((mask * 255).astype(np.uint8)[..., None], 3, axis=2)
    return (face_texels()(grey, landmarks)[..., 0] / 255).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Photograph:
    """Another exposure and white balance, the same for all pictures of a clip."""

    gain: npt.NDArray[np.float64]
    bend: float
    noise: float

    @classmethod
    def drawn(cls, random: Random) -> "_Photograph":
        gain = random.uniform(0.6, 1.5) * random.uniform(0.9, 1.1, 3)
        return cls(gain, random.uniform(0.8, 1.25), random.uniform(0, 5))

    def __call__(
        self, rgb: Pixels, random: Random, *, noise: float | None = None
    ) -> Pixels:
        bent = np.power(rgb / np.float32(255), self.bend) * self.gain * 255
        noisy = bent + random.normal(
            0, self.noise if noise is None else noise, rgb.shape
        )
        return np.asarray(np.clip(noisy, 0, 255), np.uint8)
