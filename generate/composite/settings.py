"""How a swap is laid into the plate: ``[composite]`` and ``[[ranges]]``."""

from dataclasses import fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from lampoon.settings import STRICT


class MaskKind(StrEnum):
    """Which pixels of the face are exchanged.

    ``method`` is what the swap's own method chooses; ``components`` and ``extended``
    are faceswap's hulls of 68 points, ``mesh`` the hull of all 468; ``stored`` are
    pictures in a folder, made elsewhere.
    """

    METHOD = "method"
    COMPONENTS = "components"
    EXTENDED = "extended"
    MESH = "mesh"
    STORED = "stored"


class ColourKind(StrEnum):
    """How the face's colours are matched to the plate, beyond what its method does."""

    NONE = "none"
    AVERAGE = "average"
    REINHARD = "reinhard"
    HISTOGRAM = "histogram"
    TRANSPORT = "transport"
    SEAMLESS = "seamless"


Share = Annotated[float, Field(ge=0, le=0.4)]
"""Of the face's width."""


@dataclass(config=STRICT, frozen=True)
class CompositeSettings:
    """How every frame is put together, where no range says otherwise.

    ``erosion`` and ``feather`` are shares of the face's width; a feather that is not
    given is the mask's own. ``sharpening`` is how much of what is finer than a pixel
    or two is added again. ``masks`` is the folder of ``mask = "stored"``.
    """

    mask: MaskKind = MaskKind.METHOD
    masks: Path | None = None
    erosion: Share = 0.0
    feather: Share | None = None
    colour: ColourKind = ColourKind.NONE
    sharpening: float = Field(default=0.0, ge=0, le=3)
    grain: bool = True
    keep_in_front: bool = True

    @model_validator(mode="after")
    def _folder_for_stored_masks(self) -> Self:
        if self.mask is MaskKind.STORED and self.masks is None:
            raise ValueError('mask = "stored" needs masks = "folder"')
        return self


@dataclass(config=STRICT, frozen=True)
class RangeSettings:
    """What is different from ``first_seconds`` up to, not with, ``last_seconds``.

    What is not given stays as it is in ``[composite]``. ``landmark_offset`` moves the
    face's points by so many pixels of the plate, right and down.
    """

    first_seconds: float = Field(ge=0)
    last_seconds: float = Field(gt=0)
    mask: MaskKind | None = None
    erosion: Share | None = None
    feather: Share | None = None
    colour: ColourKind | None = None
    sharpening: float | None = Field(default=None, ge=0, le=3)
    grain: bool | None = None
    keep_in_front: bool | None = None
    landmark_offset: tuple[float, float] = (0.0, 0.0)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last_seconds <= self.first_seconds:
            raise ValueError("last_seconds must be greater than first_seconds")
        return self

    def holds(self, first: float, last: float) -> bool:
        """Return whether any moment from ``first`` to ``last`` lies in the range."""
        return self.first_seconds <= last and first < self.last_seconds

    def over(self, usual: CompositeSettings) -> CompositeSettings:
        """Return the usual settings with this range's in their place."""
        names = {field.name for field in fields(usual)} & set(vars(self))
        given = {name: getattr(self, name) for name in sorted(names)}
        return replace(usual, **{k: v for k, v in given.items() if v is not None})


@dataclass(config=STRICT, frozen=True)
class Composition:
    """The usual settings and the ranges; where ranges overlap, the last one counts."""

    usual: CompositeSettings = CompositeSettings()
    ranges: tuple[RangeSettings, ...] = ()

    @property
    def keeps_in_front(self) -> bool:
        """Whether anything before the face is kept there, at any moment."""
        return self.usual.keep_in_front or any(one.keep_in_front for one in self.ranges)

    def at(self, seconds: float) -> tuple[CompositeSettings, tuple[float, float]]:
        """Return settings and landmark offset at a moment of the clip."""
        made, offset = self.usual, (0.0, 0.0)
        for one in self.ranges:
            if one.holds(seconds, seconds):
                made, offset = one.over(made), one.landmark_offset
        return made, offset

    def between(self, first: float, last: float) -> str:
        """Return words for all that frames from ``first`` to ``last`` depend on."""
        touched = [one for one in self.ranges if one.holds(first, last)]
        return repr((self.usual, touched))


AS_EVER = Composition()
"""What a project gets that says nothing of it."""
