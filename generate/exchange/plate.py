"""What work by hand on the plate needs: masks, matrices, landmarks, frame by frame.

Nothing here has a swapped pixel in it.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.errors import LampoonError
from lampoon.faces.align import Centring, alignment_matrix
from lampoon.faces.landmarks import points68
from lampoon.generate.composite.mask import hull_mask
from lampoon.generate.exchange.project import Who, agreed_side, insist_on_room
from lampoon.generate.followed import Followed
from lampoon.generate.methods.crop import ERODE, FEATHER
from lampoon.generate.train.aligned_regions import with_raised_brows
from lampoon.generate.whole_file import replace_file
from lampoon.media.reader import probe
from lampoon.progress import Bar

Describe = Callable[[npt.NDArray[np.float32]], dict[str, Any]]
"""A face's (478, 2) landmarks to what a line says of it."""


def export_masks(project: Path, out: Path, bar: Bar, *, who: Who) -> int:
    """Write one grey PNG for every frame, white where the face is; return how many.

    The mask is the hull of the landmarks, soft at its edge; black without a face.
    """
    side = agreed_side(project, who, bar).followed
    shape = probe(side.clip)
    size = shape.height, shape.width
    insist_on_room(out)
    with bar("masks", unit="frames") as tell:
        for index in range(shape.frame_count):
            mask = np.zeros(size, np.uint8)
            landmarks = _face_in(side, index)
            if landmarks is not None:
                mask = face_mask(landmarks, size)
            done, packed = cv2.imencode(".png", mask)
            if not done:
                raise LampoonError("a mask cannot be written as PNG", where=out)
            name = f"{side.clip.stem}_{index + 1:06d}.png"
            replace_file(out / name, packed.tobytes(), durable=False)
            tell(index + 1, shape.frame_count)
    return shape.frame_count


def export_matrices(
    project: Path, out: Path, bar: Bar, *, who: Who, size: int, centring: Centring
) -> int:
    """Write, a line a frame, the matrix from frame pixels to a square crop.

    Return how many frames have a face.
    """

    def matrix(landmarks: npt.NDArray[np.float32]) -> dict[str, Any]:
        found = alignment_matrix(points68(landmarks), size=size, centring=centring)
        return {"matrix": found.astype(float).round(6).tolist()}

    side = agreed_side(project, who, bar).followed
    more = {"size": size, "centring": centring.value}
    return _write_lines(out, side, {"schema": "lampoon.matrices/1"} | more, matrix)


def export_landmarks(project: Path, out: Path, bar: Bar, *, who: Who) -> int:
    """Write, a line a frame, the landmarks in frame pixels; return frames with a face.

    ``points68`` are in iBUG's order, ``points478`` in MediaPipe's.
    """

    def points(landmarks: npt.NDArray[np.float32]) -> dict[str, Any]:
        return {
            "points68": points68(landmarks).astype(float).round(3).tolist(),
            "points478": landmarks.astype(float).round(3).tolist(),
        }

    side = agreed_side(project, who, bar).followed
    return _write_lines(out, side, {"schema": "lampoon.landmarks/1"}, points)


def face_mask(
    landmarks: npt.NDArray[np.float32], size: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Return where a face is, (height, width) uint8, 0 to 255, soft at its edge."""
    hull = with_raised_brows(points68(landmarks))
    width = float(np.ptp(hull[:, 0]))
    mask = hull_mask(
        hull, size, erode_pixels=ERODE * width, feather_pixels=FEATHER * width
    )
    return np.asarray((255 * mask).round(), np.uint8)


def _write_lines(
    out: Path, side: Followed, head: dict[str, Any], describe: Describe
) -> int:
    lines = list(_lines(side, head, describe))
    replace_file(out, b"".join(lines))
    return int(side.track.present.sum())


def _lines(side: Followed, head: dict[str, Any], describe: Describe) -> Iterator[bytes]:
    """Yield what the file is, then every frame with a face; JSON, a line each."""
    shape = probe(side.clip)
    about = {"clip": side.clip.name, "sha256": side.sha256}
    dimensions = {"width": shape.width, "height": shape.height}
    yield _line(head | about | dimensions | {"frames": shape.frame_count})
    for row in np.flatnonzero(side.track.present):
        when = {
            "frame": side.track.first_frame + int(row),
            "seconds": round(float(side.track.times[row]), 6),
        }
        yield _line(when | describe(side.track.landmarks[row]))


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _face_in(side: Followed, index: int) -> npt.NDArray[np.float32] | None:
    row = index - side.track.first_frame
    if not 0 <= row < side.track.frame_count or not side.track.present[row]:
        return None
    return np.asarray(side.track.landmarks[row], np.float32)
