"""A faceswap model into a project, and a project's model out to faceswap.

A model is a likeness, so one that was trained elsewhere is let in only if it draws
the donor of the project, who agreed, and not somebody else.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lampoon.consent.record import Method
from lampoon.errors import SettingsError, TrainingError
from lampoon.generate.exchange.project import insist_on_room
from lampoon.generate.interchange import modelfile
from lampoon.generate.interchange.model_state import CropStyle, crop_style
from lampoon.generate.job import FACESWAPS, SwapJob, load_job
from lampoon.generate.learn import model_folder
from lampoon.generate.likeness import Likeness, insist_on_donor, likeness_of
from lampoon.generate.methods.aligned import AlignedMethod
from lampoon.generate.pipeline import agree, follow_both
from lampoon.generate.train.aligned import IMPORTED
from lampoon.generate.train.snapshots import Reached, Snapshots, newest_model
from lampoon.generate.trainees import load_keras
from lampoon.progress import Bar


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """A model that a project has now, and whom it was seen to draw."""

    folder: Path
    name: str
    iterations: int
    likeness: Likeness


def import_model(
    project: Path, source: Path, bar: Bar, *, performer_side: str = "a"
) -> ImportedModel:
    """Put the faceswap model in the folder ``source`` into ``project``.

    ``performer_side`` is the side, "a" or "b", that the performer was trained on; the
    donor is the other. Raises ConsentRefusedError where the two do not agree,
    ConsentError where the model does not draw the donor, SettingsError where the
    project is about another network, TrainingError where the model cannot be read or
    the project has one already.
    """
    agreed = agree(load_job(project))
    job = agreed.job
    _insist_on_faceswaps(job)
    model, style = _fitting(source, job, project)
    performer, donor = follow_both(job, bar)
    target = model_folder(job, performer, donor)
    if Snapshots(target).newest_first():
        raise TrainingError(
            "the project has a model already", where=target, hint="move it away first"
        )
    if performer_side == "b":
        model = model.turned()
    method = AlignedMethod(model.network, style)
    with bar("look whom it draws"):
        likeness = likeness_of(method, performer, donor)
    insist_on_donor(likeness)
    agreed.still_granted()
    return _kept(model, target, likeness)


def export_model(project: Path, out: Path, bar: Bar) -> Path:
    """Write the newest model of ``project`` into the folder ``out`` for faceswap.

    Side A is the performer, side B the donor. Returns the ``.keras`` file. Raises as
    import_model does, and TrainingError where nothing was trained yet.
    """
    agreed = agree(load_job(project))
    _insist_on_faceswaps(agreed.job)
    performer, donor = follow_both(agreed.job, bar)
    trained = newest_model(model_folder(agreed.job, performer, donor))
    insist_on_room(out)
    load_keras()
    model = modelfile.read(trained)
    return modelfile.write(out, model.network, model.state)


def _fitting(
    source: Path, job: SwapJob, project: Path
) -> tuple[modelfile.SwapModel, CropStyle]:
    """Return the model in ``source``, which is of the job's preset, and its crop."""
    load_keras()
    model = modelfile.read(source)
    if model.state.name != job.swap.preset.value:
        raise SettingsError(
            f"the model is {model.state.name}, the project's is {job.swap.preset}",
            where=project,
            hint=f'write preset = "{model.state.name}" under [swap]',
        )
    return model, crop_style(model.state)


def _insist_on_faceswaps(job: SwapJob) -> None:
    if job.swap.method is not Method.AUTOENCODER or job.swap.preset not in FACESWAPS:
        raise SettingsError(
            "only original and lightweight are networks that faceswap knows",
            hint='write method = "autoencoder" and such a preset under [swap]',
        )


def _kept(
    model: modelfile.SwapModel, target: Path, likeness: Likeness
) -> ImportedModel:
    """Put the model where a training of the project would have left it."""
    note = json.dumps({"schema": "lampoon.imported/1", "likeness": asdict(likeness)})

    def write(folder: Path) -> None:
        modelfile.write(folder, model.network, model.state)
        (folder / IMPORTED).write_text(note, encoding="utf-8")

    snapshots = Snapshots(target)
    snapshots.open()
    snapshots.save(Reached(max(model.state.iterations, 0)), write)
    return ImportedModel(target, model.state.name, model.state.iterations, likeness)
