import numpy as np
import pytest

from lampoon.generate.methods.textured import eye_brightness, white_of_eyes
from lampoon.generate.texture.appearance import Appearance, key_weights
from lampoon.generate.texture.arrays import floats
from lampoon.generate.texture.atlas import ATLAS, DETAIL, SMALL, cells, fold, unfold
from lampoon.generate.texture.expression import Openness, decisive, gaps
from lampoon.generate.texture.layout import (
    EYE_CHARTS,
    INNER_LIPS,
    OVAL,
    camera,
    chart_texels,
    facing,
    layout,
)
from lampoon.generate.texture.light import LIGHT_SIZE, broad_light, relit
from lampoon.generate.texture.portrait import Seen, build_appearance
from lampoon.generate.texture.shape import (
    LIP_MATES,
    ShapeChange,
    own_shape,
    with_decisive_lids,
)
from lampoon.generate.texture.surface import lay
from lampoon.generate.texture.unwrap import Unwrapper
from lampoon.generate.texture.wrap import between_lips, wrap
from tests.support.texture import (
    TURNED,
    peak_signal_to_noise,
    plate_faces,
    tracked,
)


def test_the_layout_is_one_sheet_without_folds() -> None:
    plan = layout()
    a, b, c = (plan.points[plan.triangles[:, k]] for k in range(3))
    first, second = b - a, c - a
    areas = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    assert (areas > 0).all()
    # a disk: corners - edges + triangles = 1
    pairs = np.concatenate([plan.triangles[:, [k, (k + 1) % 3]] for k in range(3)])
    edges = {tuple(sorted(pair)) for pair in pairs.tolist()}
    assert len(plan.points) - len(edges) + len(plan.triangles) == 1


def test_every_side_of_lids_and_lips_is_a_side_of_triangles() -> None:
    plan = layout()
    pairs = np.concatenate([plan.triangles[:, [k, (k + 1) % 3]] for k in range(3)])
    edges = {tuple(sorted(pair)) for pair in pairs.tolist()}
    for ring in (*(chart.lids for chart in EYE_CHARTS), INNER_LIPS, OVAL):
        for one, other in zip(ring, (*ring[1:], ring[0]), strict=True):
            assert tuple(sorted((one, other))) in edges


def test_eye_charts_cover_no_skin() -> None:
    plan = Unwrapper(128)
    for chart in EYE_CHARTS:
        rows, columns = chart_texels(chart, 128)
        x, y = layout().points.T * 128
        inside = (
            (x > columns.start)
            & (x < columns.stop)
            & (y > rows.start)
            & (y < rows.stop)
        )
        assert not inside.any()
    assert not (plan.eyeballs & plan.between_lids).any()


def test_a_head_that_turns_shows_one_side_less() -> None:
    straight = facing(camera(plate_faces("ada", 0, 8)[0].landmarks))
    model = camera(layout().shape[:, :2] * 100 + 200)
    assert model.scale == pytest.approx(100, rel=0.02)
    assert straight.shape == (468,)
    turned = facing(camera(plate_faces("ada", *TURNED)[-6].landmarks))
    sides = turned[234], turned[454]
    assert abs(sides[0] - sides[1]) > 0.3


@pytest.mark.parametrize("index", [0, 10])
def test_unwrapping_and_wrapping_gives_the_face_back(index: int) -> None:
    face = plate_faces("ada", *TURNED)[index]
    texture = Unwrapper(512)(face.rgb, face.landmarks)
    surface = lay(face.landmarks, face.rgb.shape[:2])
    assert surface is not None
    back = wrap(texture, surface)
    plate = face.rgb[surface.window.rows, surface.window.columns]
    inside = surface.depth > 3
    assert peak_signal_to_noise(back, plate, inside) > 32


def test_a_turned_head_is_covered_without_holes() -> None:
    for face in plate_faces("ada", *TURNED):
        surface = lay(face.landmarks, face.rgb.shape[:2])
        assert surface is not None
        white = np.full((256, 256, 3), 255, np.uint8)
        made = wrap(white, surface)
        assert (made[surface.depth > 0] == 255).all()
        assert (surface.triangle[surface.depth > 0] >= 0).all()
        middle = surface.landmarks[4].round().astype(int)
        assert surface.depth[middle[1], middle[0]] > 20


def test_triangles_place_every_pixel_within_the_texture() -> None:
    for face in plate_faces("ben", 40, 60)[:4]:
        surface = lay(face.landmarks, face.rgb.shape[:2])
        assert surface is not None
        seen = surface.place[surface.depth > 0]
        assert seen.min() > -0.05
        assert seen.max() < 1.05


def test_a_face_outside_the_frame_covers_nothing() -> None:
    landmarks = plate_faces("ada", 0, 8)[0].landmarks + 5000
    assert lay(landmarks, (360, 640)) is None


def test_the_far_cheek_of_a_turned_head_is_not_seen() -> None:
    plan = Unwrapper(96)
    face = plate_faces("ada", *TURNED)[-6]
    seen = plan.visible(face.landmarks, frame=face.rgb.shape[:2])
    left, right = seen[40:60, 4:20].mean(), seen[40:60, -20:-4].mean()
    assert min(left, right) < 0.5 * max(left, right)


def test_the_plates_mouth_shows_unchanged_where_lips_do_not_move() -> None:
    faces = plate_faces("ben", 40, 60)
    face = max(faces, key=lambda face: float(gaps(face.landmarks)[2]))
    surface = lay(face.landmarks, face.rgb.shape[:2])
    assert surface is not None
    assert surface.mouth is not None
    mouth = between_lips(face.rgb, surface, face.landmarks)
    part = surface.mouth.window
    plate = face.rgb[surface.window.rows, surface.window.columns]
    wanted = plate[part.rows, part.columns]
    assert np.abs(mouth.astype(int) - wanted).max() <= 2


def test_shut_lids_measure_nothing_and_open_ones_as_usual() -> None:
    track = tracked("ada", 36, 52)  # a blink
    seen = np.stack([gaps(one) for one in track.landmarks])
    openness = Openness.learned(seen).of(seen)
    assert openness[:, :2].min() < 0.1
    assert 0.9 < openness[:, :2].max() < 1.2


def test_a_clip_without_a_blink_has_no_shut_eye() -> None:
    seen = np.tile(floats([0.12, 0.12, 0.05]), (50, 1))
    assert (Openness.learned(seen).of(seen)[:, :2] > 0.95).all()


def test_lids_that_close_are_drawn_further_shut() -> None:
    measured = floats([0.5, 0.1, 0.4])
    drawn = decisive(measured)
    assert 0.3 < drawn[0] < 0.45
    assert drawn[1] == 0
    assert drawn[2] == measured[2]
    assert (decisive(floats([1.0, 0.9, 0])) == floats([1.0, 0.9, 0])).all()


def test_a_blink_is_drawn_deeper_and_an_open_eye_as_it_is() -> None:
    track = tracked("ada", 36, 52)
    seen = np.stack([gaps(one) for one in track.landmarks])
    usual = Openness.learned(seen)
    drawn = [with_decisive_lids(one, usual, camera(one)) for one in track.landmarks]
    after = np.stack([gaps(one) for one in drawn])
    openness = usual.of(seen)
    closing = (openness[:, 0] < 0.7) & (seen[:, 0] > 0.01)
    assert closing.any()
    assert (after[closing, 0] < seen[closing, 0]).all()
    opened = openness[:, :2].min(1) > 0.96
    assert np.allclose(after[opened], seen[opened], atol=1e-6)


def test_keys_share_an_openness_between_two_neighbours() -> None:
    assert key_weights(0.0, (0.0, 0.5, 1.0)).tolist() == [1, 0, 0]
    assert key_weights(0.75, (0.0, 0.5, 1.0)).tolist() == [0, 0.5, 0.5]
    assert key_weights(3.0, (0.0, 0.5, 1.0)).tolist() == [0, 0, 1]


def looks(count: int, size: int = 64) -> list[Seen]:
    chance = np.random.default_rng(2)
    ramp = np.linspace(60, 200, size, dtype=np.float32)
    plain = np.repeat(np.tile(ramp, (size, 1))[..., None], 3, axis=2)
    return [
        Seen(
            np.clip(plain + chance.normal(0, 12, plain.shape), 0, 255).astype(np.uint8),
            np.ones((size, size), np.float32),
            floats([1, 1, 0]),
            1.0,
        )
        for _ in range(count)
    ]


def test_an_appearance_has_less_noise_than_its_frames() -> None:
    frames = looks(16)
    look = build_appearance(frames, Openness((0.1, 0.1), (0.0, 0.0)), rounds=0)
    rough = np.abs(np.diff(frames[0].texture[20:40, 20:40].astype(float), axis=0))
    calm = np.abs(np.diff(look.plain[20:40, 20:40], axis=0))
    assert calm.mean() < 0.5 * rough.mean()


def test_an_appearance_comes_back_from_its_arrays() -> None:
    look = build_appearance(looks(4), Openness((0.1, 0.12), (0.0, 0.01)), rounds=0)
    again = Appearance.from_arrays(look.arrays())
    assert again.openness == look.openness
    assert np.abs(again.plain - look.plain).max() <= 0.51
    assert again.texture(floats([0.2, 1, 0.4])).shape == (64, 64, 3)


def test_no_frame_makes_no_appearance() -> None:
    with pytest.raises(ValueError, match="no frame"):
        build_appearance([], Openness((0.1, 0.1), (0.0, 0.0)))


def test_equal_light_changes_nothing() -> None:
    look = build_appearance(looks(4), Openness((0.1, 0.1), (0.0, 0.0)), rounds=0)
    light = broad_light(look.plain, np.ones((LIGHT_SIZE, LIGHT_SIZE), np.float32))
    made = relit(look.plain, light, light)
    drawn = 255 * 4 / 60  # a floor under the brightness keeps black from dividing
    assert np.abs(made - look.plain).max() < drawn
    assert np.abs(made - look.plain).mean() < 1


def test_another_light_moves_skin_into_it() -> None:
    look = build_appearance(looks(4), Openness((0.1, 0.1), (0.0, 0.0)), rounds=0)
    seen = np.ones((LIGHT_SIZE, LIGHT_SIZE), np.float32)
    light = broad_light(look.plain, seen)
    darker = broad_light(look.plain * 0.6, seen)
    made = broad_light(relit(look.plain, light, darker), seen)
    assert np.abs(made - darker)[10:50, 10:50].mean() < 6


def test_a_changed_shape_keeps_every_blink_and_shut_mouth() -> None:
    ada, ben = (own_shape(tracked(name, 0, 16).landmarks) for name in ("ada", "ben"))
    change = ShapeChange.between(ada, ben, share=0.6)
    assert np.linalg.norm(change.shift, axis=1).mean() <= 0.0201
    assert np.allclose(change.shift[list(OVAL)], 0, atol=1e-6)
    for chart in EYE_CHARTS:
        lids = change.shift[list(chart.lids)]
        assert np.ptp(lids, axis=0).max() < 0.02
    for upper, lower in LIP_MATES:
        assert np.allclose(change.shift[upper], change.shift[lower], atol=0.01)


def test_an_atlas_keeps_every_texel_of_both_eyes() -> None:
    chance = np.random.default_rng(8)
    texture = chance.uniform(0, 255, (DETAIL, DETAIL, 3)).astype(np.float32)
    atlas = fold(texture)
    assert atlas.shape == (*ATLAS, 3)
    again = unfold(atlas)
    plan = Unwrapper(DETAIL)
    assert np.allclose(again[plan.eyeballs], texture[plan.eyeballs], atol=1e-3)
    lids = plan.between_lids
    assert np.allclose(again[lids], texture[lids], atol=1e-3)


def test_the_cells_of_an_atlas_do_not_overlap() -> None:
    taken = np.zeros(ATLAS, int)
    taken[:SMALL] = 1
    for place, source in cells():
        taken[place] += 1
        assert np.zeros((DETAIL, DETAIL))[source].shape == taken[place].shape
    assert (taken == 1).all()


def look_of(white: float, iris: float) -> Appearance:
    """Return a person whose eyes have a white and an iris of some brightness."""
    texture = np.full((64, 64, 3), iris, np.float32)
    texture[white_of_eyes(64) > 0] = white
    keyed = (texture[None],) * 3
    seen = np.ones((64, 64), np.float32)
    return Appearance(texture, keyed, seen, Openness((0.2, 0.2), (0.04, 0.04)))


def test_the_light_of_eyes_is_read_from_their_white_alone() -> None:
    bright_iris, dark_iris = look_of(180, 120), look_of(200, 20)
    assert eye_brightness(bright_iris, dark_iris) == pytest.approx(0.9, abs=1e-3)
    assert eye_brightness(dark_iris, dark_iris) == pytest.approx(1)


def test_eyeballs_that_lids_hid_go_on_like_what_is_seen() -> None:
    size = 64
    visible = np.ones((size, size), np.float32)
    texture = np.full((size, size, 3), 200, np.uint8)
    hidden = np.zeros((size, size), bool)
    hidden[-8:, :4] = True
    texture[hidden] = 20
    visible[hidden] = 0
    frame = Seen(texture, visible, floats([1, 1, 0]), 1.0)
    looks = build_appearance([frame], Openness((0.2, 0.2), (0.04, 0.04)), rounds=0)
    assert looks.plain[-4, 1].min() > 150
