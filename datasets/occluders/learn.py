"""Learning what hides a face, from clean faces and things pasted before them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.eyes.network import load_keras
from lampoon.datasets.occluders.network import occlusion_network
from lampoon.datasets.occluders.paste import Cutout, pasted
from lampoon.generate.composite.occlusion import TEXELS, network_input
from lampoon.generate.texture.unwrap import Unwrapper, shrunk
from lampoon.progress import Tell, silent

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

BATCH = 16
RATE, LAST_RATE = 3e-3, 1e-4
CLEAN_SHARE = 0.35
"""Share of the faces that are shown with nothing before them."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownFace:
    """A picture of a face and its landmarks (478, 2) in it.

    ``covered`` (h, w) float32, 0 to 1, is what really hides it; None where nothing
    does, and something may be pasted before it.
    """

    rgb: Pixels
    landmarks: Floats
    covered: Floats | None = None


def learn(
    faces: Sequence[ShownFace],
    cutouts: Sequence[Cutout],
    *,
    steps: int = 1500,
    seed: int = 11,
    model: Any = None,
    tell: Tell = silent,
) -> Any:
    """Return the trained occlusion network; a ``model`` is trained further."""
    keras = load_keras()
    keras.utils.set_random_seed(seed)
    model = model or occlusion_network()
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps, alpha=LAST_RATE / RATE)
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.BinaryCrossentropy(),
        jit_compile=False,
    )
    for step, (given, hidden, weight) in zip(
        range(steps), examples(faces, cutouts, seed=seed), strict=False
    ):
        model.train_on_batch(given, hidden, sample_weight=weight)
        tell(step + 1, steps)
    return model


def examples(
    faces: Sequence[ShownFace], cutouts: Sequence[Cutout], *, seed: int
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield batches for ever: input, what is hidden, and what counts."""
    random, unwrap = np.random.default_rng(seed), Unwrapper(TEXELS)
    while True:
        made = [_example(faces, cutouts, unwrap, random) for _ in range(BATCH)]
        given, hidden, weight = (np.stack(part) for part in zip(*made, strict=True))
        yield given, hidden[..., None], weight


def _example(
    faces: Sequence[ShownFace],
    cutouts: Sequence[Cutout],
    unwrap: Unwrapper,
    random: np.random.Generator,
) -> tuple[Floats, Floats, Floats]:
    face = faces[int(random.integers(len(faces)))]
    rgb, landmarks = shrunk(face.rgb, face.landmarks, pixels=2 * TEXELS)
    mask = np.zeros(rgb.shape[:2], np.float32)
    if face.covered is not None:
        grey = np.repeat((face.covered * 255).astype(np.uint8)[..., None], 3, axis=2)
        small, _ = shrunk(grey, face.landmarks, pixels=2 * TEXELS)
        mask = (small[..., 0] / np.float32(255)).astype(np.float32)
    elif random.random() > CLEAN_SHARE:
        rgb, mask = pasted(rgb, landmarks, cutouts, random)
    scale = TEXELS / max(2 * TEXELS, float(np.ptp(landmarks[:, 0])))
    trembling = random.normal(0, 0.6 / scale, (1, 2)) + random.normal(
        0, 0.2 / scale, landmarks.shape
    )
    shown = (landmarks + trembling).astype(np.float32)
    grey = np.repeat((mask * 255).astype(np.uint8)[..., None], 3, axis=2)
    hidden = (unwrap(grey, shown)[..., 0] / 255).astype(np.float32)
    texture, visible = unwrap.look(_photographed(rgb, random), shown)
    weight = np.where(visible > 0.05, 1.0, 0.02).astype(np.float32)
    return network_input(texture, visible), hidden, weight


def _photographed(rgb: Pixels, random: np.random.Generator) -> Pixels:
    """Return a picture with another exposure, white balance and noise."""
    gain = random.uniform(0.6, 1.5) * random.uniform(0.9, 1.1, 3)
    bent = np.power(rgb / np.float32(255), random.uniform(0.8, 1.25)) * gain * 255
    noisy = bent + random.normal(0, random.uniform(0, 5), rgb.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
