"""Clips swapped elsewhere leave by the same door: consented, labelled, registered."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lampoon.errors import ConsentRefusedError, MediaError
from lampoon.generate.embed_commands import embed_app
from lampoon.verify.check import check
from lampoon.verify.evidence import Finding
from lampoon.watermark.commands import default_registry
from lampoon.watermark.invisible.detect import Effort, detect
from lampoon.watermark.manifest.trust import TrustList
from tests.support.performers import withdraw
from tests.support.projects import Project, project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two consented people and a signer; ada's footage stands for a swap."""
    return project(tmp_path_factory.mktemp("embed"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPOON_HOME", str(tmp_path / "home"))


def embed(ready: Project, out: Path, *more: object, clip: Path | None = None) -> Result:
    """Embed with both records and footage, unless ``more`` says otherwise."""
    pair = ready.pair
    given = more or (
        *("--consent", pair.performer, "--consent", pair.donor),
        *("--footage", pair.performer_footage, "--footage", pair.donor_footage),
    )
    words = (clip or pair.performer_footage, "--out", out, "--method", "mesh")
    signer = ("--certificates", ready.certificates, "--json")
    said = ["embed", *words, *signer, *given]
    return CliRunner().invoke(embed_app, [str(word) for word in said])


def test_a_clip_made_elsewhere_leaves_labelled_marked_signed_and_registered(
    ready: Project, tmp_path: Path
) -> None:
    out = tmp_path / "parody.mp4"

    said = json.loads(embed(ready, out).stdout)

    verdict = check(out, trust=TrustList.load(ready.certificates))
    reading = detect(out, effort=Effort(timeline=False))
    entry = default_registry().get(bytes.fromhex(said["key"]))
    assert verdict.finding is Finding.LABELLED_PARODY
    assert verdict.label.seen == "seen"
    assert reading.key is not None
    assert reading.key.hex() == said["key"]
    assert entry is not None
    assert entry.urn == said["manifest"]


def test_one_record_is_not_enough(ready: Project, tmp_path: Path) -> None:
    pair, out = ready.pair, tmp_path / "parody.mp4"
    footage = ("--footage", pair.performer_footage, "--footage", pair.donor_footage)

    said = embed(ready, out, "--consent", pair.performer, *footage)

    assert said.exit_code == 2
    assert "give --consent twice" in " ".join(said.stderr.split())
    assert not out.exists()


def test_the_same_record_for_both_faces_is_refused(
    ready: Project, tmp_path: Path
) -> None:
    pair, out = ready.pair, tmp_path / "parody.mp4"
    footage = ("--footage", pair.performer_footage, "--footage", pair.donor_footage)
    twice = ("--consent", pair.performer, "--consent", pair.performer)

    said = embed(ready, out, *twice, *footage)

    assert isinstance(said.exception, ConsentRefusedError)
    assert not out.exists()


def test_a_clip_is_not_written_over_itself(ready: Project, tmp_path: Path) -> None:
    clip = ready.pair.performer_footage

    assert isinstance(embed(ready, clip).exception, MediaError)


def test_a_withdrawn_record_stops_it(tmp_path: Path) -> None:
    ready = project(tmp_path)
    withdraw(ready.pair.donor, ready.pair.donor_key)

    said = embed(ready, tmp_path / "out.mp4")

    assert isinstance(said.exception, ConsentRefusedError)
    assert "withdrew" in str(said.exception)
    assert not (tmp_path / "out.mp4").exists()
