"""What a mark costs the eye, and where it is left out."""

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.paint import Lie, Painter
from lampoon.watermark.invisible.visible import points

WIDTH, HEIGHT = 640, 360
TILE = np.random.default_rng(5).choice([-1.0, 1.0], (64, 64)).astype(np.float32)


def picture(*, rough: float) -> npt.NDArray[np.uint8]:
    """Soft shapes with fine detail of some grey levels on them."""
    random = np.random.default_rng(7)
    soft = cv2.resize(random.random((6, 9)), (WIDTH, HEIGHT)) * 120 + 60
    fine = cv2.resize(random.random((HEIGHT // 3, WIDTH // 3)), (WIDTH, HEIGHT)) - 0.5
    return np.clip(soft + fine * rough, 0, 255).astype(np.uint8)


def cost(plain: npt.NDArray[np.uint8], gain: float) -> float:
    marked = Painter(WIDTH, HEIGHT, TILE).paint(plain, gain)
    return points([plain], marked)[1]


def test_a_picture_without_a_mark_costs_nothing() -> None:
    plain = picture(rough=60.0)
    assert points([plain], plain)[1] <= 0


def test_a_stronger_mark_costs_more() -> None:
    plain = picture(rough=30.0)
    costs = [cost(plain, gain) for gain in (0.6, 1.0, 1.5)]
    assert costs == sorted(costs)
    assert costs[2] > costs[0] + 1


def test_texture_hides_a_mark_that_soft_shapes_show() -> None:
    assert cost(picture(rough=80.0), 1.0) < cost(picture(rough=4.0), 1.0) - 1


def test_motion_hides_a_mark() -> None:
    plain = picture(rough=40.0)
    moved = np.ascontiguousarray(np.roll(plain, 3, axis=1))
    still, panned = points([plain, plain], plain), points([plain, moved], plain)
    assert panned[0] > still[0] + 1
    assert panned[1] == still[1]


def test_the_mark_is_left_out_where_the_scene_goes_another_way() -> None:
    plain = np.full((HEIGHT, WIDTH), 128, np.uint8)
    slipping = np.zeros((18, 32), np.float32)
    slipping[:, 16:] = 1
    painter = Painter(WIDTH, HEIGHT, TILE)
    marked = painter.paint(plain, 4.0, Lie(slipping=slipping)).astype(np.float32)
    spread = [float(half.std()) for half in np.split(marked, 2, axis=1)]
    assert spread[1] < 0.4 * spread[0]
