"""What one frame shows beyond a person's usual look: what the network reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lampoon.generate.texture.arrays import Floats, floats
from lampoon.generate.texture.atlas import fold, unfold
from lampoon.generate.texture.layout import OVAL, Camera, camera
from lampoon.generate.texture.light import same_light
from lampoon.generate.texture.shape import face_points

if TYPE_CHECKING:
    from lampoon.generate.texture.gather import Person

UNIT = 40.0
"""Grey levels that count as 1 in what the network reads and writes."""

CODE_POINTS = (
    # lids and irises
    33, 160, 159, 158, 133, 153, 145, 144, 468, 362, 385, 386, 387, 263, 373, 374, 380,
    473, *OVAL[::3],
    # brows, nose, cheeks
    70, 63, 105, 66, 107, 300, 293, 334, 296, 336, 1, 4, 98, 327, 205, 425, 117, 346,
    # lips
    61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 78, 81, 13, 311, 308, 402, 14,
    178,
)  # fmt: skip
CODE_LENGTH = 2 * len(CODE_POINTS) + 5


def landmark_code(
    landmarks: Floats, shape: Floats, openness: Floats, view: Camera | None = None
) -> Floats:
    """Return (CODE_LENGTH,) float32: how landmarks stand beside the person's shape."""
    view = view or camera(landmarks)
    chosen = list(CODE_POINTS)
    moved = (face_points(landmarks, view) - shape)[chosen].ravel() * 12
    pose = view.depth[:2] * 2
    return np.concatenate([moved, pose, openness]).astype(np.float32).clip(-4, 4)


def apart(lit: Floats, visible: Floats, usual: Floats) -> Floats:
    """Return what a texture has beyond a usual one, in UNITs, 0 where it is unseen."""
    seen = (visible / np.float32(UNIT))[..., None]
    return floats(np.clip((lit - usual) * seen, -3, 3))


def beyond(texture: Floats, visible: Floats, usual: Floats, *, look: Floats) -> Floats:
    """Return what a texture has beyond ``usual``, in UNITs, 0 where nothing is seen.

    All are of one size; ``usual`` is the person's look at this openness. Light is
    taken out: the texture is first brought into that of ``look``, the look at rest.
    """
    return apart(same_light(texture, look, visible), visible, usual)


def beyond_all(person: Person) -> npt.NDArray[np.float16]:
    """Return ``beyond`` of all of a person's frames as atlases, (n, *ATLAS, 3)."""
    look = person.small_look
    made = np.empty(person.textures.shape, np.float16)
    for k, openness in enumerate(person.openness):
        visible = person.visible[k].astype(np.float32) / 255
        seen = unfold(np.repeat(visible[..., None], 3, axis=2))[..., 0]
        lit = same_light(unfold(floats(person.textures[k])), look.plain, seen)
        made[k] = apart(fold(lit), visible, fold(look.texture(openness)))
    return made
