"""Portraits of a person in different light, and how a face model tells them apart."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.figure import figure_of, weights_vector
from lampoon.datasets.performers.graphics import EglPainter
from lampoon.datasets.performers.person import Person
from lampoon.datasets.performers.props import glasses
from lampoon.datasets.performers.scene import Light, Moment, Pixels, head_matrix
from lampoon.datasets.performers.stage import Stage
from lampoon.faces.detector import FaceBackend
from lampoon.faces.identity import IdentityEmbedder

Embeddings = npt.NDArray[np.float64]

WIDTH, HEIGHT = 480, 270
LIGHTS = (Light.STUDIO, Light.WINDOW)
POSES = ((0.0, 0.0, 0.0), (16.0, 2.0, 1.0), (-14.0, 5.0, -3.0))
"""Degrees to the own left, down, and aside."""
FACES: tuple[dict[str, float], ...] = (
    {},
    {"mouthSmileLeft": 0.4, "mouthSmileRight": 0.4},
    {"jawOpen": 0.2},
)
"""What the face does in each pose."""
OWN = 0.40
"""Largest mean distance between portraits of one person; clips must stay below .42."""


@dataclass(frozen=True, slots=True, eq=False)
class Audition:
    """What a face model saw: ``found`` of ``asked`` faces, (found, 128) embeddings."""

    embeddings: Embeddings
    asked: int

    @property
    def own(self) -> float:
        """The mean distance between two portraits of this person; 2 without two."""
        count = len(self.embeddings)
        if count < 2:
            return 2.0
        apart = self.embeddings[:, None] - self.embeddings[None]
        pairs = np.linalg.norm(apart, axis=2)[np.triu_indices(count, 1)]
        return float(pairs.mean())


def portraits(person: Person, lights: Sequence[Light] = LIGHTS) -> list[Pixels]:
    """Return pictures of a person: some poses and faces in each of some lights."""
    figure = figure_of(person)
    props = glasses(figure, person.look) if person.look.glasses else ()
    shown = []
    for light in lights:
        stage = Stage(WIDTH, HEIGHT, light, figure.eyes[0].centre[1], seed=person.seed)
        painter = EglPainter(person, figure, stage, props=props)
        for pose, face in zip(POSES, FACES, strict=True):
            head = head_matrix(pose, figure.pivot, (0.0, 0.0, 0.0))
            shown.append(painter.paint(Moment(weights_vector(face), head)).rgb)
        painter.close()
    return shown


def audition(
    person: Person,
    backend: FaceBackend,
    embedder: IdentityEmbedder,
    lights: Sequence[Light] = LIGHTS,
) -> Audition:
    """Return what the face models see in a person's portraits."""
    pictures = portraits(person, lights)
    seen = [(picture, backend.faces(picture)) for picture in pictures]
    rows = [embedder.embed(rgb, faces[0].landmarks) for rgb, faces in seen if faces]
    return Audition(np.array(rows).reshape(-1, 128), len(pictures))


def fits(heard: Audition) -> bool:
    """Return whether a face was found each time, and was the same person's."""
    return len(heard.embeddings) == heard.asked and heard.own <= OWN


def save_audition(heard: Audition, path: Path) -> None:
    """Keep an audition in a file."""
    beside = path.with_name(f".{path.name}.partial")
    with beside.open("wb") as file:
        np.savez(file, embeddings=heard.embeddings, asked=heard.asked)
    os.replace(beside, path)


def load_audition(path: Path) -> Audition:
    """Return what ``save_audition`` kept."""
    with np.load(path) as kept:
        return Audition(kept["embeddings"], int(kept["asked"]))
