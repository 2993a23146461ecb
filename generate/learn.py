"""From followed people to something that swaps: every preset's training and method."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lampoon.consent.record import Method
from lampoon.errors import TrainingError
from lampoon.faces.backends import models_folder
from lampoon.generate.coverage import footage_lacks
from lampoon.generate.followed import Followed
from lampoon.generate.interchange.model_files import model_files
from lampoon.generate.interchange.model_state import (
    CropStyle,
    crop_style,
    read_state,
)
from lampoon.generate.job import FACESWAPS, Preset, SwapJob
from lampoon.generate.methods.aligned import AlignedMethod
from lampoon.generate.methods.inswapper import InswapperMethod, learn_identity
from lampoon.generate.methods.mesh import MeshMethod
from lampoon.generate.methods.protocol import SwapMethod
from lampoon.generate.methods.shots import Shot, ShotsMethod
from lampoon.generate.methods.sketch import SketchMethod
from lampoon.generate.methods.studio import StudioMethod
from lampoon.generate.models.device import has_gpu
from lampoon.generate.shots import LearnedShot, shots_learned, words_between
from lampoon.generate.train.aligned import IMPORTED
from lampoon.generate.train.loop import Budget, TrainingReport, train
from lampoon.generate.train.sketch import ITERATIONS
from lampoon.generate.train.snapshots import (
    Reached,
    Snapshots,
    folder_sha256,
    newest_model,
)
from lampoon.generate.trainees import (
    TEXTURES_FILE,
    coverage_of,
    load_keras,
    textures_of,
    trainee_of,
)
from lampoon.generate.witnesses import witnesses_of
from lampoon.progress import Bar, Say, unsaid

ITERATIONS_OF = {
    Preset.SKETCH: ITERATIONS,
    Preset.LIGHTWEIGHT: 100_000,
    Preset.ORIGINAL: 100_000,
    Preset.STUDIO: 150_000,
}
"""Steps of a preset where the project names none; all but the first want a GPU."""

NO_GPU = (
    "studio is made for a GPU and there is none here: it trains all the same, but a "
    f"step takes seconds to a minute, and it is made for {ITERATIONS_OF[Preset.STUDIO]}"
    ' of them; preset = "sketch" is made for a processor'
)


@dataclass(frozen=True, slots=True)
class Learned:
    """A trained model, or what a method needs of the donor where none is trained.

    ``folder`` holds the model or the donor's textures, or is the file with the
    donor's identity. Name and SHA-256 of the model are "" where there is none.
    ``shots`` have models of their own.
    """

    folder: Path
    training: TrainingReport | None
    model_name: str = ""
    model_sha256: str = ""
    shots: tuple[LearnedShot, ...] = ()

    def words_between(self, first: int, stop: int) -> str:
        """Return words for all shots that frames ``first`` up to ``stop`` depend on."""
        return words_between(self.shots, first, stop)


def learn(
    job: SwapJob,
    performer: Followed,
    donor: Followed,
    bar: Bar,
    *,
    train: bool = True,
    from_best: bool = False,
    say: Say = unsaid,
) -> Learned:
    """Return the job's model, trained as far as the job asks.

    Without ``train`` what is there is taken; TrainingError where that is nothing.
    ``from_best`` goes back to where the loss was lowest before it trains on.
    """
    if job.swap.method is Method.MESH:
        textures_of(donor, bar)
        return Learned(donor.folder, None)
    if job.swap.method is Method.INSWAPPER:
        identity, swap = learn_identity(donor, models_folder(job.faces.models))
        return Learned(identity, None, swap.describe(), swap.sha256)
    folder = model_folder(job, performer, donor)
    if from_best:
        Snapshots(folder).go_back_to_best()
    report = _trained(job, folder, performer, donor, bar, say) if train else None
    model = newest_model(folder)
    shots = shots_learned(job, model, (performer, donor), bar, train=train)
    name = _model_name(job, model, shots)
    return Learned(folder, report, name, folder_sha256(model), shots)


def model_folder(job: SwapJob, performer: Followed, donor: Followed) -> Path:
    """Return the folder of the job's training: a model is of two people."""
    kind = job.swap.preset.value
    if job.swap.preset is Preset.STUDIO:
        kind += f"-{job.studio.side}x{job.studio.width}x{job.studio.code}"
    pair = f"{performer.sha256[:8]}-{donor.sha256[:8]}"
    return job.output.work / f"model-{kind}-{pair}"


def method_of(job: SwapJob, learned: Learned) -> SwapMethod:
    """Return the job's way of swapping with what was learned."""
    if job.swap.method is Method.MESH:
        return MeshMethod.load(learned.folder / TEXTURES_FILE)
    if job.swap.method is Method.INSWAPPER:
        models = models_folder(job.faces.models)
        return InswapperMethod.load(models, learned.folder)
    load_keras()
    usual = _loaded(job.swap.preset, newest_model(learned.folder))
    if not learned.shots:
        return usual
    shots = [
        Shot(shot.frames, _loaded(job.swap.preset, shot.model))
        for shot in learned.shots
    ]
    return ShotsMethod(usual, shots)


def _loaded(preset: Preset, model: Path) -> SwapMethod:
    """Return the method with the weights of one snapshot."""
    if preset is Preset.SKETCH:
        return SketchMethod.load(model)
    if preset is Preset.STUDIO:
        return StudioMethod.load(model)
    return AlignedMethod.of_training(model)


def _model_name(job: SwapJob, model: Path, shots: tuple[LearnedShot, ...]) -> str:
    maker = "faceswap" if (model / IMPORTED).is_file() else "lampoon"
    name = f"{maker} {job.swap.preset.value}"
    if not shots:
        return name
    further = ", ".join(shot.sha256[:16] for shot in shots)
    count = "1 shot" if len(shots) == 1 else f"{len(shots)} shots"
    return f"{name}, trained further for {count} ({further})"


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
    job: SwapJob,
    folder: Path,
    performer: Followed,
    donor: Followed,
    bar: Bar,
    say: Say,
) -> TrainingReport:
    swap = job.swap
    if swap.preset in FACESWAPS:
        insist_on_our_crop(folder)
    steps = swap.training_iterations or ITERATIONS_OF[swap.preset]
    budget = Budget(iterations=steps, seconds=swap.training_seconds)
    load_keras()
    for line in _beforehand(job, folder, (performer, donor), bar, budget):
        say(line)
    trainee = trainee_of(swap.preset, performer, donor, bar, studio=job.studio)
    with bar("train", unit="EG", per_step=trainee.examples_per_step) as tell:
        return train(
            trainee,
            folder,
            budget=budget,
            witnesses=witnesses_of(job.training, folder),
            tell=tell,
        )


def _beforehand(
    job: SwapJob,
    folder: Path,
    people: tuple[Followed, Followed],
    bar: Bar,
    budget: Budget,
) -> Iterator[str]:
    """Yield what a person should know before a training begins or goes on."""
    preset, kept = job.swap.preset, Snapshots(folder).newest_first()
    spent, there_is = budget.spent(kept[0].reached if kept else Reached())
    if preset is Preset.STUDIO and spent < there_is and not has_gpu():
        yield NO_GPU
    if not kept:
        sides = [coverage_of(one, preset, bar, studio=job.studio) for one in people]
        yield from footage_lacks(*sides)
