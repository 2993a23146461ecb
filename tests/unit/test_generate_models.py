"""The networks are faceswap's: its sizes, its names, its numbers, its files."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lampoon.errors import TrainingError
from lampoon.generate.interchange import modelfile
from lampoon.generate.interchange.modelfile import ModelState
from lampoon.generate.models.lightweight import build_lightweight
from lampoon.generate.models.original import build_original
from tests.support.networks import tiny_network

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning:keras"
)

REFERENCE = Path("tests/data/faceswap")
GOLDEN = REFERENCE / "golden_original.keras"


def golden_folder(tmp_path: Path) -> Path:
    (tmp_path / "original.keras").symlink_to(GOLDEN.resolve())
    state = (REFERENCE / "golden_original_state.json").read_bytes()
    (tmp_path / "original_state.json").write_bytes(state)
    return tmp_path


def without_bookkeeping(config: Any) -> Any:
    """A config without object numbers and without what newer Keras adds as None."""
    if isinstance(config, list | tuple):
        return [without_bookkeeping(thing) for thing in config]
    if not isinstance(config, dict):
        return config
    return {
        key: without_bookkeeping(value)
        for key, value in config.items()
        if key not in ("shared_object_id", "build_config", "compile_config")
    }


def config_in(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


def weights_tree(path: Path) -> dict[str, Any]:
    """Every group and dataset of a model's weights, with its shape, type and notes."""
    import h5py  # type: ignore[import-untyped]  # h5py has no stubs

    tree: dict[str, Any] = {}

    def note(name: str, thing: Any) -> None:
        kind = getattr(thing, "shape", None), str(getattr(thing, "dtype", ""))
        tree[name] = (*kind, {key: str(value) for key, value in thing.attrs.items()})

    with (
        zipfile.ZipFile(path) as archive,
        archive.open("model.weights.h5") as packed,
        h5py.File(io.BytesIO(packed.read()), "r") as file,
    ):
        file.visititems(note)
    return tree


def rewritten(source: Path, target: Path, **changed: bytes) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name.replace(".", "_"), old.read(name)))
    return target


@pytest.fixture
def tiny_file(tmp_path: Path) -> Path:
    return modelfile.write(tmp_path, tiny_network(), ModelState("tiny", 7, 0.25))


@pytest.mark.slow
def test_lightweight_has_the_published_number_of_weights() -> None:
    assert build_lightweight().model.count_params() == 51_066_374


@pytest.mark.slow
def test_the_golden_model_gives_the_numbers_of_the_real_program(
    tmp_path: Path,
) -> None:
    model = modelfile.read(golden_folder(tmp_path))

    truth = np.load(REFERENCE / "golden_original_io.npz")
    latent = np.asarray(model.network.encoder(truth["x"]))
    assert model.network.model.count_params() == 82_062_470
    assert model.state.config["loss_function"] == "ssim"
    np.testing.assert_allclose(latent, truth["latent"], atol=1e-5)
    for side in ("a", "b"):
        made = model.swap(truth["x"], side)
        np.testing.assert_allclose(made, truth[f"out_{side}"], atol=1e-5)


@pytest.mark.slow
def test_what_we_write_of_original_is_what_the_real_program_wrote(
    tmp_path: Path,
) -> None:
    path = modelfile.write(tmp_path, build_original(), ModelState("original"))

    assert without_bookkeeping(config_in(path)) == without_bookkeeping(
        config_in(GOLDEN)
    )
    ours = json.loads((tmp_path / "original_state.json").read_text())
    assert ours == json.loads((REFERENCE / "golden_original_state.json").read_text())
    with zipfile.ZipFile(path) as archive:
        kinds = {entry.filename: entry.compress_type for entry in archive.infolist()}
    assert set(kinds) == {"metadata.json", "config.json", "model.weights.h5"}
    assert set(kinds.values()) == {zipfile.ZIP_STORED}
    assert weights_tree(path) == weights_tree(GOLDEN)


@pytest.mark.slow
def test_a_written_model_gives_its_weights_back(tiny_file: Path) -> None:
    first, second = tiny_network(), tiny_network()
    for weight in second.model.weights:
        weight.assign(weight * 0 + 0.5)

    modelfile.load_weights(tiny_file, second)

    for one, other in zip(first.model.weights, second.model.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    state = modelfile.read_state(tiny_file.parent, "tiny")
    assert (state.iterations, state.lowest_average_loss) == (7, 0.25)


@pytest.mark.slow
def test_a_program_with_its_own_pixel_shuffler_opens_what_we_write(
    tiny_file: Path,
) -> None:
    """faceswap has a layer of this name and module, written by other people."""
    import keras
    import tensorflow as tf

    class PixelShuffler(keras.layers.Layer):  # type: ignore[misc]  # keras is untyped
        def __init__(self, size: Any, data_format: str, **base: Any) -> None:
            super().__init__(**base)
            self.size = tuple(size)

        def call(self, inputs: Any) -> Any:
            return tf.nn.depth_to_space(inputs, self.size[0])

    PixelShuffler.__module__ = "lib.model.layers"
    face = np.random.default_rng(0).uniform(0, 1, (2, 64, 64, 3)).astype(np.float32)

    opened = keras.saving.load_model(
        tiny_file, custom_objects={"PixelShuffler": PixelShuffler}
    )

    ours = tiny_network()
    latent = ours.encoder(face)
    for side, theirs in zip("ab", opened([face, face]), strict=True):
        made = np.asarray(ours.decoded(latent, side))
        np.testing.assert_allclose(np.asarray(theirs), made, atol=1e-6)


@pytest.mark.slow
def test_broken_weights_are_refused_and_leave_the_network_alone(
    tiny_file: Path, tmp_path: Path
) -> None:
    network = tiny_network()
    before = [np.asarray(weight) for weight in network.model.weights]
    for junk in (b"junk", b"\0" * (16 << 20)):
        path = rewritten(tiny_file, tmp_path / "b.keras", model_weights_h5=junk)
        with pytest.raises(TrainingError, match=r"b\.keras"):
            modelfile.load_weights(path, network)
    for weight, old in zip(network.model.weights, before, strict=True):
        np.testing.assert_array_equal(np.asarray(weight), old)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"0 \.keras files"):
        modelfile.read(tmp_path)


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "villain.keras").write_bytes(b"")

    with pytest.raises(TrainingError, match="villain"):
        modelfile.read(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"iterations": "x"}'])
def test_a_broken_state_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "original_state.json").write_text(text)

    with pytest.raises(TrainingError, match="state file"):
        modelfile.read_state(tmp_path, "original")
