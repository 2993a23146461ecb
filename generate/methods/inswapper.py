"""The method ``inswapper``: insightface's one-shot swap, with the user's own model.

No training: the donor is a mean of ArcFace embeddings of the donor's own, consented
footage, the picture is 128 pixels and comes back inside the hull of the landmarks.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.consent.record import Method
from lampoon.errors import FaceError, TrainingError
from lampoon.faces.insightface import (
    SWAP_SIDE,
    ArcFaceEmbedder,
    FaceSwapper,
    ModelFacts,
    ModelFolder,
    Task,
)
from lampoon.faces.landmarks import points68
from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.blend import with_grain
from lampoon.generate.composite.mask import hull_mask
from lampoon.generate.followed import Followed
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.models.aligned_crop import shrunk
from lampoon.generate.train.aligned_regions import with_raised_brows
from lampoon.generate.whole_file import PRIVATE, replace_file
from lampoon.media.reader import read_frames

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

LOOKS = 12
"""Pictures of the donor that are averaged, spread over the footage."""
FACING_DEGREES = 30.0
"""Beyond this a turned head says little about who it is."""
ERODE, FEATHER = 0.02, 0.10
"""Rim of the hull that stays the plate's, and the passage, in shares of its width."""
RIM = 12
"""Pixels of the network's picture in which it fades out."""
_MARGIN = 2
_FEWEST_PIXELS = 16


def learn_identity(donor: Followed, models: Path) -> tuple[Path, ModelFacts]:
    """Return the file with the donor's identity, made once, and the swap's model.

    Only its owner can read that file.

    Raises SettingsError or MissingExtraError without models or package, FaceError
    where the donor never faces the camera.
    """
    folder = ModelFolder(models)
    swap, recognition = folder.facts(Task.SWAP), folder.facts(Task.RECOGNITION)
    path = donor.folder / f"identity-{recognition.sha256[:16]}.npy"
    if not path.exists():
        whole = BytesIO()
        np.save(whole, _mean_embedding(donor, ArcFaceEmbedder(folder)))
        replace_file(path, whole.getvalue(), durable=False, private=True)
    path.chmod(PRIVATE)  # one that was kept by an older version, too
    return path, swap


def _mean_embedding(
    donor: Followed, embedder: ArcFaceEmbedder
) -> npt.NDArray[np.float64]:
    track = donor.track
    facing = np.abs(np.nan_to_num(track.pose[:, 0], nan=90)) < FACING_DEGREES
    rows = np.flatnonzero(track.present & facing)
    if not len(rows):
        raise FaceError(
            "the donor never faces the camera",
            where=donor.clip,
            hint=f"give footage with the head turned less than {FACING_DEGREES:.0f}°",
        )
    spread = rows[np.linspace(0, len(rows) - 1, LOOKS).astype(int)]
    made = []
    for row in sorted(set(spread.tolist())):
        index = track.first_frame + row
        frame = next(read_frames(donor.clip, first=index, stop=index + 1))
        made.append(embedder.embed(frame.rgb, track.landmarks[row]))
    mean: npt.NDArray[np.float64] = np.mean(made, axis=0)
    return mean / np.linalg.norm(mean)


class InswapperMethod:
    """Swaps with the user's own ``inswapper`` file; holds no state between frames."""

    def __init__(
        self, swapper: FaceSwapper, embedding: npt.NDArray[np.float64]
    ) -> None:
        self._swapper = swapper
        self._identity = swapper.identity(embedding)

    @classmethod
    def load(cls, models: Path, identity: Path) -> Self:
        """Return the method for the donor whose identity is in a file.

        Raises TrainingError when the file cannot be read.
        """
        try:
            embedding = np.load(identity, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise TrainingError(
                "the donor's identity cannot be read",
                where=identity,
                hint="delete the file and run again",
            ) from error
        return cls(FaceSwapper(ModelFolder(models)), embedding)

    @property
    def name(self) -> Method:
        """The method as consent records call it."""
        return Method.INSWAPPER

    def begin(self, track: FaceTrack, clip: Path) -> None:
        """Learn nothing: every frame is swapped by itself."""

    def swap(self, faces: Sequence[PlateFace]) -> list[FacePatch | None]:
        """Return one patch a face; None where it is out of the frame or tiny."""
        return [self._patch(face) for face in faces]

    def _patch(self, face: PlateFace) -> FacePatch | None:
        hull = with_raised_brows(points68(face.landmarks))
        height, width = face.rgb.shape[:2]
        low = np.floor(hull.min(axis=0)).astype(int) - _MARGIN
        high = np.ceil(hull.max(axis=0)).astype(int) + _MARGIN
        x, y = (max(0, int(side)) for side in low)
        size = min(width, int(high[0])) - x, min(height, int(high[1])) - y
        if min(size) <= 0 or min(high - low) < _FEWEST_PIXELS:
            return None
        matrix = self._swapper.matrix(face.landmarks).astype(np.float32)
        crop = shrunk(face.rgb, matrix, SWAP_SIDE)
        made = self._swapper.swapped(crop, self._identity)
        back = matrix.astype(np.float64)
        back[:, 2] += back[:, :2] @ (x, y)
        rgb, reach = _laid_back(made, back, size)
        across = float(np.ptp(hull[:, 0]))
        alpha = hull_mask(
            hull - (x, y),
            (size[1], size[0]),
            erode_pixels=ERODE * across,
            feather_pixels=FEATHER * across,
        )
        if face.grain:
            rgb = with_grain(rgb, face.rgb[y : y + size[1], x : x + size[0]])
        return FacePatch(rgb, alpha * reach, x, y, reach)


def _laid_back(
    made: Pixels, back: npt.NDArray[np.float64], size: tuple[int, int]
) -> tuple[Pixels, Floats]:
    """Return a crop where it lies in the window, and how far it reaches there."""
    rgb = cv2.warpAffine(
        made,
        back,
        size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    reach = cv2.warpAffine(
        _fading(), back, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return rgb.astype(np.uint8, copy=False), np.asarray(reach, np.float32)


def _fading() -> Floats:
    """Return how much of the network's picture counts, 0 at its edge, (128, 128)."""
    line = np.minimum(np.arange(SWAP_SIDE), np.arange(SWAP_SIDE)[::-1]) / RIM
    share = np.clip(line, 0, 1)
    return np.asarray(np.minimum(share[:, None], share[None, :]), np.float32)
