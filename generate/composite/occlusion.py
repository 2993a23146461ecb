"""What hides the performer's face: a hand, hair, a microphone.

A small network looks at the face laid flat, 64 texels wide, beside how that face
usually looks in the clip, and says of each texel how surely something lies before it.
That is calmed in time, cleared of specks and carried back onto the picture, where it
follows the plate's own edges (guided filter, He, Sun and Tang 2013). A face that
nothing hides is not touched.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.generate.composite.usual import SEEN, evened
from lampoon.generate.texture.surface import Surface, lay
from lampoon.generate.texture.unwrap import Unwrapper, shrunk
from lampoon.quiet import quiet_start

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

TEXELS = 64
CHANNELS = 9
NETWORK = "occlusion.tflite"

SURE = 0.5
"""From here on a texel counts as hidden."""
SMALLEST_SHARE = 0.012
"""Share of the face's texels below which a hidden piece is a speck."""
CALM = 0.5
"""Share of the answer before that is kept, where the two are alike."""
SUDDEN = 0.4
"""Answers further apart than this are a movement, and nothing is kept."""
EDGE_SHARE = 0.03
"""Reach of the guided filter, in shares of the face's width."""
EDGE_CONTRAST = 0.02


def network_input(
    texture: Pixels, visible: Floats, usual: Floats | None = None
) -> Floats:
    """Return what the network looks at, (64, 64, 9) float32.

    ``texture`` (64, 64, 3) uint8 in the light of the ``usual`` look (64, 64, 3), or
    with its brightness evened where there is none; that look; how well each texel is
    ``visible``; and where it lies.
    """
    given = np.zeros((TEXELS, TEXELS, CHANNELS), np.float32)
    even = evened(texture, visible)
    if usual is not None:
        both = (visible > SEEN) & (usual.min(2) > 0.02)
        if both.any():
            change = usual[both] / np.maximum(even[both], 0.02)
            even = even * np.clip(np.median(change, 0), 0.25, 4)
        given[..., 3:6] = usual
    given[..., :3] = np.minimum(even, 2)
    given[..., 6] = visible
    place = np.linspace(-1, 1, TEXELS, dtype=np.float32)
    given[..., 7], given[..., 8] = place[None, :], place[:, None]
    return given


@lru_cache(maxsize=1)
def face_texels() -> Unwrapper:
    """Return the unwrapper to the network's size; made once."""
    return Unwrapper(TEXELS)


class HiddenFace:
    """Finds what hides one performer's face, frame after frame.

    Each face is compared with the answer of the frame before it; give them in order.
    ``usual`` is how the face usually looks (``usual_look``), None where not known.
    """

    def __init__(
        self, usual: Floats | None = None, network: "OcclusionNetwork | None" = None
    ) -> None:
        self._usual = usual
        self._network = network or OcclusionNetwork()
        self._before: Floats | None = None
        self._last_index = -1

    def part(self, rgb: Pixels, landmarks: Floats, index: int) -> "HiddenPart | None":
        """Return what hides a face in a frame (h, w, 3); None where nothing does.

        ``landmarks`` (478, 2) are in its pixels, ``index`` is the frame's place.
        """
        answer, visible = self._network.hidden(rgb, landmarks, self._usual)
        calm = self._calmed(answer, index)
        kept = without_specks(calm, visible)
        if not kept.any():
            return None
        surface = lay(landmarks, rgb.shape[:2])
        return None if surface is None else _in_picture(kept, surface, rgb)

    def _calmed(self, answer: Floats, index: int) -> Floats:
        before, follows = self._before, index == self._last_index + 1
        if before is not None and follows:
            alike = CALM * (np.abs(answer - before) < SUDDEN)
            answer = np.asarray(answer + alike * (before - answer), np.float32)
        self._before, self._last_index = answer, index
        return answer


class HiddenPart:
    """How much of each pixel of a window something hides: ``share`` (h, w), 0 to 1."""

    def __init__(self, share: Floats, x: int, y: int) -> None:
        self.share, self.x, self.y = share, x, y

    def over(self, width: int, height: int, *, x: int, y: int) -> Floats:
        """Return the share over another window, (height, width); 0 outside its own."""
        shift = np.array([[1, 0, self.x - x], [0, 1, self.y - y]], np.float32)
        made = cv2.warpAffine(
            self.share, shift, (width, height), flags=cv2.INTER_NEAREST
        )
        return np.asarray(made, np.float32)


class OcclusionNetwork:
    """The vendored network, run by LiteRT on one thread."""

    def __init__(self, model: bytes | None = None) -> None:
        from ai_edge_litert.interpreter import Interpreter

        content = model or Path(__file__).with_name(NETWORK).read_bytes()
        with quiet_start():
            self._run: Any = Interpreter(model_content=content, num_threads=1)
            self._run.allocate_tensors()
        self._input = self._run.get_input_details()[0]["index"]
        self._output = self._run.get_output_details()[0]["index"]

    def hidden(
        self, rgb: Pixels, landmarks: Floats, usual: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Return how surely each texel is hidden and how well it is seen, (64, 64)."""
        part, moved = shrunk(rgb, landmarks, pixels=2 * TEXELS)
        texture, visible = face_texels().look(part, moved)
        self._run.set_tensor(self._input, network_input(texture, visible, usual)[None])
        self._run.invoke()
        return self._run.get_tensor(self._output)[0, ..., 0].copy(), visible


def without_specks(hidden: Floats, visible: Floats) -> Floats:
    """Return the answer without what is too small to be a thing, (64, 64) float32."""
    unwrap = face_texels()
    skin = unwrap.covered & ~unwrap.eyeballs
    seen = (visible > 0.05) & skin
    sure = ((hidden > SURE) & seen).astype(np.uint8)
    _, piece, facts, _ = cv2.connectedComponentsWithStats(sure, connectivity=8)
    least = SMALLEST_SHARE * max(int(seen.sum()), 1)
    large = facts[:, cv2.CC_STAT_AREA] >= least
    large[0] = False
    near = np.asarray(
        cv2.dilate(large[piece].astype(np.uint8), np.ones((5, 5), np.uint8)), np.bool_
    )
    return np.asarray(hidden * (near & skin), np.float32)


def _in_picture(hidden: Floats, surface: Surface, rgb: Pixels) -> HiddenPart:
    """Return texels' answers as the camera sees them, along the plate's edges."""
    window = surface.window
    places = surface.place * TEXELS - 0.5
    share = cv2.remap(hidden, places[..., 0], places[..., 1], cv2.INTER_LINEAR)
    share[surface.triangle < 0] = 0
    plate = rgb[window.rows, window.columns]
    reach = max(2, round(EDGE_SHARE * window.width))
    fine = _guided(np.asarray(share, np.float32), plate, reach)
    sharp = np.clip((fine - 0.5) * 2.2 + 0.5, 0, 1)
    return HiddenPart(np.asarray(sharp, np.float32), window.x, window.y)


def _guided(share: Floats, plate: Pixels, reach: int) -> Floats:
    """Return ``share`` smoothed so that its edges are those of the plate.

    The guided filter with a grey guide (He, Sun and Tang 2013, equations 5 to 8).
    """
    grey = np.asarray(cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY) / 255, np.float32)
    box = (2 * reach + 1, 2 * reach + 1)

    def mean(values: npt.NDArray[Any]) -> Floats:
        return np.asarray(cv2.blur(values, box), np.float32)

    guide, wanted = mean(grey), mean(share)
    together = mean(grey * share) - guide * wanted
    slope = together / (mean(grey * grey) - guide * guide + EDGE_CONTRAST**2)
    offset = wanted - slope * guide
    return np.asarray(mean(slope) * grey + mean(offset), np.float32)
