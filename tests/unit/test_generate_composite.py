import numpy as np
import numpy.typing as npt
import pytest

from lampoon.generate.composite.blend import blend_patch, with_grain
from lampoon.generate.composite.colour import (
    colour_statistics,
    colour_transfer,
    with_statistics,
)
from lampoon.generate.composite.mask import hull_mask
from lampoon.generate.composite.temporal import smooth_landmarks
from lampoon.generate.methods.protocol import FacePatch
from lampoon.generate.texture.arrays import floats
from lampoon.generate.texture.expression import gaps
from tests.support.texture import plate_faces, tracked


def picture(seed: int, size: tuple[int, int] = (40, 50)) -> npt.NDArray[np.uint8]:
    chance = np.random.default_rng(seed)
    return chance.integers(40, 200, (*size, 3)).astype(np.uint8)


def test_a_mask_lies_inside_the_hull_of_the_face() -> None:
    face = plate_faces("ada", 0, 8)[0]
    size = face.rgb.shape[:2]
    whole = hull_mask(face.landmarks, size) > 0
    soft = hull_mask(face.landmarks, size, erode_pixels=4, feather_pixels=10)
    assert not (soft[~whole] > 0).any()
    assert soft.max() == 1
    assert soft.sum() < 0.9 * whole.sum()
    low, high = face.landmarks.min(0), face.landmarks.max(0)
    rows, columns = np.nonzero(whole)
    assert columns.min() >= low[0] - 1
    assert rows.max() <= high[1] + 1


def test_a_mask_rises_without_a_step() -> None:
    square = floats([[10, 10], [90, 10], [90, 90], [10, 90]])
    mask = hull_mask(square, (100, 100), feather_pixels=12)
    assert np.abs(np.diff(mask, axis=1)).max() < 0.2


def test_a_face_cut_by_the_frame_keeps_its_mask_there() -> None:
    square = floats([[-20, 20], [60, 20], [60, 80], [-20, 80]])
    mask = hull_mask(square, (100, 100), feather_pixels=10)
    assert mask[50, 0] == 1


@pytest.mark.parametrize("widths", [(-1, 0), (0, -1)])
def test_negative_widths_are_a_mistake(widths: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        hull_mask(
            np.zeros((4, 2), np.float32),
            (9, 9),
            erode_pixels=widths[0],
            feather_pixels=widths[1],
        )


def test_a_transfer_between_equal_pictures_changes_nothing() -> None:
    one = picture(1)
    made = colour_transfer(one, one, np.ones(one.shape[:2], np.float32))
    assert np.abs(made.astype(int) - one).max() <= 1


def test_a_transfer_takes_over_the_mean_colour() -> None:
    one, like = picture(1), (picture(2) * 0.5).astype(np.uint8)
    weight = np.ones(one.shape[:2], np.float32)
    made = colour_transfer(one, like, weight)
    wanted, got = (colour_statistics(p, weight)[0] for p in (like, made))
    assert np.abs(wanted - got).max() < 3


def test_statistics_of_nothing_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="no pixel"):
        colour_statistics(picture(1), np.zeros((40, 50), np.float32))


def test_without_contrast_only_the_mean_moves() -> None:
    one = picture(3)
    own = colour_statistics(one, np.ones(one.shape[:2], np.float32))
    wanted = own * floats([[1], [4]])
    made = with_statistics(one, own, wanted, contrast=0)
    assert np.abs(made.astype(int) - one).max() <= 1


def test_a_patch_changes_only_where_its_alpha_says() -> None:
    plate = picture(4)
    alpha = np.zeros((10, 12), np.float32)
    alpha[3:7, 4:9] = 1
    patch = FacePatch(picture(5, (10, 12)), alpha, x=20, y=15)
    made = blend_patch(plate, patch)
    assert (made[18:22, 24:29] == patch.rgb[3:7, 4:9]).all()
    made[18:22, 24:29] = plate[18:22, 24:29]
    assert (made == plate).all()


@pytest.mark.parametrize("place", [(-6, -5), (45, 35), (200, 0), (0, -50)])
def test_a_patch_past_the_edge_is_cut_off(place: tuple[int, int]) -> None:
    plate = picture(6)
    full = np.ones((10, 12), np.float32)
    made = blend_patch(plate, FacePatch(picture(7, (10, 12)), full, *place))
    assert made.shape == plate.shape


def test_grain_comes_from_the_plate_and_no_edge_with_it() -> None:
    chance = np.random.default_rng(8)
    plate = np.full((64, 64, 3), 120.0) + chance.normal(0, 2, (64, 64, 1))
    plate[:, 32:] += 90  # an edge that is no grain
    smooth = np.full((64, 64, 3), 100, np.uint8)
    made = with_grain(smooth, np.clip(plate, 0, 255).astype(np.uint8)).astype(int)
    assert 0.8 < made[:, :24].std() < 2.5
    assert np.abs(made[:, 29:35] - 100).max() <= 6


def test_smoothing_keeps_the_depth_of_a_blink() -> None:
    track = tracked("ada", 36, 52)
    calm = smooth_landmarks(track.landmarks, track.times)
    before = np.stack([gaps(one)[:2] for one in track.landmarks])
    after = np.stack([gaps(one)[:2] for one in calm])
    usual = np.percentile(before, 75)
    assert np.abs(after.min(0) - before.min(0)).max() < 0.06 * usual


def trembling_face(count: int, seed: int) -> npt.NDArray[np.float32]:
    still = plate_faces("ada", 0, 8)[0].landmarks
    chance = np.random.default_rng(seed)
    return (still + chance.normal(0, 0.3, (count, 478, 2))).astype(np.float32)


def test_smoothing_calms_a_face_that_trembles() -> None:
    shaky = trembling_face(30, 9)
    calm = smooth_landmarks(shaky, np.arange(30) / 25)
    assert np.diff(calm, axis=0).std() < 0.75 * np.diff(shaky, axis=0).std()


def test_smoothing_stops_at_a_cut() -> None:
    before, after = trembling_face(10, 1), trembling_face(10, 2) + 150
    times = np.arange(20) / 25
    whole = smooth_landmarks(np.concatenate([before, after]), times)
    apart = smooth_landmarks(before, times[:10]), smooth_landmarks(after, times[10:])
    assert np.allclose(whole, np.concatenate(apart), atol=1e-3)


def test_smoothing_leaves_lost_frames_lost() -> None:
    shaky = trembling_face(12, 3)
    shaky[5:7] = np.nan
    calm = smooth_landmarks(shaky, np.arange(12) / 25)
    assert np.isnan(calm[5:7]).all()
    assert np.isfinite(calm[:5]).all()
    assert np.isfinite(calm[7:]).all()


def test_smoothing_nothing_gives_nothing() -> None:
    lost = np.full((4, 478, 2), np.nan, np.float32)
    assert np.isnan(smooth_landmarks(lost, np.arange(4) / 25)).all()
    empty = np.empty((0, 478, 2), np.float32)
    assert len(smooth_landmarks(empty, np.empty(0))) == 0
