"""Textures and codes disturbed a little, so that the network learns what matters."""

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

TURN_DEGREES, GROWTH, SHIFT = 2.5, 0.015, 0.012
"""Largest turn, change of size and shift (a share of the width) of an input."""
BEND = 0.012
"""Standard deviation of the 5 x 5 bend of an input, a share of the width."""
GAIN, TINT, TREMBLE = 0.15, 0.1, 0.05


class Warps:
    """A stock of small warps of one texture width; drawing from it is cheap."""

    def __init__(
        self, size: int, chance: np.random.Generator, count: int = 256
    ) -> None:
        self._maps = [_warp(size, chance) for _ in range(count)]
        self._size = size

    def warped(self, atlas: Floats, chance: np.random.Generator) -> Floats:
        """Return an atlas (rows, size, c) whose face is bent by a warp drawn at random.

        What lies below the face, where its eyes are finer, stays: where exactly an iris
        lies is what the network shall see there.
        """
        x, y = self._maps[int(chance.integers(len(self._maps)))]
        made = atlas.copy()
        made[: self._size] = cv2.remap(
            np.ascontiguousarray(atlas[: self._size]),
            x,
            y,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        return made


def _warp(
    size: int, chance: np.random.Generator
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint16]]:
    turn = float(chance.uniform(-TURN_DEGREES, TURN_DEGREES))
    grow = 1 + float(chance.uniform(-GROWTH, GROWTH))
    matrix = np.array(cv2.getRotationMatrix2D((size / 2, size / 2), turn, grow))
    shift = chance.uniform(-SHIFT, SHIFT, 2) * size
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    bends = chance.normal(0, BEND * size, (2, 5, 5)).astype(np.float32)
    bend = [cv2.resize(b, (size, size), interpolation=cv2.INTER_CUBIC) for b in bends]
    to_x = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] + shift[0] + bend[0]
    to_y = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] + shift[1] + bend[1]
    fixed, rest = cv2.convertMaps(
        to_x.astype(np.float32), to_y.astype(np.float32), cv2.CV_16SC2
    )
    return np.asarray(fixed, np.int16), np.asarray(rest, np.uint16)


def with_other_light(textures: Floats, chance: np.random.Generator) -> Floats:
    """Return textures (n, h, w, 3) with other contrast and tint, one draw each."""
    count = len(textures)
    gain = chance.uniform(1 - GAIN, 1 + GAIN, (count, 1, 1, 1))
    tint = chance.normal(0, TINT, (count, 1, 1, 3))
    changed: Floats = (textures * gain + tint).astype(np.float32)
    return changed


def trembling(codes: Floats, chance: np.random.Generator) -> Floats:
    """Return landmark codes (n, k) with a little noise, as a tracker makes it."""
    return (codes + chance.normal(0, TREMBLE, codes.shape)).astype(np.float32)
