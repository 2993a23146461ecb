"""What the occlusion network learns from, and how it is tried."""

from dataclasses import replace

import numpy as np
import pytest

from lampoon.datasets.occluders.build import figures
from lampoon.datasets.occluders.film import Filmed, ShownFace, is_tried
from lampoon.datasets.occluders.learn import examples, usual_of
from lampoon.datasets.occluders.paste import cutout
from lampoon.datasets.performers.take import Occluder
from tests.support.texture import plate_faces

FIRST_TAUGHT = 2000


def filmed(name: str = "ada") -> Filmed:
    """Return somebody of the bundled footage, bare and behind a black block."""
    clean, hidden = [], []
    for face in plate_faces(name, 0, 8)[:4]:
        nothing = np.zeros(face.rgb.shape[:2], bool)
        one = ShownFace(face.rgb, face.landmarks, nothing)
        middle = face.landmarks[[13, 14]].mean(0).astype(int)
        covered = nothing.copy()
        covered[middle[1] - 25 : middle[1] + 25, middle[0] - 30 : middle[0] + 30] = True
        rgb = np.where(covered[..., None], np.uint8(20), face.rgb)
        clean.append(one)
        hidden.append(replace(one, rgb=rgb, covered=covered))
    piece = cutout(hidden[0].rgb, hidden[0].covered, hand=False)
    assert piece is not None
    faces = {Occluder.NOTHING: clean, Occluder.MICROPHONE: hidden}
    faces |= {Occluder.HAND: [], Occluder.HAIR: []}
    return Filmed(FIRST_TAUGHT, faces, [piece])


def test_examples_come_out_the_same_from_the_same_seed() -> None:
    one, other = (next(examples([filmed()], seed=5)) for _ in range(2))
    for first, second in zip(one, other, strict=True):
        assert first.dtype == np.float32
        assert (first == second).all()
    assert one[0].shape == (16, 64, 64, 9)
    assert one[1].shape == (16, 64, 64, 1)
    assert one[2].shape == (16, 64, 64)


def test_examples_show_bare_and_hidden_faces_with_and_without_a_usual_look() -> None:
    batches = examples([filmed()], seed=7)
    shares: list[float] = []
    known: list[bool] = []
    for given, hidden, _ in (next(batches) for _ in range(6)):
        shares += hidden.mean((1, 2, 3)).tolist()
        known += np.asarray(given[..., 3:6].any((1, 2, 3))).tolist()
    bare = np.mean(np.array(shares) == 0)
    assert 0.15 < bare < 0.6
    assert 0.75 < np.mean(known) < 0.97


def test_a_usual_look_is_free_of_what_passes_by() -> None:
    somebody = filmed()
    clean, hidden = (
        somebody.faces[kind] for kind in (Occluder.NOTHING, Occluder.MICROPHONE)
    )
    bare = usual_of(clean)
    passing = usual_of([hidden[0], *clean[1:]])
    staying = usual_of(hidden)
    assert np.abs(passing - bare).mean() < 0.1 * np.abs(staying - bare).mean()


def test_nobody_is_learnt_from_and_tried_on() -> None:
    tried = [seed for seed in range(2000, 2036) if is_tried(seed)]
    assert len(tried) == 6


def test_the_shipped_network_finds_a_block_and_nothing_on_bare_faces() -> None:
    rows = figures([filmed()])
    assert rows["microphone, passing"]["iou"][0] > 0.7
    assert rows["nothing, passing"]["wrongly_kept"] == [0.0]
    assert rows["hand, passing"]["iou"] == []


@pytest.mark.slow
def test_a_few_steps_of_learning_lower_the_loss() -> None:
    from lampoon.datasets.eyes.network import load_keras
    from lampoon.datasets.occluders.learn import learn

    people = [filmed()]
    given, hidden, _ = next(examples(people, seed=99))
    loss = load_keras().losses.BinaryCrossentropy()
    short, longer = (learn(people, steps=steps, seed=3) for steps in (1, 30))
    before, after = (
        float(loss(hidden, model.predict(given, verbose=0)))
        for model in (short, longer)
    )
    assert after < 0.7 * before
