"""Pictures of performers, their truth, their consent: through public functions."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from typer.testing import CliRunner

from lampoon.consent.check import check_records
from lampoon.consent.record import Method, Purpose
from lampoon.consent.store import load_record, reference_media
from lampoon.datasets.commands import app
from lampoon.datasets.performers import chunks
from lampoon.datasets.performers import truth as truth_module
from lampoon.datasets.performers.cast import give_consent
from lampoon.datasets.performers.chunks import parts_of, render_parts
from lampoon.datasets.performers.filming import film
from lampoon.datasets.performers.render import render_take
from lampoon.errors import LampoonError
from lampoon.media.reader import read_frames
from tests.support.people import ada, needs_graphics, short_take

pytestmark = [
    pytest.mark.slow,
    pytest.mark.graphics,
    pytest.mark.usefixtures("graphics"),
]


@pytest.fixture(scope="module")
def graphics() -> None:
    needs_graphics()


def pixels(parts: list[chunks.Part]) -> str:
    """Return a hash of what was drawn, before x264 makes its choices."""
    drawn = b"".join(frame.rgb.tobytes() for frame in chunks.frames_of(parts))
    return hashlib.sha256(drawn).hexdigest()


def test_the_same_seed_gives_the_same_pixels() -> None:
    shown = []
    for _ in range(2):
        filming = film(ada(glasses=True), short_take(shutter=0.5, camera="handheld"))
        shown.append(filming.frame(3).rgb)
        filming.close()

    assert np.array_equal(shown[0], shown[1])
    assert shown[0].shape == (90, 160, 3)
    assert shown[0].std() > 20


def test_eyes_shut_when_the_truth_says_so() -> None:
    take = short_take(seconds=1.0, blink_seconds=(0.4,), squints=False)
    filming = film(ada(), take)
    closed = [
        filming.eyelids.closure_of(filming.painter.eye_areas(row))
        for row in filming.motion.weights
    ]
    filming.close()

    peak = int(np.argmax([sum(pair) for pair in closed]))
    assert peak / 25 == pytest.approx(0.4 + 0.22 * 0.4, abs=0.04)
    assert min(closed[peak]) > 0.95
    assert max(closed[2]) < 0.15
    assert np.abs(np.array(closed) - filming.motion.lids).max() < 0.15


def test_a_stopped_rendering_goes_on_to_the_same_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "FRAMES_A_PART", 4)
    person, take = ada(), short_take()
    whole, work = tmp_path / "whole", tmp_path / "stopped/.parts/ada-rest-0"
    whole.mkdir()
    work.mkdir(parents=True)
    unbroken = parts_of(person, take, whole)
    render_parts(unbroken, each=lambda frames: None)

    parts = parts_of(person, take, work)
    render_parts([parts[1]], each=lambda frames: None)
    (work / parts[0].clip.name).write_bytes(b"half a file, no notes beside it")
    render_parts(parts, each=lambda frames: None)
    resumed = pixels(parts)
    told: list[tuple[int, int]] = []
    again = render_take(
        person, take, tmp_path / "stopped", tell=lambda *so_far: told.append(so_far)
    )

    assert len(unbroken) == 3
    assert told == [(10, 10)]
    assert pixels(unbroken) == resumed
    assert not (tmp_path / "stopped/.parts").exists()
    assert len(list(read_frames(again.clip))) == 10


def test_a_finished_take_is_not_rendered_again(tmp_path: Path) -> None:
    take = short_take(seconds=0.2)
    first = render_take(ada(), take, tmp_path)
    before = first.clip.stat().st_mtime_ns

    assert render_take(ada(), take, tmp_path) == first
    assert first.clip.stat().st_mtime_ns == before
    render_take(ada(), replace(take, noise=3.0), tmp_path)
    assert first.clip.stat().st_mtime_ns != before


def test_truth_says_what_an_occluder_hides(tmp_path: Path) -> None:
    made = render_take(ada(), short_take(occluder="microphone"), tmp_path)
    truth = json.loads(made.truth.read_text())

    schema = Path(truth_module.__file__).with_name("truth.schema.json")
    jsonschema.validate(truth, json.loads(schema.read_text()))
    assert made.masks is not None
    (one,) = truth["occluders"]
    named = [one["masks"].format(i) for i in range(one["first"], one["last"] + 1)]
    assert one["name"] == "microphone"
    assert {tmp_path / name for name in named} == set(made.masks.iterdir())
    assert len(named) == truth["frame_count"] == 10
    for frame in truth["frames"]:
        assert len(frame["points"]) == len(frame["visible"]) == 100
        assert frame["occluded_share"] > 0.01
        # the microphone is before the chin and never before the eyes
        assert "c" in frame["visible"][:17]
        assert set(frame["visible"][36:48]) == {"1"}
        x0, y0, x1, y1 = frame["face_box"]
        assert 0 < x0 < x1 < 160
        assert 0 < y0 < y1 <= 90


def test_a_performer_signs_a_record_about_their_own_clips(tmp_path: Path) -> None:
    made = render_take(ada(), short_take(seconds=0.2), tmp_path)
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    record = give_consent(ada(), [made.clip], tmp_path, now)

    assert give_consent(ada(), [made.clip], tmp_path, now) == record
    signed = load_record(record)
    assert set(reference_media(signed.record, tmp_path)) == {made.clip}
    other = replace(ada(), name="eve")
    partner = give_consent(other, [made.clip], tmp_path, now)
    assert not check_records(record, partner, Purpose.PARODY, Method.MESH, now)
    made.clip.write_bytes(b"another clip")
    assert give_consent(ada(), [made.clip], tmp_path, now) == record
    assert load_record(record) != signed


def test_the_command_renders_a_take(tmp_path: Path) -> None:
    words = "render --seed 2 --take rest --seconds 0.2 --size 160x90 --blinks none"
    answer = CliRunner().invoke(app, [*words.split(), "--out", str(tmp_path), "--json"])

    assert answer.exit_code == 0, answer.output
    (made,) = json.loads(answer.output)
    truth = json.loads(Path(made["truth"]).read_text())
    assert truth["blinks"] == []
    assert truth["person"] == "seed-2"
    assert Path(made["clip"]).is_file()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")

    with pytest.raises(LampoonError, match="file"):
        render_take(ada(), short_take(), file)
