"""Everything that moves in a take, worked out before the first picture is drawn.

One random generator a movement, each from the take's seed: changing one movement
does not change the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.blinks import (
    Blink,
    Context,
    closure_over,
    draw_blinks,
)
from lampoon.datasets.performers.eyelids import Eyelids
from lampoon.datasets.performers.figure import UNITS, Floats
from lampoon.datasets.performers.mouth import mouth_weights
from lampoon.datasets.performers.person import Person
from lampoon.datasets.performers.scene import Camera
from lampoon.datasets.performers.take import Blinking, Take
from lampoon.datasets.performers.voice import Speech, silence, speech

Vector = npt.NDArray[np.float64]

LARGEST_PITCH, LARGEST_ROLL = 9.0, 5.0
GAZE_SECONDS = 0.7
STILLNESS = {Context.SPEECH: 1.0, Context.REST: 0.45, Context.READING: 0.3}
"""How much of the head's movement there is."""
READING_GAZE = 9.0
"""Degrees down at which a page is held."""
LOOK_DOWN_DEGREES, LOOK_DOWN_SECONDS = 16.0, 1.3
LID_FOLLOWS = 0.022
"""Weight of the lid's own lowering for a degree of gaze downwards."""
SQUINT = 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """All tracks of a take: ``times`` (frames,) seconds, one row a frame elsewhere.

    ``weights`` (frames, units); ``pose`` yaw, pitch, roll in degrees; ``shift``
    (frames, 3); ``gaze`` (frames, 2) degrees to the own left and down, against the
    head; ``lids`` (frames, 2) the blinks' closure; ``sway`` (frames, 2).
    """

    times: Vector
    weights: Floats
    pose: Vector
    shift: Vector
    gaze: Vector
    lids: Vector
    sway: Vector
    squint: Vector
    shut_lips: Vector
    blinks: tuple[Blink, ...]
    sound: Speech


def sound_of(person: Person, take: Take) -> Speech:
    """Return what is heard; raises LampoonError where espeak-ng is missing."""
    if take.context is Context.SPEECH:
        return speech(person.voice, take.seconds, _random(take, "speech"))
    return silence(take.seconds)


def blinks_of(person: Person, take: Take) -> tuple[Blink, ...]:
    """Return the blinks of a take, drawn or given."""
    if take.blink_seconds is not None:
        return given_blinks(take.blink_seconds)
    if take.blinking is Blinking.NONE:
        return ()
    drawn = draw_blinks(
        take.seconds,
        take.context,
        _random(take, "blinks"),
        rate_factor=person.blink_rate_factor,
    )
    return tuple(drawn)


def motion_of(
    person: Person, take: Take, eyelids: Eyelids, sound: Speech, times: Vector
) -> Motion:
    """Return everything that moves at some times of a take."""
    blinks = blinks_of(person, take)
    lids = closure_over(times, blinks)
    pose = _pose(take, times)
    gaze = _gaze(take, times, pose)
    squint = _squint(take, times) * (1 - lids.max(axis=1))
    tracks = mouth_weights(times, sound)
    tracks |= _face(take, times, squint, gaze)
    for side, name in enumerate(("Left", "Right")):
        tracks[f"eyeBlink{name}"] = eyelids.weight(side, lids[:, side])
        tracks[f"eyeLookDown{name}"] = tracks["look"] * (1 - lids[:, side])
    weights = np.zeros((len(times), len(UNITS)), dtype=np.float32)
    for name, track in tracks.items():
        if name in UNITS:
            weights[:, UNITS.index(name)] = track
    wander = _random(take, "wander").uniform(0, 6.28, 2)
    shift = np.stack(
        [
            0.06 * np.sin(times * 0.7 + wander[0]),
            0.03 * np.sin(times * 0.9 + wander[1]),
            np.zeros(len(times)),
        ],
        axis=1,
    )
    return Motion(
        times, weights, pose, shift, gaze, lids, _sway(take, times), squint,
        tracks["mouthPressLeft"] / 0.25, blinks, sound,
    )  # fmt: skip


def smooth_noise(times: Vector, hertz: float, random: np.random.Generator) -> Vector:
    """Return (frames,) a wandering curve, about -1 to 1, the same at the same time.

    Cubic through random points ``hertz`` times a second (Catmull and Rom 1974); the
    points do not depend on which times are asked for.
    """
    count = int(np.ceil((times.max(initial=0.0) + 1.0) * hertz)) + 5
    knots = random.standard_normal(max(count, 8)) * 0.6
    place = times * hertz + 1
    i = np.clip(place.astype(int), 1, len(knots) - 3)
    f = place - i
    a, b, c, d = (knots[i + step] for step in (-1, 0, 1, 2))
    curve: Vector = 0.5 * (
        2 * b
        + (c - a) * f
        + (2 * a - 5 * b + 4 * c - d) * f**2
        + (3 * b - a - 3 * c + d) * f**3
    )
    return curve


def _random(take: Take, what: str) -> np.random.Generator:
    return np.random.default_rng([take.seed, *what.encode()])


def _noise(take: Take, what: str, hertz: float, times: Vector) -> Vector:
    """Return noise whose knots cover the whole take, whichever times are asked."""
    whole = np.append(times, take.seconds + 1.0)
    return smooth_noise(whole, hertz, _random(take, what))[:-1]


def _pose(take: Take, times: Vector) -> Vector:
    """Return (frames, 3) yaw, pitch and roll in degrees."""
    still = STILLNESS[take.context]
    yaw = 0.8 * _noise(take, "yaw", 0.3, times) + 0.2 * _noise(take, "y2", 0.9, times)
    pitch = 0.7 * _noise(take, "pitch", 0.33, times)
    pitch += 0.3 * _noise(take, "p2", 1.1, times)
    roll = _noise(take, "roll", 0.28, times)
    limits = (take.largest_yaw, LARGEST_PITCH, LARGEST_ROLL)
    tracks = [
        still * limit * np.tanh(track)
        for limit, track in zip(limits, (yaw, pitch, roll), strict=True)
    ]
    pose: Vector = np.stack(tracks, axis=1)
    pose[:, 1] += 4.0 if take.context is Context.READING else 0.0
    return pose


def _gaze(take: Take, times: Vector, pose: Vector) -> Vector:
    """Return (frames, 2) degrees: jumps between targets, half against the head."""
    random = _random(take, "gaze")
    targets = random.standard_normal((int(take.seconds / GAZE_SECONDS) + 3, 2))
    targets *= [7.0, 3.0]
    if take.context is Context.READING:
        along = np.arange(len(targets)) % 5 - 2
        targets = np.stack([3.5 * along, np.full(len(targets), READING_GAZE)], axis=1)
    place = times / GAZE_SECONDS
    now = place.astype(int)
    jump = np.clip((place - now) * GAZE_SECONDS / 0.05, 0, 1)[:, None]
    before = targets[np.maximum(now - 1, 0)]
    gaze: Vector = before + (targets[now] - before) * jump * jump * (3 - 2 * jump)
    gaze[:, 0] = np.clip(gaze[:, 0] - 0.5 * pose[:, 0], -20, 20)
    gaze[:, 1] = np.clip(gaze[:, 1] - 0.3 * pose[:, 1], -9, 12)
    if take.looks_down:
        gaze[:, 1] += LOOK_DOWN_DEGREES * _episodes(take, "down", times)
    return gaze


def _squint(take: Take, times: Vector) -> Vector:
    if not take.squints:
        return np.zeros(len(times))
    return SQUINT * _episodes(take, "squint", times)


def _episodes(take: Take, what: str, times: Vector) -> Vector:
    """Return (frames,) 0 to 1: a few stretches over a second long, slow at the ends.

    They are no blinks: they last longer than any.
    """
    random = _random(take, what)
    level = np.zeros(len(times))
    start = random.uniform(2.0, 9.0)
    while start < take.seconds:
        length = LOOK_DOWN_SECONDS * random.uniform(0.9, 1.8)
        inside = np.minimum(times - start, start + length - times)
        share = np.clip(inside / 0.3, 0, 1)
        level = np.maximum(level, share * share * (3 - 2 * share))
        start += length + random.uniform(5.0, 14.0)
    return level


def _face(take: Take, times: Vector, squint: Vector, gaze: Vector) -> dict[str, Vector]:
    """Return the weights of brows, smile and lids besides blinks."""
    smile = np.clip(0.3 * _noise(take, "smile", 0.25, times), 0, 0.5)
    brows = np.clip(0.6 * _noise(take, "brows", 0.4, times) - 0.1, 0, 0.8)
    brows *= STILLNESS[take.context]
    tracks = {"look": np.clip(LID_FOLLOWS * gaze[:, 1], 0, 0.6), "browInnerUp": brows}
    for side in ("Left", "Right"):
        tracks[f"mouthSmile{side}"] = smile
        tracks[f"browOuterUp{side}"] = brows
        tracks[f"browDown{side}"] = 0.5 * squint
        tracks[f"eyeSquint{side}"] = squint
        tracks[f"cheekSquint{side}"] = 0.5 * squint
    return tracks


def _sway(take: Take, times: Vector) -> Vector:
    """Return (frames, 2) the camera's own movement, in units of 10 cm."""
    if take.camera is Camera.TRIPOD:
        return np.zeros((len(times), 2))
    slow = [_noise(take, f"sway{axis}", 0.6, times) for axis in "xy"]
    fast = [_noise(take, f"shake{axis}", 4.0, times) for axis in "xy"]
    sway: Vector = np.stack(slow, axis=1) * 0.05 + np.stack(fast, axis=1) * 0.006
    return sway


def given_blinks(starts: Sequence[float]) -> tuple[Blink, ...]:
    """Return complete blinks of 220 ms that start at the given seconds."""
    return tuple(Blink(float(start), 0.22, 1.0, 1.0) for start in starts)
