"""Where hair grows and how far it stands off: the same rule in paint and in shape."""

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.person import HairStyle, Look

Points = npt.NDArray[np.float64]

HEIGHTS = {
    HairStyle.BALD: 0.0,
    HairStyle.CROPPED: 0.05,
    HairStyle.SHORT: 0.14,
    HairStyle.FULL: 0.24,
}
"""How far the hair stands off the scalp, in units of 10 cm."""

ROUGHNESS = {
    HairStyle.BALD: 0.0,
    HairStyle.CROPPED: 0.1,
    HairStyle.SHORT: 0.4,
    HairStyle.FULL: 0.55,
}


def hair_height(rest: Points, look: Look, seed: int) -> Points:
    """Return (n,) heights of the hair over points (n, 3) of the head at rest."""
    across, up, front = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    line = hair_line(rest, look)
    ear = (
        _step(0.72, 0.78, across) * (1 - _step(7.5, 7.7, up)) * _step(-0.4, -0.1, front)
    )
    grown = HEIGHTS[look.hair_style] * _step(0.0, 0.30, up - line) * (1 - ear)
    wave = np.random.default_rng(seed).uniform(0, 6.283, 3)
    turn = np.arctan2(rest[:, 0], front)
    locks = np.sin(7 * turn + wave[0]) + np.sin(13 * turn + 5 * up + wave[1])
    locks += np.sin(23 * turn - 3 * up + wave[2])
    rough = 1 + 0.09 * ROUGHNESS[look.hair_style] * locks
    return np.where(up > 6.4, grown * rough, 0.0)


def hair_line(rest: Points, look: Look) -> Points:
    """Return (n,) heights at which the hair begins."""
    across, front = np.abs(rest[:, 0]), rest[:, 2]
    line = look.hair_line - 0.55 * _step(0.25, 1.15, across)
    line = line - 1.1 * (1 - _step(0.2, 0.9, front)) * _step(0.45, 0.9, across)
    line = line - 1.2 * (1 - _step(-0.35, 0.35, front))
    bay = np.exp(-(((across - 0.42) / 0.16) ** 2)) * _step(0.3, 0.7, front)
    receded: Points = line + look.temples * bay
    return receded


def _step(low: float, high: float, value: Points) -> Points:
    share = np.clip((value - low) / (high - low), 0.0, 1.0)
    smooth: Points = share * share * (3 - 2 * share)
    return smooth
