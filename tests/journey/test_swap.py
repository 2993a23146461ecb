"""A creator's path: from two records and two pieces of footage to a verified clip."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from lampoon.errors import ConsentRefusedError
from lampoon.generate.finish import LabelledVideo, finish
from lampoon.generate.job import load_job
from lampoon.generate.pipeline import (
    agree,
    follow_both,
    preview_job,
    run_job,
    signer_of,
)
from lampoon.generate.seal import Disclosure
from lampoon.media.frame import Frame
from lampoon.media.reader import probe, read_frames
from lampoon.media.writer import Encoding, write_clip
from lampoon.verify.check import check
from lampoon.verify.evidence import Finding
from lampoon.verify.policy import Decision
from lampoon.watermark.invisible.detect import Effort, detect
from lampoon.watermark.label.find import SEEN_CORRELATION, label_correlation
from lampoon.watermark.label.presets import LabelPreset
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.trust import TrustList
from tests.support.performers import withdraw
from tests.support.projects import Project, no_bar, project

pytestmark = pytest.mark.slow

DISCLOSURE = Disclosure(
    title="Late", label=LabelPreset.EU_FULL, swap="a swap", spans=()
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose mesh swap was run."""
    ready = project(tmp_path_factory.mktemp("mesh"))
    run_job(ready.file, no_bar, registry=ready.registry)
    return ready


def test_a_run_ends_in_a_labelled_parody(made: Project) -> None:
    verdict = check(made.clip, trust=TrustList.load(made.certificates))

    assert verdict.finding is Finding.LABELLED_PARODY
    assert verdict.policy.decision is Decision.LABEL
    assert verdict.label.seen == "seen"


def test_a_stranger_to_the_signer_does_not_vouch(made: Project) -> None:
    assert check(made.clip, trust=TrustList()).finding is Finding.UNKNOWN_SIGNER


def test_no_frame_is_lost_or_displaced(made: Project) -> None:
    plate = [f.seconds for f in read_frames(made.pair.performer_footage)]
    swap = [frame.seconds for frame in read_frames(made.clip)]

    assert swap == plate


def test_the_sound_is_the_plates_bit_for_bit(made: Project) -> None:
    def packets(path: Path) -> list[tuple[int | None, bytes]]:
        with av.open(str(path)) as clip:
            return [(p.pts, bytes(p)) for p in clip.demux(audio=0) if p.size]

    assert packets(made.clip) == packets(made.pair.performer_footage)


def test_nothing_but_the_clip_is_left_beside_it(made: Project) -> None:
    beside = {path.name for path in made.clip.parent.iterdir()}

    assert not {name for name in beside if "partial" in name or "labelled" in name}
    assert "parody.mp4" in beside


def test_the_manifest_names_nobody(made: Project) -> None:
    whole = made.clip.read_bytes().lower()

    assert b"ada as ben" in whole  # the title, which the creator chose
    assert b'"ada"' not in whole
    assert b"pseudonym" not in whole


def test_the_mark_leads_to_the_manifest_when_metadata_is_stripped(
    made: Project, tmp_path: Path
) -> None:
    upload = tmp_path / "upload.mp4"
    write_clip(
        upload, read_frames(made.clip), sound_from=None, encoding=Encoding(crf=28)
    )

    reading = detect(upload, effort=Effort(threads=1))

    assert reading.key is not None
    assert reading.map is not None
    assert reading.map.absent is not None
    face = [row[5:11] for row in reading.map.absent[2:6]]
    assert not any(cell for row in face for cell in row)  # the mark lies on it too
    entry = made.registry.get(reading.key)
    assert entry is not None
    assert entry.urn == read_manifest(made.clip, trust=TrustList()).urn
    assert read_manifest(upload, trust=TrustList()).urn is None


def test_a_preview_is_labelled(made: Project) -> None:
    sheet = preview_job(made.file, no_bar, count=2)

    swaps = [sheet[:, 640:1280], sheet[:, 1920:2560]]
    for swap in swaps:
        assert label_correlation(swap, LabelPreset.EU_FULL) >= SEEN_CORRELATION


def test_a_withdrawn_record_stops_a_resumed_job(tmp_path: Path) -> None:
    ready = project(tmp_path)
    job = load_job(ready.file)
    agree(job)
    follow_both(job, no_bar)  # the job got this far, then was stopped

    withdraw(ready.pair.donor, ready.pair.donor_key)

    with pytest.raises(ConsentRefusedError, match="withdrawn"):
        run_job(ready.file, no_bar, registry=ready.registry)
    assert not ready.clip.exists()


def test_a_record_withdrawn_while_encoding_stops_publication(made: Project) -> None:
    agreed = agree(load_job(made.file))
    target = made.clip.with_name("late.mp4")

    def withdrawn() -> None:
        raise ConsentRefusedError((("record", "withdrawn", "meanwhile"),))

    with pytest.raises(ConsentRefusedError, match="meanwhile"):
        finish(
            lambda first, stop: read_frames(
                agreed.job.performer.footage, first=first, stop=stop
            ),
            target,
            origin=replace(agreed.origin(made.registry), still_granted=withdrawn),
            disclosure=DISCLOSURE,
            signer=signer_of(agreed.job),
        )
    assert not list(target.parent.rglob("*late*"))
    assert not list(target.parent.rglob("*.labelled*"))


def test_an_interruption_leaves_no_half_file(made: Project) -> None:
    agreed = agree(load_job(made.file))
    target = made.clip.with_name("stopped.mp4")

    def interrupted(first: int, stop: int) -> Iterator[Frame]:
        yield from read_frames(
            agreed.job.performer.footage, first=first, stop=min(stop, 5)
        )
        if stop > 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(
            interrupted,
            target,
            origin=agreed.origin(made.registry),
            disclosure=DISCLOSURE,
            signer=signer_of(agreed.job),
        )
    assert not list(target.parent.rglob("*stopped*"))
    assert not list(target.parent.rglob("*.labelled*"))


def test_nobody_else_makes_a_labelled_video(made: Project) -> None:
    with pytest.raises(TypeError, match="only"):
        LabelledVideo(probe(made.clip), "urn:c2pa:0", "PARODY", object())
