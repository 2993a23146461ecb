"""What is true of a rendered take, frame by frame: schema ``lampoon.truth/1``."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.blinks import Blink
from lampoon.datasets.performers.eyelids import measured_closure
from lampoon.datasets.performers.figure import UNITS, turns_with_head
from lampoon.datasets.performers.filming import Filming
from lampoon.datasets.performers.mesh import BODY
from lampoon.datasets.performers.points import (
    ALL_POINTS,
    LANDMARKS,
    LEFT_EYE,
    LOWER_LIP,
    UPPER_LIP,
)
from lampoon.datasets.performers.scene import projected
from lampoon.datasets.performers.take import take_json

Vector = npt.NDArray[np.float64]

SCHEMA = "lampoon.truth/1"
SOURCE = "CC0 MakeHuman shapes, procedural shading, espeak-ng; nobody was filmed"
CONVENTIONS = {
    "left_is": "the subject's left, right in the picture",
    "closure": "0 open to 1 shut: the share of the open eye's visible area that the "
    "lids cover, seen from the front; squints and lowered lids count",
    "blink_closure": "the same, from blinks alone",
    "yaw_sign": "+ is the subject turning to the own left",
    "pitch_sign": "+ is down",
    "gaze": "degrees to the subject's left and down, against the head",
    "points": "68 in the order of iBUG, then 16 round the left eye and 16 round the "
    "right one: outer corner, upper lid, inner corner, lower lid",
    "visible": "one letter a point: 1 can be seen, 0 is behind face, hair or frame, or "
    "out of the picture, c is behind an occluder; by the depth of what was drawn",
}
HEAD_FRONT, CHIN, BROW_LINE = 0.6, 6.05, 7.95
"""The face's box reaches from chin to hairline, where the head at rest is."""


def truth_of(
    filming: Filming, covered: list[float], visible: list[str]
) -> dict[str, Any]:
    """Return the truth of a take as plain JSON values.

    ``covered`` is, a frame, the share of the picture that an occluder takes, empty
    without one; ``visible`` the letters of the points, as ``visible_letters`` gives.
    """
    take, motion = filming.take, filming.motion
    closure = measured_closure(
        filming.eyelids, filming.painter.eye_areas, motion.weights
    )
    frames = []
    for index in range(take.frame_count):
        frame = _frame(filming, index, closure[index])
        frame["visible"] = visible[index]
        if covered:
            frame["occluded_share"] = round(covered[index], 4)
        frames.append(frame)
    return _about(filming) | {"frames": frames}


def _about(filming: Filming) -> dict[str, Any]:
    """Return what is true of the whole take."""
    take, motion = filming.take, filming.motion
    rate = take.exact_rate
    return {
        "schema": SCHEMA,
        "synthetic": True,
        "source": SOURCE,
        "person": filming.person.name,
        "take": take_json(take),
        "rate": [rate.numerator, rate.denominator],
        "frame_count": take.frame_count,
        "width": take.width,
        "height": take.height,
        "glasses": filming.person.look.glasses,
        "conventions": CONVENTIONS,
        "shut_weights": [round(weight, 4) for weight in filming.eyelids.shut_weight],
        "phonemes": [
            [one.name, round(one.start_seconds, 4), round(one.end_seconds, 4)]
            for one in motion.sound.phonemes
        ],
        "blinks": [_blink(blink, float(rate)) for blink in motion.blinks],
    }


def points_at(filming: Filming, index: int) -> tuple[Vector, Vector]:
    """Return (100, 2) pixels of the points in a frame, and (100, 3) their places."""
    take = filming.take
    places = _turned(filming, index)[ALL_POINTS]
    view = filming.stage.view(_pair(filming.motion.sway[index]))
    return projected(places, view, take.width, take.height), places


def visible_letters(
    filming: Filming, index: int, covered: npt.NDArray[np.bool_] | None
) -> str:
    """Return a letter a point: 1 to be seen, c behind an occluder, 0 behind the face.

    Ask right after ``filming.frame(index)``: what was drawn last knows the depths.
    """
    take = filming.take
    pixels, places = points_at(filming, index)
    seen = filming.seen(index, places)
    seen &= (pixels >= 0).all(1) & (pixels < [take.width, take.height]).all(1)
    behind = np.zeros(len(pixels), dtype=bool)
    if covered is not None:
        x = np.clip(pixels[:, 0].astype(int), 0, take.width - 1)
        y = np.clip(pixels[:, 1].astype(int), 0, take.height - 1)
        behind = covered[y, x]
    return "".join(
        "c" if hidden else "1" if yes else "0"
        for yes, hidden in zip(seen, behind, strict=True)
    )


def _frame(filming: Filming, index: int, closure: Vector) -> dict[str, Any]:
    motion, take = filming.motion, filming.take
    pixels, _ = points_at(filming, index)
    eyes = pixels[len(LANDMARKS) :].reshape(2, len(LEFT_EYE), 2)
    gap = np.linalg.norm(pixels[UPPER_LIP] - pixels[LOWER_LIP])
    apart = max(float(np.linalg.norm(eyes[0, 0] - eyes[1, 0])), 1e-6)
    yaw, pitch, roll = (round(float(angle), 2) for angle in motion.pose[index])
    return {
        "index": index,
        "seconds": round(float(motion.times[index]), 5),
        "closure_left": round(float(closure[0]), 4),
        "closure_right": round(float(closure[1]), 4),
        "blink_closure_left": round(float(motion.lids[index, 0]), 4),
        "blink_closure_right": round(float(motion.lids[index, 1]), 4),
        "aspect_ratio_left": _aspect(eyes[0]),
        "aspect_ratio_right": _aspect(eyes[1]),
        "yaw": yaw,
        "pitch": pitch,
        "roll": roll,
        "gaze": [round(float(angle), 2) for angle in motion.gaze[index]],
        "jaw": round(float(motion.weights[index, UNITS.index("jawOpen")]), 4),
        "lip_gap": round(float(gap) / apart, 4),
        "lips_shut": round(float(motion.shut_lips[index]), 3),
        "squint": round(float(motion.squint[index]), 3),
        "face_box": _box(filming, index, take.width, take.height),
        "points": np.round(pixels, 2).tolist(),
    }


def _turned(filming: Filming, index: int) -> Vector:
    """Return (points, 3) places of the body, the head turned."""
    body = filming.figure.part(BODY)
    moment = filming.moment(filming.motion, index)
    places = filming.painter.places(moment.weights).astype(float)
    share = turns_with_head(body.rest).astype(float)[:, None]
    turned = places @ moment.head[:3, :3].T + moment.head[:3, 3]
    placed: Vector = places + (turned - places) * share
    return placed


def _box(filming: Filming, index: int, width: int, height: int) -> list[float]:
    body = filming.figure.part(BODY)
    rest = body.rest
    face = (rest[:, 2] > HEAD_FRONT) & (rest[:, 1] > CHIN) & (rest[:, 1] < BROW_LINE)
    moment = filming.moment(filming.motion, index)
    places = filming.painter.places(moment.weights)[face].astype(float)
    turned = places @ moment.head[:3, :3].T + moment.head[:3, 3]
    pixels = projected(turned, filming.stage.view(moment.sway), width, height)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    return [round(float(side), 1) for side in (*low, *high)]


def _aspect(eye: Vector) -> float:
    """Return mean height over width of a contour of 16 points."""
    half = len(eye) // 2
    upper, lower = eye[1:half], eye[half + 1 :][::-1]
    middle = slice(1, -1)
    high = np.linalg.norm(upper[middle] - lower[middle], axis=1).mean()
    return round(float(high / max(np.linalg.norm(eye[0] - eye[half]), 1e-6)), 4)


def _blink(blink: Blink, rate: float) -> dict[str, Any]:
    return {
        "start": round(blink.start_seconds, 4),
        "peak": round(blink.peak_seconds, 4),
        "end": round(blink.end_seconds, 4),
        "start_frame": int(np.floor(blink.start_seconds * rate)),
        "peak_frame": round(blink.peak_seconds * rate),
        "end_frame": int(np.ceil(blink.end_seconds * rate)),
        "amplitude": round(blink.amplitude, 4),
        "amplitude_left": round(blink.amplitude_left, 4),
        "amplitude_right": round(blink.amplitude_right, 4),
        "complete": blink.complete,
        "lag_seconds": round(blink.lag_seconds, 5),
    }


def _pair(values: Vector) -> tuple[float, float]:
    return float(values[0]), float(values[1])
