"""How faces are lit: brighter or darker than usual, and from which side."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lampoon.generate.faceset import Faceset
from lampoon.generate.train.aligned_batch import aligned_faces

MOST_FACES = 160
"""Faces of a set that are looked at, spread over it."""
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
DARKER, BRIGHTER = 0.7, 1.4
"""Times the person's own median."""
ONE_SIDED = 0.12
"""Difference of the face's halves over their sum, from which the light has a side."""


@dataclass(frozen=True, slots=True)
class Light:
    """How some faces of one person are lit.

    ``level`` is the mean luma over the person's median, ``side`` the difference of the
    picture's right and left half of the face over their sum: (n,) float32 each.
    """

    level: npt.NDArray[np.float32]
    side: npt.NDArray[np.float32]


def light_of(
    pictures: npt.NDArray[np.uint8], weights: npt.NDArray[np.floating]
) -> Light:
    """Return how faces are lit: (n, h, w, 3) RGB, upright, and what is face in each.

    ``weights`` are (n, h, w), 0 outside the face. A face without any counts as usual.
    """
    luma = pictures.astype(np.float32) @ LUMA
    face = (weights > 0).astype(np.float32)
    halves = np.stack(
        [_halves(one, where) for one, where in zip(luma, face, strict=True)]
    )
    level = halves.mean(axis=1)
    usual = max(float(np.median(level)), 1e-3)
    side = (halves[:, 1] - halves[:, 0]) / np.maximum(halves.sum(axis=1), 1e-3)
    return Light((level / usual).astype(np.float32), side.astype(np.float32))


def light_of_faceset(faceset: Faceset) -> Light:
    """Return how some faces of a set are lit, spread over it."""
    count = min(MOST_FACES, len(faceset))
    places = np.linspace(0, len(faceset) - 1, count).astype(int)
    few = Faceset(faceset.folder, tuple(faceset.faces[place] for place in places))
    faces = aligned_faces(few, fewest=1)
    return light_of(faces.bgr[..., ::-1], faces.weights)


def _halves(
    luma: npt.NDArray[np.float32], face: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return the mean luma left and right of the face's own middle."""
    across = face.sum(axis=0)
    if not across.any():
        return np.ones(2, np.float32)
    middle = 1 + int(np.searchsorted(across.cumsum(), across.sum() / 2))
    parts = (slice(None, middle), slice(middle, None))
    means = [
        float((luma[:, part] * face[:, part]).sum() / max(face[:, part].sum(), 1))
        for part in parts
    ]
    return np.array(means, np.float32)
