"""What comes before a face and hides a part of it: a microphone, a hand, hair."""

import numpy as np

from lampoon.datasets.performers.eyeball import ball
from lampoon.datasets.performers.figure import Figure, unit_normals
from lampoon.datasets.performers.mesh import (
    BODY,
    Indices,
    Points,
    base_mesh,
    subdivision,
)
from lampoon.datasets.performers.person import Look, Person
from lampoon.datasets.performers.props import Mesh, Prop, joined, still, tube

FOAM = {"tint": (0.020, 0.020, 0.022, 1.0), "power": 6.0, "shine": 0.1, "deep": 0.0}
HAND_FROM, HAND_LENGTH = 3.0, 3.0
"""Of the body, what lies this far aside is a hand and its arm; this much is shown."""

HAND_AT = np.array([0.30, -0.12, 2.0])
"""The tip of the longest finger, from the height of the eyes."""

LOCK = 40
"""Hairs in a lock that has come loose."""


def microphone(figure: Figure) -> Prop:
    """Return a microphone held before the chin; it stays while the head turns."""
    mouth = figure.pivot[1] + 1.25 - 0.95
    head = ball((0.10, mouth + 0.12, 2.35), 0.24, around=32, down=20)
    path = np.linspace([0.10, mouth - 0.04, 2.35], [0.30, mouth - 2.4, 2.25], 6)
    return Prop(joined([still(head), still(tube(path, 0.13))]), FOAM, True)


def hand(figure: Figure, look: Look) -> Prop:
    """Return the performer's own left hand, held before mouth and cheek."""
    points, quads = _left_hand()
    height = figure.eyes[0].centre[1]
    placed = points + HAND_AT + [0.0, height, 0.0]
    triangles = np.vstack([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    fixed = np.column_stack([placed, unit_normals(placed, triangles)])
    extra = np.ones((len(fixed), 3), dtype=np.float32)
    mesh = (fixed.astype(np.float32), extra, triangles.astype(np.int32))
    skin = {"tint": (*look.skin, 1.0), "power": 14.0, "shine": 0.06, "deep": 0.0}
    return Prop(still(mesh), skin, True)


def lock(figure: Figure, person: Person) -> Prop:
    """Return hair that falls from the forehead across an eye, fixed to the head."""
    random = np.random.default_rng([person.seed, 53])
    side = 1.0 if random.random() < 0.5 else -1.0
    eye = figure.eyes[0].centre
    front = float(figure.part(BODY).points[:, 2].max())
    share = np.linspace(0, 1, 9)[:, None]
    hairs: list[Mesh] = []
    for _ in range(LOCK):
        root = np.array([side * 0.15, eye[1] + 0.78, front - 0.42])
        tip = np.array([side * 0.34, eye[1] - 0.75, front - 0.22])
        root += random.normal(0, [0.05, 0.03, 0.02])
        tip += random.normal(0, [0.09, 0.12, 0.03])
        bend = np.array([side * 0.12, 0.0, 0.22]) + random.normal(0, 0.03, 3)
        path = root + share * (tip - root) + np.sin(np.pi * share) * bend
        hairs.append(tube(path, float(random.uniform(0.004, 0.009)), sides=4))
    hair = {"tint": (*person.look.hair, 1.0), "power": 30.0, "shine": 0.25, "deep": 0.0}
    return Prop(joined(hairs), hair, True)


def _left_hand() -> tuple[Points, Indices]:
    """Return (points, 3) of an upright hand, palm to the face, and its quads.

    The tip of the longest finger is at 0, the arm points down.
    """
    mesh = base_mesh()
    quads = mesh.quads[BODY]
    quads = quads[(mesh.points[quads][..., 0] > HAND_FROM).all(axis=1)]
    finer = subdivision(quads)
    points, fine = finer.refined(mesh.points), finer.fine_quads()
    wrist, tip, thumb, little = (
        mesh.points[mesh.group(f"joint-l-{name}")].mean(axis=0)
        for name in ("hand", "finger-3-4", "finger-2-1", "finger-5-1")
    )
    along = (tip - wrist) / np.linalg.norm(tip - wrist)
    across = thumb - little
    across = across - along * (across @ along)
    across = across / np.linalg.norm(across)
    axes = np.stack([across, along, np.cross(across, along)], axis=1)
    upright = (points - tip) @ axes
    kept = (upright[fine][..., 1] > -HAND_LENGTH).all(axis=1)
    return upright, fine[kept]
