"""A creator comes from faceswap, or goes there: models, faces, landmarks, masks."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from typer.testing import CliRunner

from lampoon.cli import command_line
from lampoon.errors import ConsentError, ConsentRefusedError, LampoonError
from lampoon.generate.exchange.alignments import export_alignments, import_alignments
from lampoon.generate.exchange.faces import export_faces, import_faces
from lampoon.generate.exchange.model import export_model, import_model
from lampoon.generate.exchange.project import Who
from lampoon.generate.faceset import Faceset
from lampoon.generate.followed import TRACK_FILE, Followed, follow, load_track
from lampoon.generate.interchange import modelfile
from lampoon.generate.interchange.alignments import read_alignments, write_alignments
from lampoon.generate.interchange.modelfile import ModelState
from lampoon.generate.job import load_job
from lampoon.generate.pipeline import run_job
from lampoon.generate.train.aligned_batch import aligned_faces
from lampoon.verify.check import check
from lampoon.verify.evidence import Finding
from lampoon.watermark.manifest.trust import TrustList
from tests.support.memorised import memorised
from tests.support.performers import withdraw
from tests.support.projects import Project, no_bar, project

pytestmark = pytest.mark.slow

FRAMES = 26


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of faceswap's lightweight; nothing is trained yet."""
    ready = project(
        tmp_path_factory.mktemp("exchange"), method="autoencoder", frames=FRAMES
    )
    text = ready.file.read_text(encoding="utf-8")
    ready.file.write_text(text.replace("[swap]", '[swap]\npreset = "lightweight"'))
    return ready


@pytest.fixture(scope="module")
def faces(made: Project) -> dict[Who, Path]:
    """Both people's faces, extracted."""
    folders = {who: made.file.parent / f"faces-{who}" for who in Who}
    for who, folder in folders.items():
        export_faces(made.file, folder, no_bar, who=who, size=128)
    return folders


def side_of(ready: Project, who: Who) -> Followed:
    job = load_job(ready.file)
    side = job.performer if who is Who.PERFORMER else job.donor
    return follow(side.footage, job.output.work)


def face_of(who: Who, faces: dict[Who, Path]) -> npt.NDArray[np.uint8]:
    """One of these faces at the network's size, BGR."""
    return np.asarray(aligned_faces(Faceset.load(faces[who])).bgr[FRAMES // 2])


def drawing(who: Who, faces: dict[Who, Path], folder: Path) -> Path:
    """Write a faceswap model whose decoder b draws one of these faces."""
    folder.mkdir()
    network = memorised((face_of(who, faces) / 255).astype(np.float32))
    modelfile.write(folder, network, ModelState("lightweight", 1000, 0.1))
    return folder


def test_a_model_of_faceswap_swaps_without_training_and_goes_back(
    made: Project, faces: dict[Who, Path], tmp_path: Path
) -> None:
    stranger = drawing(Who.PERFORMER, faces, tmp_path / "stranger")
    source = drawing(Who.DONOR, faces, tmp_path / "faceswap")
    with pytest.raises(ConsentError, match="does not draw the donor who agreed"):
        import_model(made.file, stranger, no_bar)

    found = import_model(made.file, source, no_bar)
    outcome = run_job(made.file, no_bar, registry=made.registry, train=False)
    back = export_model(made.file, tmp_path / "back", no_bar)

    assert (found.name, found.iterations) == ("lightweight", 1000)
    assert outcome.figures()["preset"] == "lightweight"
    verdict = check(made.clip, trust=TrustList.load(made.certificates))
    assert verdict.finding is Finding.LABELLED_PARODY
    assert verdict.label.seen == "seen"
    ours = modelfile.read(back.parent)
    assert ours.state.iterations == 1000
    drawn = ours.swap(np.zeros((1, 64, 64, 3), np.float32), "b")[0]
    assert np.abs(drawn * 255 - face_of(Who.DONOR, faces)).mean() < 4
    with pytest.raises(LampoonError, match="has a model already"):
        import_model(made.file, source, no_bar)


def test_corrected_landmarks_come_back_into_the_project(
    made: Project, tmp_path: Path
) -> None:
    file = tmp_path / "ada.fsa"
    before = side_of(made, Who.PERFORMER).track.landmarks

    count = export_alignments(made.file, file, no_bar, who=Who.PERFORMER)
    unchanged = import_alignments(made.file, file, no_bar, who=Who.PERFORMER)
    found = read_alignments(file)
    name, frame = list(found.frames.items())[3]
    frame.faces[0].landmarks[48:] += 3
    write_alignments(file, found)
    changed = import_alignments(made.file, file, no_bar, who=Who.PERFORMER)

    assert name == "footage_000004.mp4"
    assert count == unchanged.matched == changed.matched == FRAMES
    assert (unchanged.moved, changed.moved) == (0, 1)
    side = side_of(made, Who.PERFORMER)
    np.testing.assert_array_equal(side.track.landmarks[2], before[2])
    assert not np.array_equal(side.track.landmarks[3], before[3])
    kept = load_track(side.folder / TRACK_FILE)
    assert kept is not None
    np.testing.assert_array_equal(kept.landmarks, side.track.landmarks)


def test_alignments_of_other_footage_are_refused(made: Project) -> None:
    foreign = Path("tests/data/faceswap/alignments.fsa")

    with pytest.raises(LampoonError, match=r"alignments\.fsa"):
        import_alignments(made.file, foreign, no_bar, who=Who.DONOR)


def test_faces_are_taken_if_the_footage_shows_them(
    made: Project, faces: dict[Who, Path], tmp_path: Path
) -> None:
    chosen = tmp_path / "chosen"
    shutil.copytree(faces[Who.DONOR], chosen)
    for path in sorted(chosen.glob("*.png"))[20:]:
        path.unlink()
    (chosen / "junk.png").write_bytes(b"no picture")

    found = import_faces(made.file, chosen, no_bar, who=Who.DONOR)

    assert (found.taken, found.refused) == (20, 1)
    assert len(Faceset.load(found.folder)) == 20
    with pytest.raises(LampoonError, match="none of 21 pictures"):
        import_faces(made.file, chosen, no_bar, who=Who.PERFORMER)


def test_masks_matrices_and_landmarks_fit_the_frames(
    made: Project, tmp_path: Path
) -> None:
    answers = {}
    for what in ("masks", "matrices", "landmarks"):
        words = ["generate", "export", what, str(made.file), "--json"]
        answer = CliRunner().invoke(
            command_line(), [*words, "--out", str(tmp_path / what)]
        )
        assert answer.exit_code == 0, answer.output
        answers[what] = json.loads(answer.output)

    assert {answer["frames"] for answer in answers.values()} == {FRAMES}
    head, first, *_ = (tmp_path / "landmarks").read_text().splitlines()
    assert json.loads(head)["schema"] == "lampoon.landmarks/1"
    points = np.array(json.loads(first)["points68"])
    mask = cv2.imread(
        str(tmp_path / "masks" / "footage_000001.png"), cv2.IMREAD_GRAYSCALE
    )
    assert mask is not None
    nose = points[30].round().astype(int)
    assert mask[nose[1], nose[0]] == 255
    assert mask[0, 0] == 0
    matrix = np.array(
        json.loads((tmp_path / "matrices").read_text().splitlines()[1])["matrix"]
    )
    placed = points @ matrix[:, :2].T + matrix[:, 2]
    assert 100 < placed.mean() < 400  # of 512


def test_nothing_goes_in_or_out_once_consent_is_withdrawn(
    made: Project, faces: dict[Who, Path], tmp_path: Path
) -> None:
    record = made.pair.donor.read_bytes()
    withdraw(made.pair.donor, made.pair.donor_key)
    try:
        with pytest.raises(ConsentRefusedError):
            export_faces(made.file, tmp_path / "faces", no_bar, who=Who.DONOR)
        with pytest.raises(ConsentRefusedError):
            import_faces(made.file, faces[Who.DONOR], no_bar, who=Who.DONOR)
        with pytest.raises(ConsentRefusedError):
            import_model(made.file, tmp_path, no_bar)
        with pytest.raises(ConsentRefusedError):
            export_model(made.file, tmp_path / "model", no_bar)
    finally:
        made.pair.donor.write_bytes(record)
    assert not list(tmp_path.iterdir())
