"""A person's footage as textures, kept in one file for training and swapping."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError, TrainingError
from lampoon.faces.track import FaceTrack
from lampoon.generate.texture.appearance import LOOK_ARRAYS, Appearance
from lampoon.generate.texture.arrays import Floats, Pixels, floats, pixels
from lampoon.generate.texture.atlas import DETAIL, fold
from lampoon.generate.texture.expression import Openness, gaps
from lampoon.generate.texture.layout import Camera, camera
from lampoon.generate.texture.light import resized
from lampoon.generate.texture.portrait import Seen, build_appearance
from lampoon.generate.texture.shape import own_shape
from lampoon.generate.texture.unwrap import Unwrapper, shrunk
from lampoon.generate.whole_file import replace_file
from lampoon.media.reader import read_frames
from lampoon.progress import Tell, silent

SHARPEST = 512
"""Width of the sharpest appearance that is built; small faces get a smaller one."""

FRAMES_EVENLY, FRAMES_SHUT, FRAMES_HALF, FRAMES_WIDE = 36, 14, 8, 14
"""Frames that an appearance is built from: spread out, and of rare expressions."""

FORMAT = 2
"""Of the kept file. Raise it when textures come out otherwise than they did."""

FRONTAL_ANGLE = 0.35
"""Sine of the angle at which a frame's worth for an appearance has fallen to 1/e."""

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """What a track says of a person, without pictures.

    ``rows`` are the rows of the track in which the face is seen; the rest has one
    entry for each: ``landmarks`` (n, 478, 2), ``openness`` (n, 3), ``turned`` (n,)
    sine of the angle from the person's usual view, ``sharpness`` (n,). ``shape``
    (478, 2) is the person's own; ``range`` how far the lids move.
    """

    rows: Rows
    landmarks: Floats
    openness: Floats
    turned: Floats
    sharpness: Floats
    shape: Floats
    range: Openness


def poses(track: FaceTrack) -> Poses:
    """Return what a track says of a person; FaceError where it shows no face."""
    rows = np.flatnonzero(np.isfinite(track.landmarks).all((1, 2)))
    if not len(rows):
        raise FaceError("the track has no frame with a face")
    landmarks = track.landmarks[rows]
    views = [camera(one) for one in landmarks]
    seen = np.array([gaps(o, v) for o, v in zip(landmarks, views, strict=True)])
    openness = Openness.learned(seen)
    return Poses(
        rows=rows,
        landmarks=landmarks,
        openness=openness.of(seen),
        turned=_turned(views),
        sharpness=track.sharpness[rows].astype(np.float32),
        shape=own_shape(landmarks[:: max(1, len(landmarks) // 300)]),
        range=openness,
    )


def _turned(views: list[Camera]) -> Floats:
    aside = np.array([view.depth[0] for view in views])
    nod = np.array([view.depth[1] for view in views])
    angle: Floats = np.hypot(aside, nod - np.median(nod)).astype(np.float32)
    return angle


def frame_worth(given: Poses) -> Floats:
    """Return how much each frame counts for an appearance, (n,): frontal and sharp."""
    sharp = given.sharpness / max(float(np.median(given.sharpness)), 1e-6)
    frontal = np.exp(-np.square(given.turned / FRONTAL_ANGLE))
    worth: Floats = (0.04 + frontal) * np.clip(np.nan_to_num(sharp), 0.2, 1.3)
    return worth.astype(np.float32)


def telling_frames(given: Poses) -> Rows:
    """Return entries of the poses from which an appearance is built, rising."""
    worth, lids = frame_worth(given), given.openness[:, :2].mean(1)
    parts = np.array_split(np.arange(len(worth)), min(FRAMES_EVENLY, len(worth)))
    chosen = [part[np.argmax(worth[part])] for part in parts]
    chosen += np.argsort(lids)[:FRAMES_SHUT].tolist()
    chosen += np.argsort(np.abs(lids - 0.5))[:FRAMES_HALF].tolist()
    chosen += np.argsort(-given.openness[:, 2])[:FRAMES_WIDE].tolist()
    return np.unique(chosen)


def sharp_size(given: Poses) -> int:
    """Return the width of textures that holds all that the footage shows."""
    width = float(np.median(np.ptp(given.landmarks[..., 0], axis=1)))
    return int(np.clip(np.ceil(width * 1.6 / 64) * 64, 192, SHARPEST))


def seen_frame(
    rgb: Pixels, given: Poses, entry: int, unwrap: Unwrapper, small: Unwrapper
) -> Seen:
    """Return one frame as texture, for building an appearance."""
    landmarks = given.landmarks[entry]
    part, moved = shrunk(rgb, landmarks, pixels=unwrap.size)
    visible = small.visible(moved, frame=part.shape[:2])
    return Seen(
        unwrap(part, moved),
        resized(visible, unwrap.size),
        given.openness[entry],
        float(frame_worth(given)[entry]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A person's footage as textures.

    ``textures`` (n, *ATLAS, 3) uint8 and ``visible`` (n, *ATLAS) uint8, 0 to 255, are
    atlases; they belong to ``landmarks`` (n, 478, 2) and ``openness`` (n, 3). The sharp
    ``appearance`` is what a donor shows; ``small_look``, the plain average of textures
    of width DETAIL, is what the network's input is measured against.
    """

    textures: Pixels
    visible: Pixels
    landmarks: Floats
    openness: Floats
    shape: Floats
    appearance: Appearance
    small_look: Appearance

    @classmethod
    def load(cls, path: Path) -> "Person":
        """Return what ``prepare_textures`` wrote; TrainingError if it is broken.

        So is a file that another version of this program wrote otherwise.
        """
        try:
            with (
                path.open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                if int(stored["format"]) != FORMAT:
                    raise ValueError(f"format {stored['format']}")
                return cls(
                    stored["textures"],
                    stored["visible"],
                    stored["landmarks"],
                    stored["openness"],
                    stored["shape"],
                    Appearance.from_arrays(stored),
                    Appearance.from_arrays(
                        {name: stored[f"small_{name}"] for name in LOOK_ARRAYS}
                    ),
                )
        except (OSError, BadZipFile, KeyError, ValueError) as error:
            hint = "delete it; it is made again from the footage"
            raise TrainingError(
                "these textures cannot be read", where=path, hint=hint
            ) from error


def prepare_textures(
    clip: Path, track: FaceTrack, out: Path, *, every: int = 1, tell: Tell = silent
) -> Person:
    """Unwrap a person's footage into the file ``out`` and return it.

    Takes one frame in ``every`` for training, and some dozens at full sharpness for
    the person's appearance. ``out`` is replaced as a whole or not at all. Raises
    FaceError where the track shows no face, UnreadableError for a broken clip.
    """
    given = poses(track)
    telling = set(telling_frames(given).tolist())
    small, unwrap = Unwrapper(DETAIL), Unwrapper(sharp_size(given))
    textures, visible, kept, seen, small_seen = [], [], [], [], []
    for entry, rgb in _pictures(clip, track, given):
        if entry in telling:
            seen.append(seen_frame(rgb, given, entry, unwrap, small))
            small_seen.append(seen_frame(rgb, given, entry, small, small))
        if entry % every == 0 or entry in telling:
            part, moved = shrunk(rgb, given.landmarks[entry], pixels=DETAIL)
            texture, view = small.look(part, moved)
            textures.append(pixels(fold(floats(texture))))
            visible.append(pixels(fold(view) * 255))
            kept.append(entry)
        tell(entry + 1, len(given.rows))
    person = Person(
        np.stack(textures),
        np.stack(visible),
        given.landmarks[kept],
        given.openness[kept],
        given.shape,
        build_appearance(seen, given.range),
        build_appearance(small_seen, given.range, rounds=0),
    )
    _keep(person, out)
    return person


def _pictures(
    clip: Path, track: FaceTrack, given: Poses
) -> Iterator[tuple[int, Pixels]]:
    """Yield each entry of the poses with its picture, in order."""
    entries = {int(row) + track.first_frame: k for k, row in enumerate(given.rows)}
    first, last = min(entries), max(entries)
    for frame in read_frames(clip, first=first, stop=last + 1):
        if frame.index in entries:
            yield entries[frame.index], frame.rgb


def glance(clip: Path, track: FaceTrack, given: Poses) -> Appearance:
    """Return how a person looks in a clip, in textures of width DETAIL.

    Quick and plain: a performer's own statistics, before a swap.
    """
    chosen = set(telling_frames(given).tolist())
    unwrap = Unwrapper(DETAIL)
    seen = [
        seen_frame(rgb, given, entry, unwrap, unwrap)
        for entry, rgb in _pictures(clip, track, given)
        if entry in chosen
    ]
    if not seen:
        raise FaceError("the clip does not show the tracked face", where=clip)
    return build_appearance(seen, given.range, rounds=0)


def _keep(person: Person, out: Path) -> None:
    whole = BytesIO()
    np.savez(
        whole,
        format=np.array(FORMAT),
        textures=person.textures,
        visible=person.visible,
        landmarks=person.landmarks,
        openness=person.openness,
        shape=person.shape,
        **person.appearance.arrays(),
        **{f"small_{k}": v for k, v in person.small_look.arrays().items()},
    )
    replace_file(out, whole.getvalue(), durable=False)
