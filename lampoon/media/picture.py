"""Planes, matrices and rotation: the only place that knows how pixels are coded.

RGB and coded pictures are turned into each other at most once each way, by swscale
with full chroma interpolation and accurate rounding. What leaves is 8-bit 4:2:0,
limited range, BT.709 matrix. No tone mapping is done: the transfer curve and the
primaries of the source are kept as tags.
"""

import struct
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import SideData
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from lampoon.errors import UnreadableError

CAREFUL = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)

BT709, UNSPECIFIED = 1, 2
"""Code points of matrix, primaries and transfer (ITU-T H.273)."""

MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""H.273 matrix code points to swscale's tables."""

PLAIN_LUMA = frozenset(
    {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12"}
    | {"gray"}
)
"""Formats whose first plane is 8-bit luma as it stands."""

HALVED = ("yuv420p", "yuvj420p")
"""Formats of three 8-bit planes, the second and third halved both ways."""

HD_LINES = 720
"""An untagged picture at least this tall is BT.709, a smaller one BT.601."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """How stored pixels become upright: mirror left to right, then turn."""

    quarter_turns: int = 0
    """Anticlockwise quarter turns, 0 to 3, as ``numpy.rot90`` counts them."""
    mirrored: bool = False

    @property
    def lies_down(self) -> bool:
        """Whether width and height change places."""
        return self.quarter_turns % 2 == 1

    def upright(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Return stored pixels, (height, width, ...), the way they are to be seen."""
        if self.mirrored:
            pixels = pixels[:, ::-1]
        return np.rot90(pixels, self.quarter_turns)


UPRIGHT = Orientation()


def orientation_of(native: av.VideoFrame) -> Orientation:
    """Return the orientation that a frame's display matrix asks for.

    Angles that are no quarter turn are rounded to the nearest one.
    """
    # ISO 14496-12 8.3.2.2: nine big words a b u c d v x y w; seen = (ax+cy, bx+dy)
    for data in tuple(native.side_data):
        if isinstance(data, SideData) and data.type.name == "DISPLAYMATRIX":
            a, b, _, c, d = struct.unpack("=5i", bytes(data)[:20])
            mirrored = a * d - b * c < 0
            if mirrored:
                a, b = -a, -b
            turn = round(float(np.arctan2(-b, a)) / (np.pi / 2)) % 4
            return Orientation(turn, mirrored)
    return UPRIGHT


@dataclass(frozen=True, slots=True)
class Tags:
    """What a player is told about pixels: H.273 code points and the pixels' shape."""

    primaries: int = BT709
    transfer: int = BT709
    pixel_aspect: Fraction = Fraction(1)


def tags_of(native: av.VideoFrame, aspect: Fraction | None, turned: bool) -> Tags:
    """Return a picture's tags, upright; what is not told is BT.709 and square."""
    primaries, transfer = int(native.color_primaries), int(native.color_trc)
    aspect = aspect or Fraction(1)
    return Tags(
        primaries=BT709 if primaries in (0, UNSPECIFIED) else primaries,
        transfer=BT709 if transfer in (0, UNSPECIFIED) else transfer,
        pixel_aspect=1 / aspect if turned else aspect,
    )


@dataclass(slots=True, eq=False)
class Picture:
    """A decoded picture that has not been turned into RGB yet."""

    native: av.VideoFrame
    orientation: Orientation = UPRIGHT
    reformatter: VideoReformatter = field(default_factory=VideoReformatter)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as stored, before turning."""
        return self.native.width, self.native.height

    def _source(self) -> dict[str, Any]:
        tag = int(self.native.colorspace)
        tall = min(self.size) >= HD_LINES
        untagged = Colorspace.ITU709 if tall else Colorspace.ITU601
        full = self.native.color_range == ColorRange.JPEG
        full = full or self.native.format.name.startswith("yuvj")
        return {
            "src_colorspace": MATRICES.get(tag, untagged),
            "src_color_range": ColorRange.JPEG if full else ColorRange.MPEG,
            "interpolation": CAREFUL,
            "threads": 1,
        }

    def rgb(self) -> npt.NDArray[np.uint8]:
        """Return upright RGB, (height, width, 3) uint8.

        Raises UnreadableError for a pixel format that cannot be turned into RGB.
        """
        options = self._source()
        if self.native.format.is_rgb:
            options |= {"src_color_range": ColorRange.JPEG}
        try:
            plain = self.reformatter.reformat(
                self.native,
                format="rgb24",
                dst_color_range=ColorRange.JPEG,
                **options,
            )
        except (av.FFmpegError, ValueError) as error:
            raise UnreadableError(
                f"pixels of format {self.native.format.name} cannot be shown"
            ) from error
        pixels = plain.to_ndarray().astype(np.uint8, copy=False)
        return np.ascontiguousarray(self.orientation.upright(pixels))

    def part(self, left: int, top: int, right: int, bottom: int) -> "Picture | None":
        """Return what lies between four even bounds, None where that is impossible.

        It is possible for upright 8-bit 4:2:0 pictures, which nearly all are.
        """
        if self.native.format.name not in HALVED or self.orientation != UPRIGHT:
            return None
        native = av.VideoFrame(right - left, bottom - top, self.native.format.name)
        for number, by in ((0, 1), (1, 2), (2, 2)):
            rows, columns = slice(top // by, bottom // by), slice(left // by, None)
            plane = _plane(native, number)
            plane[:] = _plane(self.native, number)[rows, columns][:, : plane.shape[1]]
        # what is not tagged is told by the size of the whole
        native.colorspace = self._source()["src_colorspace"]
        native.color_range = self.native.color_range
        return type(self)(native, reformatter=self.reformatter)

    def luma(self) -> npt.NDArray[np.uint8]:
        """Return the upright luma plane, (height, width) uint8, read-only.

        Raises UnreadableError for a pixel format that has no such plane.
        """
        native = self.native
        if native.format.name not in PLAIN_LUMA:
            try:
                native = self.reformatter.reformat(
                    native, format="yuv420p", **self._source()
                )
            except (av.FFmpegError, ValueError) as error:
                raise UnreadableError(
                    f"pixels of format {native.format.name} cannot be shown"
                ) from error
        upright = self.orientation.upright(_plane(native, 0))
        upright.flags.writeable = False
        return upright

    def with_luma(self, luma: npt.NDArray[np.uint8]) -> "Picture":
        """Return a copy of a coded 4:2:0 picture with another luma plane.

        Raises ValueError where the picture is not in that form or the plane, of
        (height, width) uint8, does not fit.
        """
        width, height = self.size
        if self.native.format.name != "yuv420p" or self.orientation != UPRIGHT:
            raise ValueError("only an upright 8-bit 4:2:0 picture takes a luma plane")
        if luma.shape != (height, width) or luma.dtype != np.uint8:
            raise ValueError(f"the luma plane is ({height}, {width}) uint8")
        native = av.VideoFrame(width, height, "yuv420p")
        _plane(native, 0)[:] = luma
        for number in (1, 2):
            _plane(native, number)[:] = _plane(self.native, number)
        native.colorspace = self.native.colorspace
        native.color_range = self.native.color_range
        native.color_primaries = self.native.color_primaries
        native.color_trc = self.native.color_trc
        return Picture(native, reformatter=self.reformatter)

    def coded(self) -> av.VideoFrame | None:
        """Return the same picture ready to encode, without passing through RGB.

        None where that is impossible: it lies down, or a side is odd, or it is RGB.
        """
        width, height = self.size
        if self.orientation != UPRIGHT or width % 2 or height % 2:
            return None
        if self.native.format.is_rgb:
            return None
        return self.reformatter.reformat(
            self.native,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            **self._source(),
        )


def _plane(native: av.VideoFrame, number: int) -> npt.NDArray[np.uint8]:
    """Return a view of one plane's pixels, (height, width) uint8."""
    plane = native.planes[number]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    pixels: npt.NDArray[np.uint8] = rows[: plane.height, : plane.width]
    return pixels


def picture_of(rgb: npt.NDArray[np.uint8]) -> Picture:
    """Return RGB, (height, width, 3) uint8, as ``coded_picture`` makes it."""
    reformatter = VideoReformatter()
    return Picture(coded_picture(rgb, reformatter), reformatter=reformatter)


def picture_of_luma(luma: npt.NDArray[np.uint8]) -> Picture:
    """Return a grey picture of a luma plane, (height, width) uint8, even sides."""
    height, width = luma.shape
    native = av.VideoFrame(width, height, "yuv420p")
    native.colorspace, native.color_range = BT709, BT709
    _plane(native, 0)[:] = luma
    for number in (1, 2):
        _plane(native, number)[:] = 128
    return Picture(native)


def coded_picture(
    rgb: npt.NDArray[np.uint8], reformatter: VideoReformatter
) -> av.VideoFrame:
    """Return RGB, (height, width, 3) uint8, as an 8-bit 4:2:0 BT.709 picture.

    4:2:0 needs even sides: an odd picture gets its last column or row twice, so that
    nothing is lost and nothing moves.
    """
    height, width = rgb.shape[:2]
    if width % 2 or height % 2:
        rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    native = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    return reformatter.reformat(
        native,
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=CAREFUL,
        threads=1,
    )
