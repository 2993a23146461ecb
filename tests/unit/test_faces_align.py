import numpy as np
import pytest

from lampoon.faces.align import (
    MEAN_FACE_51,
    Centring,
    aligned_crop,
    alignment_matrix,
    umeyama,
)

FACE = """
200.65,213.21 205.08,239.2 212.71,263.83 223.24,286.17 236.27,305.34 251.29,320.63
267.72,331.43 284.95,337.33 302.29,338.11 319.1,333.74 334.72,324.38 348.54,310.39
360.05,292.32 368.8,270.85 374.45,246.81 376.78,221.12 375.71,194.78 216.88,191.01
226.47,180.36 241.12,175.94 256.83,176.53 271.96,181.06 299.27,178.19 313.12,170.61
328.36,166.76 343.61,168.03 355.21,176.45 287.48,197.41 289.02,212.04 290.55,226.56
292.12,241.5 275.79,253.45 284.47,255.68 293.8,257.37 302.57,253.77 310.59,249.79
235.67,204.73 244.34,198.44 255.47,197.43 265.95,203.73 255.75,206.71 244.69,207.73
309.86,199.11 318.8,190.76 329.9,189.44 339.69,193.78 331.48,198.59 320.46,199.9
262.31,278.2 274.05,272 286.18,268.15 295.06,269.38 303.48,266.33 316.16,267.56
328.93,271.19 319.21,292.68 307.71,299.23 298.41,301.22 288.9,301.21 276.29,297.2
267.49,278.31 286.84,275.41 295.7,275.42 304.35,273.57 323.89,272.37 306.07,288.27
297.26,290.29 288.22,290.15
"""
"""Points of a face that faceswap itself aligned (a synthetic one)."""

BY_FACESWAP = np.array(
    [
        [0.44801432, -0.04715739, -55.48765887],
        [0.04715739, 0.44801432, -46.84539994],
    ]
)
"""The matrix that faceswap stored for them: 128 pixels, centred on the face."""


def face68() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array([pair.split(",") for pair in FACE.split()], np.float32)


def test_the_matrix_is_the_one_that_faceswap_stores() -> None:
    matrix = alignment_matrix(face68(), size=128, centring=Centring.FACE)
    assert np.allclose(matrix[:, :2], BY_FACESWAP[:, :2], atol=1e-4)
    assert np.allclose(matrix[:, 2], BY_FACESWAP[:, 2], atol=0.05)


def test_a_turned_and_scaled_mean_face_comes_back_exactly() -> None:
    turn = np.array([[3.0, -4.0], [4.0, 3.0]]) * 20
    moved = (MEAN_FACE_51 @ turn.T + [310, 170]).astype(np.float32)
    back = umeyama(moved, MEAN_FACE_51)
    assert np.allclose(moved @ back[:, :2].T + back[:, 2], MEAN_FACE_51, atol=1e-5)


def test_a_mirrored_face_is_never_mirrored_back() -> None:
    mirrored = MEAN_FACE_51 * np.array([-1, 1], np.float32)
    matrix = umeyama(mirrored, MEAN_FACE_51)
    assert np.linalg.det(matrix[:, :2]) > 0


def test_points_on_one_spot_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="coincide"):
        umeyama(np.zeros((51, 2), np.float32), MEAN_FACE_51)


@pytest.mark.parametrize("centring", list(Centring))
def test_a_crop_of_twice_the_size_shows_the_same(centring: Centring) -> None:
    small = alignment_matrix(face68(), size=128, centring=centring)
    large = alignment_matrix(face68(), size=256, centring=centring)
    assert np.allclose(large, small * 2, atol=1e-3)


def test_a_head_crop_shows_more_than_a_face_crop() -> None:
    scales = [
        np.linalg.det(alignment_matrix(face68(), size=256, centring=c)[:, :2])
        for c in (Centring.LEGACY, Centring.FACE, Centring.HEAD)
    ]
    assert scales == sorted(scales, reverse=True)


def test_less_coverage_is_a_closer_look_at_the_same_middle() -> None:
    whole = alignment_matrix(face68(), size=256, centring=Centring.FACE)
    close = alignment_matrix(face68(), size=256, centring=Centring.FACE, coverage=0.75)
    middle = np.linalg.solve(whole[:, :2], 128 - whole[:, 2])
    assert np.allclose(close[:, :2] @ middle + close[:, 2], 128, atol=0.6)
    assert np.linalg.det(close[:, :2]) > np.linalg.det(whole[:, :2])


def test_a_crop_holds_the_pixels_that_its_matrix_names() -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    points = face68()
    x, y = (int(v) for v in points[30])
    rgb[y - 2 : y + 3, x - 2 : x + 3] = 255
    matrix = alignment_matrix(points, size=128, centring=Centring.FACE)
    crop = aligned_crop(rgb, matrix, 128)
    place = matrix[:, :2] @ [x, y] + matrix[:, 2]
    assert crop.shape == (128, 128, 3)
    assert crop[int(place[1]), int(place[0])].min() > 100
