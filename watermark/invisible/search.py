"""Looking for the mark in samples of a clip: pose, shifts, then the code word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lampoon.watermark.invisible.align import (
    Pose,
    Sighting,
    correlation,
    fold,
    poses_same,
    poses_scaled,
    refined,
    settled,
    sightings,
    unshifted,
)
from lampoon.watermark.invisible.code import LIST_SIZE, Word, decode
from lampoon.watermark.invisible.lattice import Field, Lattice
from lampoon.watermark.invisible.tile import Layout, Plane

LARGEST_SCALE, SMALLEST_SCALE = 2.1, 0.5
CANDIDATES = 3
FIELDS = 3
"""Keyframes that are searched one by one, besides all samples together."""

HOPELESS = 4.6
"""A peak below this is noise: the mean of the best of some poses is above it."""

PROMISING = 5.0
"""A usual shape with a peak above this is read as it is, before it is refined."""

STANDING_OUT = 5.8
"""A refined peak above this is worth a closer look: of noise, one in some is."""

SEEN_ALONE = 4.7
"""A sample whose own peak is as high as this is laid where that peak is."""

UNSURE = 3.5
"""A peak of noise among 2 x 16384 shifts; what is above it is weight."""

LOWEST_MARGIN = 12.0
"""Standard deviations; the likeliest words of pictures without a mark stay below."""

MOST_WORDS = 4096
"""Words that one search may try: odds of 2**-20 that one has a true CRC by luck."""

TURNS = np.radians(np.arange(-2.0, 2.01, 0.2))


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One frame's residual, its moment in seconds, and whether it is a keyframe."""

    residual: Plane
    seconds: float
    key: bool


Group = tuple[Sample, ...]
Moments = tuple[float, ...]
"""Samples that are taken together, and what tells them from others of the clip."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A word with the pose it was read at and its standard deviations."""

    word: Word
    pose: Pose
    shift: tuple[int, int]
    margin: float


@dataclass
class Search:
    """A search that may go on: it counts every word that it tries."""

    layout: Layout
    words_tried: int = 0
    margins: list[float] = field(default_factory=list)
    _fields: dict[Moments, Field] = field(default_factory=dict, repr=False)
    _told: dict[tuple[Moments, tuple[Pose, ...]], list[Sighting]] = field(
        default_factory=dict, repr=False
    )
    _sure: dict[tuple[int, Pose], Sighting] = field(default_factory=dict, repr=False)

    @property
    def odds(self) -> float:
        """Bound on the chance that one of the words tried had a true CRC by luck."""
        return max(self.words_tried, 1) / 2**32

    @cached_property
    def lattice(self) -> Lattice:
        """The layout's known chips, to hold against what is searched."""
        return Lattice(self.layout)

    def quick(self, samples: list[Sample]) -> Decoded | None:
        """Look for a mark in whole pictures, squeezed to a usual shape or not."""
        height, width = samples[0].residual.shape
        return self._try(samples, poses_same(width, height), exact=True)

    def thorough(
        self, samples: list[Sample], *, rotated: bool = False
    ) -> Decoded | None:
        """Look for a mark at every scale, in crops and enlargements too."""
        found = self._try(samples, poses_scaled(0.98, LARGEST_SCALE))
        found = found or self._try(samples, poses_scaled(SMALLEST_SCALE, 0.98))
        if found is None and rotated:
            found = self._try(samples, _turned())
        return found

    def _try(
        self, samples: list[Sample], poses: list[Pose], exact: bool = False
    ) -> Decoded | None:
        ranked: list[tuple[Sighting, Group]] = []
        for group in _groups(samples):
            ranked.extend((top, group) for top in self._tops(group, poses))
        ranked.sort(key=lambda each: -each[0].score)
        for sighting, group in ranked[:CANDIDATES]:
            if sighting.score < HOPELESS:
                break
            one = self._field(group)
            found = None
            if exact and sighting.score > PROMISING:
                found = self._read(samples, one.plane, sighting.pose)
            if found is None:
                best = self._refined(one, sighting)
                found = self._read(samples, one.plane, best.pose)
                if found is None and best.score > STANDING_OUT:
                    found = self._read_settled(samples, one.plane, best.pose)
            if found is not None:
                return found
        return None

    def _tops(self, group: Group, poses: list[Pose]) -> list[Sighting]:
        """Return the two likeliest poses; the same pictures are not asked twice."""
        asked = (_moments(group), tuple(poses))
        if asked not in self._told:
            found = sightings(self.lattice, self._field(group), poses)
            self._told[asked] = found[:2]
        return self._told[asked]

    def _field(self, group: Group) -> Field:
        """Return samples taken together, with the spectrum that was made of them."""
        moments = _moments(group)
        if moments not in self._fields:
            self._fields[moments] = Field(total(group))
        return self._fields[moments]

    def _refined(self, one: Field, first: Sighting) -> Sighting:
        asked = (id(one), first.pose)
        if asked not in self._sure:
            self._sure[asked] = refined(self.lattice, one, first)
        return self._sure[asked]

    def _read_settled(
        self, samples: list[Sample], plane: Plane, pose: Pose
    ) -> Decoded | None:
        near = settled(self.layout, plane, pose)
        return None if near == pose else self._read(samples, plane, near)

    def _read(self, samples: list[Sample], plane: Plane, pose: Pose) -> Decoded | None:
        surface = correlation(self.layout, fold(plane, pose), pose.flipped)
        down, across = np.unravel_index(int(surface.argmax()), surface.shape)
        shift = (int(down), int(across))
        for chips in self._laid(samples, plane, pose, shift):
            found = self._decoded(chips, pose, shift)
            if found is not None:
                return found
        return None

    def _laid(
        self, samples: list[Sample], plane: Plane, pose: Pose, shift: tuple[int, int]
    ) -> Iterable[Plane]:
        """Give the tile as a field has it, then as its samples have it.

        First all samples at one place, by how clearly it is there; then each where
        its own peak is, for marks that ride on moving scenes.
        """
        yield unshifted(fold(plane, pose), pose.flipped, shift)
        if len(samples) < 2:
            return
        still, riding = np.zeros((2, *_SHAPE), np.float32)
        for sample in samples:
            folded = fold(sample.residual, pose)
            surface = correlation(self.layout, folded, pose.flipped)
            folded /= folded.std() + 1e-9
            here = float(surface[shift])
            still += max(here, 0.05) * unshifted(folded, pose.flipped, shift)
            peak = int(surface.argmax())
            top = float(surface.flat[peak])
            if top > SEEN_ALONE:
                down, across = np.unravel_index(peak, surface.shape)
                own = (int(down), int(across))
                riding += (top - UNSURE) * unshifted(folded, pose.flipped, own)
        yield still
        if riding.any():
            yield riding

    def _decoded(
        self, chips: Plane, pose: Pose, shift: tuple[int, int]
    ) -> Decoded | None:
        if self.words_tried + LIST_SIZE > MOST_WORDS:
            return None
        beliefs = self.layout.beliefs(chips)
        measured = chips.reshape(-1)[self.layout.data_chips]
        spread = float(np.sqrt((measured**2).sum())) + 1e-9
        word = decode(beliefs, least=LOWEST_MARGIN * spread)
        self.words_tried += LIST_SIZE if word is None else word.rank + 1
        if word is None:
            return None
        return Decoded(word, pose, shift, float(beliefs @ word.signs) / spread)


_SHAPE = (64, 64)


def _groups(samples: list[Sample]) -> list[Group]:
    """Return what to search in: all together, the keyframes, some of them alone.

    Keyframes are looked at before other samples, so then they need not be again.
    """
    keys = [sample for sample in samples if sample.key]
    groups = [tuple(samples)]
    if 1 < len(keys) < len(samples):
        groups.append(tuple(keys))
    if 1 < len(keys) == len(samples):
        every = max(len(keys) // FIELDS, 1)
        groups.extend((key,) for key in keys[::every][:FIELDS])
    return groups


def _moments(group: Group) -> Moments:
    return tuple(sample.seconds for sample in group)


def total(samples: Sequence[Sample]) -> Plane:
    """Return the sum of the samples' residuals."""
    made: Plane = np.sum([each.residual for each in samples], axis=0, dtype=np.float32)
    return made


def _turned() -> list[Pose]:
    return [
        Pose(pose.across, pose.down, float(turn))
        for pose in poses_scaled(0.97, 1.15)
        for turn in TURNS
    ]
