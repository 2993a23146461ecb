"""One face in time: followed from frame to frame, ended by a cut."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike

import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError
from lampoon.faces.detector import Face, FaceBackend, LiteRTBackend
from lampoon.faces.follower import Follower, Growing
from lampoon.faces.quality import measurable_eyes
from lampoon.faces.steady import Look
from lampoon.media.frame import Frame
from lampoon.media.reader import probe, read_frames
from lampoon.progress import Tell, silent

OnFrame = Callable[[Frame, list[Face]], None]


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


def track_faces(
    frames: Iterable[Frame],
    *,
    rate: Fraction,
    backend: FaceBackend | None = None,
    on_frame: OnFrame | None = None,
    thrifty: bool = False,
    tell: Tell = silent,
    total: int = 0,
) -> list[FaceTrack]:
    """Return every face of a clip as a track, the longest first.

    Frames stream through: only the points are kept. A cut ends all tracks; a face
    that is lost for over a second, too. ``on_frame`` is given each frame with its
    faces, largest first. With ``thrifty`` a face that keeps still is not looked at in
    every frame: right for measuring, not for painting.
    """
    follower = Follower(backend or LiteRTBackend(), rate, thrifty=thrifty)
    for done, frame in enumerate(frames, start=1):
        _hand_on(follower.follow(frame), on_frame)
        tell(done, total)
    _hand_on(follower.rest(), on_frame)
    tracks = [_track(growing, rate) for growing in follower.finished()]
    return sorted(tracks, key=lambda t: (-int(t.present.sum()), t.first_frame))


def _hand_on(looks: Iterable[Look], on_frame: OnFrame | None) -> None:
    if on_frame is not None:
        for look in looks:
            on_frame(look.frame, look.faces)


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


def _track(growing: Growing, rate: Fraction) -> FaceTrack:
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
    rows: npt.NDArray[np.intp],
    count: int,
    values: Sequence[npt.ArrayLike] | npt.NDArray[np.bool_],
) -> npt.NDArray[np.float32]:
    """Return one row a frame, NaN where the face is lost."""
    spread = np.full((count, *np.shape(values[0])), np.nan, np.float32)
    for row, value in zip(rows, values, strict=True):
        spread[row] = value
    return spread
