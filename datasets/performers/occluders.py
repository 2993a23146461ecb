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
from lampoon.datasets.performers.props import Mesh, Prop, following, joined, tube

FOAM = {"tint": (0.020, 0.020, 0.022, 1.0), "power": 6.0, "shine": 0.1, "deep": 0.0}
HAND_FROM, HAND_LENGTH = 3.0, 3.0
"""Of the body, what lies this far aside is a hand and its arm; this much is shown."""

HAND_AT = np.array([0.30, -0.12, 2.0])
"""The tip of the longest finger, from the height of the eyes."""

HAND_FOLLOWS, MICROPHONE_FOLLOWS = 0.4, 0.15
"""Share of the head's turning: a hand leans on its face, a microphone is aimed."""

LOCK, THICK = 56, (0.003, 0.008)
"""Hairs in a lock that has come loose, and half their width."""
SWING = 0.12
"""So much less than the head the tips of a lock turn: they hang."""


def microphone(figure: Figure) -> Prop:
    """Return a microphone held before the chin; it hardly follows the head."""
    mouth = figure.pivot[1] + 1.25 - 0.95
    head = ball((0.10, mouth + 0.12, 2.35), 0.24, around=32, down=20)
    path = np.linspace([0.10, mouth - 0.04, 2.35], [0.30, mouth - 2.4, 2.25], 6)
    held = joined([head, tube(path, 0.13)])
    return Prop(following(held, MICROPHONE_FOLLOWS), FOAM, True)


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
    return Prop(following(mesh, HAND_FOLLOWS), skin, True)


def lock(figure: Figure, person: Person) -> Prop:
    """Return hair that falls from the forehead across an eye; its tips swing."""
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
        fixed, extra, triangles = tube(path, float(random.uniform(*THICK)), sides=4)
        extra[:, 2] = np.repeat(1 - SWING * share[:, 0] ** 2, 4)
        hairs.append((fixed, extra, triangles))
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
