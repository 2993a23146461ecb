"""Following pans and zooms, so that the mark rides on the scene."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from lampoon.watermark.invisible.drift import Drift
from lampoon.watermark.invisible.paint import Lie, Painter

WIDTH, HEIGHT = 160, 90


def scene(
    *, across: float = 0.0, scale: float = 1.0, noise: float = 0.0, seed: int = 1
) -> npt.NDArray[np.float32]:
    """A textured picture, moved and grown about the middle, with some noise."""
    random = np.random.default_rng(3)
    picture = np.zeros((HEIGHT * 2, WIDTH * 2), np.float32)
    for size in (9, 20, 45):
        part = random.random((size, 2 * size)).astype(np.float32)
        picture += cv2.resize(part, (WIDTH * 2, HEIGHT * 2)) * 80
    middle = (WIDTH - 1) / 2, (HEIGHT - 1) / 2
    x = middle[0] + across - scale * (WIDTH - 0.5)
    y = middle[1] - scale * (HEIGHT - 0.5)
    matrix = np.array([[scale, 0, x], [0, scale, y]])
    seen = cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    grain = np.random.default_rng(seed).normal(0, max(noise, 1e-9), seen.shape)
    return np.asarray(seen + grain, np.float32)


def followed(frames: list[npt.NDArray[np.float32]]) -> Drift:
    drift = Drift()
    for frame in frames:
        drift.follow(frame)
    return drift


def test_a_pan_is_followed_without_a_zoom() -> None:
    drift = followed([scene(across=0.2 * t, noise=0.3, seed=t) for t in range(40)])
    assert drift.offset[0] == pytest.approx(0.2 * 39, abs=0.15)
    assert drift.scale == 1.0


@pytest.mark.parametrize("rate", [0.001, -0.001, 0.003])
def test_a_zoom_is_followed(rate: float) -> None:
    frames = [scene(scale=1 + rate * t, noise=0.3, seed=t) for t in range(50)]
    drift = followed(frames)
    assert drift.scale == pytest.approx(1 + rate * 49, rel=0.002)
    assert np.abs(drift.offset).max() < 0.2


def test_a_long_zoom_lays_the_mark_anew() -> None:
    drift = followed([scene(scale=1.004**t) for t in range(100)])
    assert 0.8 < drift.scale < 1.25


def test_a_scene_that_stands_still_in_noise_is_not_followed() -> None:
    drift = followed([scene(noise=1.0, seed=t) for t in range(40)])
    assert not drift.offset.any()
    assert drift.scale == 1.0


def test_what_stays_while_the_scene_pans_is_told() -> None:
    stays = scene()[30:60, 50:110]
    frames = [scene(across=0.4 * t, noise=0.3, seed=t) for t in range(40)]
    for frame in frames:
        frame[30:60, 50:110] = stays
    drift = followed(frames)
    assert drift.offset[0] == pytest.approx(0.4 * 39, abs=0.3)
    assert drift.slipping[7:11, 12:20].mean() > 0.6
    assert drift.slipping[:4].mean() < 0.1


def test_nothing_slips_where_all_of_the_scene_goes_along() -> None:
    drift = followed([scene(across=0.4 * t, noise=0.3, seed=t) for t in range(40)])
    assert drift.slipping.max() < 0.2


def test_the_pattern_grows_about_the_middle() -> None:
    tile = np.random.default_rng(5).choice([-1.0, 1.0], (64, 64)).astype(np.float32)
    painter = Painter(640, 360, tile)
    plain = np.full((360, 640), 128, np.uint8)
    small = painter.paint(plain, 6.0, Lie(3.2, -1.5)).astype(np.float32)
    large = painter.paint(plain, 6.0, Lie(3.2, -1.5, 1.1)).astype(np.float32)
    grow = cv2.getRotationMatrix2D((319.5, 179.5), 0, 1.1)
    expected = cv2.warpAffine(small, grow, (640, 360))
    assert np.corrcoef(large.ravel(), expected.ravel())[0, 1] > 0.9
