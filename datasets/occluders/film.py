"""People filmed with and without something before the face, to learn from.

Everyone is drawn from a seed, in one light, with the same words each time. Nobody is
both learnt from and tried on.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt

from lampoon.datasets.occluders.paste import Cutout, cutout
from lampoon.datasets.performers.filming import film
from lampoon.datasets.performers.people import person_of_seed
from lampoon.datasets.performers.scene import Light
from lampoon.datasets.performers.take import Occluder, Take
from lampoon.faces.detector import LiteRTBackend
from lampoon.progress import Tell, silent

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

FIRST_SEED, PEOPLE = 2000, 36
TRIED_EVERY = 6
"""One person in so many is only tried on."""
SECONDS, CLEAN_SECONDS, RATE = 4.0, 14.0, "3"
LARGEST_YAWS = (14.0, 22.0, 30.0)
MARGIN_PIXELS = 40
LEAST_CLEAN = 3
"""Clean faces without which nobody knows how somebody looks."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownFace:
    """A picture (h, w, 3) of a face and its landmarks (478, 2) in it.

    ``covered`` (h, w) bool is what hides it: nothing on a clean face.
    """

    rgb: Pixels
    landmarks: Floats
    covered: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Filmed:
    """One person: their faces by what lies before them, and cut-outs of that."""

    seed: int
    faces: dict[Occluder, list[ShownFace]]
    cutouts: list[Cutout]


def is_tried(seed: int) -> bool:
    """Return whether a person is only tried on; it hangs on the seed alone."""
    return (seed - FIRST_SEED) % TRIED_EVERY == TRIED_EVERY - 1


def film_people(
    count: int = PEOPLE,
    *,
    first_seed: int = FIRST_SEED,
    jobs: int = 1,
    tell: Tell = silent,
) -> list[Filmed]:
    """Return people from seeds, filmed; who shows too few clean faces is left out.

    They are drawn in ``jobs`` clean processes: Mesa and TensorFlow, which learns from
    them afterwards, do not live together in one.
    """
    made = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        seeds = range(first_seed, first_seed + count)
        for done, one in enumerate(pool.map(film_person, seeds), start=1):
            if len(one.faces[Occluder.NOTHING]) >= LEAST_CLEAN:
                made.append(one)
            tell(done, count)
    return made


def film_person(seed: int) -> Filmed:
    """Return one person, filmed with each occluder and with none."""
    faces, cutouts = {}, []
    for occluder in Occluder:
        shown = _filmed(seed, occluder)
        hand = occluder is Occluder.HAND
        pieces = [cutout(rgb, covered, hand=hand) for rgb, covered in shown]
        cutouts += [piece for piece in pieces if piece is not None]
        faces[occluder] = _found(shown)
    return Filmed(seed, faces, cutouts)


def _filmed(seed: int, occluder: Occluder) -> list[tuple[Pixels, Bools]]:
    random = np.random.default_rng([seed, 71])
    lights = list(Light)
    clean = occluder is Occluder.NOTHING
    take = Take(
        seconds=CLEAN_SECONDS if clean else SECONDS,
        rate=RATE,
        light=lights[int(random.integers(len(lights)))],
        largest_yaw=float(random.choice(LARGEST_YAWS)),
        occluder=occluder,
        seed=seed,
    )
    filming = film(person_of_seed(seed), take)
    try:
        painted = [filming.frame(index) for index in range(take.frame_count)]
    finally:
        filming.close()
    nothing = np.zeros((take.height, take.width), bool)
    return [
        (one.rgb, nothing if one.covered is None else one.covered) for one in painted
    ]


def _found(shown: list[tuple[Pixels, Bools]]) -> list[ShownFace]:
    """Return the faces that a detector finds, each cut out of its picture."""
    detector, made = LiteRTBackend(), []
    for rgb, covered in shown:
        for face in detector.faces(rgb, search=True)[:1]:
            marks = face.landmarks
            low = np.maximum(np.floor(marks.min(0)).astype(int) - MARGIN_PIXELS, 0)
            high = np.ceil(marks.max(0)).astype(int) + MARGIN_PIXELS
            part = np.s_[low[1] : high[1], low[0] : high[0]]
            moved = (marks - low).astype(np.float32)
            made.append(ShownFace(rgb[part].copy(), moved, covered[part].copy()))
    return made
