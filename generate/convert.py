"""Method + frames + grant to swapped frames.

What leaves here is not labelled yet: only ``generate/finish.py`` takes it on, and
nothing here writes a file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.consent.check import ConsentGrant, require_grant
from lampoon.errors import ConsentRefusedError
from lampoon.faces.track import FaceTrack
from lampoon.generate.composite.compose import Composer
from lampoon.generate.composite.mask_kinds import masks_digest
from lampoon.generate.composite.occlusion import face_texels
from lampoon.generate.composite.settings import AS_EVER, CompositeSettings, Composition
from lampoon.generate.composite.temporal import smooth_landmarks
from lampoon.generate.composite.usual import usual_look
from lampoon.generate.methods.protocol import FacePatch, PlateFace, SwapMethod
from lampoon.generate.report import ConversionReport
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames

BATCH_FRAMES = 16

WARM_UP_FRAMES = 16
"""Frames swapped and dropped before a stretch, for methods that carry colours on."""

TURNED_DEGREES, PROFILE_DEGREES = 55.0, 65.0
"""Between these a turned face fades into the plate's; beyond, the plate stays."""


class Converter:
    """Swaps the tracked face in any stretch of one clip.

    ``composition`` says how it is laid in, ``report`` notes what became of each
    frame. Raises ConsentRefusedError when the grant is for another method than the
    one that runs, TypeError without a grant.
    """

    def __init__(
        self,
        clip: Path,
        track: FaceTrack,
        method: SwapMethod,
        grant: ConsentGrant,
        *,
        composition: Composition = AS_EVER,
    ) -> None:
        if require_grant(grant).method is not method.name:
            detail = f"granted for {grant.method.value}"
            raise ConsentRefusedError(((grant.donor.record_id, "method", detail),))
        self._clip = clip
        self._track = track
        self._method = method
        self._composition = composition
        self._landmarks = smooth_landmarks(track.landmarks, track.times)
        self.report = _empty_report(track, self._landmarks)
        method.begin(track, clip)
        self._usual = (
            usual_look(clip, track, face_texels())
            if composition.keeps_in_front
            else None
        )

    def stretch(self, first: int, stop: int) -> Iterator[Frame]:
        """Yield frames ``first`` up to, not with, ``stop``, the face swapped.

        Frames keep their index and time. A frame in which the face is not seen, or
        for which the method gives no patch, passes unchanged. A stretch comes out
        the same whatever was converted before.
        """
        early = max(0, first - WARM_UP_FRAMES) if stop - first > 1 else first
        frames = read_frames(self._clip, first=early, stop=stop)
        composer = Composer(self._usual)
        for batch in iter(lambda: list(islice(frames, BATCH_FRAMES)), []):
            for frame in self._swapped(batch, composer):
                if frame.index >= first:
                    yield frame

    def only(self, chosen: Sequence[int]) -> Iterator[Frame]:
        """Yield chosen frames, rising indices, each as ``stretch`` gives it alone."""
        for index in chosen:
            yield from self.stretch(index, index + 1)

    def depends_on(self, first: int, stop: int) -> str:
        """Return words that change with all settings that a stretch depends on."""
        rate = self._track.rate
        early = max(0, first - WARM_UP_FRAMES)
        words = self._composition.between(float(early / rate), float((stop - 1) / rate))
        folder = self._composition.usual.masks
        return words if folder is None else words + masks_digest(folder, early, stop)

    def _swapped(self, batch: Sequence[Frame], composer: Composer) -> Iterator[Frame]:
        chosen = [self._chosen(frame) for frame in batch]
        faces = [one.face for one in chosen if one is not None]
        patches = iter(self._method.swap(faces))
        for frame, one in zip(batch, chosen, strict=True):
            if one is None:
                yield frame
                continue
            patch = next(patches)
            if patch is None:
                self.report.unpatched.add(frame.index)
                yield frame
                continue
            shown = _faded(patch, one.face)
            rgb, hidden = composer.composed(one.face, shown, one.settings)
            self.report.note(one.face, rgb, hidden)
            yield frame.with_rgb(rgb)

    def _chosen(self, frame: Frame) -> "_Chosen | None":
        """Return the face of a frame and its settings; None where the plate stays."""
        row = frame.index - self._track.first_frame
        if not 0 <= row < self._track.frame_count:
            return None
        landmarks = self._landmarks[row]
        yaw, pitch, roll = (float(angle) for angle in self._track.pose[row])
        if not np.isfinite(landmarks).all() or abs(yaw) >= PROFILE_DEGREES:
            return None
        settings, offset = self._composition.at(float(frame.index / self._track.rate))
        moved = (
            landmarks
            if offset == (0.0, 0.0)
            else landmarks + np.array(offset, np.float32)
        )
        face = PlateFace(
            rgb=frame.rgb,
            landmarks=moved,
            blendshapes=self._track.blendshapes[row],
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            index=frame.index,
            grain=settings.grain,
        )
        return _Chosen(face, settings)


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    face: PlateFace
    settings: CompositeSettings


def _faded(patch: FacePatch, face: PlateFace) -> FacePatch:
    """Return a patch that shows less, the nearer the face is to a profile."""
    room = (PROFILE_DEGREES - abs(face.yaw)) / (PROFILE_DEGREES - TURNED_DEGREES)
    if room >= 1:
        return patch
    alpha = patch.alpha * np.float32(max(room, 0.0))
    return replace(patch, alpha=np.asarray(alpha, np.float32))


def _empty_report(
    track: FaceTrack, landmarks: npt.NDArray[np.float32]
) -> ConversionReport:
    seen = np.isfinite(landmarks).all((1, 2))
    profile = seen & (np.abs(track.pose[:, 0]) >= PROFILE_DEGREES)
    first = track.first_frame
    return ConversionReport(
        track.rate,
        lost=tuple((first + np.flatnonzero(~seen)).tolist()),
        profile=tuple((first + np.flatnonzero(profile)).tolist()),
    )
