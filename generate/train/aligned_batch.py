"""Pairs of a warped face and the face it should become, as faceswap makes them.

Order, sizes and odds are faceswap's: colour, then a small turn, zoom and shift, then a
mirror image half of the time; the target is taken there, and only the input is warped.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError
from lampoon.faces.align import Centring, alignment_matrix
from lampoon.generate.faceset import ExtractedFace, Faceset
from lampoon.generate.models.aligned_crop import moved_points, shrunk
from lampoon.generate.models.blocks import FACE_SIDE
from lampoon.generate.train.aligned_regions import loss_weights

LIGHTNESS, TINT = 0.30, 0.08
"""Largest change of L, and of A and B, as parts of their range."""
CONTRAST_ODDS, CONTRAST_GRID = 0.5, 4
TURN_DEGREES, ZOOM, SHIFT = 10.0, 0.05, 0.05
MIRROR_ODDS = 0.5
WARP_POINTS = 5
WARP_PIXELS = 5 / 256
"""Standard deviation of the warp, as a part of the side."""
FEWEST_FACES = 25
"""faceswap trains on no fewer a side."""
MOST_BYTES = 2 << 30
"""Of a side's faces in memory; of longer footage, faces spread over it are taken."""
_BYTES_A_PIXEL = 7


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFaces:
    """All faces of a side at the network's size.

    ``bgr`` is (n, side, side, 3) uint8, ``weights`` (n, side, side) float32, what each
    pixel counts in the loss: from 1 on inside the face, 0 outside.
    """

    bgr: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.float32]


def aligned_faces(
    faceset: Faceset,
    *,
    side: int = FACE_SIDE,
    fewest: int = FEWEST_FACES,
    most_bytes: int = MOST_BYTES,
) -> AlignedFaces:
    """Return the faces of ``faceset``, face-centred, ``side`` pixels a side.

    As many as ``most_bytes`` hold, spread over all. Raises FaceError below ``fewest``.
    """
    if len(faceset) < fewest:
        raise FaceError(
            f"{len(faceset)} faces are too few to train on",
            where=faceset.folder,
            hint=f"extract at least {fewest}, better 500",
        )
    count = min(len(faceset), max(1, most_bytes // (side * side * _BYTES_A_PIXEL)))
    places = np.linspace(0, len(faceset) - 1, count).astype(int)
    pairs = [_aligned(faceset.faces[place], side) for place in places]
    return AlignedFaces(
        np.stack([bgr for bgr, _ in pairs]), np.stack([part for _, part in pairs])
    )


def batch(
    faces: AlignedFaces, count: int, chance: np.random.Generator
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return ``count`` inputs and targets drawn from ``faces``.

    Inputs are (count, side, side, 3) float32 BGR from 0 to 1; targets (count, side,
    side, 4): the unwarped face and, last, what each pixel counts.
    """
    side = faces.bgr.shape[1]
    inputs = np.empty((count, side, side, 3), np.float32)
    targets = np.empty((count, side, side, 4), np.float32)
    for place, drawn in enumerate(chance.integers(len(faces.bgr), size=count)):
        coloured = recoloured(faces.bgr[drawn], chance)
        stack = np.dstack([coloured.astype(np.float32) / 255, faces.weights[drawn]])
        moved = _moved(stack, chance)
        if chance.random() < MIRROR_ODDS:
            moved = moved[:, ::-1]
        targets[place] = moved
        inputs[place] = warped(np.ascontiguousarray(moved[..., :3]), chance)
    return inputs, targets


def recoloured(
    bgr: npt.NDArray[np.uint8], chance: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Return (n, n, 3) uint8 BGR with another lightness and tint, or more contrast."""
    lab = cv2.cvtColor(bgr, cv2.COLOR_BGR2LAB).astype(np.float32)
    reach = np.array([LIGHTNESS, TINT, TINT])
    change = chance.uniform(-reach, reach)
    room = np.where(change > 0, 255 - lab, lab)
    lab = np.clip(lab + change * room, 0, 255).astype(np.uint8)
    if chance.random() < CONTRAST_ODDS:
        grid = int(chance.integers(1, CONTRAST_GRID + 1))
        stretch = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(grid, grid))
        lab[..., 0] = stretch.apply(np.ascontiguousarray(lab[..., 0]))
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), np.uint8)


def warped(
    picture: npt.NDArray[np.float32], chance: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return (n, n, 3) ``picture`` bent by a random 5 by 5 grid."""
    side = picture.shape[0]
    columns, rows = np.meshgrid(*[np.arange(side, dtype=np.float32)] * 2)
    bend = chance.normal(0, WARP_PIXELS * side, (2, WARP_POINTS, WARP_POINTS))
    across, down = (
        cv2.resize(push.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        for push in bend
    )
    bent = cv2.remap(
        picture,
        columns + across,
        rows + down,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(bent, np.float32)


def _moved(
    stack: npt.NDArray[np.float32], chance: np.random.Generator
) -> npt.NDArray[np.float32]:
    side = stack.shape[0]
    turn = chance.uniform(-TURN_DEGREES, TURN_DEGREES)
    zoom = 1 + chance.uniform(-ZOOM, ZOOM)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), turn, zoom)
    matrix[:, 2] += chance.uniform(-SHIFT, SHIFT, 2) * side
    moved = cv2.warpAffine(
        stack,
        matrix,
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.float32)


def _aligned(
    face: ExtractedFace, side: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Return one face at the network's size, and what its pixels count."""
    picture, points = face.picture(), face.record.landmarks
    matrix = face.matrix_to(Centring.FACE, size=side, stored=picture.shape[0])
    aligned = alignment_matrix(points, size=side, centring=Centring.FACE)
    weights = loss_weights(moved_points(points, aligned), side)
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)
    return shrunk(bgr, matrix, side), weights
