"""Whether a clip shows what a fingerprint was taken of, and where it does not.

The clip is laid on the tiny film, wherever it was cut, cropped, moved or made brighter,
and compared block by block: how much of what either shows the other does not explain.
Clips that were only encoded again come out near zero everywhere. Two questions follow:
how much of the picture differs, and how much of what moves, for it is there that
people act. Another face on the same set differs in the second alone.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.fingerprint import COLUMNS, LEVEL, ROWS, Fingerprint, Luma
from lampoon.watermark.query import WHOLE, Film, Query, QueryTaker, View

FINER = 2
"""Pictures are compared at so many samples a cell, so that a crop can lie anywhere."""

OFFSETS, FINE_OFFSETS = 0.12, 0.02
"""Seconds between the moments that are tried as beginning, at first and at last."""

WINDOW, STRIDE = 8, 4
"""Samples across a block, and from one to the next."""

GRAIN = 60.0
"""Squared grey levels that noise and rounding may come to."""

UNLIKE = 0.3
"""From here a block shows something else; half of it explains nothing."""

MOST_COVERED = 0.3
"""Part of the picture that may be something else, as captions and logos are."""

ACTING, MOST_UNLIKE_ACTING = 0.7, 0.08
"""This part of what moves must be no more unlike than that."""

FLICKER, STILLNESS = LEVEL**2 / 4, 0.5
"""Squared grey levels that rounding alone makes a place change by; and by how much it
counts as moving though it does not."""

STEADY = 20.0
"""Squared grey levels of contrast below which its change cannot be told."""

FARTHEST = 2.5
"""Samples by which the place may be mended."""

SMOOTH = np.array([1, 2, 1], np.float32) / 4


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How alike a clip and a fingerprint are.

    ``likeness`` is the correlation of the pictures, -1 to 1. ``covered`` is the part of
    the picture that shows something else, ``places`` where that is, in blocks as the
    clip is seen. ``acting`` is how unlike what moves is, 0 to about 1.
    ``offset_seconds`` is where the clip begins in the original.
    """

    likeness: float
    covered: float
    acting: float
    offset_seconds: float
    places: tuple[tuple[bool, ...], ...] = ()

    @property
    def same(self) -> bool:
        """Whether the clip shows what the fingerprint was taken of."""
        return self.covered <= MOST_COVERED and self.acting <= MOST_UNLIKE_ACTING


UNALIKE = Resemblance(-1.0, 1.0, 1.0, 0.0)


def resemblance(
    stored: Fingerprint, query: QueryTaker, view: View = WHOLE
) -> Resemblance:
    """Return how alike a clip is to a fingerprint, wherever it was cut or cropped.

    Raises ValueError where the query has no pictures.
    """
    if not query.pictures:
        raise ValueError("there is nothing to compare")
    film = _enlarged(stored.cells)
    seen = _within(film, _in_samples([each for _, each in query.pictures], view))
    x, y = _place(film, seen)
    height, width = seen.shape[1:]
    film = np.ascontiguousarray(film[:, y : y + height, x : x + width])
    clip = Query(seen, np.array([seconds for seconds, _ in query.pictures]))
    offset = _best_offset(film, stored.step, clip)
    if offset is None:
        return UNALIKE
    inside = clip.covers(np.arange(len(film)) * stored.step - offset)
    here = film[inside]
    shown = clip.at(np.flatnonzero(inside) * stored.step - offset)
    return _compared(here, _mended(here, shown), film.var(axis=0), offset, view.flip)


def _enlarged(cells: npt.NDArray[np.uint8]) -> Film:
    size = (COLUMNS * FINER, ROWS * FINER)
    large = [cv2.resize(each, size, interpolation=cv2.INTER_CUBIC) for each in cells]
    return np.stack(large).astype(np.float32)


def _in_samples(pictures: list[Luma], view: View) -> Film:
    """Return the query's pictures at the film's scale, and as soft as it is."""
    width = max(round(COLUMNS * FINER * view.across), WINDOW)
    height = max(round(ROWS * FINER * view.down), WINDOW)
    small = [
        cv2.sepFilter2D(
            cv2.resize(each, (width, height), interpolation=cv2.INTER_AREA),
            cv2.CV_32F,
            SMOOTH,
            SMOOTH,
        )
        for each in pictures
    ]
    film = np.stack(small).astype(np.float32)
    return np.ascontiguousarray(film[:, :, ::-1]) if view.flip else film


def _within(film: Film, seen: Film) -> Film:
    """Return the query without what lies beyond the original on a larger canvas."""
    height, width = film.shape[1:]
    top, left = (max(seen.shape[i] - (height, width)[i - 1], 0) // 2 for i in (1, 2))
    return np.ascontiguousarray(seen[:, top : top + height, left : left + width])


def _place(film: Film, seen: Film) -> tuple[int, int]:
    """Return where in the original the query lies, (x, y): best for three moments."""
    total: npt.NDArray[np.float32] | None = None
    picked = seen[:: max(len(seen) // 3, 1)][:3]
    for picture in picked:
        scores = [cv2.matchTemplate(s, picture, cv2.TM_CCOEFF_NORMED) for s in film]
        best = np.max(np.nan_to_num(np.stack(scores)), axis=0)
        total = best if total is None else total + best
    assert total is not None
    y, x = np.unravel_index(int(total.argmax()), total.shape)
    return int(x), int(y)


def _best_offset(film: Film, step: float, clip: Query) -> float | None:
    """Return the moment of the original at which the query begins."""
    small, coarse = _flat(film), Query(_flat(clip.pictures), clip.moments)
    length = len(film) * step
    first = np.arange(-length, length, OFFSETS)
    best = max((_agreement(small, step, coarse, o), o) for o in first)
    near = best[1] + np.arange(-OFFSETS, OFFSETS + 1e-9, FINE_OFFSETS)
    best = max(best, max((_agreement(small, step, coarse, o), o) for o in near))
    return float(best[1]) if best[0] > -2 else None


def _flat(film: Film) -> Film:
    """Return a film's pictures as rows of a quarter of their samples."""
    small = [
        cv2.resize(each, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        for each in film
    ]
    return np.stack(small).reshape(len(film), -1).astype(np.float32)


def _agreement(film: Film, step: float, clip: Query, offset: float) -> float:
    """Return the likeness of the pictures and of their changes, -2 for too few."""
    wanted = np.arange(len(film)) * step - offset
    inside = clip.covers(wanted)
    if inside.sum() < min(len(film), max(int(clip.moments[-1] / step * 0.7), 1)):
        return -2.0
    a, b = film[inside], clip.at(wanted[inside])
    return _likeness(a, b) + _correlation(a - a.mean(axis=0), b - b.mean(axis=0))


def _likeness(a: Film, b: Film) -> float:
    a, b = a.reshape(len(a), -1), b.reshape(len(b), -1)
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    power = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1)) + 1e-6
    return float(np.mean((a * b).sum(axis=1) / power))


def _correlation(a: Film, b: Film) -> float:
    power = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / power if power > 1e-6 else 0.0


def _mended(film: Film, seen: Film) -> Film:
    """Return the query's pictures laid exactly on the film's, in place and in light."""
    best = _relit(film, seen)
    height, width = film.shape[1:]
    try:
        _, found = cv2.findTransformECC(
            film.mean(axis=0),
            seen.mean(axis=0),
            np.eye(2, 3, dtype=np.float32),
            cv2.MOTION_AFFINE,
            (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4),
            np.ones((height, width), np.uint8),
            1,
        )
    except cv2.error:  # the pictures have nothing in common
        return best
    matrix = np.asarray(found, np.float32)
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]])
    if np.abs(corners @ matrix.T - corners[:, :2]).max() > FARTHEST:
        return best
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    edge = cv2.BORDER_REPLICATE
    moved = np.stack(
        [
            cv2.warpAffine(s, matrix, (width, height), flags=flags, borderMode=edge)
            for s in seen
        ]
    )
    mended = _relit(film, moved.astype(np.float32))
    gained = np.median(np.abs(mended - film)) < np.median(np.abs(best - film))
    return mended if gained else best


def _relit(film: Film, seen: Film) -> Film:
    """Return the query as bright and as rich in contrast as the film."""
    kept = np.ones(film.shape, np.bool_)
    lit = seen
    for _ in range(5):
        a, b = seen[kept], film[kept]
        steady = STEADY * a.size
        spread = float(((a - a.mean()) ** 2).sum()) + steady
        gain = (float(((a - a.mean()) * (b - b.mean())).sum()) + steady) / spread
        gain = float(np.clip(gain, 0.4, 2.5))
        lit = gain * seen + np.float32(b.mean() - gain * a.mean())
        error = np.abs(lit - film)
        kept = error <= max(float(np.percentile(error, 60)), 2.0)
    return lit


def _compared(
    film: Film, seen: Film, movement: Film, offset: float, flip: bool
) -> Resemblance:
    """Return what the blocks of two films that lie on each other come to."""
    error = _blocks(((seen - film) ** 2).mean(axis=0))
    unlike = error / (_spread(film) + _spread(seen) + GRAIN)
    weight = np.maximum(_blocks(movement) - FLICKER, 0) + STILLNESS
    order = np.argsort(unlike, axis=None)
    moved = np.cumsum(weight.reshape(-1)[order])
    acting = unlike.reshape(-1)[order][np.searchsorted(moved, ACTING * moved[-1])]
    places = unlike > UNLIKE
    shown = places[:, ::-1] if flip else places
    return Resemblance(
        likeness=_likeness(film, seen),
        covered=float(places.mean()),
        acting=float(acting),
        offset_seconds=offset,
        places=tuple(tuple(bool(v) for v in row) for row in shown),
    )


def _blocks(plane: Film) -> Film:
    """Return the mean of each block of a plane."""
    half = STRIDE
    mean = cv2.blur(plane, (WINDOW, WINDOW))[half::STRIDE, half::STRIDE]
    return np.asarray(mean, np.float32)


def _spread(film: Film) -> Film:
    """Return the variance of each block, over its samples and in time."""
    return _blocks((film**2).mean(axis=0)) - _blocks(film.mean(axis=0)) ** 2
