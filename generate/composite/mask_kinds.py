"""The masks that a project can ask for instead of the method's own."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import MediaError
from lampoon.faces.landmarks import points68
from lampoon.generate.composite.mask import soft_inside
from lampoon.generate.composite.settings import CompositeSettings, MaskKind
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.train.aligned_regions import with_raised_brows

Floats = npt.NDArray[np.float32]

ERODE, FEATHER = 0.02, 0.10
"""Of a mask made from landmarks, where the settings give no other feather."""

SKIN_POINTS = 468
_NOSE = (27, 28, 29, 30, 31, 32, 33, 34, 35)
COMPONENTS = (
    (*range(9), 17, 18, 36, 31, 48),
    (*range(8, 17), 25, 26, 45, 35, 54),
    (17, 18, 19, 20, 21, 27, 39, 36),
    (22, 23, 24, 25, 26, 27, 42, 45),
    (*_NOSE, 39, 42),
    (31, 35, *range(48, 60), *range(5, 12)),
    (36, 39, 27, 31, 33, 48),
    (42, 45, 27, 35, 33, 54),
)
"""Parts of a face by its 68 points: the union of their hulls stops at the brows."""


def remasked(patch: FacePatch, face: PlateFace, settings: CompositeSettings) -> Floats:
    """Return how much of a patch shows, (h, w) float32, as the settings ask.

    Never more than the patch can show. Raises MediaError for a stored mask that is
    missing or of another size than the plate.
    """
    width = float(np.ptp(face.landmarks[:SKIN_POINTS, 0]))
    if settings.mask is MaskKind.METHOD:
        return _narrowed(patch.alpha, settings, width)
    size = patch.alpha.shape[0], patch.alpha.shape[1]
    if settings.mask is MaskKind.STORED:
        alpha = _narrowed(_stored(patch, face, settings), settings, width)
    else:
        inside = np.zeros(size, np.uint8)
        for shape in _shapes(face.landmarks, settings.mask):
            hull = cv2.convexHull(shape.astype(np.float32)) - (patch.x, patch.y)
            cv2.fillConvexPoly(inside, hull.round().astype(np.int32), 1)
        feather = FEATHER if settings.feather is None else settings.feather
        alpha = soft_inside(
            inside,
            erode_pixels=(ERODE + settings.erosion) * width,
            feather_pixels=feather * width,
        )
    return alpha if patch.reach is None else np.minimum(alpha, patch.reach)


def _narrowed(alpha: Floats, settings: CompositeSettings, width: float) -> Floats:
    """Return a mask eroded and feathered anew; itself where neither is asked."""
    if settings.erosion == 0 and settings.feather is None:
        return alpha
    narrow = soft_inside(
        (alpha > 0.02).astype(np.uint8),
        erode_pixels=settings.erosion * width,
        feather_pixels=(settings.feather or 0.0) * width,
    )
    return narrow if settings.feather is not None else np.minimum(alpha, narrow)


def _shapes(landmarks: Floats, kind: MaskKind) -> list[Floats]:
    if kind is MaskKind.MESH:
        return [landmarks[:SKIN_POINTS]]
    points = points68(landmarks)
    if kind is MaskKind.EXTENDED:
        return [with_raised_brows(points)]
    return [points[list(part)] for part in COMPONENTS]


def _stored(patch: FacePatch, face: PlateFace, settings: CompositeSettings) -> Floats:
    """Return the stored mask of the frame, cut to the patch."""
    folder = settings.masks or Path()
    found = _files(folder, face.index)
    if not found:
        raise MediaError(
            f"no mask for frame {face.index + 1}",
            where=folder,
            hint="name them NAME_000001.png and so on, one a frame",
        )
    mask = cv2.imread(str(found[0]), cv2.IMREAD_GRAYSCALE)
    height, width = face.rgb.shape[:2]
    if mask is None or mask.shape != (height, width):
        raise MediaError(f"this is no mask of {width} x {height}", where=found[0])
    shift = np.array([[1, 0, -patch.x], [0, 1, -patch.y]], np.float32)
    rows, columns = patch.alpha.shape
    cut = cv2.warpAffine(mask, shift, (columns, rows), flags=cv2.INTER_NEAREST)
    return np.asarray(cut / np.float32(255), np.float32)


def masks_digest(folder: Path, first: int, stop: int) -> str:
    """Return a hash of the stored masks of some frames, hexadecimal."""
    whole = hashlib.sha256()
    for index in range(first, stop):
        for path in _files(folder, index)[:1]:
            whole.update(f"{path.name}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def _files(folder: Path, index: int) -> list[Path]:
    return sorted(folder.glob(f"*_{index + 1:06d}.png"))
