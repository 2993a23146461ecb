"""Weights of others are the user's to bring: nothing is fetched, lacks are told."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

from lampoon.errors import ProvenanceError
from lampoon.watermark.adapters.coded import Coded
from lampoon.watermark.adapters.protocol import Rgb
from lampoon.watermark.adapters.trustmark import TrustMark, Variant
from lampoon.watermark.adapters.videoseal import VideoSeal
from tests.support.marks import pan
from tests.support.pictures import CornerMark


class Package:
    """Stands for TrustMark's class, which fetches in its constructor."""

    def __init__(self, **options: object) -> None:
        self.options = options
        self.fetched: list[str] = []
        self.encoder, self.decoder = (
            self.load_model("/package/a.yaml", f"/package/{part}_Q.ckpt", "", 100, part)
            for part in ("encoder", "decoder")
        )

    def check_and_download(self, filename: str) -> None:
        raise AssertionError(f"asked the network for {filename}")

    def load_model(
        self, config: str, weights: str, device: str, secret: int, part: str
    ) -> str:
        self.check_and_download(weights)
        return weights


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The foreign package as a module, whose published files are those below."""
    module: Any = ModuleType("trustmark.trustmark")
    module.TrustMark = Package
    module.MODEL_CHECKSUMS = {
        file: hashlib.md5(file.encode()).hexdigest() for file in Variant.Q.files
    }
    monkeypatch.setitem(sys.modules, "trustmark", ModuleType("trustmark"))
    monkeypatch.setitem(sys.modules, "trustmark.trustmark", module)
    return module


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    for file in Variant.Q.files:
        (tmp_path / file).write_bytes(file.encode())
    return tmp_path


def test_trustmark_is_loaded_from_the_folder_and_asks_nobody(
    package: Any, weights: Path
) -> None:
    mark = TrustMark(weights, Variant.Q)

    assert mark.name == "com.adobe.trustmark.Q"


def test_a_file_that_was_not_published_is_refused(package: Any, weights: Path) -> None:
    (weights / "encoder_Q.ckpt").write_bytes(b"something else")

    with pytest.raises(ProvenanceError, match=r"encoder_Q\.ckpt: not the published"):
        TrustMark(weights, Variant.Q)


@pytest.mark.parametrize("variant", list(Variant))
def test_without_weights_trustmark_says_which(tmp_path: Path, variant: Variant) -> None:
    with pytest.raises(ProvenanceError, match="nothing is ever downloaded") as caught:
        TrustMark(tmp_path, variant)

    assert f"trustmark_{variant}.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_weights_videoseal_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="nothing is ever downloaded"):
        VideoSeal(tmp_path / "y_256b_img.jit")


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is not None, reason="PyTorch is installed"
)
def test_without_its_package_each_says_what_to_install(
    tmp_path: Path, weights: Path
) -> None:
    (tmp_path / "seal.jit").write_bytes(b"weights")

    with pytest.raises(ProvenanceError, match=r"needs torch.*pip install torch"):
        VideoSeal(tmp_path / "seal.jit")
    with pytest.raises(ProvenanceError, match=r"needs trustmark.*pip install"):
        TrustMark(weights)


def test_half_of_the_parts_are_enough() -> None:
    mark = Coded(CornerMark(107)).held(8)
    marked = list(mark.embed(pan(8), b"8 bytes!"))

    assert mark.hold == 2
    assert mark.read(marked[:4]).key == b"8 bytes!"


def test_who_is_told_the_size_reads_smaller_pictures() -> None:
    mark = Coded(CornerMark(), strength=2.0, size=(854, 480))
    marked = list(mark.embed(pan(2), b"8 bytes!"))
    smaller = [f.with_rgb(changed_size(f.rgb, (570, 320))) for f in marked]

    assert mark.read(smaller).key == b"8 bytes!"


def changed_size(rgb: Rgb, size: tuple[int, int]) -> Rgb:
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
