"""Our own mark behind the Protocol that others have to fit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lampoon.media.frame import Frame
from lampoon.watermark.adapters.protocol import Beliefs, MarkRead
from lampoon.watermark.invisible.align import (
    chips_at,
    fold,
    poses_same,
    poses_scaled,
    refined,
    sightings,
    unshifted,
)
from lampoon.watermark.invisible.embed import MarkedFrames
from lampoon.watermark.invisible.lattice import Field, Lattice
from lampoon.watermark.invisible.search import Sample, Search, total
from lampoon.watermark.invisible.tile import ALGORITHM, Layout, Plane
from lampoon.watermark.invisible.transform import residual


@dataclass(slots=True)
class LampoonMark:
    """``org.lampoon.wm.1`` as ``generate`` embeds and ``detect`` reads it.

    ``gains`` tells what the closed loop settled on, after ``embed``.
    """

    layout: Layout = field(default_factory=Layout)
    gains: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return what it is reported under."""
        return ALGORITHM

    def embed(self, frames: Iterable[Frame], key: bytes) -> Iterator[Frame]:
        """Give the frames, marked, in code."""
        marked = MarkedFrames(frames, key, layout=self.layout)
        yield from marked
        self.gains = [stretch.gain for stretch in marked.settled]

    def read(self, samples: Iterable[Frame]) -> MarkRead:
        """Return what some frames carry; nothing is told of how they were changed."""
        seen = [
            Sample(residual(frame.luma), float(frame.seconds), _is_key(frame))
            for frame in samples
        ]
        search = Search(self.layout)
        found = search.quick(seen) or search.thorough(seen)
        plane = total(seen)
        if found is None:
            return MarkRead(None, self._guess(plane), search.words_tried)
        pose = found.pose
        chips = unshifted(fold(plane, pose), pose.flipped, found.shift)
        beliefs = self.layout.beliefs(chips)
        return MarkRead(found.word.key, beliefs, search.words_tried)

    def _guess(self, plane: Plane) -> Beliefs:
        """Return what the likeliest place of the tile says, right or wrong."""
        height, width = plane.shape
        poses = [*poses_same(width, height), *poses_scaled(0.5, 2.0, step=0.008)]
        lattice, field = Lattice(self.layout), Field(plane)
        best = refined(lattice, field, sightings(lattice, field, poses)[0])
        chips, _ = chips_at(self.layout, plane, best.pose)
        return self.layout.beliefs(chips)


def _is_key(frame: Frame) -> bool:
    return frame.picture is not None and bool(frame.picture.native.key_frame)
