"""A creator's own model folder: from two records to a verified clip that names it."""

import json
import stat
from pathlib import Path

import numpy as np
import pytest

from lampoon.errors import ConsentRefusedError, SettingsError
from lampoon.faces.detector import LiteRTBackend
from lampoon.faces.insightface import five_points
from lampoon.generate.job import load_job
from lampoon.generate.pipeline import Outcome, run_job
from lampoon.verify.check import check
from lampoon.verify.evidence import Finding
from lampoon.watermark.manifest.store import manifest_store
from lampoon.watermark.manifest.trust import TrustList
from tests.support.faces import performer_frames
from tests.support.insightface_models import SIDE, write_models
from tests.support.performers import withdraw
from tests.support.projects import Project, no_bar, project

pytestmark = pytest.mark.slow
pytest.importorskip("insightface", reason="the dev group brings it: just setup")
pytest.importorskip("onnx", reason="the dev group brings it: just setup")


def with_models(folder: Path, faces: str) -> Project:
    """A project with the method inswapper and some lines of ``[faces]``."""
    ready = project(folder, method="inswapper", frames=6)
    rgb = performer_frames("ada", 0, 1)[0].rgb
    (face,) = LiteRTBackend(max_faces=1).faces(rgb)
    scale = SIDE / max(rgb.shape[:2])
    x0, y0, x1, y1 = (float(side) for side in face.box * scale)
    write_models(
        folder / "models",
        box=(x0, y0, x1, y1),
        points=five_points(face.landmarks) * scale,
    )
    ready.file.write_text(ready.file.read_text() + f"\n[faces]\n{faces}\n")
    return ready


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Outcome]:
    """A project whose swap was run with both, insightface's faces and its swap."""
    ready = with_models(
        tmp_path_factory.mktemp("inswapper"),
        'backend = "insightface"\nmodels = "models"',
    )
    return ready, run_job(ready.file, no_bar, registry=ready.registry)


@pytest.fixture(scope="module")
def made(run: tuple[Project, Outcome]) -> Project:
    """That project."""
    return run[0]


def test_a_swap_with_ones_own_model_is_a_labelled_parody(made: Project) -> None:
    verdict = check(made.clip, trust=TrustList.load(made.certificates))

    assert verdict.finding is Finding.LABELLED_PARODY
    assert verdict.label.seen == "seen"


def test_the_manifest_names_the_models_and_what_their_licence_allows(
    made: Project,
) -> None:
    said = manifest_store(made.clip)

    assert b"c2pa.types.model.onnx" in said
    assert b"insightface inswapper_128.onnx (non-commercial research only" in said
    assert b"insightface det_tiny.onnx (non-commercial research only" in said


def test_the_donors_embedding_is_its_owners_alone_to_read(made: Project) -> None:
    (kept,) = (made.file.parent / "work").rglob("identity-*.npy")

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_no_embedding_enters_the_clip_the_report_or_the_registry(
    run: tuple[Project, Outcome],
) -> None:
    made, outcome = run
    folder = made.file.parent
    (kept,) = (folder / "work").rglob("identity-*.npy")
    embedding = np.load(kept)
    left = [
        made.clip.read_bytes(),
        json.dumps(outcome.figures()).encode(),
        *(path.read_bytes() for path in folder.glob("registry.sqlite*")),
    ]

    assert len(left) > 2
    for kind in ("<f2", "<f4", "<f8", ">f4"):
        packed = embedding.astype(kind).tobytes()
        assert not any(packed[:16] in whole for whole in left)
    digits = [f"{value:.5f}"[:7].encode() for value in embedding[:3]]
    assert not any(all(part in whole for part in digits) for whole in left)


def test_without_consent_a_model_of_ones_own_swaps_nothing(tmp_path: Path) -> None:
    ready = with_models(tmp_path, 'models = "models"')
    withdraw(ready.pair.donor, ready.pair.donor_key)

    with pytest.raises(ConsentRefusedError):
        run_job(ready.file, no_bar, registry=ready.registry)

    assert not ready.clip.exists()


def test_a_project_without_a_folder_of_models_says_so(tmp_path: Path) -> None:
    ready = project(tmp_path, method="inswapper", frames=6)

    with pytest.raises(SettingsError, match=r'models = "FOLDER" in \[faces\]'):
        run_job(ready.file, no_bar, registry=ready.registry)

    assert load_job(ready.file).faces.models is None


@pytest.mark.parametrize("line", ['backend = "buffalo_l"', 'pack = "buffalo_l"'])
def test_no_pack_is_ever_named(tmp_path: Path, line: str) -> None:
    ready = with_models(tmp_path, line)

    with pytest.raises(SettingsError, match="faces"):
        load_job(ready.file)
