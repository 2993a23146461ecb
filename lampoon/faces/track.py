"""One face in time: followed from frame to frame, ended by a cut."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from os import PathLike

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError
from lampoon.faces.detector import Face, FaceBackend, LiteRTBackend
from lampoon.faces.networks import box_overlap
from lampoon.faces.quality import FaceQuality, face_quality, measurable_eyes
from lampoon.media.frame import Frame
from lampoon.media.reader import probe, read_frames
from lampoon.progress import Tell, silent

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

THUMBNAIL = (64, 36)
CUT_DIFFERENCE = 0.05
CUT_RATIO = 5.0
"""A cut: pictures differ by this much of full scale, and by this many times what
they differed before."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """One face over consecutive frames; nothing is known of it in its gaps.

    ``first_frame`` is the clip's frame index of row 0 and ``rate`` the clip's frames
    per second. ``times`` (frames,) float64 seconds; ``landmarks`` (frames, 478, 2)
    float32 source pixels, NaN where lost; ``blendshapes`` (frames, 52), 0 to 1;
    ``pose`` (frames, 3) yaw, pitch, roll in degrees; ``boxes`` (frames, 4) x0 y0 x1
    y1; ``scores`` (frames,), 0 where lost; ``eyes_measurable`` (frames, 2) bool,
    left and right; ``sharpness`` (frames,); ``reasons`` why an eye is not measurable,
    "" where both are.
    """

    first_frame: int
    rate: Fraction
    times: npt.NDArray[np.float64]
    landmarks: npt.NDArray[np.float32]
    blendshapes: npt.NDArray[np.float32]
    pose: npt.NDArray[np.float32]
    boxes: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    eyes_measurable: npt.NDArray[np.bool_]
    sharpness: npt.NDArray[np.float32]
    reasons: tuple[str, ...]

    @property
    def frame_count(self) -> int:
        """Frames from the first to the last in which the face is seen."""
        return len(self.times)

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Where the face is seen, (frames,) bool."""
        return self.scores > 0


@dataclass(slots=True)
class _Sighting:
    index: int
    seconds: float
    face: Face
    quality: FaceQuality


@dataclass(slots=True)
class _Growing:
    """A track while frames still come."""

    sightings: list[_Sighting] = field(default_factory=list)
    times: dict[int, float] = field(default_factory=dict)

    @property
    def last(self) -> _Sighting:
        return self.sightings[-1]


def track_faces(
    frames: Iterable[Frame],
    *,
    rate: Fraction,
    backend: FaceBackend | None = None,
    on_frame: Callable[[Frame, list[Face]], None] | None = None,
    tell: Tell = silent,
    total: int = 0,
) -> list[FaceTrack]:
    """Return every face of a clip as a track, the longest first.

    Frames stream through: only the points are kept. A cut ends all tracks; a face
    that is lost for over a second, too. ``on_frame`` is given each frame with its
    faces, largest first.
    """
    follower = _Follower(backend or LiteRTBackend(), rate)
    for done, frame in enumerate(frames, start=1):
        faces = follower.follow(frame)
        if on_frame is not None:
            on_frame(frame, faces)
        tell(done, total)
    tracks = [_track(growing, rate) for growing in follower.finished()]
    return sorted(tracks, key=lambda t: (-int(t.present.sum()), t.first_frame))


def track_clip(
    path: str | PathLike[str],
    *,
    backend: FaceBackend | None = None,
    first: int = 0,
    stop: int | None = None,
    tell: Tell = silent,
) -> list[FaceTrack]:
    """Return the tracks of a file, or of its frames from ``first`` to ``stop``.

    Raises UnreadableError for a file that cannot be decoded.
    """
    clip = probe(path)
    last = clip.frame_count if stop is None else min(stop, clip.frame_count)
    frames = read_frames(path, first=first, stop=stop)
    total = max(last - first, 0)
    return track_faces(frames, rate=clip.rate, backend=backend, tell=tell, total=total)


def main_track(
    tracks: Sequence[FaceTrack], path_for_error: str | PathLike[str]
) -> FaceTrack:
    """Return the face that the clip is about: most frames, weighed by its size.

    Raises FaceError when there is none.
    """
    if not tracks:
        raise FaceError(
            "no face was found",
            where=path_for_error,
            hint="a face must be turned to the camera and over about 40 pixels tall",
        )
    return max(tracks, key=_presence)


def _presence(track: FaceTrack) -> float:
    boxes = track.boxes[track.present]
    heights = boxes[:, 3] - boxes[:, 1]
    return float(heights.sum())


class _Follower:
    """Hands faces from frame to frame and notices cuts."""

    def __init__(self, backend: FaceBackend, rate: Fraction) -> None:
        self._backend = backend
        self._search_every = max(round(SEARCH_SECONDS * rate), 1)
        self._patience = max(round(LONGEST_GAP_SECONDS * rate), 1)
        self._shortest = max(round(SHORTEST_SECONDS * rate), 1)
        self._cuts = CutDetector()
        self._open: list[_Growing] = []
        self._closed: list[_Growing] = []
        self._faces: list[Face] = []
        self._since_search = 0
        self._hopeful = max(round(SEARCH_EMPTY_SECONDS * rate), 1)
        self._without = 0

    def follow(self, frame: Frame) -> list[Face]:
        rgb = frame.rgb
        if self._cuts.is_cut(rgb):
            self._closed += self._open
            self._open, self._faces, self._without = [], [], 0
        self._faces = self._look(rgb)
        taken: set[int] = set()
        for face in self._faces:
            self._extend(frame, face, taken)
        self._retire(frame.index)
        return self._faces

    def _look(self, rgb: npt.NDArray[np.uint8]) -> list[Face]:
        self._without = 0 if self._faces else self._without + 1
        if self._without > self._hopeful and self._without % self._hopeful:
            return []
        followed = self._backend.faces(rgb, previous=self._faces)
        self._since_search = 0 if not self._faces else self._since_search + 1
        if self._since_search < self._search_every:
            return followed
        self._since_search = 0
        fresh = self._backend.faces(rgb)
        unseen = [f for f in fresh if all(_apart(f, known) for known in followed)]
        return [*followed, *unseen]

    def _extend(self, frame: Frame, face: Face, taken: set[int]) -> None:
        quality = face_quality(frame.rgb, face)
        sighting = _Sighting(frame.index, float(frame.seconds), face, quality)
        free = [t for t in self._open if id(t) not in taken]
        best = max(free, key=lambda t: _overlap(t, face), default=None)
        if best is None or _overlap(best, face) < SAME_FACE:
            best = _Growing()
            self._open.append(best)
        best.sightings.append(sighting)
        taken.add(id(best))

    def _retire(self, index: int) -> None:
        for growing in list(self._open):
            if index - growing.last.index > self._patience:
                self._open.remove(growing)
                self._closed.append(growing)

    def finished(self) -> list[_Growing]:
        whole = [*self._closed, *self._open]
        return [g for g in whole if len(g.sightings) >= self._shortest]


def _apart(one: Face, other: Face) -> bool:
    return box_overlap(one.box, other.box) < SAME_FACE


def _overlap(growing: _Growing, face: Face) -> float:
    return box_overlap(growing.last.face.box, face.box)


class CutDetector:
    """Tells where one shot ends and the next begins, frame by frame.

    A cut is a jump of the whole picture (a 64 x 36 thumbnail) that is large and far
    above the motion just before it, so neither a pan nor a flash of noise is one.
    """

    def __init__(self) -> None:
        self._last: npt.NDArray[np.float32] | None = None
        self._usual = 0.0

    def is_cut(self, rgb: npt.NDArray[np.uint8]) -> bool:
        """Return whether this frame begins a new shot; the first never does."""
        grey = cv2.cvtColor(_thinned(rgb), cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, THUMBNAIL, interpolation=cv2.INTER_AREA)
        now = np.multiply(small, np.float32(1 / 255))
        before, self._last = self._last, now
        if before is None or before.shape != now.shape:
            return False
        jump = float(np.abs(now - before).mean())
        cut = jump > CUT_DIFFERENCE and jump > CUT_RATIO * self._usual
        self._usual = 0.0 if cut else 0.8 * self._usual + 0.2 * jump
        return cut


def _thinned(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return every n-th pixel, at least twice the thumbnail's size, for speed."""
    step = max(min(rgb.shape[1] // 128, rgb.shape[0] // 72), 1)
    return np.ascontiguousarray(rgb[::step, ::step])


def _track(growing: _Growing, rate: Fraction) -> FaceTrack:
    first, last = growing.sightings[0].index, growing.last.index
    count = last - first + 1
    rows = np.array([s.index - first for s in growing.sightings])
    faces = [s.face for s in growing.sightings]
    qualities = [s.quality for s in growing.sightings]
    eyes, why = measurable_eyes(qualities, rate)
    reasons = ["no face"] * count
    for row, reason in zip(rows, why, strict=True):
        reasons[row] = reason
    times = np.interp(np.arange(count), rows, [s.seconds for s in growing.sightings])
    return FaceTrack(
        first_frame=first,
        rate=rate,
        times=times,
        landmarks=_spread(rows, count, [f.landmarks for f in faces]),
        blendshapes=_spread(rows, count, [f.blendshapes for f in faces]),
        pose=_spread(rows, count, [(f.yaw, f.pitch, f.roll) for f in faces]),
        boxes=_spread(rows, count, [f.box for f in faces]),
        scores=np.nan_to_num(_spread(rows, count, [f.score for f in faces])),
        eyes_measurable=_spread(rows, count, eyes) == 1,
        sharpness=_spread(rows, count, [q.sharpness for q in qualities]),
        reasons=tuple(reasons),
    )


def _spread(
    rows: npt.NDArray[np.intp], count: int, values: npt.ArrayLike
) -> npt.NDArray[np.float32]:
    """Return one row a frame, NaN where the face is lost."""
    seen = np.asarray(values, np.float32)
    spread = np.full((count, *seen.shape[1:]), np.nan, np.float32)
    spread[rows] = seen
    return spread
