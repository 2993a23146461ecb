"""Whether the label that a record declares is in the pictures; in the limited child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.verify.evidence import LabelSeen

if TYPE_CHECKING:
    from lampoon.watermark.manifest.reading import ManifestReading
    from lampoon.watermark.query import View

Rgb = npt.NDArray[np.uint8]

WHOLE = 0.03
"""How far from 1 the seen part of a side may be for the picture to count as whole."""


def declared_label_seen(
    reading: ManifestReading | None, pictures: Iterable[Rgb]
) -> LabelSeen:
    """Return whether RGB pictures, (height, width, 3), show the declared label."""
    parody = reading.parody if reading else None
    data = parody.data if parody else None
    declared = data.get("visible_label") if isinstance(data, Mapping) else None
    if not isinstance(declared, Mapping):
        return LabelSeen.UNKNOWN
    # loads what draws letters, for the few clips that declare a label
    from lampoon.watermark.label.find import label_seen

    return LabelSeen(label_seen(pictures, declared))


def is_whole(view: View) -> bool:
    """Return whether a view shows all of the original and nothing else.

    Where a part of it is shown, the label may have been cut away or not: unknown.
    """
    return max(abs(view.across - 1), abs(view.down - 1)) <= WHOLE


def as_it_was(rgb: Rgb, view: View, original: tuple[int, int]) -> Rgb:
    """Return a picture of a whole view as it was: not flipped, its sides in shape.

    ``original`` is the width and height that it had.
    """
    if view.flip:
        rgb = rgb[:, ::-1]
    height = rgb.shape[0]
    size = (max(round(height * original[0] / original[1]), 1), height)
    shaped = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(shaped, np.uint8)
