"""Peers that run here: invisible-watermark and blind-watermark, as they are shipped.

Their own code marks and reads single pictures; ours only turns their knobs. The
parts of invisible-watermark are loaded by themselves, because the package as a whole
asks for PyTorch, which none of them needs.
"""

import importlib
import importlib.util
import multiprocessing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.adapters.protocol import Beliefs, Rgb
from lampoon.watermark.invisible.code import CODED_SIGNS

Bits = npt.NDArray[np.uint8]

INVISIBLE, BLIND = "invisible-watermark", "blind-watermark"
DWT_SCALE, CHROMA = 36.0, 1
"""Its usual quantiser, and the plane that it marks: blue less luma."""

RIVA_BITS, RIVA_EVEN = 32, 0.52
"""RivaGAN's payload, and the output above which its package says 1."""

BLIND_SCALES = (36.0, 20.0)


def _part(package: str, file: str) -> Path | None:
    """Return a file of an installed package without importing the package."""
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    for folder in (found and found.submodule_search_locations) or ():
        if (Path(folder) / file).is_file():
            return Path(folder) / file
    return None


def _there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@cache
def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"peer_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _centred(values: Beliefs) -> Beliefs:
    return np.asarray(values - values.mean(), np.float64)


@dataclass(frozen=True, slots=True)
class DwtMark:
    """``dwtDct`` or ``dwtDctSvd`` of invisible-watermark, in a chroma plane as shipped.

    Its way back from the wavelets exchanges two bands of whatever plane it marks; on
    luma that alone costs 37 dB, so luma is no choice.
    """

    name: str
    capacity: int = CODED_SIGNS

    @property
    def needs(self) -> str:
        """Return what has to be installed for it, "" where it is."""
        there = _there("pywt") and _part("imwatermark", f"{self._file}.py")
        return "" if there else f"pip install --no-deps {INVISIBLE} PyWavelets"

    @property
    def _file(self) -> str:
        return "maxDct" if self.name == "dwtDct" else "dwtDctSvd"

    def _peer(self, strength: float, bits: list[int]) -> Any:
        path = _part("imwatermark", f"{self._file}.py")
        assert path is not None
        module = _loaded(path)
        maker = module.EmbedMaxDct if self.name == "dwtDct" else module.EmbedDwtDctSvd
        scales = [0, DWT_SCALE * strength, 0]
        return maker(bits, wmLen=self.capacity, scales=scales)

    def mark(self, rgb: Rgb, bits: Bits, strength: float) -> Rgb:
        """Return a picture that carries the bits."""
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        made = self._peer(strength, bits.tolist()).encode(bgr)
        return np.asarray(cv2.cvtColor(made, cv2.COLOR_BGR2RGB), np.uint8)

    def believe(self, rgb: Rgb, strength: float) -> Beliefs:
        """Return, for each bit, the part of its blocks that say 1, less the mean.

        Its package would take off a half; weak marks all lean to one side.
        """
        transform = importlib.import_module("pywt")
        yuv = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV)
        rows, columns = (side // 4 * 4 for side in yuv.shape[:2])
        low, _ = transform.dwt2(yuv[:rows, :columns, CHROMA], "haar")
        scores: list[list[float]] = [[] for _ in range(self.capacity)]
        self._peer(strength, []).decode_frame(low, DWT_SCALE * strength, scores)
        return _centred(np.array([np.mean(each) if each else 0.5 for each in scores]))


@dataclass(frozen=True, slots=True)
class RivaMark:
    """RivaGAN as invisible-watermark bundles it, 32 bits a picture.

    The package has no knob; the difference that its network makes is multiplied.
    """

    capacity: int = RIVA_BITS
    name: str = "rivaGan"

    @property
    def needs(self) -> str:
        """Return what has to be installed for it, "" where it is."""
        there = _there("onnxruntime") and _part("imwatermark", "rivagan_encoder.onnx")
        return "" if there else f"pip install --no-deps {INVISIBLE} onnxruntime"

    def mark(self, rgb: Rgb, bits: Bits, strength: float) -> Rgb:
        """Return a picture that carries the bits."""
        given = {"frame": _riva_input(rgb), "data": bits.astype(np.float32)[None]}
        made = _riva("rivagan_encoder.onnx").run(None, given)[0]
        marked = (
            np.clip(made[0, :, 0].transpose(1, 2, 0), -1, 1)[..., ::-1] + 1
        ) * 127.5
        stronger = rgb + strength * (marked - rgb)
        return np.asarray(np.clip(np.rint(stronger), 0, 255), np.uint8)

    def believe(self, rgb: Rgb, strength: float) -> Beliefs:
        """Return the network's output, less what its package takes for even."""
        seen = _riva("rivagan_decoder.onnx").run(None, {"frame": _riva_input(rgb)})
        return np.asarray(seen[0][0], np.float64) - RIVA_EVEN


def _riva_input(rgb: Rgb) -> npt.NDArray[np.float32]:
    scaled = rgb[..., ::-1].astype(np.float32) / 127.5 - 1
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None, :, None])


@cache
def _riva(file: str) -> Any:
    runtime = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    path = _part("imwatermark", file)
    return runtime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )


@dataclass(frozen=True, slots=True)
class BlindMark:
    """blind-watermark: two singular values of every block, in all three planes."""

    capacity: int = CODED_SIGNS
    name: str = BLIND

    @property
    def needs(self) -> str:
        """Return what has to be installed for it, "" where it is."""
        there = _there("pywt") and _there("blind_watermark")
        return "" if there else f"pip install --no-deps {BLIND} PyWavelets"

    def mark(self, rgb: Rgb, bits: Bits, strength: float) -> Rgb:
        """Return a picture that carries the bits."""
        core = self._core(strength)
        core.read_img_arr(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        core.read_wm(bits)
        bgr = np.clip(np.rint(core.embed()), 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)

    def believe(self, rgb: Rgb, strength: float) -> Beliefs:
        """Return what its blocks say of each bit, less the mean.

        Its package parts the values into two classes, which comes to the same.
        """
        core = self._core(strength)
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        try:
            seen = core.extract(img=bgr, wm_shape=self.capacity)
        except AssertionError:  # its way to say that the picture is too small
            return np.zeros(self.capacity)
        return _centred(np.asarray(seen, np.float64))

    def _core(self, strength: float) -> Any:
        core = _blind().WaterMarkCore()
        core.d1, core.d2 = (scale * strength for scale in BLIND_SCALES)
        return core


@cache
def _blind() -> ModuleType:
    """Return the package; how processes start, which it sets, is set back."""
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method(None, force=True)
    try:
        return importlib.import_module("blind_watermark")
    finally:
        multiprocessing.set_start_method(before, force=True)


Peer = DwtMark | RivaMark | BlindMark

PEERS: tuple[Peer, ...] = (
    DwtMark("dwtDct"),
    DwtMark("dwtDctSvd"),
    BlindMark(),
    RivaMark(),
)

SLOW = frozenset({"rivaGan"})
"""Minutes a clip, so only on request."""
