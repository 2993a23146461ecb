"""How much a mark shows: PSNR of the planes, and VMAF where a libvmaf is there."""

import importlib
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.media.frame import Frame

Planes = npt.NDArray[np.uint8]


def planes(frame: Frame) -> Planes:
    """Return luma over both chroma planes, as 4:2:0 is coded, uint8."""
    picture = frame.in_code().picture
    assert picture is not None
    return np.asarray(picture.native.to_ndarray(), np.uint8)


@dataclass(slots=True)
class Distortion:
    """Squared differences, summed over frames."""

    luma: float = 0.0
    luma_samples: int = 0
    all: float = 0.0
    all_samples: int = 0

    def add(self, before: Frame, after: Frame) -> None:
        """Take one more frame, plain and marked."""
        plain, marked = planes(before), planes(after)
        rows = before.in_code().height
        self.luma += float(cv2.norm(plain[:rows], marked[:rows], cv2.NORM_L2SQR))
        self.all += float(cv2.norm(plain, marked, cv2.NORM_L2SQR))
        self.luma_samples += plain[:rows].size
        self.all_samples += plain.size

    @property
    def psnr_y(self) -> float:
        """Return decibels over the luma samples; 99 where nothing changed."""
        return _decibels(self.luma, self.luma_samples)

    @property
    def psnr(self) -> float:
        """Return decibels over all samples of 4:2:0; 99 where nothing changed."""
        return _decibels(self.all, self.all_samples)


def _decibels(squared: float, samples: int) -> float:
    if squared <= 0 or not samples:
        return 99.0
    return min(float(10 * np.log10(255**2 * samples / squared)), 99.0)


@cache
def vmaf_program() -> str | None:
    """Return an ffmpeg that has libvmaf, else None; nothing is fetched.

    Looked for on the path, then in imageio-ffmpeg (which moviepy brings).
    """
    for program in (shutil.which("ffmpeg"), _bundled()):
        if program is None:
            continue
        listed = subprocess.run(
            [program, "-hide_banner", "-filters"],
            capture_output=True,
            text=True,
            check=False,
        )
        if " libvmaf " in listed.stdout:
            return program
    return None


def _bundled() -> str | None:
    try:
        package = importlib.import_module("imageio_ffmpeg")
        return str(package.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


def vmaf(plain: Path, marked: Path) -> float | None:
    """Return the mean VMAF over every frame of two scratch files of the same frames.

    None where there is no libvmaf here. The model is libvmaf's own, vmaf_v0.6.1.
    """
    program = vmaf_program()
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        log = "vmaf.json"
        words = [program, "-nostdin", "-v", "error", "-threads", "1"]
        words += ["-i", str(marked.resolve()), "-i", str(plain.resolve())]
        words += ["-lavfi", f"libvmaf=log_fmt=json:log_path={log}:n_threads=1"]
        done = subprocess.run(
            [*words, "-f", "null", "-"], cwd=folder, capture_output=True, check=False
        )
        found = Path(folder) / log
        if done.returncode or not found.exists():
            return None
        pooled = json.loads(found.read_text(encoding="utf-8"))["pooled_metrics"]
    return float(pooled["vmaf"]["mean"])
