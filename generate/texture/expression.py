"""How far lids and lips are open: what a texture depends on most."""

from dataclasses import dataclass

import numpy as np

from lampoon.generate.texture.arrays import Floats, floats
from lampoon.generate.texture.layout import Camera, camera

LID_PAIRS = (
    ((160, 144), (159, 145), (158, 153)),
    ((387, 373), (386, 374), (385, 380)),
)
"""Upper and lower points of the right and of the left lids."""

LIP_PAIRS = ((82, 87), (13, 14), (312, 317))

SHUT_SHARE = 0.22
"""Shut lids still measure about this share of open ones in the face mesh."""

WIDE_MOUTH = 0.17
"""Gap between the lips, in distances between the eyes, that counts as 1."""


def gaps(landmarks: Floats, view: Camera | None = None) -> Floats:
    """Return the gaps of right lids, left lids and lips, (3,) float32.

    The unit is the distance between the outer eye corners, whatever the head's pose.
    """
    view = view or camera(landmarks)
    down = view.matrix[:, 1] / view.scale**2
    across = float(np.linalg.norm(view.matrix[:, 1]) / view.scale) ** 2
    found = [
        np.mean([(landmarks[low] - landmarks[up]) @ down for up, low in pairs])
        for pairs in (*LID_PAIRS, LIP_PAIRS)
    ]
    return (np.array(found) / max(across, 0.25)).astype(np.float32)


CLOSING = 0.85
"""Lids less open than this are on their way to a blink."""

HASTE = 1.5
"""How much further they are drawn shut than they are measured: see ``decisive``."""


def decisive(openness: Floats) -> Floats:
    """Return openness of lids and mouth, (3,), with lids that close in earnest.

    A tracker follows a short blink late and never sees it whole; drawn as measured,
    the next tracker, or viewer, would see half of that half. So closing lids are
    drawn further shut than they were measured.
    """
    made = openness.copy()
    lids = openness[:2]
    further = np.maximum(CLOSING - (CLOSING - lids) * HASTE, 0)
    made[:2] = np.where(lids < CLOSING, further, lids)
    return made


@dataclass(frozen=True, slots=True)
class Openness:
    """A person's range of lid gaps, learned from footage.

    ``open_lids`` and ``shut_lids`` are gaps of right and left lids as ``gaps`` gives
    them: usual and smallest.
    """

    open_lids: tuple[float, float]
    shut_lids: tuple[float, float]

    @classmethod
    def learned(cls, seen: Floats) -> "Openness":
        """Return the range of a person from gaps seen over time, (frames, 3)."""
        usual = np.percentile(seen[:, :2], 75, axis=0)
        least = np.minimum(np.percentile(seen[:, :2], 1, axis=0), SHUT_SHARE * usual)
        return cls(
            (float(usual[0]), float(usual[1])), (float(least[0]), float(least[1]))
        )

    def of(self, seen: Floats) -> Floats:
        """Return openness, the shape of ``seen`` (..., 3): 0 shut, 1 as usual.

        The mouth is 0 shut and 1 at ``WIDE_MOUTH``.
        """
        shut, usual = np.array(self.shut_lids), np.array(self.open_lids)
        lids = (seen[..., :2] - shut) / np.maximum(usual - shut, 1e-3)
        mouth = seen[..., 2:] / WIDE_MOUTH
        return floats(np.clip(np.concatenate([lids, mouth], -1), 0, 1.4))
