"""A creator cuts a swap with moviepy or paints over it; it leaves labelled."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lampoon.errors import ConsentRefusedError, MediaError, SettingsError
from lampoon.generate import (
    EndCredit,
    FaceSwap,
    OpeningCard,
    ParodyLabel,
    Production,
    open_production,
    write,
)
from lampoon.generate.finish import LabelledVideo
from lampoon.generate.pipeline import run_job
from lampoon.media.reader import read_frames
from lampoon.verify.check import check
from lampoon.verify.evidence import Finding
from lampoon.watermark.invisible.binding import lookup_key
from lampoon.watermark.invisible.detect import Effort, detect
from lampoon.watermark.label.find import SEEN_CORRELATION, label_correlation
from lampoon.watermark.label.presets import LabelPreset
from lampoon.watermark.manifest.trust import TrustList
from tests.support.media import sound_packets
from tests.support.performers import withdraw
from tests.support.projects import Project, no_bar, project
from tests.support.timelines import (
    crossed,
    footage,
    joined,
    lying_down,
    mirrored,
    written,
)

pytestmark = [
    pytest.mark.slow,
    # moviepy 2.2 leaves the pipes of an ffmpeg that has ended to the collector
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

FRAMES = 30


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Thirty frames of two consented people."""
    return project(tmp_path_factory.mktemp("timeline"), frames=FRAMES)


@pytest.fixture(scope="module")
def production(ready: Project) -> Production:
    return open_production(ready.file)


@pytest.fixture(scope="module")
def plate(ready: Project) -> Iterator[Any]:
    """The performer's footage as moviepy opens it."""
    with footage(ready.pair.performer_footage) as clip:
        yield clip


@pytest.fixture(scope="module")
def swapped(plate: Any, production: Production) -> Any:
    return plate.with_effects([FaceSwap(production)])


@pytest.fixture(scope="module")
def video(
    ready: Project, production: Production, plate: Any, swapped: Any
) -> LabelledVideo:
    """A written timeline: a late piece, plain footage, an early piece, a cross-fade."""
    late, early = swapped[0.6:1.0], swapped[0.0:0.4]
    faded = crossed(swapped[0.0:0.4], swapped[0.6:1.0], 0.2)
    timeline = joined([late, plate[0.2:0.4], early, faded])
    return write(timeline, production, registry=ready.registry)


def test_a_written_timeline_is_a_labelled_parody(
    ready: Project, video: LabelledVideo
) -> None:
    verdict = check(video.clip.path, trust=TrustList.load(ready.certificates))

    assert verdict.finding is Finding.LABELLED_PARODY
    assert verdict.label.seen == "seen"


def test_its_mark_leads_to_its_manifest(ready: Project, video: LabelledVideo) -> None:
    reading = detect(video.clip.path, effort=Effort(threads=1))

    assert reading.key == lookup_key(video.manifest)
    entry = ready.registry.get(lookup_key(video.manifest))
    assert entry is not None
    assert entry.urn == video.manifest
    assert all(part.marked for part in reading.parts)


def test_every_frame_shows_the_label_whatever_the_edit(video: LabelledVideo) -> None:
    for frame in read_frames(video.clip.path):
        seen = label_correlation(frame.rgb, LabelPreset.EU_FULL)
        assert seen >= SEEN_CORRELATION


def test_every_frame_is_at_its_exact_moment(video: LabelledVideo) -> None:
    moments = [frame.seconds for frame in read_frames(video.clip.path)]

    assert moments == [Fraction(index, 25) for index in range(len(moments))]
    assert len(moments) == 40  # 10 and 5 and 10 and 15 frames


def test_the_sound_is_the_timelines(video: LabelledVideo) -> None:
    (sound,) = video.clip.sounds

    assert abs(float(sound.seconds) - 1.6) < 0.05
    assert len(sound_packets(video.clip.path)) == 1


def test_a_swapped_frame_reaches_the_file_as_the_editor_saw_it(
    video: LabelledVideo, ready: Project
) -> None:
    again = open_production(ready.file)
    with footage(ready.pair.performer_footage) as clip:
        seen = clip.with_effects([FaceSwap(again)]).get_frame(0.8)
    made = next(read_frames(video.clip.path, first=5, stop=6)).rgb

    apart = np.abs(made.astype(int) - seen).mean()
    assert apart < 2.0  # another key's mark and one encoding


def test_a_frame_saved_by_moviepy_is_labelled(swapped: Any, tmp_path: Path) -> None:
    picture = tmp_path / "frame.png"
    swapped.save_frame(str(picture), t=0.4)

    rgb = np.asarray(Image.open(picture).convert("RGB"), np.uint8)
    assert label_correlation(rgb, LabelPreset.EU_FULL) >= SEEN_CORRELATION


def test_a_clip_written_by_moviepy_is_labelled_and_marked(
    swapped: Any, production: Production, video: LabelledVideo, tmp_path: Path
) -> None:
    leaked = written(swapped[0.2:0.8], tmp_path / "leaked.mp4")

    reading = detect(leaked, effort=Effort(threads=1))

    assert reading.key == lookup_key(production.stamp.urn)
    assert reading.key != lookup_key(video.manifest)  # the next clip's, not the last's
    for frame in read_frames(leaked):
        seen = label_correlation(frame.rgb, LabelPreset.EU_FULL)
        assert seen >= SEEN_CORRELATION


def test_footage_that_was_changed_before_the_swap_is_refused(
    plate: Any, production: Production
) -> None:
    for changed in (plate[0.4:1.0], plate.resized(0.5), mirrored(plate)):
        with pytest.raises(SettingsError, match="before FaceSwap"):
            changed.with_effects([FaceSwap(production)])


def test_footage_of_a_phone_held_upright_stands(tmp_path: Path) -> None:
    turned = project(tmp_path, frames=8, ada=lying_down("ada", tmp_path / "a.mp4", 8))
    production = open_production(turned.file)
    with footage(turned.pair.performer_footage) as clip:
        swapped = clip.with_effects([FaceSwap(production)])

        assert swapped.size == (640, 360)
        rgb = swapped.get_frame(0.2)

    assert label_correlation(rgb, LabelPreset.EU_FULL) >= SEEN_CORRELATION


def test_another_persons_footage_is_refused(
    ready: Project, production: Production
) -> None:
    with (
        footage(ready.pair.donor_footage) as donor,
        pytest.raises(SettingsError, match="own footage"),
    ):
        donor.with_effects([FaceSwap(production)])


def test_a_layer_lies_over_the_swap_and_under_the_label(ready: Project) -> None:
    magenta = Image.new("RGBA", (640, 360), (200, 0, 200, 255))
    magenta.save(ready.file.with_name("hat.png"))
    layered = ready.file.with_name("layered.toml")
    layers = '[output]\nclip = "layered.mp4"\n[[layers]]\npath = "hat.png"\n'
    layered.write_text(ready.file.read_text() + layers + "last_seconds = 0.2\n")

    outcome = run_job(layered, no_bar, registry=ready.registry)

    frames = list(read_frames(outcome.video.clip.path))
    covered = [float(frame.rgb[180, 320, 1]) < 40 for frame in frames]
    assert covered == [index < 5 for index in range(FRAMES)]
    for frame in frames:
        seen = label_correlation(frame.rgb, LabelPreset.EU_FULL)
        assert seen >= SEEN_CORRELATION


def test_cards_and_label_can_be_seen_in_the_editor(
    plate: Any, production: Production
) -> None:
    effects = [OpeningCard(production), EndCredit(production), ParodyLabel(production)]
    shown = plate[0:1.2].with_effects(effects)

    first, middle, last = (shown.get_frame(at) for at in (0, 0.6, 1.16))

    assert label_correlation(middle, LabelPreset.EU_FULL) >= SEEN_CORRELATION
    assert max(first.mean(), last.mean()) < 0.6 * middle.mean()


def test_a_timeline_without_a_swap_is_not_called_one(
    ready: Project, plate: Any, tmp_path: Path
) -> None:
    untouched = open_production(ready.file)
    target = tmp_path / "plain.mp4"

    with pytest.raises(MediaError, match="no swap"):
        write(plate[0:0.2], untouched, target, registry=ready.registry)

    assert list(tmp_path.iterdir()) == []


def test_a_consent_withdrawn_while_cutting_stops_the_writing(tmp_path: Path) -> None:
    ready = project(tmp_path, frames=8)
    production = open_production(ready.file)
    with footage(ready.pair.performer_footage) as clip:
        swapped = clip.with_effects([FaceSwap(production)])
        withdraw(ready.pair.donor, ready.pair.donor_key)

        with pytest.raises(ConsentRefusedError, match="withdr"):
            write(swapped[0:0.2], production, registry=ready.registry)

    assert not ready.clip.exists()
