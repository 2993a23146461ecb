"""Per-shot models: copies of the trained one that learnt a stretch of it further.

A shot's training lies apart from the model's, under a name that follows from the
model's bytes and the shot's frames: a model that changes has new shots, a shot that
changes leaves the others alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lampoon.errors import SettingsError, TrainingError
from lampoon.faces.track import FaceTrack
from lampoon.generate.convert import WARM_UP_FRAMES
from lampoon.generate.followed import Followed
from lampoon.generate.job import ShotSettings, SwapJob
from lampoon.generate.train.loop import Budget, TrainingReport, train
from lampoon.generate.train.shot import Refined
from lampoon.generate.train.snapshots import Snapshots, folder_sha256, newest_model
from lampoon.generate.trainees import trainee_of
from lampoon.generate.witnesses import witnesses_of
from lampoon.progress import Bar


@dataclass(frozen=True, slots=True)
class LearnedShot:
    """The model of some frames of the plate: its newest snapshot, and its SHA-256."""

    frames: range
    model: Path
    sha256: str
    training: TrainingReport | None

    def touches(self, first: int, stop: int) -> bool:
        """Return whether frames ``first`` up to ``stop`` depend on it."""
        early = max(0, first - WARM_UP_FRAMES)
        return self.frames.start < stop and early < self.frames.stop

    def figures(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "frames": [self.frames.start, self.frames.stop],
            "iterations": None if self.training is None else self.training.iterations,
            "model_sha256": self.sha256,
        }


def shots_learned(
    job: SwapJob,
    base: Path,
    people: tuple[Followed, Followed],
    bar: Bar,
    *,
    train: bool,
) -> tuple[LearnedShot, ...]:
    """Return the job's shots, trained as far as each asks from the snapshot ``base``.

    Without ``train`` what is there is taken. Raises SettingsError for a shot outside
    the footage, FaceError for one with too few faces, TrainingError for one that was
    never trained.
    """
    if not job.shots:
        return ()
    base_sha256 = folder_sha256(base)
    made = []
    for settings in job.shots:
        frames = frames_of(settings, people[0].track)
        folder = shot_folder(job, base_sha256, frames)
        report = None
        if train:
            report = _trained(job, settings, frames, base, folder, people, bar)
        elif not Snapshots(folder).newest_first():
            raise TrainingError(
                f"the shot at {settings.first_seconds:g} s was not trained on this "
                "model yet",
                where=folder,
                hint="lampoon generate train lampoon.toml",
            )
        model = newest_model(folder)
        made.append(LearnedShot(frames, model, folder_sha256(model), report))
    return tuple(made)


def frames_of(shot: ShotSettings, track: FaceTrack) -> range:
    """Return a shot's frames of the footage; SettingsError where it has none."""
    indices = track.first_frame + np.arange(track.frame_count)
    seconds = indices / float(track.rate)
    inside = indices[(shot.first_seconds <= seconds) & (seconds < shot.last_seconds)]
    if not len(inside):
        raise SettingsError(
            f"the footage has no face between {shot.first_seconds:g} and "
            f"{shot.last_seconds:g} s",
            hint="see first_seconds and last_seconds of [[shots]]",
        )
    return range(int(inside[0]), int(inside[-1]) + 1)


def shot_folder(job: SwapJob, base_sha256: str, frames: range) -> Path:
    """Return the folder of a shot's training, named after all that it starts from."""
    start = f"{base_sha256} {frames.start} {frames.stop}"
    digest = hashlib.sha256(start.encode()).hexdigest()
    return job.output.work / f"shot-{job.swap.preset.value}-{digest[:16]}"


def words_between(shots: Sequence[LearnedShot], first: int, stop: int) -> str:
    """Return words for all shots that frames ``first`` up to ``stop`` depend on."""
    return "".join(
        f"\n{shot.frames.start} {shot.frames.stop} {shot.sha256}"
        for shot in shots
        if shot.touches(first, stop)
    )


def _trained(
    job: SwapJob,
    settings: ShotSettings,
    frames: range,
    base: Path,
    folder: Path,
    people: tuple[Followed, Followed],
    bar: Bar,
) -> TrainingReport:
    trainee = Refined(
        trainee_of(job.swap.preset, *people, bar, studio=job.studio, shot=frames), base
    )
    name = f"train shot {settings.first_seconds:g} s"
    with bar(name, unit="EG", per_step=trainee.examples_per_step) as tell:
        return train(
            trainee,
            folder,
            budget=Budget(iterations=settings.training_iterations),
            witnesses=witnesses_of(job.training, folder),
            tell=tell,
        )
