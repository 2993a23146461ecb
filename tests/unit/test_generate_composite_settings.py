"""Every setting of ``[composite]`` and ``[[ranges]]`` does what it says."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from lampoon.errors import MediaError, SettingsError
from lampoon.generate.composite.colour import colour_statistics
from lampoon.generate.composite.colour_kinds import matched, seamless
from lampoon.generate.composite.compose import Composer
from lampoon.generate.composite.mask_kinds import masks_digest, remasked
from lampoon.generate.composite.settings import (
    ColourKind,
    CompositeSettings,
    Composition,
    MaskKind,
    RangeSettings,
)
from lampoon.generate.job import load_job
from lampoon.generate.methods.protocol import FacePatch, PlateFace
from tests.support.texture import plate_faces

PROJECT = """
[performer]
footage = "a.mp4"
consent = "a.json"
[donor]
footage = "b.mp4"
consent = "b.json"
[signer]
certificates = "certificates"
"""
ROOM = 12


def face() -> PlateFace:
    return plate_faces("ada", 0, 8)[2]


def patch() -> FacePatch:
    """Return a patch over ada's face: greenish, dark and flatter, as of other skin."""
    one = face()
    low = np.floor(one.landmarks.min(0)).astype(int) - ROOM
    high = np.ceil(one.landmarks.max(0)).astype(int) + ROOM
    part = one.rgb[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    flat = 0.8 * (0.9 * part + 0.1 * part.mean((0, 1))) * [0.9, 1.1, 0.9]
    alpha = np.zeros(part.shape[:2], np.float32)
    alpha[ROOM * 3 : -ROOM * 3, ROOM * 3 : -ROOM * 3] = 1
    return FacePatch(flat.astype(np.uint8), alpha, int(low[0]), int(low[1]))


def under(one: FacePatch) -> npt.NDArray[np.uint8]:
    height, width = one.alpha.shape
    return face().rgb[one.y : one.y + height, one.x : one.x + width]


def mask_of(settings: CompositeSettings) -> npt.NDArray[np.float32]:
    return remasked(patch(), face(), settings)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("[composite]\nmaks = 'mesh'", "maks"),
        ("[composite]\nmask = 'oval'", "mask"),
        ("[composite]\nmask = 'stored'", "needs masks"),
        ("[composite]\nerosion = 0.9", "erosion"),
        ("[[ranges]]\nfirst_seconds = 2\nlast_seconds = 1", "greater"),
        ("[[ranges]]\nfirst_seconds = 0\nlast_seconds = 1\nlabel = 'x'", "label"),
    ],
)
def test_what_is_no_setting_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    (tmp_path / "lampoon.toml").write_text(PROJECT + lines)
    with pytest.raises(SettingsError, match=said):
        load_job(tmp_path / "lampoon.toml")


def test_a_range_changes_only_what_it_names_and_only_its_time(tmp_path: Path) -> None:
    (tmp_path / "lampoon.toml").write_text(
        PROJECT
        + "[composite]\nmask = 'extended'\nmasks = 'hand'\n"
        + "[[ranges]]\nfirst_seconds = 1\nlast_seconds = 2\ncolour = 'transport'\n"
        + "landmark_offset = [3, -1]\n"
    )
    composition = load_job(tmp_path / "lampoon.toml").composition
    usual, nowhere = composition.at(0.99)
    inside, moved = composition.at(1.0)
    assert (usual.colour, nowhere) == (ColourKind.NONE, (0.0, 0.0))
    assert inside == replace(usual, colour=ColourKind.TRANSPORT)
    assert moved == (3.0, -1.0)
    assert composition.at(2.0)[0] == usual
    assert usual.masks == tmp_path / "hand"


def test_a_range_touches_only_the_stretches_that_it_reaches() -> None:
    one = RangeSettings(first_seconds=10.0, last_seconds=12.0, sharpening=1.0)
    before, after = Composition(), Composition(ranges=(one,))
    assert before.between(0, 9.9) == after.between(0, 9.9)
    assert before.between(9, 11) != after.between(9, 11)
    assert before.between(12, 20) == after.between(12, 20)


def test_without_settings_the_methods_own_mask_is_used() -> None:
    assert (mask_of(CompositeSettings()) == patch().alpha).all()


def test_components_lie_in_the_extended_hull_and_that_in_the_mesh() -> None:
    areas = [
        mask_of(CompositeSettings(mask=kind, feather=0.01)).sum()
        for kind in (MaskKind.COMPONENTS, MaskKind.EXTENDED, MaskKind.MESH)
    ]
    assert areas[0] < 0.97 * areas[1]
    assert areas[1] < 0.97 * areas[2]


@pytest.mark.parametrize("kind", [MaskKind.METHOD, MaskKind.MESH])
def test_erosion_narrows_a_mask_and_feather_softens_it(kind: MaskKind) -> None:
    plain = mask_of(CompositeSettings(mask=kind, feather=0.0))
    narrow = mask_of(CompositeSettings(mask=kind, feather=0.0, erosion=0.05))
    soft = mask_of(CompositeSettings(mask=kind, feather=0.2))
    assert narrow.sum() < 0.93 * plain.sum()
    between = [((m > 0.05) & (m < 0.95)).sum() for m in (plain, soft)]
    assert between[1] > 5 * max(between[0], 1)


def test_a_mask_never_shows_what_the_method_cannot_draw() -> None:
    reach = np.zeros_like(patch().alpha)
    reach[:, :60] = 1
    limited = replace(patch(), reach=reach)
    made = remasked(limited, face(), CompositeSettings(mask=MaskKind.MESH))
    assert made[:, 60:].max() == 0 < made[:, :60].max()


def test_a_stored_mask_is_used_as_it_was_drawn(tmp_path: Path) -> None:
    height, width = face().rgb.shape[:2]
    drawn = np.zeros((height, width), np.uint8)
    one = patch()
    drawn[one.y + 40 : one.y + 60, one.x + 30 : one.x + 90] = 255
    index = face().index
    cv2.imwrite(str(tmp_path / f"hand_{index + 1:06d}.png"), drawn)
    settings = CompositeSettings(mask=MaskKind.STORED, masks=tmp_path)
    made = remasked(one, face(), settings)
    assert made.sum() == 20 * 60
    before = masks_digest(tmp_path, 0, 8)
    cv2.imwrite(str(tmp_path / f"hand_{index + 1:06d}.png"), drawn // 2)
    assert masks_digest(tmp_path, 0, 8) != before


def test_a_stored_mask_that_is_missing_or_small_is_named(tmp_path: Path) -> None:
    settings = CompositeSettings(mask=MaskKind.STORED, masks=tmp_path)
    with pytest.raises(MediaError, match="no mask for frame 3"):
        remasked(patch(), face(), settings)
    cv2.imwrite(str(tmp_path / "hand_000003.png"), np.zeros((9, 9), np.uint8))
    with pytest.raises(MediaError, match="no mask of"):
        remasked(patch(), face(), settings)


@pytest.mark.parametrize(
    "kind", [k for k in ColourKind if k not in (ColourKind.NONE, ColourKind.SEAMLESS)]
)
def test_every_colour_match_brings_a_face_to_the_plates_colours(
    kind: ColourKind,
) -> None:
    one = patch()
    before, wanted = (colour_statistics(x, one.alpha) for x in (one.rgb, under(one)))
    got = colour_statistics(matched(one.rgb, under(one), one.alpha, kind), one.alpha)
    assert np.abs(got[0] - wanted[0]).max() < 3 < np.abs(before[0] - wanted[0]).max()
    if kind is not ColourKind.AVERAGE:
        apart = np.abs(np.stack([before, got])[:, 1] - wanted[1]).sum(1)
        assert apart[1] < 0.5 * apart[0]


def test_a_seamless_face_meets_the_plate_at_its_rim_without_a_step() -> None:
    one = patch()
    made = seamless(one.rgb, under(one), one.alpha)
    inner = cv2.erode(one.alpha, np.ones((3, 3), np.uint8))
    rim = (one.alpha > 0.5) & (inner < 0.5)
    steps = [
        np.abs(x[rim].astype(int) - under(one)[rim]).mean() for x in (one.rgb, made)
    ]
    assert steps[1] < 0.2 * steps[0]


def test_sharpening_adds_what_is_fine_and_nothing_else() -> None:
    one = patch()
    settings = CompositeSettings(sharpening=1.5, keep_in_front=False)
    plain, _ = Composer().composed(face(), one, replace(settings, sharpening=0.0))
    sharp, _ = Composer().composed(face(), one, settings)
    middle = np.s_[one.y + 60 : one.y + 110, one.x + 60 : one.x + 110]
    fine = [cv2.Laplacian(x[middle], cv2.CV_64F).std() for x in (plain, sharp)]
    assert fine[1] > 1.5 * fine[0]
    assert abs(float(plain[middle].mean()) - float(sharp[middle].mean())) < 1
