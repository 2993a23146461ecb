"""Several people in the frame: only the one who agreed is swapped.

Faces are followed by where they are, so where two meet, a track may go on with the
other face. While they touch, the plate stays; what follows counts as the performer only
where it looks like the performer, and not like who was beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.faces.track import FaceTrack
from lampoon.generate.texture.unwrap import Unwrapper, shrunk
from lampoon.media.reader import read_frames

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

TOUCHING = 0.08
"""Faces touch where their boxes share this much of the smaller one."""
SURER = 0.8
"""A face is the performer's if its look is nearer to theirs than to any other's by
this factor."""
LOOKS = 5
TEXELS = 32


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Rows of a track in which a face is followed without a doubt."""

    track: FaceTrack
    rows: Rows


def without_bystanders(
    main: FaceTrack, tracks: Sequence[FaceTrack], clip: Path
) -> FaceTrack:
    """Return the main track without frames that may show, or touch, somebody else.

    Those frames are lost rows. The track itself comes back where nobody else is ever
    beside it. A gap counts as a touch: nobody saw who came back. ``tracks`` are all of
    the clip's.
    """
    others = [one for one in tracks if one is not main and _together(one, main)]
    if not others:
        return main
    touching = np.any([_touching(main, one) for one in others], axis=0)
    pieces = _pieces(main, main.present & ~touching)
    if len(pieces) < 2:
        return _only(main, ~touching)
    kept = _performers(pieces, others, clip)
    shown = np.zeros(main.frame_count, bool)
    for piece in kept:
        shown[piece.rows] = True
    return _only(main, shown)


def _performers(
    pieces: Sequence[_Piece], others: Sequence[FaceTrack], clip: Path
) -> list[_Piece]:
    """Return the longest piece, and all that look like the same person."""
    usual = max(pieces, key=lambda piece: len(piece.rows))
    beside = [_Piece(one, _rows_beside(one, usual)) for one in others]
    strangers = [_look(one, clip) for one in beside if len(one.rows)]
    own = _look(usual, clip)
    kept = [usual]
    for piece in pieces:
        if piece is usual or not strangers:
            continue
        look = _look(piece, clip)
        nearest = min(_apart(look, stranger) for stranger in strangers)
        if _apart(look, own) < SURER * nearest:
            kept.append(piece)
    return kept


def _together(one: FaceTrack, other: FaceTrack) -> bool:
    return bool(_aligned(one, other)[1].any())


def _aligned(one: FaceTrack, main: FaceTrack) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return a track's boxes over the rows of another, and where it is seen there."""
    rows = np.arange(main.frame_count) + main.first_frame - one.first_frame
    inside = (rows >= 0) & (rows < one.frame_count)
    safe = np.clip(rows, 0, one.frame_count - 1)
    seen = inside & one.present[safe]
    return one.boxes[safe], seen


def _touching(main: FaceTrack, other: FaceTrack) -> npt.NDArray[np.bool_]:
    """Return where another face touches, (frames,); hidden in between counts, too."""
    boxes, seen = _aligned(other, main)
    both = seen & main.present
    low = np.maximum(main.boxes[:, :2], boxes[:, :2])
    high = np.minimum(main.boxes[:, 2:], boxes[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    smaller = np.minimum(_areas(main.boxes), _areas(boxes))
    touching = both & (shared > TOUCHING * np.maximum(smaller, 1))
    hidden = ~main.present & _between(touching)
    return np.asarray(touching | hidden, np.bool_)


def _areas(boxes: Floats) -> Floats:
    areas: Floats = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)
    return areas


def _between(marked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(marked), bool)
    rows = np.flatnonzero(marked)
    if len(rows):
        found[rows[0] : rows[-1] + 1] = True
    return found


def _pieces(track: FaceTrack, sure: npt.NDArray[np.bool_]) -> list[_Piece]:
    rows = np.flatnonzero(sure)
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) > 1) + 1
    return [_Piece(track, part) for part in np.split(rows, breaks)]


def _rows_beside(other: FaceTrack, usual: _Piece) -> Rows:
    """Return the rows of another track while the usual piece was seen."""
    rows = usual.rows + usual.track.first_frame - other.first_frame
    rows = rows[(rows >= 0) & (rows < other.frame_count)]
    return rows[other.present[rows]]


def _look(piece: _Piece, clip: Path) -> tuple[Floats, Floats]:
    """Return a mean texture, its and how well it is seen."""
    yaw = np.abs(piece.track.pose[piece.rows, 0])
    chosen = np.sort(piece.rows[np.argsort(yaw)[:LOOKS]])
    total = np.zeros((TEXELS, TEXELS, 3), np.float32)
    weight = np.zeros((TEXELS, TEXELS), np.float32)
    unwrap = Unwrapper(TEXELS)
    for row in chosen.tolist():
        index = piece.track.first_frame + row
        frame = next(read_frames(clip, first=index, stop=index + 1))
        part, moved = shrunk(frame.rgb, piece.track.landmarks[row], pixels=TEXELS)
        texture, visible = unwrap.look(part, moved)
        total += texture * visible[..., None]
        weight += visible
    look = total / np.maximum(weight, np.float32(1e-3))[..., None]
    return look.astype(np.float32), (weight / len(chosen)).astype(np.float32)


def _apart(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> float:
    """Return the mean difference of two looks where both are seen."""
    both = np.minimum(one[1], other[1])
    return float((np.abs(one[0] - other[0]).mean(2) * both).sum() / (both.sum() + 1e-6))


def _only(track: FaceTrack, shown: npt.NDArray[np.bool_]) -> FaceTrack:
    """Return a track that is lost wherever it is not shown."""
    if (shown | ~track.present).all():
        return track
    hide = ~shown

    def blank(values: Floats) -> Floats:
        made = values.copy()
        made[hide] = np.nan
        return made

    reasons = tuple(
        "another face" if hidden and not why else why
        for hidden, why in zip(hide.tolist(), track.reasons, strict=True)
    )
    return replace(
        track,
        landmarks=blank(track.landmarks),
        blendshapes=blank(track.blendshapes),
        pose=blank(track.pose),
        boxes=blank(track.boxes),
        sharpness=blank(track.sharpness),
        scores=np.where(shown, track.scores, 0).astype(np.float32),
        eyes_measurable=track.eyes_measurable & shown[:, None],
        reasons=reasons,
    )
