"""Things pasted before a face, with the exact mask of what they hide.

Cut-outs come from rendered takes with an occluder; strands, blobs, bars and pieces
are drawn here, so that a network does not learn three shapes by heart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Random = np.random.Generator

HANDS = 0.6
"""Share of hands among the cut-outs: they are the hardest to tell from a face."""

OWN_SKIN = 0.6
"""Share of hands that get the colour of the face behind them."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """An occluder cut out of a picture: RGB (h, w, 3) and its mask (h, w), 0 to 1.

    ``hand`` says that it is skin.
    """

    rgb: Pixels
    mask: Floats
    hand: bool


def cutout(rgb: Pixels, covered: npt.NDArray[np.bool_], *, hand: bool) -> Cutout | None:
    """Return the part of a picture that ``covered`` names; None where it is tiny."""
    rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
    if len(rows) < 12 or len(columns) < 8:
        return None
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    soft = cv2.GaussianBlur(covered[part].astype(np.float32), (0, 0), 0.7)
    return Cutout(rgb[part], np.asarray(soft, np.float32), hand)


def pasted(
    rgb: Pixels, landmarks: Floats, cutouts: Sequence[Cutout], random: Random
) -> tuple[Pixels, Floats]:
    """Return a face with something before it, and the mask of that, (h, w) 0 to 1.

    ``landmarks`` (478, 2) are in the picture's pixels.
    """
    drawn = random.choice(["cutout", "cutout", "cutout", "strands", "piece", "bar"])
    if drawn == "cutout":
        return _with_cutout(rgb, landmarks, cutouts, random)
    if drawn == "strands":
        mask = _strands(rgb.shape[:2], landmarks, random)
        shade = random.uniform(10, 120) * random.uniform(0.6, 1.0, 3)
        noise = random.normal(0, 12, rgb.shape)
        over = np.asarray(np.broadcast_to(shade, rgb.shape) + noise, np.float32)
    else:
        bar = drawn == "bar"
        mask = (
            _bar(rgb.shape[:2], landmarks, random)
            if bar
            else _blob(rgb.shape[:2], landmarks, random)
        )
        over = _filling(rgb, random)
    return _laid(rgb, np.clip(over, 0, 255).astype(np.float32), mask), mask


def _laid(rgb: Pixels, over: Floats, mask: Floats) -> Pixels:
    made = rgb + mask[..., None] * (over - rgb)
    return np.asarray(np.clip(made + 0.5, 0, 255), np.uint8)


def _target(landmarks: Floats, random: Random) -> tuple[Floats, float]:
    """Return a place in the face and the face's width."""
    low, high = landmarks.min(0), landmarks.max(0)
    place = low + (high - low) * random.uniform([0.05, 0.0], [0.95, 1.05])
    return place.astype(np.float32), float(high[0] - low[0])


def _with_cutout(
    rgb: Pixels, landmarks: Floats, cutouts: Sequence[Cutout], random: Random
) -> tuple[Pixels, Floats]:
    wanted_hand = random.random() < HANDS
    fitting = [one for one in cutouts if one.hand == wanted_hand] or list(cutouts)
    one = fitting[int(random.integers(len(fitting)))]
    place, width = _target(landmarks, random)
    wanted = width * random.uniform(0.45, 1.1) / one.mask.shape[1]
    if one.mask.shape[0] > 3 * one.mask.shape[1]:
        wanted = width * random.uniform(0.7, 1.3) / one.mask.shape[0]
    angle = float(random.normal(0, 35))
    turn = cv2.getRotationMatrix2D((0, 0), angle, wanted)
    if random.random() < 0.5:
        turn[:, 0] *= -1
    rows, columns = np.nonzero(one.mask > 0.5)
    anchor = int(random.integers(len(rows)))
    grip = np.array([columns[anchor], rows[anchor]], float)
    turn[:, 2] = place - turn[:, :2] @ grip
    size = rgb.shape[1::-1]
    over = cv2.warpAffine(one.rgb, turn, size, borderMode=cv2.BORDER_REPLICATE)
    warped = cv2.warpAffine(one.mask, turn, size, flags=cv2.INTER_AREA)
    mask = np.asarray(warped, np.float32)
    coloured = _recoloured(over.astype(np.float32), mask, rgb, one.hand, random)
    return _laid(rgb, coloured, mask), mask


def _recoloured(
    over: Floats, mask: Floats, face: Pixels, hand: bool, random: Random
) -> Floats:
    inside = mask > 0.5
    if not inside.any():
        return over
    if hand and random.random() < OWN_SKIN:
        height, width = face.shape[:2]
        skin = face[height // 3 : -height // 3, width // 3 : -width // 3]
        gain = np.median(skin, (0, 1)) / np.maximum(np.median(over[inside], 0), 8)
        over = over * np.clip(gain, 0.2, 4)
    made = over * random.uniform(0.75, 1.3) * random.uniform(0.93, 1.07, 3)
    return np.asarray(np.clip(made, 0, 255), np.float32)


def _strands(size: tuple[int, int], landmarks: Floats, random: Random) -> Floats:
    place, width = _target(landmarks, random)
    lean = random.normal(0, 0.35) * width
    spread = random.uniform(0.03, 0.12) * width
    fine = np.zeros((size[0] * 2, size[1] * 2), np.uint8)
    share = np.linspace(-0.6, 0.6, 12)
    for _ in range(int(random.integers(6, 45))):
        x = (
            place[0]
            + random.normal(0, spread)
            + share * (lean + random.normal(0, spread))
        )
        y = place[1] + share * width * random.uniform(0.7, 1.5)
        x = x + np.sin(share * 3 + random.uniform(0, 3)) * spread
        path = (np.stack([x, y], 1) * 2).round().astype(np.int32)
        cv2.polylines(fine, [path], False, 255, int(random.integers(1, 4)), cv2.LINE_AA)
    small = cv2.resize(fine, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small / np.float32(255), np.float32)


def _blob(size: tuple[int, int], landmarks: Floats, random: Random) -> Floats:
    place, width = _target(landmarks, random)
    angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(5, 14))))
    radii = width * random.uniform(0.1, 0.4) * random.uniform(0.6, 1.3, len(angles))
    corners = place + np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None]
    return _polygon(size, corners)


def _bar(size: tuple[int, int], landmarks: Floats, random: Random) -> Floats:
    place, width = _target(landmarks, random)
    wide = width * random.uniform(0.08, 0.3)
    box = (
        place.tolist(),
        (wide, width * random.uniform(0.6, 2.5)),
        random.uniform(0, 180),
    )
    return _polygon(size, np.asarray(cv2.boxPoints(box), np.float32))


def _polygon(size: tuple[int, int], corners: npt.NDArray[np.floating]) -> Floats:
    mask = np.zeros(size, np.uint8)
    cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.7) / np.float32(255), np.float32)


def _filling(rgb: Pixels, random: Random) -> Floats:
    """Return what a thing looks like: one colour, or a piece of another place."""
    height, width = rgb.shape[:2]
    colour = (
        random.uniform(5, 240, 3)
        if random.random() < 0.6
        else (
            np.median(rgb[height // 3 : -height // 3], (0, 1))
            * random.uniform(0.7, 1.2)
        )
    )
    coarse = random.normal(0, random.uniform(0, 35), (int(random.integers(2, 12)),) * 2)
    shade = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = random.normal(0, random.uniform(0, 10), (height, width, 1))
    return np.asarray(colour + shade[..., None] + noise, np.float32)
