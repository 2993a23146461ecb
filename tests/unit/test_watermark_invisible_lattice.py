"""How clearly a tile lies in a residual, asked of the spectrum of it."""

import cv2
import numpy as np
import pytest

from lampoon.watermark.invisible.align import Pose, correlation, fold
from lampoon.watermark.invisible.code import encode
from lampoon.watermark.invisible.lattice import Field, Lattice
from lampoon.watermark.invisible.tile import Layout, Plane, sampled

LAYOUT = Layout()
LATTICE = Lattice(LAYOUT)
ROWS, COLUMNS = 360, 640
NOISE_AT_MOST = 5.5
"""Standard deviations: 16384 places of noise stay below."""


def residual(
    pose: Pose | None, *, seed: int, shift: tuple[float, float] = (0.0, 0.0)
) -> Plane:
    """Noise, and in it the tile at a pose, moved by samples of the detector."""
    random = np.random.default_rng(seed)
    plane = random.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    if pose is None:
        return plane
    tile = np.tile(sampled(LAYOUT.tile(encode(bytes(range(8))))), (8, 12))
    if pose.flipped:
        tile = tile[:, ::-1]
    turn = np.array(
        [
            [np.cos(pose.turn) * pose.across / 2, -np.sin(pose.turn) * pose.down / 2],
            [np.sin(pose.turn) * pose.across / 2, np.cos(pose.turn) * pose.down / 2],
        ]
    )
    middle = np.array([tile.shape[1] / 2, tile.shape[0] / 2]) + shift
    offset = np.array([(COLUMNS - 1) / 2, (ROWS - 1) / 2]) - turn @ middle
    lies = np.hstack([turn, offset[:, None]])
    return plane + 0.5 * cv2.warpAffine(
        np.ascontiguousarray(tile), lies, (COLUMNS, ROWS)
    )


def peaks(plane: Plane, pose: Pose) -> tuple[float, float]:
    """What the lattice says of a plane at a pose, as it is and mirrored."""
    seen = Field(plane).at(pose.across / 2, pose.down / 2, pose.turn)
    return LATTICE.peaks(seen)


def drawn_pose(seed: int, *, flipped: bool = False) -> Pose:
    """Any pose that the search would come to."""
    random = np.random.default_rng(seed)
    scale = 2 * float(np.exp(random.uniform(np.log(0.6), np.log(1.9))))
    stretch = float(random.uniform(0.75, 1.3))
    turn = float(random.uniform(-0.03, 0.03))
    return Pose(scale * stretch, scale / stretch, turn, flipped)


@pytest.mark.parametrize("seed", range(6))
def test_the_tile_stands_out_at_its_pose_and_one_way_round(seed: int) -> None:
    pose = drawn_pose(seed, flipped=bool(seed % 2))
    seen = peaks(residual(pose, seed=seed), pose)
    assert seen[pose.flipped] > 8
    assert seen[not pose.flipped] < NOISE_AT_MOST


@pytest.mark.parametrize("seed", range(4))
def test_the_tile_is_not_seen_two_parts_in_a_hundred_off(seed: int) -> None:
    pose = drawn_pose(seed)
    off = Pose(pose.across * 1.02, pose.down * 1.02, pose.turn)
    plane = residual(pose, seed=seed)
    assert peaks(plane, off)[0] < 0.6 * peaks(plane, pose)[0]


@pytest.mark.parametrize("seed", range(6))
def test_noise_has_no_tile_at_any_pose(seed: int) -> None:
    seen = peaks(residual(None, seed=seed), drawn_pose(seed))
    assert max(seen) < NOISE_AT_MOST


@pytest.mark.parametrize(
    "shift", [(0.0, 0.0), (17.0, 5.0), (63.0, 100.0), (-40.5, 9.5)]
)
def test_where_the_tile_begins_does_not_matter(shift: tuple[float, float]) -> None:
    pose = Pose(2.2, 2.2)
    moved = peaks(residual(pose, seed=1, shift=shift), pose)[0]
    assert moved == pytest.approx(peaks(residual(pose, seed=1), pose)[0], rel=0.3)


@pytest.mark.parametrize("seed", range(6))
def test_the_spectrum_sees_no_less_than_the_picture_laid_out(seed: int) -> None:
    pose = drawn_pose(seed, flipped=bool(seed % 2))
    plane = residual(pose, seed=seed)
    laid = float(correlation(LAYOUT, fold(plane, pose), pose.flipped).max())
    assert peaks(plane, pose)[pose.flipped] > 0.85 * laid


def test_contrast_does_not_matter() -> None:
    pose = Pose(2.0, 2.0)
    plane = residual(pose, seed=3)
    assert peaks(plane * 7, pose) == pytest.approx(peaks(plane, pose), rel=1e-3)
