"""Frames labelled and marked ahead of their timeline, and known again in it.

An editor asks for a swapped frame whenever it likes, and may cut, fade or scale it.
So a swap's frames get label and mark before anyone sees them. When the timeline is
written, a frame that comes back bit for bit passes as it is, its mark painted once;
any other frame is labelled and marked then.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import chain, groupby

import numpy as np
import numpy.typing as npt

from lampoon.media.frame import Frame
from lampoon.media.picture import Tags
from lampoon.watermark.invisible.binding import lookup_key
from lampoon.watermark.invisible.embed import MarkedFrames
from lampoon.watermark.label.draw import ParodyLabel, label_still
from lampoon.watermark.label.presets import LabelPreset

Pixels = npt.NDArray[np.uint8]

KEPT_IN_CODE = 4
"""Frames whose coded form is remembered: they reach the encoder without a detour."""

DIGEST_BYTES = 16


class Stamp:
    """The label and the mark of one clip to be, whose manifest is to be called ``urn``.

    It remembers 16 bytes of each frame that it drew.
    """

    def __init__(self, preset: LabelPreset, urn: str) -> None:
        self.urn = urn
        self._preset = preset
        self._key = lookup_key(urn)
        self._finished: set[bytes] = set()
        self._labelled: set[bytes] = set()
        self._in_code: OrderedDict[bytes, Frame] = OrderedDict()

    @property
    def used(self) -> bool:
        """Whether any frame was drawn."""
        return bool(self._finished)

    def drawn(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield every frame with label and mark, as RGB of its own size."""
        frames = iter(frames)
        first = next(frames, None)
        if first is None:
            return
        height, width = first.height, first.width
        labelled = map(self._with_label, chain([first], frames))
        for frame in MarkedFrames(labelled, self._key):
            # an odd picture grew by a repeated pixel on its way into code
            rgb = np.ascontiguousarray(frame.rgb[:height, :width])
            self._remember(rgb, frame)
            yield frame.with_rgb(rgb)

    def labelled(self, rgb: Pixels) -> Pixels:
        """Return a picture, (height, width, 3) uint8, with the label on it once."""
        digest = _digest(rgb)
        if digest in self._finished or digest in self._labelled:
            return rgb
        made = label_still(rgb, self._preset)
        self._labelled.add(_digest(made))
        return made

    def completed(self, frames: Iterable[Frame], label: ParodyLabel) -> Iterator[Frame]:
        """Yield a timeline's frames in code, every one with label and mark.

        Only what this stamp drew, bit for bit, passes as it is, and not where
        ``label`` shows a card.
        """
        seen = (self._recognised(frame, label) for frame in frames)
        for finished, run in groupby(seen, key=lambda pair: pair[1]):
            stretch = (frame for frame, _ in run)
            yield from stretch if finished else MarkedFrames(stretch, self._key)

    def _recognised(self, frame: Frame, label: ParodyLabel) -> tuple[Frame, bool]:
        """Return a frame with its label, and whether it is marked as well."""
        digest = _digest(frame.rgb)
        if not label.shows_card(frame.seconds):
            if digest in self._finished:
                return self._as_drawn(frame, digest), True
            if digest in self._labelled:
                return frame, False
        return frame.with_rgb(label.draw(frame.rgb, frame.seconds)), False

    def _as_drawn(self, frame: Frame, digest: bytes) -> Frame:
        kept = self._in_code.get(digest)
        if kept is None:
            return frame.in_code()
        return Frame(
            index=frame.index,
            pts=frame.pts,
            time_base=frame.time_base,
            duration=frame.duration,
            picture=kept.picture,
            tags=Tags(),
        )

    def _with_label(self, frame: Frame) -> Frame:
        return frame.with_rgb(label_still(frame.rgb, self._preset))

    def _remember(self, rgb: Pixels, coded: Frame) -> None:
        digest = _digest(rgb)
        self._finished.add(digest)
        self._in_code[digest] = coded
        self._in_code.move_to_end(digest)
        while len(self._in_code) > KEPT_IN_CODE:
            self._in_code.popitem(last=False)


def _digest(rgb: Pixels) -> bytes:
    """Return a fingerprint of pixels and their shape."""
    whole = hashlib.blake2b(repr(rgb.shape).encode(), digest_size=DIGEST_BYTES)
    whole.update(np.ascontiguousarray(rgb).data)
    return whole.digest()
