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


def convert(
    clip: Path,
    track: FaceTrack,
    method: SwapMethod,
    grant: ConsentGrant,
    *,
    chosen: Sequence[int] | None = None,
) -> Iterator[Frame]:
    """Yield the frames of ``clip`` in order, the tracked face swapped.

    ``chosen`` are the indices wanted, rising; all of them when it is None. Frames
    keep their index and time. A frame in which the face is not seen, or for
    which the method gives no patch, passes unchanged. Raises ConsentRefusedError
    when the grant is for another method than the one that runs.
    """
    if require_grant(grant).method is not method.name:
        raise ConsentRefusedError(
            ((grant.donor.record_id, "method", f"granted for {grant.method.value}"),)
        )
    method.begin(track, clip)
    landmarks = smooth_landmarks(track.landmarks, track.times)
    frames = read_frames(clip) if chosen is None else _only(clip, chosen)
    while batch := list(islice(frames, BATCH_FRAMES)):
        yield from _swap_batch(batch, track, landmarks, method)


def _only(clip: Path, chosen: Sequence[int]) -> Iterator[Frame]:
    for index in chosen:
        yield from read_frames(clip, first=index, stop=index + 1)


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
