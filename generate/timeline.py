"""An edited moviepy timeline leaves as every swap does: labelled, marked, signed."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.errors import MediaError
from lampoon.generate.finish import Edit, LabelledVideo, finish_edit
from lampoon.generate.moviepy_clip import Clip, Sound, picture_at
from lampoon.generate.pipeline import disclosure_of
from lampoon.generate.production import Production
from lampoon.generate.seal import Spans
from lampoon.media.frame import Frame
from lampoon.media.plain_sound import write_sound
from lampoon.progress import Tell, silent
from lampoon.watermark.commands import default_registry
from lampoon.watermark.registry import Registry

SOUND_RATE = 44100
"""Samples a second where the timeline's sound has no rate of its own."""

SOUND_CHUNK = 1 << 16

SLIVER = Fraction(1, 4)
"""Of a frame: lengths are told rounded, and so little of a last frame is not shown."""

NTSC = Fraction(1000, 1001)
NTSC_RATES = (24, 30, 48, 60, 120)
NTSC_NEAR = 0.005


def write(
    clip: Clip,
    production: Production,
    target: Path | str | None = None,
    *,
    rate: Fraction | None = None,
    registry: Registry | None = None,
    tell: Tell = silent,
) -> LabelledVideo:
    """Write an edited timeline, labelled and marked in every frame, and signed.

    ``clip`` is any moviepy clip in which the production's swap is seen. ``target``
    is the project's clip unless given, ``rate`` the clip's own frames a second; frame
    n is shown at n / rate exactly. Raises MediaError for a clip without length, rate
    or swap, ConsentRefusedError where consent has ended, SigningError.
    """
    ready, plan = production.ready, _planned(clip, rate)
    agreed = ready.agreed
    agreed.still_granted()
    path = Path(target or agreed.job.output.clip)
    origin = agreed.origin(registry or default_registry(), ready.foreground)
    shown = _Shown(clip, production, plan)
    with _sound_of(clip, agreed.job.output.work) as sound:
        edit = Edit(
            frames=shown.frames(),
            frame_count=plan.count,
            size=(int(clip.size[0]), int(clip.size[1])),
            seconds=plan.count / plan.rate,
            sound=sound,
            stamp=production.stamp,
            spans=shown.spans,
        )
        video = finish_edit(
            edit,
            path,
            origin=origin,
            disclosure=disclosure_of(agreed.job, ready.performer, ready.learned),
            signer=production.signer,
            tell=tell,
        )
    production.begin_anew()
    return video


def exact_rate(frames_a_second: float) -> Fraction:
    """Return the rate that a rounded number of frames a second stands for.

    >>> exact_rate(29.97), exact_rate(25.0)
    (Fraction(30000, 1001), Fraction(25, 1))
    """
    for whole in NTSC_RATES:
        if abs(frames_a_second - whole * NTSC) < NTSC_NEAR:
            return whole * NTSC
    return Fraction(frames_a_second).limit_denominator(1001)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How many frames a timeline gets, and how many a second."""

    rate: Fraction
    count: int


def _planned(clip: Clip, rate: Fraction | None) -> _Plan:
    """Return the frames to write; MediaError where the timeline does not tell."""
    told = getattr(clip, "fps", None)
    if rate is None:
        if not told:
            hint = "write(..., rate=Fraction(25))"
            raise MediaError("the timeline has no frame rate", hint=hint)
        rate = exact_rate(float(told))
    if clip.duration is None or rate <= 0:
        raise MediaError("the timeline has no end", hint="clip.with_duration(seconds)")
    count = ceil(Fraction(clip.duration) * rate - SLIVER)
    if count < 1:
        raise MediaError("the timeline is shorter than a frame")
    return _Plan(rate, count)


class _Shown:
    """The frames of a timeline, and the stretches in which the swap was seen."""

    def __init__(self, clip: Clip, production: Production, plan: _Plan) -> None:
        self._clip = clip
        self._production = production
        self._plan = plan
        self._swapped: list[int] = []

    def frames(self) -> Iterator[Frame]:
        """Yield every frame at its exact moment."""
        self._production.take_note()
        for index in range(self._plan.count):
            at = index / self._plan.rate
            rgb = picture_at(self._clip.get_frame, float(at))
            if self._production.take_note():
                self._swapped.append(index)
            yield Frame.from_rgb(rgb, index, index, 1 / self._plan.rate)

    def spans(self) -> Spans:
        """Return when the swap was seen; MediaError where nothing of it was asked."""
        if not self._production.stamp.used:
            raise MediaError(
                "the timeline shows no swap of this project",
                hint="clip.with_effects([FaceSwap(production)])",
            )
        found: list[tuple[int, int]] = []
        for index in self._swapped:
            if found and found[-1][1] == index:
                found[-1] = (found[-1][0], index + 1)
            else:
                found.append((index, index + 1))
        return tuple((self._moment(first), self._moment(stop)) for first, stop in found)

    def _moment(self, index: int) -> Fraction:
        """Return when a frame is shown, to the millisecond, as manifests have it."""
        return Fraction(round(index / self._plan.rate * 1000), 1000)


@contextmanager
def _sound_of(clip: Clip, work: Path) -> Iterator[Path | None]:
    """Give the timeline's sound as a file for the while, None where it is silent."""
    sound = getattr(clip, "audio", None)
    if sound is None:
        yield None
        return
    work.mkdir(parents=True, exist_ok=True)
    kept = work / f".sound-{secrets.token_hex(4)}.mov"
    rate = round(getattr(sound, "fps", None) or SOUND_RATE)
    try:
        yield write_sound(kept, _samples(sound, clip, rate), rate)
    finally:
        kept.unlink(missing_ok=True)


def _samples(sound: Sound, clip: Clip, rate: int) -> Iterator[npt.NDArray[np.int16]]:
    """Yield the timeline's sound, (samples, channels), as long as its pictures."""
    ends = [each for each in (sound.duration, clip.duration) if each is not None]
    total = int(min(ends) * rate)
    for first in range(0, total, SOUND_CHUNK):
        moments = np.arange(first, min(first + SOUND_CHUNK, total)) / rate
        heard = np.asarray(sound.get_frame(moments), np.float64)
        heard = heard.reshape(len(moments), -1)[:, :2]
        yield np.clip(np.rint(heard * 32767), -32768, 32767).astype(np.int16)
