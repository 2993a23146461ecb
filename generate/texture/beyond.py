"""What one frame shows beyond a person's usual look: what the network reads."""

import numpy as np
import numpy.typing as npt

from lampoon.generate.texture.appearance import Appearance
from lampoon.generate.texture.arrays import Floats, Pixels
from lampoon.generate.texture.layout import OVAL, Camera, camera
from lampoon.generate.texture.light import same_light
from lampoon.generate.texture.shape import face_points

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


def beyond(texture: Floats, visible: Floats, usual: Floats, *, look: Floats) -> Floats:
    """Return what a texture has beyond ``usual``, in UNITs, 0 where nothing is seen.

    All are of one size; ``usual`` is the person's look at this openness. Light is
    taken out: the texture is first brought into that of ``look``, the look at rest.
    """
    lit = same_light(texture, look, visible)
    apart = (lit - usual) * (visible / UNIT)[..., None]
    return np.clip(apart, -3, 3).astype(np.float32)


def beyond_all(
    textures: Pixels, visible: Pixels, openness: Floats, appearance: Appearance
) -> npt.NDArray[np.float16]:
    """Return ``beyond`` of many frames, (n, size, size, 3) float16.

    ``visible`` is (n, size, size) from 0 to 255.
    """
    made = np.empty(textures.shape, np.float16)
    for k, texture in enumerate(textures):
        made[k] = beyond(
            texture.astype(np.float32),
            visible[k].astype(np.float32) / 255,
            appearance.texture(openness[k]),
            look=appearance.plain,
        )
    return made
