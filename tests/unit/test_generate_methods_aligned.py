"""Swapping on aligned crops: what a network says lands on the face, only there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from lampoon.consent.record import Method
from lampoon.errors import TrainingError
from lampoon.faces.align import Centring
from lampoon.faces.landmarks import IBUG_68
from lampoon.generate.composite.blend import blend_patch
from lampoon.generate.interchange.model_state import CropStyle
from lampoon.generate.methods.aligned import AlignedMethod
from lampoon.generate.methods.protocol import PlateFace, SwapMethod
from lampoon.generate.models.blocks import AlignedNetwork
from tests.support.facesets import drawn_track, mean_face


def network(decoder_b: Any) -> AlignedNetwork:
    """A network whose encoder lets everything through."""
    return AlignedNetwork("fake", None, lambda faces: faces, None, decoder_b)


def same(faces: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return faces


def chequered(faces: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Dark and bright stripes, so that the donor differs in more than colour."""
    made = np.zeros_like(faces)
    made[:, ::8] = made[:, 1::8] = made[:, 2::8] = made[:, 3::8] = 1
    return made


def plate(*, x: float = 100, y: float = 60, width: float = 90) -> PlateFace:
    rows, columns = np.mgrid[0:240, 0:320].astype(np.float32)
    smooth = [80 + 100 * columns / 320, 60 + 120 * rows / 240, 200 - 100 * rows / 240]
    return PlateFace(
        rgb=np.stack(smooth, axis=-1).astype(np.uint8),
        landmarks=mean_face(x, y, width),
        blendshapes=np.zeros(52, np.float32),
        yaw=0.0,
        pitch=0.0,
        roll=0.0,
        index=0,
    )


def begun(decoder: Any) -> AlignedMethod:
    method: SwapMethod = AlignedMethod(network(decoder))
    method.begin(drawn_track(1), Path("plate.mp4"))
    assert isinstance(method, AlignedMethod)
    return method


def test_the_method_is_called_what_consent_records_call_it() -> None:
    assert begun(same).name is Method.AUTOENCODER


def test_a_network_that_changes_nothing_leaves_the_plate_as_it_was() -> None:
    face = plate()

    (patch,) = begun(same).swap([face])

    assert patch is not None
    made = blend_patch(face.rgb, patch).astype(int)
    assert np.abs(made - face.rgb).max() <= 6
    assert np.abs(made - face.rgb).mean() < 0.2


@pytest.mark.parametrize("place", [(100, 60, 90), (20, 100, 60), (140, 20, 150)])
def test_the_donor_lands_on_the_face_and_nowhere_else(
    place: tuple[float, float, float],
) -> None:
    x, y, width = place
    face = plate(x=x, y=y, width=width)

    (patch,) = begun(chequered).swap([face])

    assert patch is not None
    changed = np.abs(blend_patch(face.rgb, patch).astype(int) - face.rgb).max(-1) > 8
    rows, columns = np.nonzero(changed)
    left, top = face.landmarks.min(0)
    right, bottom = face.landmarks.max(0)
    assert left <= columns.min() < columns.max() <= right
    assert top - 0.2 * width <= rows.min() < rows.max() <= bottom
    assert changed[round(y + width * 0.5), round(x + width * 0.2) :].any()


def test_the_edge_of_a_patch_is_soft() -> None:
    (patch,) = begun(chequered).swap([plate()])

    assert patch is not None
    assert patch.alpha.max() == pytest.approx(1)
    assert patch.alpha[0].max() == patch.alpha[-1].max() == 0
    assert np.abs(np.diff(patch.alpha, axis=1)).max() < 0.4


def test_the_colour_is_the_plates() -> None:
    face = plate()

    (patch,) = begun(lambda faces: 1 - faces).swap([face])

    assert patch is not None
    height, width = patch.alpha.shape
    under = face.rgb[patch.y : patch.y + height, patch.x : patch.x + width]
    weight = patch.alpha[..., None] / patch.alpha.sum()
    apart = (weight * (patch.rgb.astype(float) - under)).sum((0, 1))
    assert np.abs(apart).max() < 3


def test_a_face_cut_by_the_frame_gives_a_patch_inside_it() -> None:
    face = plate(x=-50, y=-30)

    (patch,) = begun(chequered).swap([face])

    assert patch is not None
    assert (patch.x, patch.y) == (0, 0)
    assert patch.rgb.shape[:2] == patch.alpha.shape
    assert blend_patch(face.rgb, patch).shape == face.rgb.shape


def test_a_face_beyond_the_frame_or_tiny_is_left() -> None:
    faces = [plate(x=-500), plate(width=6), plate()]

    first, second, third = begun(same).swap(faces)

    assert first is None
    assert second is None
    assert third is not None


def test_no_face_gives_no_patch() -> None:
    assert begun(same).swap([]) == []


def test_colours_of_one_clip_do_not_reach_the_next() -> None:
    method = begun(chequered)
    dark = replace(plate(), index=1, rgb=(plate().rgb // 2).astype(np.uint8))
    method.swap([plate()])

    (carried,) = method.swap([dark])
    method.begin(drawn_track(1), Path("next.mp4"))
    (fresh,) = method.swap([dark])

    (alone,) = begun(chequered).swap([dark])
    assert carried is not None
    assert fresh is not None
    assert alone is not None
    np.testing.assert_array_equal(fresh.rgb, alone.rgb)
    assert not np.array_equal(carried.rgb, alone.rgb)


def test_an_untrained_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(TrainingError):
        AlignedMethod.of_training(tmp_path / "nothing")


@pytest.mark.parametrize(
    "style",
    [
        CropStyle(Centring.LEGACY, 0.625),
        CropStyle(Centring.LEGACY, 0.875),
        CropStyle(Centring.FACE, 0.875),
        CropStyle(Centring.HEAD, 1.0),
    ],
)
def test_a_model_trained_on_another_crop_still_leaves_what_it_does_not_change(
    style: CropStyle,
) -> None:
    face, method = plate(), AlignedMethod(network(same), style)
    method.begin(drawn_track(1), Path("plate.mp4"))

    (patch,) = method.swap([face])

    assert patch is not None
    made = blend_patch(face.rgb, patch).astype(int)
    assert patch.alpha.max() == pytest.approx(1, abs=0.01)
    assert np.abs(made - face.rgb).max() <= 6


def test_a_crop_within_the_face_changes_nothing_outside_of_it() -> None:
    face = plate()
    method = AlignedMethod(network(chequered), CropStyle(Centring.LEGACY, 0.625))
    method.begin(drawn_track(1), Path("plate.mp4"))

    (patch,) = method.swap([face])

    assert patch is not None
    rows, columns = np.nonzero(patch.alpha > 0.02)
    points = face.landmarks[IBUG_68][17:]  # a legacy crop is about the features alone
    (left, _), (right, bottom) = points.min(0), points.max(0)
    slack = 0.1 * (right - left)
    assert left - slack <= patch.x + columns.min()
    assert patch.x + columns.max() <= right + slack
    assert patch.y + rows.max() <= bottom + slack
