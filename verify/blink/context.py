"""What the person does: speech or rest, told by how the mouth moves.

People who talk blink half as often again as people who look on, so the baseline
depends on it. Sound is not used: it may be somebody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lampoon.verify.blink.human import Context

if TYPE_CHECKING:
    from lampoon.faces.track import FaceTrack

UPPER_LIP, LOWER_LIP, FOREHEAD, CHIN = 13, 14, 10, 152
"""Inner lips and both ends of the face on the 478-point mesh."""

MOVING = 0.008
"""Spread of the lip gap over the face height within a second of speech.

Rendered speech has .010 to .030, its pauses .0003 to .004.
"""
SPEECH_SHARE = 0.4
REST_SHARE = 0.1


def moving_seconds(track: FaceTrack) -> npt.NDArray[np.bool_]:
    """Return for each whole second of the track whether the mouth moved."""
    upper, lower, forehead, chin = (
        track.landmarks[:, point].astype(np.float64)
        for point in (UPPER_LIP, LOWER_LIP, FOREHEAD, CHIN)
    )
    gap = np.linalg.norm(upper - lower, axis=1)
    height = np.linalg.norm(forehead - chin, axis=1)
    opening = gap / np.maximum(height, 1e-6)
    seen = np.isfinite(opening)
    times, opening = np.asarray(track.times)[seen], opening[seen]
    if len(times) < 2:
        return np.zeros(0, dtype=np.bool_)
    second = np.floor(times - times[0]).astype(int)
    spreads = [
        float(np.std(opening[second == each]))
        for each in np.unique(second)
        if (second == each).sum() >= 5
    ]
    return np.array(spreads) > MOVING


def context_of(moving: npt.NDArray[np.bool_]) -> Context:
    """Return what a person does whose mouth moved in these seconds.

    Examples
    --------
    >>> context_of(np.array([True, True, False])).value
    'speech'
    >>> context_of(np.zeros(0, bool)).value
    'unknown'
    """
    if not len(moving):
        return Context.UNKNOWN
    share = float(moving.mean())
    if share >= SPEECH_SHARE:
        return Context.SPEECH
    return Context.REST if share < REST_SHARE else Context.UNKNOWN
