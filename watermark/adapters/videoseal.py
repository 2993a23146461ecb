"""VideoSeal, from the TorchScript file that its makers publish; PyTorch is enough.

The file knows how to embed 256 bits and to read them. It is loaded from where the
user says; there is no code here that could fetch one.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import ProvenanceError
from lampoon.watermark.adapters.protocol import Beliefs, Rgb
from lampoon.watermark.adapters.weights import needed_file, needed_module

VIDEOSEAL = "com.aiwatermark.videoseal.1"
BITS = 256


@dataclass(frozen=True)
class VideoSeal:
    """VideoSeal 1.0 of 256 bits, each picture by itself; a ``PictureMark``.

    ``strength`` multiplies the difference that the network makes. Making one raises
    ProvenanceError where PyTorch or the file is missing, or the file is no such
    network.
    """

    file: Path
    name: str = VIDEOSEAL
    capacity: int = BITS

    def __post_init__(self) -> None:
        """Load what is needed at once, so that a missing piece is told early."""
        needed_file(self.file, whose="VideoSeal")
        assert self._model is not None

    @cached_property
    def _torch(self) -> Any:
        return needed_module("torch", whose="VideoSeal", install="torch")

    @cached_property
    def _model(self) -> Any:
        torch = self._torch
        try:
            model = torch.jit.load(str(self.file), map_location="cpu").eval()
        except (RuntimeError, ValueError) as error:
            raise ProvenanceError(
                "no TorchScript file",
                where=self.file,
                hint="VideoSeal's is called y_256b_img.jit",
            ) from error
        if not (hasattr(model, "embed") and hasattr(model, "detect")):
            raise ProvenanceError(
                "a network that does not mark pictures", where=self.file
            )
        return model

    def mark(self, rgb: Rgb, bits: npt.NDArray[np.uint8], strength: float) -> Rgb:
        """Return a picture that carries the bits."""
        torch = self._torch
        message = torch.from_numpy(bits.astype(np.float32))[None]
        with torch.no_grad():
            made = self._model.embed(self._input(rgb), message, False)
        marked = made[0].permute(1, 2, 0).numpy() * 255
        stronger = rgb + strength * (marked - rgb)
        return np.asarray(np.clip(np.rint(stronger), 0, 255), np.uint8)

    def believe(self, rgb: Rgb, strength: float) -> Beliefs:
        """Return the network's outputs, whose sign is the bit."""
        with self._torch.no_grad():
            seen = self._model.detect(self._input(rgb), False)
        # the first output, which tells where a mark is, is not used by its makers
        each = seen[0, 1:].reshape(self.capacity, -1).mean(1)
        return np.asarray(each.numpy(), np.float64)

    def _input(self, rgb: Rgb) -> Any:
        scaled = np.ascontiguousarray(rgb.transpose(2, 0, 1), np.float32) / 255
        return self._torch.from_numpy(scaled)[None]
