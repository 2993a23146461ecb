"""Model files are bags of numbers: what else is in one is refused, and never run."""

import json
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]  # h5py has no stubs
import numpy as np
import pytest

from lampoon.errors import LampoonError, TrainingError
from lampoon.faces.align import Centring
from lampoon.generate.interchange import modelfile
from lampoon.generate.interchange.asking import Answer, answer_to
from lampoon.generate.interchange.keras_archive import weights_entry
from lampoon.generate.interchange.model_files import architecture_of, model_files
from lampoon.generate.interchange.model_state import ModelState, crop_style
from lampoon.generate.interchange.weights import weights_in
from tests.support.keras_files import (
    CONFIG,
    FIRST,
    WANTED,
    keras2_file,
    keras_file,
    weights_h5,
)
from tests.support.networks import tiny_network

KERAS2 = Path("tests/data/faceswap/keras2")
LAMBDA = {"class_name": "Lambda", "config": {"function": "os.system('touch it-ran')"}}


def read(*paths: Path) -> list[np.ndarray[Any, Any]]:
    return list(weights_in(paths, WANTED))


def config_with(layer: dict[str, Any]) -> bytes:
    return json.dumps({**CONFIG, "config": {"layers": [layer]}}).encode()


def refused(path: Path, why: str) -> None:
    with pytest.raises(TrainingError, match=why):
        read(path)


def test_every_weight_comes_in_its_place(tmp_path: Path) -> None:
    found = read(keras_file(tmp_path / "m.keras"))

    shapes = [shape for places in WANTED.values() for _, shape in places]
    assert [array.shape for array in found] == shapes
    np.testing.assert_array_equal(found[1], [0, 1, 2, 3])


def test_a_lambda_layer_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    path = keras_file(tmp_path / "m.keras", {"config.json": config_with(LAMBDA)})

    refused(path, "Lambda layer, which is code")
    assert not Path("it-ran").exists()


@pytest.mark.parametrize(
    "layer",
    [
        {"class_name": "Evil", "module": "keras.layers"},
        {"class_name": "Conv2D", "module": "os"},
        {"class_name": "function", "module": "builtins", "config": "system"},
        {"class_name": "ReflectionPadding2D", "module": "lib.model.layers"},
        {"class_name": ["Conv2D"]},
    ],
)
def test_a_layer_of_no_known_network_is_refused(
    layer: dict[str, Any], tmp_path: Path
) -> None:
    path = keras_file(tmp_path / "m.keras", {"config.json": config_with(layer)})

    refused(path, "the model holds a")


@pytest.mark.parametrize("name", ["../../evil.py", "/etc/passwd", "..\\evil", "a/../b"])
def test_a_path_that_leads_out_of_the_archive_is_refused(
    name: str, tmp_path: Path
) -> None:
    refused(keras_file(tmp_path / "m.keras", {name: b"x"}), "points outside")


def test_an_entry_that_faceswap_does_not_write_is_refused(tmp_path: Path) -> None:
    refused(keras_file(tmp_path / "m.keras", {"setup.py": b"x"}), "unknown 'setup.py'")


@pytest.mark.parametrize("entry", ["config.json", "model.weights.h5"])
def test_a_zip_bomb_is_not_unpacked(entry: str, tmp_path: Path) -> None:
    path = keras_file(tmp_path / "m.keras", {entry: bytes(64 << 20)})

    assert path.stat().st_size < 1 << 20
    refused(path, f"{entry} grows beyond")


def test_a_config_of_brackets_alone_breaks_nothing(tmp_path: Path) -> None:
    deep = b"[" * 500_000 + b"]" * 500_000

    refused(keras_file(tmp_path / "m.keras", {"config.json": deep}), "config.json")


def outside(file: Any) -> None:
    del file[FIRST]
    file[FIRST] = h5py.ExternalLink("/etc/hostname", "/x")


def soft(file: Any) -> None:
    file["elsewhere"] = np.zeros((2, 2, 3, 4), np.float32)
    del file[FIRST]
    file[FIRST] = h5py.SoftLink("/elsewhere")


def raw_outside(file: Any) -> None:
    del file[FIRST]
    file.create_dataset(
        FIRST, (2, 2, 3, 4), "f4", external=[("/etc/hostname", 0, h5py.h5f.UNLIMITED)]
    )


def virtual(file: Any) -> None:
    del file[FIRST]
    layout = h5py.VirtualLayout((2, 2, 3, 4), "f4")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", shape=(2, 2, 3, 4))
    file.create_virtual_dataset(FIRST, layout)


def reshaped(file: Any) -> None:
    del file[FIRST]
    file[FIRST] = np.zeros((2, 2, 3, 5), np.float32)


def typed(file: Any) -> None:
    del file[FIRST]
    file[FIRST] = np.zeros((2, 2, 3, 4), np.float64)


def absent(file: Any) -> None:
    del file[FIRST]


def not_a_number(file: Any) -> None:
    file[FIRST][0] = np.nan


def a_group(file: Any) -> None:
    del file[FIRST]
    file.create_group(FIRST)


SPOILT = [
    (outside, "link to elsewhere"),
    (soft, "link to elsewhere"),
    (raw_outside, "outside the file"),
    (virtual, "outside the file"),
    (reshaped, r"not \(2, 2, 3, 4\)"),
    (typed, "float64"),
    (absent, "no weights at"),
    (a_group, "no weights at"),
    (not_a_number, "not numbers"),
]


@pytest.mark.parametrize(("spoil", "why"), SPOILT)
def test_weights_that_are_not_plainly_in_the_file_are_refused(
    spoil: Callable[[Any], None], why: str, tmp_path: Path
) -> None:
    path = keras_file(tmp_path / "m.keras", {"model.weights.h5": weights_h5(spoil)})

    refused(path, why)


def test_a_keras_2_file_gives_its_weights(tmp_path: Path) -> None:
    assert len(read(keras2_file(tmp_path / "m.h5"))) == 6


def linked(file: Any) -> None:
    del file["model_weights/encoder/conv_0/kernel:0"]
    place = file["model_weights/encoder/conv_0"]
    place["kernel:0"] = h5py.ExternalLink("/etc/hostname", "/x")


def linked_group(file: Any) -> None:
    del file["model_weights/encoder"]
    file["model_weights/encoder"] = h5py.ExternalLink("/etc/hostname", "/x")


def with_lambda(file: Any) -> None:
    file.attrs["model_config"] = config_with(LAMBDA).decode()


def shorter(file: Any) -> None:
    file["model_weights/encoder"].attrs["weight_names"] = [b"conv_0/kernel:0"]


def nameless(file: Any) -> None:
    del file["model_weights"].attrs["layer_names"]


def one_less(file: Any) -> None:
    file["model_weights"].attrs["layer_names"] = [b"encoder", b"decoder_a"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (linked, "link to elsewhere"),
        (linked_group, "link to elsewhere"),
        (with_lambda, "Lambda layer"),
        (shorter, "1 weights where 2 belong"),
        (nameless, "lacks layer_names"),
        (one_less, "no decoder_b"),
    ],
)
def test_a_keras_2_file_with_more_or_less_in_it_is_refused(
    spoil: Callable[[Any], None], why: str, tmp_path: Path
) -> None:
    refused(keras2_file(tmp_path / "m.h5", spoil), why)


def test_a_broken_archive_ends_in_our_error_and_no_other(tmp_path: Path) -> None:
    chance, path = random.Random(5), tmp_path / "m.keras"
    whole = keras_file(path).read_bytes()
    for _ in range(400):
        broken = bytearray(whole)
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        path.write_bytes(broken[: chance.choice((len(broken), 700))])
        try:
            weights_entry(path, 1 << 20)
        except LampoonError:
            continue


@pytest.mark.slow
@pytest.mark.parametrize(
    "paths",
    [
        [KERAS2 / "tiny.h5"],
        [KERAS2 / f"{part}.h5" for part in ("encoder", "decoder_A", "decoder_B")],
    ],
)
def test_files_saved_by_keras_2_give_the_numbers_that_keras_2_gave(
    paths: list[Path],
) -> None:
    network, truth = tiny_network(), np.load(KERAS2 / "io.npz")

    modelfile.load_weights(paths, network)

    model = modelfile.SwapModel(network, modelfile.ModelState("tiny"))
    for side in ("a", "b"):
        np.testing.assert_allclose(model.swap(truth["x"], side), truth[side], atol=1e-5)


@pytest.mark.slow
def test_flipped_bits_in_a_model_file_end_in_our_error_or_in_weights(
    tmp_path: Path,
) -> None:
    chance, network, path = random.Random(11), tiny_network(), tmp_path / "m.h5"
    whole = (KERAS2 / "tiny.h5").read_bytes()
    for _ in range(12):
        broken = bytearray(whole)
        for _ in range(40):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        path.write_bytes(broken)
        try:
            modelfile.load_weights(path, network)
        except TrainingError:
            continue


def drained(answer: Answer) -> None:
    while True:
        answer.line()


def test_the_reader_that_is_killed_is_an_error_of_ours(tmp_path: Path) -> None:
    path = keras_file(tmp_path / "m.keras")
    request = {"kind": "faces", "paths": [str(path)] * 1000}

    with answer_to(request, where=path, memory_bytes=0) as answer:
        os.kill(answer.process, signal.SIGSEGV)
        with pytest.raises(LampoonError, match=r"m\.keras.*crashed"):
            drained(answer)


def test_the_reader_may_write_nothing_and_use_no_more_memory_than_it_is_given(
    tmp_path: Path,
) -> None:
    path = tmp_path / "large.fsa"
    path.write_bytes(b"")
    os.truncate(path, 5 << 30)
    request = {"kind": "alignments", "path": str(path)}

    with (
        pytest.raises(LampoonError, match="too much memory"),
        answer_to(request, where=path, memory_bytes=0) as answer,
    ):
        answer.line()


def folder_with(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("names", "first", "plugin"),
    [
        (("lightweight.keras", "lightweight_state.json"), "lightweight.keras", ""),
        (("original.keras", "original.h5"), "original.keras", ""),
        (("original.h5",), "original.h5", ""),
        (("encoder.h5", "decoder_A.h5", "decoder_B.h5"), "encoder.h5", ""),
        (
            ("original_encoder.h5", "original_decoder_A.h5", "original_decoder_B.h5"),
            "original_encoder.h5",
            "",
        ),
        (("mine.keras",), "mine.keras", "original"),
    ],
)
def test_the_model_of_a_folder_is_found(
    names: tuple[str, ...], first: str, plugin: str, tmp_path: Path
) -> None:
    found = model_files(folder_with(tmp_path, *names))

    assert found.paths[0].name == first
    kind = architecture_of(found.stem, plugin)
    assert kind == ("lightweight" if "lightweight" in first else "original")


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("encoder.h5", "decoder_A.h5"),
        ("original.keras", "lightweight.keras"),
        ("original.h5", "lightweight.h5"),
    ],
)
def test_a_folder_of_none_or_several_models_is_refused(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match="model"):
        model_files(folder_with(tmp_path, *names))


def test_a_model_without_a_word_on_its_crop_is_legacy_and_covers_less() -> None:
    old = crop_style(ModelState("original", config={"learn_mask": False}))
    ours = crop_style(ModelState("original"))

    assert (old.centring, old.coverage) == (Centring.LEGACY, 0.625)
    assert (ours.centring, ours.coverage) == (Centring.FACE, 1)


@pytest.mark.parametrize(
    "config",
    [
        {"centering": "sideways"},
        {"coverage": 0},
        {"coverage": "x"},
        {"vertical_offset": 5},
    ],
)
def test_a_crop_that_cannot_be_followed_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(TrainingError):
        crop_style(ModelState("original", config=config))
