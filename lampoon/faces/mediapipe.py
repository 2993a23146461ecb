"""MediaPipe's own runtime on the vendored networks: the backend ``mediapipe``.

The same ``face_landmarker.task`` that LiteRT runs by default, followed by Google's
graph, for those who have it anyway and to hold the default against.
"""

import weakref
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import MissingExtraError
from lampoon.faces.detector import CONVERGED, MOST_PASSES, Face
from lampoon.faces.landmarks import eye_distance
from lampoon.faces.pose import head_pose
from lampoon.quiet import quiet_start

Pixels = npt.NDArray[np.uint8]

SURE = 1.0
"""MediaPipe keeps its scores to itself and gives only faces above its thresholds."""


class MediaPipeBackend:
    """Faces by MediaPipe's tracking graph; one object serves one thread.

    Raises MissingExtraError without the extra ``mediapipe``.
    """

    name = "mediapipe"

    def __init__(self, max_faces: int = 4) -> None:
        if max_faces < 1:
            raise ValueError("max_faces counts from 1")
        self._mediapipe, self._graph = _graph(max_faces)
        # the graph refers to itself: left alone it is closed too late, noisily
        weakref.finalize(self, self._graph.close).atexit = False
        self._milliseconds = 0
        self._last: list[Face] = []

    def faces(
        self,
        rgb: Pixels,
        *,
        previous: Sequence[Face] = (),
        search: bool = False,
    ) -> list[Face]:
        """Return the faces of RGB (height, width, 3) uint8, largest first.

        The graph follows what it saw last, so where ``previous`` is something else it
        is made to forget. It searches by itself for faces that came in: ``search``
        changes nothing.
        """
        follows = bool(previous) and all(
            any(face is seen for seen in self._last) for face in previous
        )
        if not follows and self._last:
            self._seen(np.zeros_like(rgb))
        found = self._seen(rgb)
        for _ in range(0 if follows else MOST_PASSES - 1):
            before, found = found, self._seen(rgb)
            if _settled(before, found):
                break
        self._last = found
        return found

    def _seen(self, rgb: Pixels) -> list[Face]:
        """Return what the graph sees in the next frame of its film."""
        self._milliseconds += 1
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB,
            data=np.ascontiguousarray(rgb),
        )
        made = self._graph.detect_for_video(image, self._milliseconds)
        found = [
            _face(points, shapes, rgb.shape)
            for points, shapes in zip(
                made.face_landmarks, made.face_blendshapes, strict=True
            )
        ]
        return sorted(found, key=lambda f: -float(np.prod(f.box[2:] - f.box[:2])))


def _graph(max_faces: int) -> tuple[Any, Any]:
    try:
        with quiet_start():
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision
    except ImportError as error:
        raise MissingExtraError("mediapipe", "mediapipe") from error
    task = resources.files("lampoon.faces") / "models" / "face_landmarker.task"
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=task.read_bytes()),
        running_mode=vision.RunningMode.VIDEO,
        num_faces=max_faces,
        output_face_blendshapes=True,
    )
    with quiet_start():
        return mediapipe, vision.FaceLandmarker.create_from_options(options)


def _face(points: Sequence[Any], shapes: Sequence[Any], size: tuple[int, ...]) -> Face:
    height, width = size[:2]
    raw = np.array([(p.x * width, p.y * height, p.z * width) for p in points])
    landmarks, depth = raw[:, :2].astype(np.float32), raw[:, 2].astype(np.float32)
    yaw, pitch, roll = head_pose(landmarks, depth)
    return Face(
        box=np.concatenate([landmarks.min(axis=0), landmarks.max(axis=0)]),
        landmarks=landmarks,
        depth=depth,
        blendshapes=np.array([shape.score for shape in shapes], np.float32),
        score=SURE,
        yaw=yaw,
        pitch=pitch,
        roll=roll,
    )


def _settled(before: Sequence[Face], found: Sequence[Face]) -> bool:
    """Return whether no mesh moved any more between two looks at one picture."""
    return len(before) == len(found) and all(
        float(np.hypot(*(now.landmarks - was.landmarks).T).mean())
        < CONVERGED * eye_distance(now.landmarks)
        for was, now in zip(before, found, strict=True)
    )
