"""One picture with its moment."""

from fractions import Fraction
from typing import Self

import numpy as np
import numpy.typing as npt

from lampoon.media.picture import Picture, Tags, picture_of


class Frame:
    """One picture of a clip and the exact moment at which it is shown.

    ``index`` counts the clip's frames from 0 in the order in which they are seen;
    ``pts`` is the moment and ``duration`` the stay (0: unknown), both in ticks of
    ``time_base`` seconds. The first frame's moment need not be 0. ``tags`` say what
    colours the pixels stand for.
    """

    __slots__ = ("_picture", "_rgb", "duration", "index", "pts", "tags", "time_base")

    def __init__(
        self,
        *,
        index: int,
        pts: int,
        time_base: Fraction,
        duration: int = 0,
        rgb: npt.NDArray[np.uint8] | None = None,
        picture: Picture | None = None,
        tags: Tags | None = None,
    ) -> None:
        if (rgb is None) == (picture is None):
            raise ValueError("a frame is made of either RGB or a decoded picture")
        self.index = index
        self.pts = pts
        self.time_base = time_base
        self.duration = duration
        self.tags = tags or Tags()
        self._rgb = None if rgb is None else _read_only(rgb)
        self._picture = picture

    @classmethod
    def from_rgb(
        cls,
        rgb: npt.NDArray[np.uint8],
        index: int,
        pts: int,
        time_base: Fraction,
        duration: int = 0,
    ) -> Self:
        """Return a frame of RGB pixels, (height, width, 3) uint8.

        Raises ValueError for another shape or type.
        """
        return cls(
            index=index, pts=pts, time_base=time_base, duration=duration, rgb=rgb
        )

    @property
    def seconds(self) -> Fraction:
        """The moment at which the frame is shown, exactly."""
        return self.pts * self.time_base

    @property
    def rgb(self) -> npt.NDArray[np.uint8]:
        """Upright RGB, (height, width, 3) uint8, read-only; converted once.

        Frames of one reader share a converter: ask for it in one thread at a time.
        """
        if self._rgb is None:
            assert self._picture is not None
            self._rgb = _read_only(self._picture.rgb())
        return self._rgb

    def part(
        self, left: int, top: int, right: int, bottom: int
    ) -> npt.NDArray[np.uint8]:
        """Return the RGB between four even bounds, (height, width, 3) uint8, read-only.

        Where the whole has not been converted yet, only that part is: a face costs a
        fraction of its picture. Raises ValueError for bounds beyond the picture.
        """
        if not (0 <= left < right <= self.width and 0 <= top < bottom <= self.height):
            raise ValueError("that part does not lie in the picture")
        if self._rgb is None and self._picture is not None:
            part = self._picture.part(left, top, right, bottom)
            if part is not None:
                return _read_only(part.rgb())
        return self.rgb[top:bottom, left:right]

    @property
    def picture(self) -> Picture | None:
        """The decoded picture where the pixels are still those of the file."""
        return self._picture

    @property
    def width(self) -> int:
        """Pixels across, upright."""
        return self._size()[0]

    @property
    def height(self) -> int:
        """Pixels down, upright."""
        return self._size()[1]

    @property
    def luma(self) -> npt.NDArray[np.uint8]:
        """Upright luma, (height, width) uint8, read-only, as the file codes it.

        Of RGB it is what the encoder would be given; see ``in_code``.
        """
        if self._picture is not None:
            return self._picture.luma()
        return self.in_code().luma

    def in_code(self) -> "Frame":
        """Return the same frame as it goes to the encoder: 8-bit 4:2:0, BT.709.

        RGB is converted here, once; what is coded so already comes back unchanged.
        An odd side grows by one repeated pixel.
        """
        coded = self._picture.coded() if self._picture is not None else None
        if self._picture is not None and coded is self._picture.native:
            return self
        picture = Picture(coded) if coded is not None else picture_of(self.rgb)
        return self._of(picture)

    def with_luma(self, luma: npt.NDArray[np.uint8]) -> "Frame":
        """Return the frame with another luma plane, its colours untouched.

        Only for a frame that is ``in_code``: nothing else is converted. Raises
        ValueError for another frame or a plane of another size.
        """
        if self._picture is None:
            raise ValueError("only a frame in code has planes")
        return self._of(self._picture.with_luma(luma))

    def _of(self, picture: Picture) -> "Frame":
        return Frame(
            index=self.index,
            pts=self.pts,
            time_base=self.time_base,
            duration=self.duration,
            picture=picture,
            tags=self.tags,
        )

    def with_rgb(self, rgb: npt.NDArray[np.uint8]) -> "Frame":
        """Return a new picture, (height, width, 3) uint8, at the same moment."""
        return Frame(
            index=self.index,
            pts=self.pts,
            time_base=self.time_base,
            duration=self.duration,
            rgb=rgb,
            tags=self.tags,
        )

    def _size(self) -> tuple[int, int]:
        if self._picture is not None:
            width, height = self._picture.size
            lies_down = self._picture.orientation.lies_down
            return (height, width) if lies_down else (width, height)
        assert self._rgb is not None
        return self._rgb.shape[1], self._rgb.shape[0]


def _read_only(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(
            f"RGB is (height, width, 3) uint8, not {rgb.shape} {rgb.dtype}"
        )
    view = rgb.view()
    view.flags.writeable = False
    return view
