"""What lies before the face stays there; a face that nothing hides is not touched."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from lampoon.datasets.occluders.paste import cutout, pasted
from lampoon.generate.composite.compose import Composer
from lampoon.generate.composite.occlusion import HiddenFace
from lampoon.generate.composite.settings import CompositeSettings
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from lampoon.generate.texture.surface import lay
from tests.support.people import ada, needs_graphics, short_take
from tests.support.texture import TURNED, plate_faces

Bools = npt.NDArray[np.bool_]


def skin(face: PlateFace) -> Bools:
    """Return where the face's skin is, (height, width)."""
    surface = lay(face.landmarks, face.rgb.shape[:2])
    assert surface is not None
    inside = np.zeros(face.rgb.shape[:2], bool)
    inside[surface.window.rows, surface.window.columns] = surface.depth > 1
    return inside


def with_foam(face: PlateFace) -> tuple[PlateFace, Bools]:
    """Return a face behind a dark ball at its mouth, and where that is."""
    mouth = face.landmarks[[13, 14]].mean(0)
    width = float(np.ptp(face.landmarks[:, 0]))
    mask = np.zeros(face.rgb.shape[:2], np.uint8)
    middle = int(mouth[0]), int(mouth[1])
    cv2.circle(mask, middle, int(0.2 * width), 255, -1, cv2.LINE_AA)
    soft = mask[..., None] / np.float32(255)
    rgb = (face.rgb + soft * (np.float32(25) - face.rgb)).astype(np.uint8)
    shown = PlateFace(
        rgb, face.landmarks, face.blendshapes, face.yaw, face.pitch, face.roll,
        face.index,
    )  # fmt: skip
    return shown, mask > 127


def found(hidden: HiddenFace, face: PlateFace) -> Bools:
    height, width = face.rgb.shape[:2]
    part = hidden.part(face.rgb, face.landmarks, face.index)
    if part is None:
        return np.zeros((height, width), bool)
    return part.over(width, height, x=0, y=0) > 0.5


def overlap(one: Bools, other: Bools) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


@pytest.mark.parametrize(
    ("name", "first", "stop"),
    [("ada", 0, 8), ("ada", 36, 52), ("ada", *TURNED)],
)
def test_nothing_is_kept_in_front_of_a_clean_face(
    name: str, first: int, stop: int
) -> None:
    """Speech with teeth, a blink, a turned head."""
    hidden = HiddenFace()
    for face in plate_faces(name, first, stop):
        assert hidden.part(face.rgb, face.landmarks, face.index) is None


def test_a_ball_before_the_mouth_is_found() -> None:
    face, truth = with_foam(plate_faces("ada", 0, 8)[3])
    assert overlap(found(HiddenFace(), face) & skin(face), truth & skin(face)) > 0.7


def test_the_plate_stays_where_something_lies_before_the_face() -> None:
    face, truth = with_foam(plate_faces("ada", 0, 8)[3])
    rows, columns = face.rgb.shape[:2]
    green = np.full((rows, columns, 3), (0, 255, 0), np.uint8)
    patch = FacePatch(green, skin(face).astype(np.float32), 0, 0)
    inner = cv2.erode(truth.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    kept, share = Composer().composed(face, patch, CompositeSettings())
    over, none = Composer().composed(
        face, patch, CompositeSettings(keep_in_front=False)
    )
    assert (kept[inner] == face.rgb[inner]).all(1).mean() > 0.95
    assert (over[inner & skin(face)] == (0, 255, 0)).all()
    assert share > 0.05 > none == 0


def test_a_trembling_answer_is_calmed_and_a_gap_forgets() -> None:
    faces = [with_foam(one)[0] for one in plate_faces("ada", 0, 8)[:3]]
    hidden = HiddenFace()
    steady = [found(hidden, one) for one in faces]
    alone = [found(HiddenFace(), one) for one in faces]
    assert (steady[0] == alone[0]).all()
    assert overlap(steady[1], steady[2]) >= overlap(alone[1], alone[2]) - 0.02
    again = found(hidden, faces[0])  # not the next frame: begins anew
    assert (again == alone[0]).all()


def test_pasted_things_come_with_their_exact_mask() -> None:
    face = plate_faces("ada", 0, 8)[0]
    block = np.zeros(face.rgb.shape[:2], bool)
    block[20:80, 30:70] = True
    piece = cutout(255 - face.rgb, block, hand=True)
    assert piece is not None
    for seed in range(12):
        random = np.random.default_rng(seed)
        made, mask = pasted(face.rgb, face.landmarks, [piece], random)
        changed = np.abs(made.astype(int) - face.rgb).max(2) > 2
        assert not (changed & (mask < 0.005)).any()
        assert made.shape == face.rgb.shape


@pytest.mark.graphics
@pytest.mark.slow
def test_a_rendered_microphone_is_found_where_its_mask_says() -> None:
    needs_graphics()
    from lampoon.datasets.performers.filming import film
    from lampoon.faces.detector import LiteRTBackend

    take = short_take(width=480, height=270, occluder="microphone")
    filming = film(ada(), take)
    painted = filming.frame(0)
    filming.close()
    assert painted.covered is not None
    one = LiteRTBackend().faces(painted.rgb, search=True)[0]
    face = PlateFace(
        painted.rgb, one.landmarks, one.blendshapes, one.yaw, one.pitch, one.roll, 0
    )
    seen = skin(face)
    assert overlap(found(HiddenFace(), face) & seen, painted.covered & seen) > 0.6
