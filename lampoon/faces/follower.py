"""Faces handed from frame to frame."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from lampoon.faces.cuts import CutDetector
from lampoon.faces.detector import Face, FaceBackend
from lampoon.faces.networks import box_overlap, mesh_region
from lampoon.faces.quality import FaceQuality, face_quality
from lampoon.faces.steady import Look, between, is_steady
from lampoon.media.frame import Frame

SAME_FACE = 0.25
"""Overlap (IoU) of a face's box with itself one frame later is at least this."""

LONGEST_GAP_SECONDS = 1.0
"""A face that stays away longer begins a new track."""

SEARCH_SECONDS = 1.0
"""How often a picture is searched for faces that came in meanwhile."""

SEARCH_EMPTY_SECONDS = 0.2
"""How often, where there has been no face for as long: an empty search is slow."""

SHORTEST_SECONDS = 0.2
"""Anything shorter is a false alarm, not a face."""

LOOKS_PER_SECOND = 8
"""How often a face that keeps still is looked at, where that is enough."""

LEAST_RATE = 20
"""Frames a second; in slower clips every frame is looked at."""

ROOM = 1.15
"""The part of a picture that is turned into RGB, over what the networks see of it."""

GRAIN = 32
"""Sides of parts are multiples of this, so that few sizes occur."""

LARGEST_SHARE = 0.6
"""A part that is more of the picture than this is not worth cutting out."""

NO_DEPTH = np.zeros(0, np.float32)

Rgb = npt.NDArray[np.uint8]


@dataclass(slots=True)
class Sighting:
    """One face in one frame, and what can be measured of it."""

    index: int
    seconds: float
    face: Face
    quality: FaceQuality


@dataclass(frozen=True, slots=True)
class Seen:
    """A look, and what can be measured of each of its faces."""

    look: Look
    qualities: list[FaceQuality]

    def taking(self, other: Look) -> "Seen":
        """Return another look at the same faces, measured as this one."""
        return Seen(other, self.qualities)


@dataclass(slots=True)
class Growing:
    """A track while frames still come."""

    sightings: list[Sighting] = field(default_factory=list)

    @property
    def last(self) -> Sighting:
        """The newest sighting."""
        return self.sightings[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a picture in RGB, and where its corner lies in the whole."""

    rgb: Rgb
    left: int = 0
    top: int = 0

    def inside(self, face: Face) -> Face:
        """Return a face of the whole picture in the pixels of the part."""
        return face.moved(-self.left, -self.top)

    def outside(self, face: Face) -> Face:
        """Return a face of the part in the pixels of the whole."""
        return face.moved(self.left, self.top)


NOTHING = Part(np.zeros((1, 1, 3), np.uint8))


def surroundings(frame: Frame, faces: Sequence[Face]) -> Part:
    """Return what the networks see of some faces, or all where that is as cheap."""
    if frame.picture is None or not faces:
        return Part(frame.rgb)
    boxes = np.array([mesh_region(face.landmarks).bounds(ROOM) for face in faces])
    width, height = frame.width, frame.height
    left, right = _span(boxes[:, 0].min(), boxes[:, 2].max(), width)
    top, bottom = _span(boxes[:, 1].min(), boxes[:, 3].max(), height)
    if (right - left) * (bottom - top) > LARGEST_SHARE * width * height:
        return Part(frame.rgb)
    return Part(frame.part(left, top, right, bottom), left, top)


def _span(low: float, high: float, whole: int) -> tuple[int, int]:
    """Return even bounds in a picture around two others, of few lengths."""
    length = min(-(-int(high - low) // GRAIN) * GRAIN, whole // 2 * 2)
    start = int(low) - (length - int(high - low)) // 2
    start = min(max(start, 0), whole - length) // 2 * 2
    return start, start + length


class Follower:
    """Follows every face through the frames of one clip, cut by cut.

    With ``thrifty`` a face that keeps still is looked at eight times a second, and
    what lies between two looks that agree is taken from them (see ``steady``). Where
    they do not, the frame in the middle is looked at as well, then those in the
    middle of what is left. Frames then come back a little later.
    """

    def __init__(
        self, backend: FaceBackend, rate: Fraction, *, thrifty: bool = False
    ) -> None:
        self._backend = backend
        self._search_every = max(round(SEARCH_SECONDS * rate), 1)
        self._patience = max(round(LONGEST_GAP_SECONDS * rate), 1)
        self._shortest = max(round(SHORTEST_SECONDS * rate), 1)
        self._hopeful = max(round(SEARCH_EMPTY_SECONDS * rate), 1)
        thrifty = thrifty and rate >= LEAST_RATE
        self._stride = max(int(rate / LOOKS_PER_SECOND), 1) if thrifty else 1
        self._reach = 1
        self._cuts = CutDetector()
        self._open: list[Growing] = []
        self._closed: list[Growing] = []
        self._faces: list[Face] = []
        self._searched = 0
        self._without = 0
        self._before: Seen | None = None
        self._waiting: list[Frame] = []

    def follow(self, frame: Frame) -> list[Look]:
        """Take the next frame; return the frames that are done with, in order."""
        if self._cuts.is_cut(frame):
            done = self.rest()
            self._closed += self._open
            self._open, self._faces, self._without = [], [], 0
            self._before, self._reach = None, 1
            return [*done, *self._reached(frame)]
        if len(self._waiting) < self._reach - 1:
            self._waiting.append(frame)
            return []
        return self._reached(frame)

    def rest(self) -> list[Look]:
        """Return the frames that still wait for one after them."""
        waiting, self._waiting = self._waiting, []
        return [look for frame in waiting for look in self._reached(frame)]

    def finished(self) -> list[Growing]:
        """Return every track that is long enough to be a face."""
        whole = [*self._closed, *self._open]
        return [g for g in whole if len(g.sightings) >= self._shortest]

    def _reached(self, frame: Frame) -> list[Look]:
        """Look at a frame, and at those that waited for it only if they need it."""
        before, waiting = self._before, self._waiting
        self._before = after = self._seen(frame)
        self._waiting = []
        passed = self._filled(before, after, waiting) if before else []
        calm = before is not None and is_steady(before.look, after.look)
        self._reach = min(2 * self._reach, self._stride) if calm else 1
        for seen in (*passed, after):
            self._remember(seen)
        return [seen.look for seen in (*passed, after)]

    def _filled(self, before: Seen, after: Seen, frames: list[Frame]) -> list[Seen]:
        """Return what is seen between two looks, with as few others as will do."""
        if not frames:
            return []
        passed = between(before.look, after.look, frames)
        if passed is not None:
            return [after.taking(look) for look in passed]
        half = len(frames) // 2
        self._faces = before.look.faces
        middle = self._seen(frames[half])
        sooner = self._filled(before, middle, frames[:half])
        return [*sooner, middle, *self._filled(middle, after, frames[half + 1 :])]

    def _seen(self, frame: Frame) -> Seen:
        """Look at a frame; each face is measured by the pixels that it was found in."""
        faces, part = self._found(frame)
        self._faces = faces
        qualities = [face_quality(part.rgb, part.inside(face)) for face in faces]
        return Seen(Look(frame, faces), qualities)

    def _remember(self, seen: Seen) -> None:
        look, taken = seen.look, set[int]()
        self._faces = look.faces
        for face, quality in zip(look.faces, seen.qualities, strict=True):
            self._extend(look.frame, face, quality, taken)
        self._retire(look.frame.index)

    def _found(self, frame: Frame) -> tuple[list[Face], Part]:
        """Return a frame's faces, the known ones and now and then others, and where."""
        self._without = 0 if self._faces else self._without + 1
        if self._without > self._hopeful and self._without % self._hopeful:
            return [], NOTHING
        due = not self._faces or frame.index - self._searched >= self._search_every
        if not due:
            near, part = self._near(frame)
            if len(near) == len(self._faces):
                return near, part
        self._searched = frame.index
        whole = Part(frame.rgb)
        found = self._backend.faces(whole.rgb, previous=self._faces, search=due)
        return found, whole

    def _near(self, frame: Frame) -> tuple[list[Face], Part]:
        """Return the faces that are found where they were, or nearly, and the part."""
        part = surroundings(frame, self._faces)
        previous = [part.inside(face) for face in self._faces]
        found = self._backend.faces(part.rgb, previous=previous)
        return [part.outside(face) for face in found], part

    def _extend(
        self, frame: Frame, face: Face, quality: FaceQuality, taken: set[int]
    ) -> None:
        # what nobody asks of a track is not kept: an hour has a hundred thousand frames
        kept = replace(face, depth=NO_DEPTH)
        sighting = Sighting(frame.index, float(frame.seconds), kept, quality)
        free = [t for t in self._open if id(t) not in taken]
        best = max(free, key=lambda t: _overlap(t, face), default=None)
        if best is None or _overlap(best, face) < SAME_FACE:
            best = Growing()
            self._open.append(best)
        best.sightings.append(sighting)
        taken.add(id(best))

    def _retire(self, index: int) -> None:
        for growing in list(self._open):
            if index - growing.last.index > self._patience:
                self._open.remove(growing)
                self._closed.append(growing)


def _overlap(growing: Growing, face: Face) -> float:
    return box_overlap(growing.last.face.box, face.box)
