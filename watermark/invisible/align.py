"""Finding the tile in a residual: scale, stretch, rotation, flip and shift."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from lampoon.watermark.invisible.lattice import Field, Lattice
from lampoon.watermark.invisible.tile import (
    OVERSAMPLING,
    SIDE,
    Layout,
    Plane,
    Spectrum,
    packed_spectrum,
)

FOLDED = SIDE * OVERSAMPLING


@dataclass(frozen=True, slots=True)
class Pose:
    """How the grid of chips lies in a residual.

    ``across`` and ``down`` are the residual's samples per chip; ``turn`` is in radians;
    ``flipped`` is left to right.
    """

    across: float
    down: float
    turn: float = 0.0
    flipped: bool = False

    def laid_out(self, width: int, height: int) -> tuple[int, int]:
        """Return how large a residual is on the detector's grid, across and down."""
        if abs(math.sin(self.turn)) > math.sqrt(0.5):
            width, height = height, width
        across, down = self.across / OVERSAMPLING, self.down / OVERSAMPLING
        return int(width / across), int(height / down)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A pose with its score: the sync peak in standard deviations."""

    score: float
    pose: Pose


def fold(residual: Plane, pose: Pose) -> Plane:
    """Return all tiles of a residual laid on each other, (128, 128) float32.

    The residual's centre stays the centre; the mean is taken off.
    """
    columns, rows = pose.laid_out(residual.shape[1], residual.shape[0])
    across, down = -(-columns // FOLDED), -(-rows // FOLDED)
    laid = laid_on_grid(residual, pose, (across * FOLDED, down * FOLDED))
    folded: Plane = laid.reshape(down, FOLDED, across, FOLDED).sum((0, 2))
    return np.asarray(folded - folded.mean(), np.float32)


def laid_on_grid(residual: Plane, pose: Pose, size: tuple[int, int]) -> Plane:
    """Return a residual on the detector's grid, zero where the picture ends.

    ``size`` is (width, height), of which the picture fills ``pose.laid_out``.
    """
    height, width = residual.shape
    columns, rows = pose.laid_out(width, height)
    step_x, step_y = pose.across / OVERSAMPLING, pose.down / OVERSAMPLING
    cos, sin = np.cos(pose.turn), np.sin(pose.turn)
    turn = np.array([[cos * step_x, -sin * step_y], [sin * step_x, cos * step_y]])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    offset = centre - turn @ np.array([(columns - 1) / 2, (rows - 1) / 2])
    laid = cv2.warpAffine(
        residual,
        np.hstack([turn, offset[:, None]]).astype(np.float32),
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return np.asarray(laid, np.float32)


def correlation(layout: Layout, folded: Plane, flipped: bool) -> Plane:
    """Return the sync pattern's correlation at every shift, unit variance."""
    return correlation_with(_known(layout, flipped), folded)


def correlation_with(known: Spectrum, folded: Plane) -> Plane:
    """Return the correlation with a known pattern's spectrum, as above."""
    surface = _surface(packed_spectrum(folded), known)
    return np.asarray(surface / (surface.std() + 1e-9), np.float32)


def _surface(spectrum: Spectrum, known: Spectrum) -> Plane:
    """Return the correlation of two planes, given their spectra, at every shift."""
    both = cv2.mulSpectrums(spectrum, known, 0, conjB=True)
    shifts = cv2.idft(both, flags=cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
    return np.asarray(shifts, np.float32)


def _known(layout: Layout, flipped: bool) -> Spectrum:
    return layout.mirrored_spectrum if flipped else layout.sync_spectrum


def sightings(lattice: Lattice, field: Field, poses: list[Pose]) -> list[Sighting]:
    """Return every pose, flipped and not, with its score; the best first."""
    found = []
    for pose in poses:
        scores = lattice.peaks(_seen(field, pose))
        for flipped, score in zip((False, True), scores, strict=True):
            found.append(Sighting(score, replace(pose, flipped=flipped)))
    return sorted(found, key=lambda each: -each.score)


def _seen(field: Field, pose: Pose) -> Spectrum:
    across, down = pose.across / OVERSAMPLING, pose.down / OVERSAMPLING
    return field.at(across, down, pose.turn)


def refined(lattice: Lattice, field: Field, start: Sighting) -> Sighting:
    """Return the best sighting uphill from a first one, in ever smaller steps."""
    best = start
    for step in (0.002, 0.001, 0.0005):
        for _ in range(6):
            near = [
                replace(
                    best.pose,
                    across=best.pose.across * (1 + a * step),
                    down=best.pose.down * (1 + b * step),
                    turn=best.pose.turn + c * step,
                )
                for a, b, c in _MOVES
            ]
            top = _best_of(lattice, field, near)
            if top.score <= best.score * 1.001:
                break
            best = top
    return best


def settled(layout: Layout, plane: Plane, start: Pose) -> Pose:
    """Return the best pose around a refined one, asked of the pictures themselves.

    A spectrum mixed between its values can leave the tile half a chip off.
    """

    def clear(pose: Pose) -> float:
        return float(correlation(layout, fold(plane, pose), pose.flipped).max())

    best, top = start, clear(start)
    for step in (0.0008, 0.0004):
        for a, b in _NEIGHBOURS:
            across, down = best.across * (1 + a * step), best.down * (1 + b * step)
            near = replace(best, across=across, down=down)
            if (score := clear(near)) > top:
                best, top = near, score
    return best


def _best_of(lattice: Lattice, field: Field, poses: list[Pose]) -> Sighting:
    """Return the best of some poses, each as it is flipped."""
    scored = [(lattice.peaks(_seen(field, p))[p.flipped], p) for p in poses]
    return Sighting(*max(scored, key=lambda each: each[0]))


_NEIGHBOURS = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]

_MOVES = [
    (a, b, c)
    for a in (-1, 0, 1)
    for b in (-1, 0, 1)
    for c in (-1, 0, 1)
    if 0 < abs(a) + abs(b) + abs(c) <= 2
]


def chips_at(
    layout: Layout, residual: Plane, pose: Pose
) -> tuple[Plane, tuple[int, int]]:
    """Return the measured tile, (64, 64), and the shift (down, across) it lay at."""
    folded = fold(residual, pose)
    surface = correlation(layout, folded, pose.flipped)
    down, across = np.unravel_index(int(surface.argmax()), surface.shape)
    shift = (int(down), int(across))
    return unshifted(folded, pose.flipped, shift), shift


def unshifted(folded: Plane, flipped: bool, shift: tuple[int, int]) -> Plane:
    """Return a folded tile moved back to its beginning, as chips (64, 64)."""
    down, across = shift
    if flipped:
        folded = np.roll(folded[:, ::-1], (-down, across), (0, 1))
    else:
        folded = np.roll(folded, (-down, -across), (0, 1))
    chips: Plane = folded.reshape(SIDE, OVERSAMPLING, SIDE, OVERSAMPLING).sum((1, 3))
    return chips


def poses_same(width: int, height: int) -> list[Pose]:
    """Return the poses of an uncropped residual: as it was, lying, or squeezed."""
    rows = min(width, height) / OVERSAMPLING
    turns = (0.0, math.pi / 2, math.pi, -math.pi / 2)
    poses = [Pose(OVERSAMPLING, OVERSAMPLING, turn) for turn in turns]
    for aspect in (16 / 9, 4 / 3, 1.0, 9 / 16, 3 / 4, 4 / 5, 21 / 9, 1.85):
        chips_y = rows if aspect >= 1 else rows / aspect
        chips_x = chips_y * aspect
        poses.append(Pose(width / chips_x, height / chips_y))
    return poses


def poses_scaled(lowest: float, highest: float, step: float = 0.004) -> list[Pose]:
    """Return poses of one scale both ways, finely between two bounds."""
    scales = np.exp(np.arange(np.log(lowest), np.log(highest), step))
    return [Pose(float(s) * OVERSAMPLING, float(s) * OVERSAMPLING) for s in scales]
