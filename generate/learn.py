"""From followed people to something that swaps: every preset's training and method."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from lampoon.consent.record import Method
from lampoon.errors import MissingExtraError, TrainingError
from lampoon.faces.backends import models_folder
from lampoon.generate.extract import extract_faceset
from lampoon.generate.faceset import Faceset
from lampoon.generate.followed import Followed
from lampoon.generate.interchange.model_files import model_files
from lampoon.generate.interchange.model_state import (
    CropStyle,
    crop_style,
    read_state,
)
from lampoon.generate.job import Preset, SwapJob
from lampoon.generate.methods.aligned import AlignedMethod
from lampoon.generate.methods.inswapper import InswapperMethod, learn_identity
from lampoon.generate.methods.mesh import MeshMethod
from lampoon.generate.methods.protocol import SwapMethod
from lampoon.generate.methods.sketch import SketchMethod
from lampoon.generate.models.lightweight import build_lightweight
from lampoon.generate.models.original import build_original
from lampoon.generate.texture.gather import Person, prepare_textures
from lampoon.generate.train.aligned import IMPORTED, AlignedTrainee
from lampoon.generate.train.aligned_batch import AlignedFaces, aligned_faces
from lampoon.generate.train.loop import Budget, Trainee, TrainingReport, train
from lampoon.generate.train.sketch import ITERATIONS, SketchTrainee
from lampoon.generate.train.snapshots import Snapshots
from lampoon.progress import Bar
from lampoon.quiet import quiet_start

ITERATIONS_OF = {
    Preset.SKETCH: ITERATIONS,
    Preset.LIGHTWEIGHT: 100_000,
    Preset.ORIGINAL: 100_000,
}
"""Steps of a preset where the project names none; the last two want a GPU."""

FACESET_PIXELS = 256
TEXTURES_FILE = "textures.npz"
CHOSEN_FACES = "faces-chosen"
"""Faces of the footage that someone chose and corrected, in place of all of them."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A trained model, or what a method needs of the donor where none is trained.

    ``folder`` holds the model or the donor's textures, or is the file with the
    donor's identity. Name and SHA-256 of the model are "" where there is none.
    """

    folder: Path
    training: TrainingReport | None
    model_name: str = ""
    model_sha256: str = ""


def learn(
    job: SwapJob,
    performer: Followed,
    donor: Followed,
    bar: Bar,
    *,
    train: bool = True,
) -> Learned:
    """Return the job's model, trained as far as the job asks.

    Without ``train`` what is there is taken; TrainingError where that is nothing.
    """
    if job.swap.method is Method.MESH:
        textures_of(donor, bar)
        return Learned(donor.folder, None)
    if job.swap.method is Method.INSWAPPER:
        identity, swap = learn_identity(donor, models_folder(job.faces.models))
        return Learned(identity, None, swap.describe(), swap.sha256)
    folder = model_folder(job, performer, donor)
    report = _trained(job, folder, performer, donor, bar) if train else None
    model = newest_model(folder)
    maker = "faceswap" if (model / IMPORTED).is_file() else "lampoon"
    name = f"{maker} {job.swap.preset.value}"
    return Learned(folder, report, name, folder_sha256(model))


def model_folder(job: SwapJob, performer: Followed, donor: Followed) -> Path:
    """Return the folder of the job's training: a model is of two people."""
    pair = f"{performer.sha256[:8]}-{donor.sha256[:8]}"
    return job.output.work / f"model-{job.swap.preset.value}-{pair}"


def trainee_of(
    preset: Preset, performer: Followed, donor: Followed, bar: Bar
) -> Trainee:
    """Return a preset's network with both people's faces, ready for a first step."""
    load_keras()
    if preset is Preset.SKETCH:
        return SketchTrainee(textures_of(performer, bar), textures_of(donor, bar))
    build = build_original if preset is Preset.ORIGINAL else build_lightweight
    a, b = (_aligned_faces_of(side, bar) for side in (performer, donor))
    return AlignedTrainee(build(), a, b)


def method_of(job: SwapJob, learned: Learned) -> SwapMethod:
    """Return the job's way of swapping with what was learned."""
    if job.swap.method is Method.MESH:
        return MeshMethod.load(learned.folder / TEXTURES_FILE)
    if job.swap.method is Method.INSWAPPER:
        models = models_folder(job.faces.models)
        return InswapperMethod.load(models, learned.folder)
    load_keras()
    if job.swap.preset is Preset.SKETCH:
        return SketchMethod.load(newest_model(learned.folder))
    return AlignedMethod.of_training(learned.folder)


def load_keras() -> None:
    """Import the training library once, without its greetings."""
    try:
        with quiet_start():
            import keras  # noqa: F401  # the first import is the loud one
    except ImportError as error:
        raise MissingExtraError("tensorflow", "generate") from error


def textures_of(side: Followed, bar: Bar) -> Person:
    """Return a person's footage as textures, kept in the work folder."""
    kept = side.folder / TEXTURES_FILE
    if kept.exists():
        try:
            return Person.load(kept)
        except TrainingError:
            kept.unlink()  # broken, made anew below
    with bar("unwrap", unit="frames") as tell:
        return prepare_textures(side.clip, side.track, kept, tell=tell)


def _aligned_faces_of(side: Followed, bar: Bar) -> AlignedFaces:
    if (chosen := side.folder / CHOSEN_FACES).is_dir():
        return aligned_faces(Faceset.load(chosen))
    with bar("extract", unit="frames") as tell:
        faces = extract_faceset(
            side.clip,
            side.folder / "faces",
            size=FACESET_PIXELS,
            track=side.track,
            tell=tell,
        )
    return aligned_faces(faces)


def newest_model(folder: Path) -> Path:
    """Return the newest snapshot of a training. Raises TrainingError without one."""
    snapshots = Snapshots(folder).newest_first() if folder.is_dir() else []
    if not snapshots:
        raise TrainingError(
            "no trained model", where=folder, hint="lampoon generate train lampoon.toml"
        )
    return snapshots[0].folder


def folder_sha256(folder: Path) -> str:
    """Return one hash over names and bytes of a folder's files, hexadecimal."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return whole.hexdigest()


def insist_on_our_crop(folder: Path) -> None:
    """Raise TrainingError for an imported model that was trained on another crop."""
    for snapshot in Snapshots(folder).newest_first()[:1]:
        found = model_files(snapshot.folder)
        if crop_style(read_state(snapshot.folder, found.stem)) != CropStyle():
            raise TrainingError(
                "a model that was trained on faces cut in another way",
                where=snapshot.folder,
                hint="swap with it as it is: lampoon generate swap lampoon.toml",
            )


def _trained(
    job: SwapJob, folder: Path, performer: Followed, donor: Followed, bar: Bar
) -> TrainingReport:
    swap = job.swap
    if swap.preset is not Preset.SKETCH:
        insist_on_our_crop(folder)
    budget = Budget(
        iterations=swap.training_iterations or ITERATIONS_OF[swap.preset],
        seconds=swap.training_seconds,
    )
    trainee = trainee_of(swap.preset, performer, donor, bar)
    with bar("train", unit="EG", per_step=trainee.examples_per_step) as tell:
        return train(trainee, folder, budget=budget, tell=tell)
