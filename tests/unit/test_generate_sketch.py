from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lampoon.consent.record import Method
from lampoon.errors import TrainingError
from lampoon.generate.composite.blend import blend_patch
from lampoon.generate.methods.mesh import MeshMethod
from lampoon.generate.methods.sketch import SketchMethod
from lampoon.generate.models.sketch import SketchShape, build_sketch
from lampoon.generate.models.sketch_base import start_from_base
from lampoon.generate.texture.atlas import ATLAS
from lampoon.generate.texture.beyond import CODE_LENGTH
from lampoon.generate.texture.gather import Person, prepare_textures
from lampoon.generate.train.augment import Warps, with_other_light
from lampoon.generate.train.base import BaseTrainee, texture_error
from lampoon.generate.train.losses import texture_loss
from lampoon.generate.train.sketch import (
    DONOR_FILE,
    SETTINGS_FILE,
    WEIGHTS_FILE,
    SketchSettings,
    SketchTrainee,
    rate_share,
)
from lampoon.generate.train.sketch_side import Side
from tests.support.texture import clip_of, plate_faces, tracked

FIRST, STOP = 36, 52  # a blink of ada's
TINY = SketchShape(
    *ATLAS,
    CODE_LENGTH,
    encoder=(8, 8, 8),
    bottleneck=(8, 16),
    landmark_widths=(16, 16),
    grid=8,
    decoder=(8, 8),
)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Textures of ada and ben, prepared from a few frames of each."""
    folder = tmp_path_factory.mktemp("people")
    for name in ("ada", "ben"):
        track = tracked(name, FIRST, STOP)
        prepare_textures(clip_of(name), track, folder / f"{name}.npz", every=2)
    return folder / "ada.npz", folder / "ben.npz"


def trainee(people: tuple[Path, Path]) -> SketchTrainee:
    performer, donor = (Person.load(path) for path in people)
    settings = SketchSettings(batch=4, learning_rate=6e-3)
    return SketchTrainee(performer, donor, settings, TINY)


@pytest.mark.slow
def test_textures_come_back_from_their_file(people: tuple[Path, Path]) -> None:
    ada = Person.load(people[0])
    count = len(ada.textures)
    assert count >= (STOP - FIRST) // 2
    assert ada.textures.shape == (count, *ATLAS, 3)
    assert ada.visible.shape == (count, *ATLAS)
    assert ada.landmarks.shape == (count, 478, 2)
    assert ada.openness[:, :2].min() < 0.2 < 0.8 < ada.openness[:, :2].max()


def test_a_broken_texture_file_says_what_to_do(tmp_path: Path) -> None:
    broken = tmp_path / "textures.npz"
    broken.write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(TrainingError, match="made again"):
        Person.load(broken)


@pytest.mark.slow
def test_textures_of_another_version_are_made_again(
    people: tuple[Path, Path], tmp_path: Path
) -> None:
    with np.load(people[0]) as stored:
        arrays = dict(stored)
    arrays["format"] = arrays["format"] + 1
    np.savez(tmp_path / "textures.npz", **arrays)
    with pytest.raises(TrainingError, match="made again"):
        Person.load(tmp_path / "textures.npz")


@pytest.mark.slow
def test_a_mesh_swap_changes_the_face_and_nothing_else(
    people: tuple[Path, Path],
) -> None:
    method = MeshMethod.load(people[1])
    assert method.name is Method.MESH
    track = tracked("ada", FIRST, STOP)
    method.begin(track, clip_of("ada"))
    faces = plate_faces("ada", FIRST, STOP)[:3]
    for face, patch in zip(faces, method.swap(faces), strict=True):
        assert patch is not None
        made = blend_patch(face.rgb, patch).astype(int)
        changed = np.abs(made - face.rgb).max(2) > 12
        x, y = np.nonzero(changed)[::-1]
        low, high = face.landmarks.min(0) - 3, face.landmarks.max(0) + 3
        assert changed.sum() > 2000
        assert x.min() >= low[0]
        assert x.max() <= high[0]
        assert y.max() <= high[1]
        assert y.min() >= low[1]


@pytest.mark.slow
def test_a_face_swapped_with_itself_stays_itself(people: tuple[Path, Path]) -> None:
    method = MeshMethod.load(people[0])
    method.begin(tracked("ada", FIRST, STOP), clip_of("ada"))
    faces = plate_faces("ada", FIRST, STOP)[:1]
    patch = method.swap(faces)[0]
    assert patch is not None
    plate = faces[0].rgb
    made = blend_patch(plate, patch).astype(int)
    inner = patch.alpha > 0.99
    rows = slice(patch.y, patch.y + inner.shape[0])
    columns = slice(patch.x, patch.x + inner.shape[1])
    apart = np.abs(made - plate)[rows, columns][inner]
    assert apart.mean() < 5


@pytest.mark.slow
def test_a_method_wants_a_beginning(people: tuple[Path, Path]) -> None:
    with pytest.raises(ValueError, match="begin"):
        MeshMethod.load(people[1]).swap([])


def marked(person: Person) -> Person:
    """Return a person who shows a dark patch in every other frame."""
    textures = person.textures.copy()
    textures[::2, 40:60, 30:66] //= 2
    return replace(person, textures=textures)


@pytest.mark.slow
def test_the_loss_falls(people: tuple[Path, Path]) -> None:
    performer, donor = (marked(Person.load(path)) for path in people)
    settings = SketchSettings(batch=4, learning_rate=6e-3)
    learner = SketchTrainee(performer, donor, settings, TINY)
    losses = [learner.step(0.2) for _ in range(80)]
    assert np.mean(losses[-10:]) < 0.8 * np.mean(losses[:10])


@pytest.mark.slow
def test_a_restored_training_goes_on_to_the_same_weights(
    people: tuple[Path, Path], tmp_path: Path
) -> None:
    straight = trainee(people)
    straight.step(0.1)
    straight.save(tmp_path)
    straight.step(0.2)
    again = trainee(people)
    again.step(0.9)
    again.restore(tmp_path)
    again.step(0.2)
    one, other = straight.network.weights(), again.network.weights()
    for name in one:
        assert np.allclose(one[name], other[name], atol=1e-6)


@pytest.mark.slow
def test_a_saved_training_swaps_from_its_folder_alone(
    people: tuple[Path, Path], tmp_path: Path
) -> None:
    learner = trainee(people)
    learner.save(tmp_path)
    preview = learner.preview()
    assert preview.dtype == np.uint8
    assert preview.ndim == 3
    method = SketchMethod.load(tmp_path)
    assert method.name is Method.AUTOENCODER
    method.begin(tracked("ada", FIRST, STOP), clip_of("ada"))
    faces = plate_faces("ada", FIRST, STOP)[:2]
    trained = method.swap(faces)
    untrained = MeshMethod.load(people[1])
    untrained.begin(tracked("ada", FIRST, STOP), clip_of("ada"))
    for one, other in zip(trained, untrained.swap(faces), strict=True):
        assert one is not None
        assert other is not None
        # a fresh network changes nothing
        assert np.abs(one.rgb.astype(int) - other.rgb).max() <= 2


@pytest.mark.slow
@pytest.mark.parametrize("name", [WEIGHTS_FILE, DONOR_FILE, SETTINGS_FILE])
def test_a_broken_model_is_refused_with_advice(
    people: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    trainee(people).save(tmp_path)
    (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(TrainingError, match=r"train|extract"):
        SketchMethod.load(tmp_path)


def test_the_rate_rises_stays_and_falls() -> None:
    rates = [rate_share(k / 100) for k in range(101)]
    assert rates[0] < rates[2]
    assert max(rates) == 1.0
    assert rates[-1] < 0.03
    assert rates == [*rates[:46], *sorted(rates[46:], reverse=True)]


def test_equal_textures_have_no_loss() -> None:
    chance = np.random.default_rng(1)
    target = chance.normal(0, 1, (2, 32, 32, 4)).astype(np.float32)
    target[..., 3] = 1
    assert float(texture_loss(target, target[..., :3])) == pytest.approx(0, abs=1e-5)
    assert float(texture_loss(target, target[..., :3] + 0.5)) > 0.3


def test_unseen_texels_cost_nothing() -> None:
    target = np.zeros((1, 32, 32, 4), np.float32)
    target[:, :16, :, 3] = 1
    made = np.zeros((1, 32, 32, 3), np.float32)
    made[:, 24:] = 5
    assert float(texture_loss(target, made)) == pytest.approx(0, abs=1e-5)


def test_disturbed_textures_stay_alike() -> None:
    chance = np.random.default_rng(4)
    ramp = np.tile(np.linspace(-1, 1, 48, dtype=np.float32), (48, 1))
    texture = np.repeat(ramp[..., None], 3, axis=2)
    bent = Warps(48, chance, count=4).warped(texture, chance)
    assert np.abs(bent - texture)[6:-6, 6:-6].mean() < 0.1
    lit = with_other_light(np.stack([texture] * 8), chance)
    assert 0.01 < np.abs(lit - texture).mean() < 0.4


@pytest.mark.slow
def test_both_sides_start_from_the_base_that_ships() -> None:
    network = build_sketch(SketchShape(*ATLAS, CODE_LENGTH))
    assert start_from_base(network)
    chance = np.random.default_rng(2)
    given = chance.normal(0, 0.3, (2, *ATLAS, 3)).astype(np.float32)
    codes = chance.normal(0, 0.3, (2, CODE_LENGTH)).astype(np.float32)
    both = network.both.predict_on_batch([given, codes, given, codes])
    assert np.abs(both).max() > 0.01
    assert np.allclose(both[:2], both[2:], atol=1e-5)


@pytest.mark.slow
def test_a_network_of_another_shape_starts_from_nothing() -> None:
    assert not start_from_base(build_sketch(TINY))


@pytest.mark.slow
def test_a_base_of_many_people_goes_on_where_it_was(
    people: tuple[Path, Path], tmp_path: Path
) -> None:
    sides = [Side(Person.load(path)) for path in people]
    settings = SketchSettings(batch=4, learning_rate=6e-3)
    straight = BaseTrainee(sides, settings, TINY)
    straight.step(0.1)
    straight.save(tmp_path)
    straight.step(0.2)
    again = BaseTrainee(sides, settings, TINY)
    again.restore(tmp_path)
    again.step(0.2)
    one, other = straight.network.weights(), again.network.weights()
    for name in one:
        assert np.allclose(one[name], other[name], atol=1e-6)
    assert straight.preview().ndim == 3
    assert 0 < texture_error(straight, sides[0]) < 2
