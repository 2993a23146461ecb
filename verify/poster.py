"""A few frames kept while a clip streams by: for the label, and for the report."""

import base64
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.faces.detector import Face
from lampoon.media.frame import Frame
from lampoon.verify.evidence import Poster

SAMPLES = 12
POSTER_WIDTH = 960
POSTER_QUALITY = 82
BLINK_LEFT, BLINK_RIGHT = 9, 10


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One kept frame and the faces in it, largest first."""

    frame: Frame
    faces: tuple[Face, ...]

    @property
    def worth(self) -> tuple[float, float]:
        """How well it shows a person: a frontal, open-eyed, large face is best."""
        if not self.faces:
            return (0.0, 0.0)
        face = self.faces[0]
        shut = float(face.blendshapes[BLINK_LEFT] + face.blendshapes[BLINK_RIGHT])
        turned = abs(float(face.yaw)) / 45.0
        return (1.0, 2.0 - shut - turned)


class Samples:
    """Frames spread evenly over a clip, the first and the last among them."""

    def __init__(self, frame_count: int, count: int = SAMPLES) -> None:
        last = max(frame_count - 1, 0)
        self._wanted = {round(each) for each in np.linspace(0, last, count)}
        self._kept: list[Sample] = []

    def keep(self, frame: Frame, faces: list[Face]) -> None:
        """Look at a frame that passes by, and keep it where it is wanted."""
        if frame.index in self._wanted:
            ordered = sorted(faces, key=lambda face: -_area(face.box))
            self._kept.append(Sample(frame, tuple(ordered)))

    @property
    def frames(self) -> list[Frame]:
        """The kept frames in order."""
        return [sample.frame for sample in self._kept]

    def poster(self) -> Poster | None:
        """Return the frame that shows a person best, None where none was kept."""
        if not self._kept:
            return None
        best = max(self._kept, key=lambda sample: sample.worth)
        box = best.faces[0].box if best.faces else None
        return _poster(best.frame, box)


def _poster(frame: Frame, box: npt.NDArray[np.float32] | None) -> Poster:
    """Return a frame as a JPEG no wider than 960 pixels, with the face's place."""
    height, width = frame.rgb.shape[:2]
    scale = min(1.0, POSTER_WIDTH / max(width, height))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA)
    quality = [cv2.IMWRITE_JPEG_QUALITY, POSTER_QUALITY]
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), quality)
    place = None
    if box is not None:
        x0, y0, x1, y1 = (float(value) * scale for value in box)
        place = (x0, y0, x1, y1)
    return Poster(
        jpeg_base64=base64.b64encode(jpeg.tobytes()).decode("ascii"),
        width=size[0],
        height=size[1],
        seconds=float(frame.seconds),
        box=place,
    )


def _area(box: npt.NDArray[np.float32]) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))
