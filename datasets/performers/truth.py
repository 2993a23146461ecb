"""What is true of a rendered take, frame by frame: schema ``lampoon.truth/1``."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.blinks import Blink
from lampoon.datasets.performers.eyelids import measured_closure
from lampoon.datasets.performers.figure import UNITS
from lampoon.datasets.performers.filming import Filming
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


def closures_of(filming: Filming, first: int, stop: int) -> Vector:
    """Return (stop - first, 2) measured closure of some frames' eyes."""
    weights = filming.motion.weights[first:stop]
    return measured_closure(filming.eyelids, filming.painter.eye_areas, weights)


def truth_of_frame(
    filming: Filming,
    index: int,
    closure: Vector,
    covered: npt.NDArray[np.bool_] | None,
) -> dict[str, Any]:
    """Return the truth of a frame as plain JSON values.

    ``closure`` is its row of ``closures_of``; ``covered`` what an occluder hides. Ask
    right after ``filming.frame(index)``: what was drawn last knows the depths.
    """
    places = _turned(filming, index)
    view = filming.stage.view(_pair(filming.motion.sway[index]))
    pixels = projected(places, view, filming.take.width, filming.take.height)
    telling = slice(len(ALL_POINTS))
    frame = _frame(filming, index, closure, pixels[telling])
    frame["face_box"] = _box(pixels[len(ALL_POINTS) :])
    frame["visible"] = _letters(
        filming, index, (pixels[telling], places[telling]), covered
    )
    if covered is not None:
        frame["occluded_share"] = round(float(covered.mean()), 4)
    return frame


def truth_of_take(filming: Filming) -> dict[str, Any]:
    """Return what is true of the whole take, all but its ``frames``."""
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


def _letters(
    filming: Filming,
    index: int,
    points: tuple[Vector, Vector],
    covered: npt.NDArray[np.bool_] | None,
) -> str:
    """Return a letter a point, as ``CONVENTIONS`` says."""
    take = filming.take
    pixels, places = points
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


def _frame(
    filming: Filming, index: int, closure: Vector, pixels: Vector
) -> dict[str, Any]:
    motion = filming.motion
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
        "points": np.round(pixels, 2).tolist(),
    }


def _turned(filming: Filming, index: int) -> Vector:
    """Return (points, 3) places of ``told_points``, the head turned."""
    moment = filming.moment(filming.motion, index)
    places = filming.places.points(moment.weights).astype(float)
    share = filming.places.turns.astype(float)[:, None]
    turned = places @ moment.head[:3, :3].T + moment.head[:3, 3]
    placed: Vector = places + (turned - places) * share
    return placed


def _box(pixels: Vector) -> list[float]:
    """Return the box about the pixels of the face's points."""
    x, y = np.ascontiguousarray(pixels.T)
    return [round(float(side), 1) for side in (x.min(), y.min(), x.max(), y.max())]


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
