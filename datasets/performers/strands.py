"""Strands of hair: ribbons that grow from the scalp and lie along the head.

The scalp itself is raised and painted (``hair``, ``skin``); strands break up its edge
at the forehead, its outline and its surface, and hang down where hair is long.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.figure import Floats, Part, turns_with_head
from lampoon.datasets.performers.hair import hair_height, hair_line
from lampoon.datasets.performers.mesh import Points
from lampoon.datasets.performers.person import HairStyle, Look, Person

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cut:
    """How hair of a style lies; lengths in units of 10 cm.

    ``edge`` and ``cover`` count strands at the hairline and over the scalp; ``length``
    of each; ``lift`` is how far it stands off; ``width`` of one ribbon at its root.
    """

    edge: int
    cover: int
    length: tuple[float, float]
    lift: float
    width: float
    forwards: float


CUTS = {
    HairStyle.BALD: Cut(0, 0, (0.1, 0.1), 0.0, 0.0, 0.0),
    HairStyle.CROPPED: Cut(340, 420, (0.04, 0.08), 0.006, 0.006, 0.2),
    HairStyle.SHORT: Cut(280, 540, (0.18, 0.34), 0.025, 0.010, 0.5),
    HairStyle.FULL: Cut(280, 540, (0.35, 0.65), 0.025, 0.011, -0.6),
}
STEPS = 4
"""Pieces of a strand that lies; tips are pointed."""

SHARPEST_BEND, LONGEST_STEP = 0.4, 1.5
"""The cosine of a bend, and a step against the usual one, beyond which a strand has
caught on an ear and is left out."""
FURTHEST_TIP = 0.11
"""Off the scalp: what ends further out sticks out."""

LOG_TONES = (-0.4, 0.35)
"""Strands are so much darker or brighter than the hair's colour."""

SHADE_AT_ROOT = 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Strands:
    """Ribbons ready to be drawn.

    ``corners`` (n, 12): place, way along, colour, half the width to one side, share of
    open sky, share that turns with the head. ``triangles`` (t, 3).
    """

    corners: Floats
    triangles: npt.NDArray[np.int32]

    def places(self, head: Points) -> Points:
        """Return (n, 3) places of the corners, ``head`` turned; no ribbon's width."""
        rest = self.corners[:, :3].astype(float)
        turned = rest @ head[:3, :3].T + head[:3, 3]
        made: Points = rest + (turned - rest) * self.corners[:, 11:]
        return made

    def whole(self, seen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        """Return the triangles of every strand of which (n,) says a corner is seen."""
        strands = seen.reshape(-1, 2 * (STEPS + 1)).any(axis=1)
        kept = self.triangles.reshape(-1, 2 * STEPS, 3)[strands]
        return np.ascontiguousarray(kept.reshape(-1, 3))


def strands_of(person: Person, body: Part, normals: Points) -> Strands:
    """Return the strands on a head; ``normals`` are those of the body's points."""
    cut = CUTS[person.look.hair_style]
    random = np.random.default_rng([person.seed, 31])
    scalp = _Scalp(body, normals, person)
    roots = np.concatenate([scalp.edge(cut.edge, random), scalp.all(cut.cover, random)])
    paths = scalp.walk(roots, cut, random)
    free = ~_caught(paths) & (scalp.away(paths[:, -1]) < FURTHEST_TIP)
    paths, roots = paths[free], roots[free]
    return _ribbons(paths, cut.width, _colours(person.look, len(roots), random))


class _Scalp:
    """Where hair grows, which way it lies."""

    def __init__(self, body: Part, normals: Points, person: Person) -> None:
        from scipy.spatial import cKDTree

        rest = body.rest
        height = hair_height(rest, person.look, person.seed)
        near = (rest[:, 1] > 6.5) & (rest[:, 2] < 1.5)
        self._where = np.flatnonzero(near)
        self._points, self._normals = body.points[near], normals[near]
        self._rest = rest[near]
        self._above = (rest[:, 1] - hair_line(rest, person.look))[near]
        self._grown = height[near] > 0.004
        self._tree = cKDTree(self._points)

    def edge(self, count: int, random: np.random.Generator) -> Indices:
        """Return points where the hair begins."""
        begins = self._grown & (self._above < 0.16) & (self._normals[:, 2] > -0.5)
        return self._some(begins, count, random)

    def all(self, count: int, random: np.random.Generator) -> Indices:
        """Return points anywhere on the scalp that can be seen from the front."""
        grown = self._grown & (self._normals[:, 2] > -0.75) & (self._above > 0.1)
        return self._some(grown, count, random)

    def walk(self, roots: Indices, cut: Cut, random: np.random.Generator) -> Points:
        """Return (strands, STEPS + 1, 3): each strand from its root to its tip."""
        place = self._points[roots] + random.normal(0, 0.02, (len(roots), 3))
        length = random.uniform(*cut.length, len(roots))
        stray = random.normal(0, 0.25, (len(roots), 3))
        off = np.abs(random.normal(0, cut.lift, len(roots)))
        path = []
        for step in range(STEPS + 1):
            _, near = self._tree.query(place)
            normal = self._normals[near]
            away = ((place - self._points[near]) * normal).sum(axis=1)
            stand = 0.004 + off * np.sin(0.5 + 2.2 * step / STEPS)
            place = place + normal * (stand - away)[:, None]
            path.append(place)
            way = self._way(self._rest[near], cut) + stray
            way -= normal * (way * normal).sum(axis=1, keepdims=True)
            way /= np.linalg.norm(way, axis=1, keepdims=True) + 1e-9
            place = place + way * (length / STEPS)[:, None]
        return np.stack(path, axis=1)

    def away(self, places: Points) -> Points:
        """Return (n,) how far places are from the scalp."""
        return np.asarray(self._tree.query(places)[0])

    def _way(self, rest: Points, cut: Cut) -> Points:
        """Return (n, 3) which way hair is combed: down the sides, on or back on top."""
        top = np.clip((rest[:, 1] - 7.7) / 0.4, 0, 1)[:, None]
        on_top = np.stack(
            [0.5 * np.ones(len(rest)), -0.1 * np.ones(len(rest)),
             np.full(len(rest), cut.forwards)], axis=1
        )  # fmt: skip
        aside = np.stack(
            [0.1 * np.sign(rest[:, 0]), np.full(len(rest), -1.0),
             np.full(len(rest), -0.5)], axis=1
        )  # fmt: skip
        way: Points = top * on_top + (1 - top) * aside
        return way

    def _some(
        self, where: npt.NDArray[np.bool_], count: int, random: np.random.Generator
    ) -> Indices:
        found = np.flatnonzero(where)
        if not len(found) or not count:
            return np.zeros(0, dtype=np.int64)
        return np.asarray(random.choice(found, count))


def _caught(paths: Points) -> npt.NDArray[np.bool_]:
    """Return (strands,) which ones bend sharply or leap, as round an ear."""
    ways = np.diff(paths, axis=1)
    long = np.linalg.norm(ways, axis=2)
    ways /= long[..., None] + 1e-9
    bends = (ways[:, :-1] * ways[:, 1:]).sum(axis=2).min(axis=1, initial=1.0)
    leaps = long.max(axis=1, initial=0.0) > LONGEST_STEP * np.median(long, axis=1)
    return np.asarray((bends < SHARPEST_BEND) | leaps)


def _colours(look: Look, count: int, random: np.random.Generator) -> Points:
    """Return (count, 3) linear colours: no two hairs are the same, some are grey."""
    tone = np.exp(random.uniform(LOG_TONES[0], LOG_TONES[1], count))[:, None]
    colour = np.array(look.hair) * tone
    grey = random.random(count) < look.grey
    colour[grey] = 0.4 * colour[grey] + 0.6 * (colour[grey].mean(1)[:, None] + 0.12)
    return np.asarray(np.clip(colour, 0.003, 0.8))


def _ribbons(paths: Points, width: float, colours: Points) -> Strands:
    """Return strands of two corners a step."""
    count, steps = paths.shape[:2]
    along = np.gradient(paths, axis=1) if count else np.zeros_like(paths)
    share = np.linspace(0, 1, steps)
    half = width * np.sqrt(np.clip(1 - share**2, 0, 1)) / 2 + 0.0005
    sky = SHADE_AT_ROOT + (1 - SHADE_AT_ROOT) * np.minimum(2 * share, 1)
    corners = np.zeros((count, steps, 2, 12), dtype=np.float32)
    corners[..., 0:3] = paths[:, :, None]
    corners[..., 3:6] = along[:, :, None]
    corners[..., 6:9] = colours[:, None, None]
    corners[..., 9] = half[None, :, None] * np.array([1.0, -1.0])
    corners[..., 10] = sky[None, :, None]
    turns = turns_with_head(paths.reshape(-1, 3)).reshape(count, steps, 1)
    corners[..., 11] = turns
    first = (np.arange(count)[:, None] * steps + np.arange(steps - 1)[None]) * 2
    one = first.ravel()
    triangles = np.stack(
        [
            np.stack([one, one + 1, one + 2], 1),
            np.stack([one + 1, one + 3, one + 2], 1),
        ],
        axis=1,
    )
    return Strands(corners.reshape(-1, 12), triangles.reshape(-1, 3).astype(np.int32))
