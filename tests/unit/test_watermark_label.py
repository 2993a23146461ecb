from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lampoon.datasets.samples import sample
from lampoon.media.reader import probe, read_frames
from lampoon.media.writer import Encoding, write_clip
from lampoon.watermark.label.draw import ParodyLabel, label_still
from lampoon.watermark.label.find import LabelSight, label_correlation, label_seen
from lampoon.watermark.label.panel import PANEL, label_overlay
from lampoon.watermark.label.presets import LabelPreset, Language, card_seconds
from tests.support.labels import (
    SECONDS,
    Picture,
    grounds,
    label_for,
    reencoded,
    sample_pictures,
    sized,
)

SIZES = [(640, 360), (426, 240), (1280, 720), (1080, 1920), (3840, 2160), (641, 481)]


def luminance(rgb: Picture) -> npt.NDArray[np.float64]:
    """Relative luminance, WCAG 2.2."""
    share = rgb.astype(np.float64) / 255
    low = share / 12.92
    linear = np.where(share <= 0.04045, low, ((share + 0.055) / 1.055) ** 2.4)
    weighted: npt.NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return weighted


def parts(
    preset: LabelPreset, rgb: Picture
) -> tuple[Picture, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """The labelled panel, and where its words and its ground are."""
    height, width = rgb.shape[:2]
    overlay = label_overlay(preset, width, height, Language.ENGLISH)
    rows, columns = overlay.rgba.shape[:2]
    labelled = label_still(rgb, preset)
    panel = labelled[overlay.y : overlay.y + rows, overlay.x : overlay.x + columns]
    in_words = np.arange(columns)[None, :] > overlay.words
    letters = (overlay.rgba == 255).all(axis=2) & in_words
    ground = (overlay.rgba == np.array(PANEL)).all(axis=2) & in_words
    return panel, letters, ground


def test_there_is_no_preset_that_shows_nothing() -> None:
    assert {str(preset) for preset in LabelPreset} == {"eu-full", "eu-artistic"}
    for word in ("off", "none", ""):
        with pytest.raises(ValueError, match="not a valid LabelPreset"):
            LabelPreset(word)


@pytest.mark.parametrize("preset", list(LabelPreset))
@pytest.mark.parametrize("ground", ["black", "white", "noise"])
def test_words_stand_out_on_any_ground(preset: LabelPreset, ground: str) -> None:
    panel, letters, behind = parts(preset, grounds(640, 360)[ground])
    light = luminance(panel)

    contrast = (light[letters].min() + 0.05) / (light[behind].max() + 0.05)

    assert letters.sum() > 100
    assert contrast >= 4.5


@pytest.mark.parametrize("preset", list(LabelPreset))
@pytest.mark.parametrize("size", SIZES)
def test_capitals_are_tall_enough_to_read_at_360p(
    preset: LabelPreset, size: tuple[int, int]
) -> None:
    _, letters, _ = parts(preset, np.zeros((size[1], size[0], 3), np.uint8))
    rows = np.flatnonzero(letters.any(axis=1))
    lines = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)

    at_360p = min(360 / min(size), 1.0)
    assert all(len(line) * at_360p >= 6.5 for line in lines)
    assert len(lines) == (2 if preset is LabelPreset.EU_FULL else 1)


def test_the_letters_ai_dominate() -> None:
    overlay = label_overlay(LabelPreset.EU_FULL, 1280, 720, Language.ENGLISH)
    badge = overlay.rgba[:, : overlay.words]
    dark = (badge[..., :3] < 60).all(axis=2) & (badge[..., 3] == 255)
    _, letters, _ = parts(LabelPreset.EU_FULL, np.zeros((720, 1280, 3), np.uint8))
    rows = np.flatnonzero(letters.any(axis=1))
    line = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)[0]

    assert np.ptp(np.flatnonzero(dark.any(axis=1))) > 1.5 * len(line)


@settings(max_examples=25, deadline=None)
@given(width=st.integers(32, 700), height=st.integers(32, 700))
def test_the_panel_always_fits_at_the_top_right(width: int, height: int) -> None:
    for preset in LabelPreset:
        overlay = label_overlay(preset, width, height, Language.ENGLISH)
        rows, columns = overlay.rgba.shape[:2]

        assert overlay.x >= 0
        assert overlay.y >= 0
        assert overlay.x + columns <= width
        assert overlay.y + rows <= height
        # margins are whole pixels: a panel as wide as the frame may lie one to the left
        assert overlay.x + columns / 2 >= width / 2 - 1
        assert overlay.rgba[..., 3].max() == 255


def test_nothing_but_the_panel_is_touched() -> None:
    given_picture = grounds(640, 360)["noise"]
    before = given_picture.copy()
    overlay = label_overlay(LabelPreset.EU_FULL, 640, 360, Language.ENGLISH)
    rows, columns = overlay.rgba.shape[:2]

    label = label_for(given_picture, LabelPreset.EU_FULL)
    labelled = label.draw(given_picture, Fraction(5))

    changed = (labelled != before).any(axis=2)
    changed[overlay.y : overlay.y + rows, overlay.x : overlay.x + columns] = False
    assert not changed.any()
    assert np.array_equal(given_picture, before)


@pytest.mark.parametrize("preset", list(LabelPreset))
def test_every_moment_of_a_clip_carries_the_label(preset: LabelPreset) -> None:
    plate = sample_pictures()[0]
    label = label_for(plate, preset)

    moments = [Fraction(tick, 7) for tick in range(-3, 75)]

    assert min(
        label_correlation(label.draw(plate, at), preset) for at in moments
    ) == pytest.approx(0.95, abs=0.05)


@pytest.mark.parametrize("preset", list(LabelPreset))
def test_the_same_clip_gets_the_same_pixels(preset: LabelPreset) -> None:
    plate = sample_pictures()[0]
    once, again = (label_for(plate, preset).draw(plate, Fraction(1)) for _ in range(2))

    assert np.array_equal(once, again)


def test_cards_cover_the_first_and_the_last_seconds_and_fade() -> None:
    white = np.full((360, 640, 3), 255, np.uint8)
    label = label_for(white, LabelPreset.EU_ARTISTIC)

    def brightness(at: Fraction) -> float:
        return float(np.median(label.draw(white, at)))

    assert brightness(Fraction(0)) < 40
    assert brightness(SECONDS) < 40
    assert brightness(SECONDS / 2) == 255
    assert 40 < brightness(card_seconds(SECONDS) - Fraction(1, 5)) < 255


def test_the_opening_card_names_the_title_and_says_what_was_done() -> None:
    plate = grounds(640, 360)["black"]
    named, unnamed = (
        ParodyLabel(
            LabelPreset.EU_ARTISTIC, width=640, height=360, seconds=SECONDS, title=title
        ).draw(plate, Fraction(0))
        for title in ("The Minister Sings", "")
    )

    assert (unnamed[270:] > 200).any()
    assert not np.array_equal(named, unnamed)


@pytest.mark.parametrize("size", [(33, 33), (64, 48), (1000, 100), (100, 1000)])
def test_odd_frames_get_cards_too(size: tuple[int, int]) -> None:
    plate = np.full((size[1], size[0], 3), 90, np.uint8)
    label = ParodyLabel(
        LabelPreset.EU_ARTISTIC,
        width=size[0],
        height=size[1],
        seconds=Fraction(1),
        title="Donaudampfschifffahrtsgesellschaftskapitän " * 9,
    )

    assert label.draw(plate, Fraction(0)).max() > 200


@pytest.mark.parametrize("language", list(Language))
def test_each_language_reads_its_own_words(language: Language) -> None:
    plate = sample_pictures()[0]
    label = ParodyLabel(
        LabelPreset.EU_FULL, width=640, height=360, seconds=SECONDS, language=language
    )

    drawn = label.draw(plate, Fraction(5))

    assert label.text.startswith("AI ")
    assert label_seen([drawn], label.describe()) is LabelSight.SEEN


def test_a_picture_of_another_size_is_a_mistake() -> None:
    label = label_for(sample_pictures()[0], LabelPreset.EU_FULL)

    with pytest.raises(ValueError, match="not a picture"):
        label.draw(np.zeros((100, 100, 3), np.uint8), Fraction(0))
    with pytest.raises(ValueError, match="not a picture"):
        label.draw(np.zeros((360, 640, 3), np.float32), Fraction(0))


def test_nothing_can_be_read_on_a_stamp() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        label_still(np.zeros((16, 16, 3), np.uint8))


def test_what_the_manifest_says_is_what_is_drawn() -> None:
    declared = label_for(sample_pictures()[0], LabelPreset.EU_ARTISTIC).describe()

    assert declared == {
        "present": True,
        "preset": "eu-artistic",
        "position": "top-right",
        "text": "AI MODIFIED - PARODY",
        "language": "en",
        "layout": 1,
        "card_seconds": 2.5,
    }


@pytest.mark.parametrize("preset", list(LabelPreset))
@pytest.mark.parametrize(
    ("size", "crf", "short_side"),
    [((640, 360), 33, 360), ((1280, 720), 33, 360), ((1280, 720), 33, 240)],
)
def test_the_label_is_found_after_squeezing_and_only_where_it_is(
    preset: LabelPreset, size: tuple[int, int], crf: int, short_side: int
) -> None:
    plain = tuple(sized(each, *size) for each in sample_pictures())
    label = label_for(plain[0], preset)
    labelled = tuple(label.draw(each, Fraction(5)) for each in plain)

    def sight(pictures: tuple[Picture, ...]) -> LabelSight:
        squeezed = reencoded(pictures, crf=crf, short_side=short_side)
        return label_seen(squeezed, label.describe())

    assert sight(labelled) is LabelSight.SEEN
    assert sight(plain) is LabelSight.NOT_SEEN


@pytest.mark.parametrize("preset", list(LabelPreset))
@pytest.mark.parametrize("size", [(1280, 720), (1080, 1920), (3840, 2160)])
def test_the_label_is_found_in_large_clips_of_any_shape(
    preset: LabelPreset, size: tuple[int, int]
) -> None:
    plate = sized(sample_pictures()[0], *size)
    drawn = label_still(plate, preset)
    declared = {"preset": str(preset), "layout": 1}

    assert label_seen([drawn], declared) is LabelSight.SEEN
    assert label_seen([plate], declared) is LabelSight.NOT_SEEN


def test_a_label_on_half_the_clip_is_not_seen() -> None:
    plain = sample_pictures()
    label = label_for(plain[0], LabelPreset.EU_FULL)
    half = [label.draw(each, Fraction(5)) for each in plain[:2]] + list(plain[2:])

    assert label_seen(half, label.describe()) is LabelSight.NOT_SEEN


def test_a_covered_word_is_not_seen() -> None:
    label = label_for(sample_pictures()[0], LabelPreset.EU_FULL)
    drawn = label.draw(sample_pictures()[0], Fraction(5))
    overlay = label_overlay(LabelPreset.EU_FULL, 640, 360, Language.ENGLISH)
    middle = overlay.y + overlay.rgba.shape[0] // 2
    drawn[middle : middle + 20, overlay.x + overlay.words : 612] = PANEL[:3]

    assert label_seen([drawn], label.describe()) is LabelSight.NOT_SEEN


@pytest.mark.parametrize(
    "declared",
    [{}, {"preset": "eu-full"}, {"preset": "off", "layout": 1}, {"layout": [1]}],
)
def test_a_label_of_another_kind_is_not_judged(declared: dict[str, object]) -> None:
    assert label_seen(sample_pictures(), declared) is LabelSight.UNKNOWN


def test_without_pictures_or_with_stamps_nothing_is_known() -> None:
    declared = label_for(sample_pictures()[0], LabelPreset.EU_FULL).describe()

    assert label_seen([], declared) is LabelSight.UNKNOWN
    stamp = sized(sample_pictures()[0], 160, 90)
    assert label_seen([stamp], declared) is LabelSight.UNKNOWN


@pytest.mark.slow
def test_cards_change_neither_time_nor_sound(tmp_path: Path) -> None:
    source = sample("ada").clip
    clip = probe(source)
    plates = list(read_frames(source, stop=60))
    label = ParodyLabel(
        LabelPreset.EU_ARTISTIC,
        width=clip.width,
        height=clip.height,
        seconds=Fraction(2),
        title="The Minister Sings",
    )
    start = plates[0].seconds

    written = write_clip(
        tmp_path / "labelled.mp4",
        (f.with_rgb(label.draw(f.rgb, f.seconds - start)) for f in plates),
        sound_from=source,
        encoding=Encoding(preset="ultrafast"),
    )

    labelled = list(read_frames(tmp_path / "labelled.mp4"))
    assert [f.seconds for f in labelled] == [f.seconds for f in plates]
    assert len(written.sounds) == len(clip.sounds)
    assert label_seen([f.rgb for f in labelled], label.describe()) is LabelSight.SEEN
    assert sound_bytes(tmp_path / "labelled.mp4") == sound_bytes(source)


def sound_bytes(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]
