"""TrustMark, through its makers' package, with weights from a folder of the user's.

The package fetches what it lacks from the network and looks for it beside its own
code. Here both are replaced: it is given the three published files of a variant,
each with its published MD5, and the step that would fetch does nothing.
"""

import contextlib
import io
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.errors import ProvenanceError
from lampoon.watermark.adapters.protocol import Beliefs, Rgb
from lampoon.watermark.adapters.weights import md5, needed_file, needed_module

BITS = 100


class Variant(StrEnum):
    """The variants that have a name in C2PA's list."""

    Q = "Q"
    C = "C"
    P = "P"

    @property
    def files(self) -> tuple[str, str, str]:
        """Return the names of its published files."""
        return f"trustmark_{self}.yaml", f"encoder_{self}.ckpt", f"decoder_{self}.ckpt"


@dataclass(frozen=True)
class TrustMark:
    """TrustMark's 100 raw bits in each picture; a ``PictureMark``.

    ``strength`` is the package's own. Making one raises ProvenanceError where the
    package or a file is missing, or a file is not the published one.
    """

    folder: Path
    variant: Variant = Variant.Q
    capacity: int = BITS

    def __post_init__(self) -> None:
        """Load what is needed at once, so that a missing piece is told early."""
        for file in self.variant.files:
            needed_file(self.folder / file, whose=f"TrustMark {self.variant}")
        assert self._peer is not None

    @property
    def name(self) -> str:
        """Return its name in C2PA's list."""
        return f"com.adobe.trustmark.{self.variant}"

    @cached_property
    def _peer(self) -> Any:
        package = needed_module(
            "trustmark.trustmark", whose="TrustMark", install="trustmark"
        )
        for file in self.variant.files:
            if md5(self.folder / file) != package.MODEL_CHECKSUMS[file]:
                raise ProvenanceError(
                    f"not the published file of TrustMark {self.variant}",
                    where=self.folder / file,
                    hint=f"its MD5 should be {package.MODEL_CHECKSUMS[file]}",
                )
        with contextlib.redirect_stdout(io.StringIO()):
            peer = _offline(package, self.folder)(
                use_ECC=False,
                verbose=False,
                device="cpu",
                model_type=self.variant.value,
                loadRemover=False,
            )
        if peer.encoder is None or peer.decoder is None:
            raise ProvenanceError("its weights cannot be loaded", where=self.folder)
        return peer

    def mark(self, rgb: Rgb, bits: npt.NDArray[np.uint8], strength: float) -> Rgb:
        """Return a picture that carries the bits."""
        from PIL import Image

        text = "".join(str(bit) for bit in bits.tolist())
        made = self._peer.encode(
            Image.fromarray(rgb), text, MODE="binary", WM_STRENGTH=strength
        )
        return np.asarray(made, np.uint8)

    def believe(self, rgb: Rgb, strength: float) -> Beliefs:
        """Return the network's outputs, whose sign is the bit."""
        from PIL import Image

        torch = needed_module("torch", whose="TrustMark", install="torch")
        peer = self._peer
        side = peer.model_resolution_dec
        seen = peer.get_the_image_for_processing(Image.fromarray(rgb))
        small = np.asarray(seen.resize((side, side), Image.Resampling.BILINEAR))
        given = small.transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        with torch.no_grad():
            said = peer.decoder.decoder(torch.from_numpy(given))[0]
        return np.asarray(said.numpy(), np.float64)


def _offline(package: ModuleType, folder: Path) -> Any:
    """Return the package's class with its way to the network taken out."""

    def load_model(
        self: Any, config: str, weights: str, device: str, secret: int, part: str
    ) -> Any:
        here = (str(folder / Path(path).name) for path in (config, weights))
        return package.TrustMark.load_model(self, *here, device, secret, part=part)

    changed = {"load_model": load_model, "check_and_download": _fetch_nothing}
    return type("OfflineTrustMark", (package.TrustMark,), changed)


def _fetch_nothing(self: object, filename: str) -> None:
    """Stand where the package would fetch a file; all of them are there."""
