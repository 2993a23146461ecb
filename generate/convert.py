"""Method + frames + grant to swapped frames.

What leaves here is not labelled yet: only ``generate/finish.py`` takes it on, and
nothing here writes a file.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.consent.check import ConsentGrant, require_grant
from lampoon.errors import ConsentRefusedError
from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.blend import blend_patch
from lampoon.generate.composite.temporal import smooth_landmarks
from lampoon.generate.methods.protocol import PlateFace, SwapMethod
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames

BATCH_FRAMES = 16

WARM_UP_FRAMES = 16
"""Frames swapped and dropped before a stretch, for methods that carry colours on."""


class Converter:
    """Swaps the tracked face in any stretch of one clip.

    Raises ConsentRefusedError when the grant is for another method than the one
    that runs, TypeError without a grant.
    """

    def __init__(
        self, clip: Path, track: FaceTrack, method: SwapMethod, grant: ConsentGrant
    ) -> None:
        if require_grant(grant).method is not method.name:
            detail = f"granted for {grant.method.value}"
            raise ConsentRefusedError(((grant.donor.record_id, "method", detail),))
        self._clip = clip
        self._track = track
        self._method = method
        self._landmarks = smooth_landmarks(track.landmarks, track.times)
        method.begin(track, clip)

    def stretch(self, first: int, stop: int) -> Iterator[Frame]:
        """Yield frames ``first`` up to, not with, ``stop``, the face swapped.

        Frames keep their index and time. A frame in which the face is not seen, or
        for which the method gives no patch, passes unchanged. A stretch comes out
        the same whatever was converted before.
        """
        early = max(0, first - WARM_UP_FRAMES) if stop - first > 1 else first
        frames = read_frames(self._clip, first=early, stop=stop)
        for batch in iter(lambda: list(islice(frames, BATCH_FRAMES)), []):
            for frame in _swap_batch(batch, self._track, self._landmarks, self._method):
                if frame.index >= first:
                    yield frame

    def only(self, chosen: Sequence[int]) -> Iterator[Frame]:
        """Yield chosen frames, rising indices, each as ``stretch`` gives it alone."""
        for index in chosen:
            yield from self.stretch(index, index + 1)


def _swap_batch(
    batch: Sequence[Frame],
    track: FaceTrack,
    landmarks: npt.NDArray[np.float32],
    method: SwapMethod,
) -> Iterator[Frame]:
    faces = [_plate_face(frame, track, landmarks) for frame in batch]
    patches = iter(method.swap([face for face in faces if face is not None]))
    for frame, face in zip(batch, faces, strict=True):
        patch = None if face is None else next(patches)
        if patch is None:
            yield frame
        else:
            yield frame.with_rgb(blend_patch(frame.rgb, patch))


def _plate_face(
    frame: Frame, track: FaceTrack, landmarks: npt.NDArray[np.float32]
) -> PlateFace | None:
    row = frame.index - track.first_frame
    if not 0 <= row < track.frame_count or not np.isfinite(landmarks[row]).all():
        return None
    yaw, pitch, roll = (float(angle) for angle in track.pose[row])
    return PlateFace(
        rgb=frame.rgb,
        landmarks=landmarks[row],
        blendshapes=track.blendshapes[row],
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        index=frame.index,
    )
