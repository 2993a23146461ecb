"""The CC0 head: reading its files, and one step of smooth subdivision.

Lengths are in units of 10 cm: +x is the subject's left, +y up, +z to the camera.
"""

import gzip
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.errors import SettingsError

Points = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

BODY = "body"
UNIT_FOLDER = "faceunits01/targets/faceunits"
TARGET_FOLDER = "mpfb2/targets"


@dataclass(frozen=True, slots=True, eq=False)
class BaseMesh:
    """The mesh that every person is a shape of.

    ``points`` is (19158, 3); ``texture`` (n, 2) in 0..1; ``quads`` and ``corners``
    give, for each named group, (faces, 4) indices into the one and the other.
    """

    points: Points
    texture: Points
    quads: dict[str, Indices]
    corners: dict[str, Indices]

    def group(self, name: str) -> Indices:
        """Return the vertices of a group, ascending."""
        return np.unique(self.quads[name])


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A shape or a face unit: which vertices move, (n,), and how far, (n, 3)."""

    vertices: Indices
    offsets: Points


def data_folder() -> Path:
    """Return the folder with the CC0 meshes."""
    return Path(str(resources.files("lampoon.datasets.performers"))) / "data"


@cache
def base_mesh() -> BaseMesh:
    """Return the base mesh, read once."""
    points: list[list[str]] = []
    texture: list[list[str]] = []
    faces: dict[str, list[list[list[str]]]] = {}
    name = ""
    path = data_folder() / "mpfb2/3dobjs/base.obj"
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            points.append(rest.split())
        elif kind == "vt":
            texture.append(rest.split())
        elif kind == "g":
            name = rest.strip()
        elif kind == "f":
            words = [corner.split("/")[:2] for corner in rest.split()]
            faces.setdefault(name, []).append(words)
    tables = {group: np.array(rows, dtype=int) - 1 for group, rows in faces.items()}
    return BaseMesh(
        np.array(points, dtype=float),
        np.array(texture, dtype=float),
        {group: table[..., 0] for group, table in tables.items()},
        {group: table[..., 1] for group, table in tables.items()},
    )


@cache
def shape_names() -> frozenset[str]:
    """Return the shapes that a person can be made of, such as ``nose/nose-point-up``.

    ``*`` stands for left and right together, as in ``ears/*-ear-wing-incr``.
    """
    folder = data_folder() / TARGET_FOLDER
    found = [path.relative_to(folder).as_posix() for path in folder.rglob("*.gz")]
    names = {name.removesuffix(".target.gz") for name in found}
    both = {
        name.replace("/l-", "/*-")
        for name in names
        if "/l-" in name and name.replace("/l-", "/r-") in names
    }
    return frozenset(names | both)


def sides_of(name: str) -> tuple[str, ...]:
    """Return the shape itself, or its left and right half for a ``*``."""
    if "*" not in name:
        return (name,)
    return name.replace("*", "l"), name.replace("*", "r")


@cache
def shape_target(name: str) -> Target:
    """Return a shape without ``*``; SettingsError where there is none of that name."""
    if name not in shape_names():
        raise SettingsError(
            f"no shape is called {name!r}", hint="docs/performers.md lists them"
        )
    path = data_folder() / TARGET_FOLDER / f"{name}.target.gz"
    return _target(gzip.decompress(path.read_bytes()).decode())


@cache
def face_unit(name: str) -> Target:
    """Return one of the 52 face units, such as ``jawOpen``."""
    path = data_folder() / UNIT_FOLDER / f"{name}.target"
    return _target(path.read_text(encoding="utf-8"))


def _target(text: str) -> Target:
    rows = [line.split() for line in text.splitlines() if line and line[0] not in '#"']
    table = np.array(rows, dtype=float).reshape(-1, 4)
    return Target(table[:, 0].astype(int), table[:, 1:])


@dataclass(frozen=True, slots=True, eq=False)
class Subdivision:
    """One Catmull-Clark step of some quads, a linear map of their vertices.

    Source: Catmull and Clark 1978; open edges keep to their own curve. New vertices
    are the moved old ones (``used``), then the edges', then the faces'.
    """

    used: Indices
    quads: Indices
    edges: Indices
    edge_of: Indices
    open_edges: npt.NDArray[np.bool_]

    def refined(self, values: Points) -> Points:
        """Return (new vertices, k) of (vertices, k) values, such as positions."""
        inside = values[self.quads].mean(axis=1)
        count = np.where(self.open_edges, 1.0, 2.0)[:, None]
        beside = _gathered(self.edge_of.ravel(), np.repeat(inside, 4, 0), len(count))
        middle = values[self.edges].mean(axis=1)
        on_edge = np.where(
            self.open_edges[:, None], middle, middle / 2 + beside / count / 2
        )
        return np.vstack([self._moved(values, inside, middle), on_edge, inside])

    def fine_quads(self) -> Indices:
        """Return (4 x faces, 4) indices of the new vertices, corner by corner."""
        place = np.zeros(self.used.max() + 1, dtype=int)
        place[self.used] = np.arange(len(self.used))
        first_edge, first_face = len(self.used), len(self.used) + len(self.edges)
        edge = self.edge_of + first_edge
        inside = np.arange(len(self.quads)) + first_face
        corners = [
            np.stack(
                [place[self.quads[:, i]], edge[:, i], inside, edge[:, i - 1]], axis=1
            )
            for i in range(4)
        ]
        return np.stack(corners, axis=1).reshape(-1, 4)

    def _moved(self, values: Points, inside: Points, middle: Points) -> Points:
        size = len(values)
        faces = np.bincount(self.quads.ravel(), minlength=size)[self.used][:, None]
        ends = self.edges.ravel()
        edges = np.bincount(ends, minlength=size)[self.used][:, None]
        around = _gathered(self.quads.ravel(), np.repeat(inside, 4, 0), size)
        spokes = _gathered(ends, np.repeat(middle, 2, 0), size)
        old = values[self.used]
        inner = around[self.used] / faces + 2 * spokes[self.used] / edges
        smooth = (inner + old * (edges - 3)) / edges
        rim = self.edges[self.open_edges]
        rims = np.bincount(rim.ravel(), minlength=size)[self.used][:, None]
        along = np.repeat(middle[self.open_edges], 2, 0)
        curve = (2 * old + _gathered(rim.ravel(), along, size)[self.used]) / 4
        return np.where(rims == 2, curve, np.where(rims == 0, smooth, old))


def subdivision(quads: Indices) -> Subdivision:
    """Return the subdivision of (faces, 4) quads."""
    pairs = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1)
    edges, edge_of, count = np.unique(
        np.sort(pairs.reshape(-1, 2), axis=1),
        axis=0,
        return_inverse=True,
        return_counts=True,
    )
    return Subdivision(
        np.unique(quads), quads, edges, edge_of.reshape(-1, 4), count == 1
    )


def fine_texture(corners: Points) -> Points:
    """Return (4 x faces, 4, 2) texture places of (faces, 4, 2) ones, linearly."""
    middle = corners.mean(axis=1)
    after = (corners + np.roll(corners, -1, axis=1)) / 2
    parts = [
        np.stack([corners[:, i], after[:, i], middle, after[:, i - 1]], axis=1)
        for i in range(4)
    ]
    return np.stack(parts, axis=1).reshape(-1, 4, 2)


def _gathered(places: Indices, values: Points, size: int) -> Points:
    """Return (size, k) sums of the values that go to each place."""
    columns = [np.bincount(places, column, minlength=size) for column in values.T]
    return np.stack(columns, axis=1)
