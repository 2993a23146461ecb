"""Foreground layers: what an artist made elsewhere, laid over the swap.

A hat, glasses, a clean-up: a PNG, numbered PNGs or a clip with alpha, of the footage's
size. The label is drawn later, so nothing ever covers it.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from lampoon.consent.store import file_sha256
from lampoon.errors import MediaError, SettingsError
from lampoon.generate.composite.blend import blend_patch
from lampoon.generate.job import LayerSettings
from lampoon.generate.methods.protocol import FacePatch
from lampoon.media.alpha import AlphaClip, Rgba, png_size, read_png
from lampoon.media.container import scan
from lampoon.media.frame import Frame
from lampoon.media.reader import probe

EARLY_SECONDS = Fraction(1, 1000)
"""Other programs round: a moment so little early counts as on time."""

NUMBER = re.compile(r"(\d+)$")


class _Pictures(Protocol):
    """What a layer shows, by the footage's frame."""

    def at(self, index: int) -> Rgba:
        """Return the picture for the footage's frame of that index."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Pictures over the footage's frames ``first`` up to, not with, ``stop``."""

    pictures: _Pictures
    first: int
    stop: int
    opacity: float

    def over(self, frame: Frame) -> Frame:
        """Return the frame under this layer, itself where it is not shown."""
        if not self.first <= frame.index < self.stop:
            return frame
        patch = _patch(self.pictures.at(frame.index), self.opacity)
        return frame if patch is None else frame.with_rgb(blend_patch(frame.rgb, patch))


@dataclass(frozen=True, slots=True, eq=False)
class Foreground:
    """All layers of a project, the last on top; ``sha256`` of what they show, or ""."""

    layers: tuple[Layer, ...] = ()
    sha256: str = ""

    def over(self, frame: Frame) -> Frame:
        """Return a new frame under every layer of its moment."""
        for layer in self.layers:
            frame = layer.over(frame)
        return frame

    def over_all(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield every frame under the layers of its moment."""
        return map(self.over, frames) if self.layers else iter(frames)


NO_FOREGROUND = Foreground()


def open_foreground(layers: Sequence[LayerSettings], footage: Path) -> Foreground:
    """Return a project's layers, matched to the footage's frames.

    Raises SettingsError or MediaError, before anything is swapped, for a layer that
    is missing, of another size, without alpha or with missing frames.
    """
    if not layers:
        return NO_FOREGROUND
    plate = _plate(footage)
    made = tuple(_opened(layer, plate) for layer in layers)
    whole = hashlib.sha256()
    for settings in layers:
        whole.update(repr(settings).encode())
        for path in _files(settings.path):
            whole.update(f"{path.name}\0{file_sha256(path)}\n".encode())
    return Foreground(made, whole.hexdigest())


@dataclass(frozen=True, slots=True)
class _Plate:
    """The footage's size and the moments of its frames, from 0 s on."""

    size: tuple[int, int]
    moments: tuple[Fraction, ...]
    seconds: Fraction

    def index_from(self, seconds: Fraction) -> int:
        """Return the first frame that is shown from a moment on."""
        return bisect_left(self.moments, seconds - EARLY_SECONDS)

    def fits(self, size: tuple[int, int], path: Path) -> None:
        """Raise MediaError for a layer of another size."""
        if size != self.size:
            (width, height), (wanted_width, wanted_height) = size, self.size
            raise MediaError(
                f"is {width} x {height}, the footage {wanted_width} x {wanted_height}",
                where=path,
                hint="export it at the footage's size",
            )


def _plate(footage: Path) -> _Plate:
    clip, (timeline, _) = probe(footage), scan(footage)
    start = timeline.ticks[0]
    moments = tuple((tick - start) * timeline.time_base for tick in timeline.ticks)
    return _Plate((clip.width, clip.height), moments, timeline.seconds)


def _opened(layer: LayerSettings, plate: _Plate) -> Layer:
    path, begins = layer.path, Fraction(layer.first_seconds)
    ends = None if layer.last_seconds is None else Fraction(layer.last_seconds)
    if not path.exists():
        raise SettingsError("there is no such layer", where=path)
    if begins >= plate.seconds or (ends is not None and ends <= begins):
        raise SettingsError(
            f"is never seen: from {float(begins):g} s to "
            f"{float(plate.seconds if ends is None else ends):g} s of footage "
            f"that lasts {float(plate.seconds):g} s",
            where=path,
            hint="first_seconds and last_seconds of [[layers]]",
        )
    first = plate.index_from(begins)
    asked = ends is not None
    stop = len(plate.moments) if ends is None else plate.index_from(ends)
    if path.is_dir():
        shots = _Sequence.opened(path, first, plate)
        return Layer(shots, first, _stop(shots, stop, asked=asked), layer.opacity)
    if path.suffix.lower() == ".png":
        plate.fits(png_size(path), path)
        return Layer(_Still(read_png(path)), first, stop, layer.opacity)
    film = _Film(AlphaClip(path), plate, begins)
    plate.fits(film.clip.size, path)
    return Layer(film, first, _stop(film, stop, asked=asked), layer.opacity)


@dataclass(frozen=True, slots=True, eq=False)
class _Still:
    """One picture, for as long as the layer is shown."""

    rgba: Rgba

    def at(self, index: int) -> Rgba:
        return self.rgba


@dataclass(frozen=True, slots=True, eq=False)
class _Sequence:
    """Numbered pictures, one a frame of the footage; the last is before ``end``."""

    path: Path
    files: tuple[Path, ...]
    first: int

    @classmethod
    def opened(cls, folder: Path, first: int, plate: _Plate) -> "_Sequence":
        """Return a folder's pictures; MediaError where one is missing or unfit."""
        files = tuple(_files(folder))
        if not files:
            raise MediaError("holds no PNG", where=folder)
        numbers = [_number(path) for path in files]
        for before, after, path in zip(numbers, numbers[1:], files[1:], strict=False):
            if after != before + 1:
                raise MediaError(
                    f"frame {before + 1} is missing: after {before} comes {path.name}",
                    where=folder,
                    hint="number the pictures without gaps; a clear one shows nothing",
                )
        for path in files:
            plate.fits(png_size(path), path)
        return cls(folder, files, first)

    @property
    def end(self) -> int:
        """The footage's frame after the last picture."""
        return self.first + len(self.files)

    def at(self, index: int) -> Rgba:
        return read_png(self.files[index - self.first])


@dataclass(frozen=True, slots=True, eq=False)
class _Film:
    """A clip that begins at ``begins`` seconds of the footage."""

    clip: AlphaClip
    plate: _Plate
    begins: Fraction

    @property
    def path(self) -> Path:
        """Where the clip is."""
        return self.clip.path

    @property
    def end(self) -> int:
        """The footage's frame after the clip's last."""
        return self.plate.index_from(self.begins + self.clip.seconds)

    def at(self, index: int) -> Rgba:
        return self.clip.at(self.plate.moments[index] - self.begins + EARLY_SECONDS)


def _stop(made: _Sequence | _Film, stop: int, *, asked: bool) -> int:
    """Return the frame after the last that is shown.

    Raises MediaError where the project asks for more than there is.
    """
    if asked and made.end < stop:
        raise MediaError(
            f"{stop - made.end} frames are missing at its end",
            where=made.path,
            hint="leave last_seconds out, or make the layer longer",
        )
    return min(stop, made.end)


def _files(path: Path) -> list[Path]:
    """Return a layer's files, those of a folder by their numbers."""
    if not path.is_dir():
        return [path]
    return sorted(path.glob("*.png"), key=_number)


def _number(path: Path) -> int:
    """Return the number at the end of a picture's name; MediaError without one."""
    found = NUMBER.search(path.stem)
    if found is None:
        raise MediaError(
            "has no number at the end of its name",
            where=path,
            hint="name pictures as in hat.0001.png",
        )
    return int(found[1])


def _patch(rgba: Rgba, opacity: float) -> FacePatch | None:
    """Return what of a picture can be seen; None where all of it is clear."""
    seen = rgba[..., 3] > 0
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if len(rows) == 0:
        return None
    part = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    share = part[..., 3].astype(np.float32) * np.float32(opacity / 255)
    rgb = np.ascontiguousarray(part[..., :3])
    return FacePatch(rgb, share, int(columns[0]), int(rows[0]))
