"""The steps of one swap, in order: agree, follow, train, convert, finish.

Every step keeps what it made in the job's work folder, so a job that was stopped
goes on there. Consent is checked from disk at each start, and again before signing.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.consent.check import ConsentGrant, check_consent, renew_check
from lampoon.consent.record import Method
from lampoon.errors import SettingsError
from lampoon.generate.convert import Converter
from lampoon.generate.coverage import Coverage
from lampoon.generate.finish import LabelledVideo, finish, insist_on_label
from lampoon.generate.followed import Followed, follow
from lampoon.generate.job import SwapJob, load_job
from lampoon.generate.layers import NO_FOREGROUND, Foreground, open_foreground
from lampoon.generate.learn import Learned, learn, method_of
from lampoon.generate.report import ConversionReport
from lampoon.generate.seal import Disclosure, Origin, Spans
from lampoon.generate.sheet import contact_sheet
from lampoon.generate.shots import LearnedShot
from lampoon.generate.train.loop import TrainingReport
from lampoon.generate.trainees import coverage_of
from lampoon.progress import Bar, Say, together, unsaid
from lampoon.watermark.manifest.signer import FileSigner, Signer
from lampoon.watermark.registry import Registry


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a whole job made."""

    agreed: "Agreed"
    video: LabelledVideo
    disclosure: Disclosure
    training: TrainingReport | None
    conversion: ConversionReport
    shots: tuple[LearnedShot, ...] = ()

    def figures(self) -> dict[str, Any]:
        """Return the job's figures as JSON values."""
        swap = self.agreed.job.swap
        trained = swap.method is Method.AUTOENCODER
        return {
            "clip": str(self.video.clip.path),
            "seconds": float(self.video.clip.seconds),
            "frames": self.video.clip.frame_count,
            "method": swap.method.value,
            "preset": swap.preset.value if trained else None,
            "training": training_figures(self.training),
            "shots": [shot.figures() for shot in self.shots],
            "model": self.disclosure.model_name or None,
            "faces": self.disclosure.faces or None,
            "manifest": self.video.manifest,
            "conversion": self.conversion.figures(),
        }


@dataclass(frozen=True, slots=True)
class Agreed:
    """A job, the grant for it, and how to ask whether the grant still holds."""

    job: SwapJob
    grant: ConsentGrant

    def still_granted(self) -> None:
        """Raise ConsentRefusedError where consent has ended since the grant."""
        sides = self.job.performer.consent, self.job.donor.consent
        renew_check(self.grant, *sides, datetime.now(UTC))

    def origin(
        self, registry: Registry, foreground: Foreground = NO_FOREGROUND
    ) -> Origin:
        """Return what the job's clip is made from, and what lies over it."""
        return Origin(
            plate=self.job.performer.footage,
            donor=self.job.donor.footage,
            grant=self.grant,
            still_granted=self.still_granted,
            work=self.job.output.work,
            registry=registry,
            foreground=foreground.sha256,
        )


def agree(job: SwapJob) -> Agreed:
    """Return the job with its grant; the first step of everything that swaps.

    Raises ConsentRefusedError with every rule of every record that refuses.
    """
    grant = check_consent(
        job.performer.consent,
        job.donor.consent,
        purpose=job.swap.purpose,
        method=job.swap.method,
        now=datetime.now(UTC),
        performer_footage=job.performer.footage,
        donor_footage=job.donor.footage,
    )
    insist_on_label(grant, job.label.preset)
    return Agreed(job, grant)


def signer_of(job: SwapJob) -> Signer:
    """Return the job's signer; its passphrase comes from the environment.

    Raises SettingsError when the named variable is not set.
    """
    variable = job.signer.passphrase_variable
    if variable and variable not in os.environ:
        raise SettingsError(
            f"the variable {variable} holds no passphrase",
            where=job.signer.certificates,
        )
    return FileSigner(job.signer.certificates, os.environ.get(variable))


def follow_both(job: SwapJob, bar: Bar) -> tuple[Followed, Followed]:
    """Return performer and donor, followed; kept in the work folder."""
    work = job.output.work
    with bar("follow both faces", unit="frames") as tell:
        performer, donor = together(
            [
                lambda tell: follow(
                    job.performer.footage, work, faces=job.faces, tell=tell
                ),
                lambda tell: follow(
                    job.donor.footage, work, faces=job.faces, tell=tell
                ),
            ],
            tell,
        )
    return performer, donor


def training_figures(report: TrainingReport | None) -> dict[str, Any] | None:
    """Return a training's figures as JSON values; None where none was needed."""
    if report is None:
        return None
    return {
        "iterations": report.iterations,
        "examples_per_second": round(report.examples_per_second, 2),
        "seconds": round(report.seconds, 1),
    }


def coverage_job(project: Path, bar: Bar) -> tuple[Coverage, Coverage]:
    """Return what performer's and donor's footage shows, before anything is trained."""
    job = agree(load_job(project)).job
    performer, donor = (
        coverage_of(side, job.swap.preset, bar, studio=job.studio)
        for side in follow_both(job, bar)
    )
    return performer, donor


def train_job(
    project: Path, bar: Bar, *, from_best: bool = False, say: Say = unsaid
) -> Learned:
    """Train what the project asks for, going on where it stopped before.

    ``from_best`` goes back first to where the loss was lowest.
    """
    return readied(load_job(project), bar, from_best=from_best, say=say).learned


def preview_job(project: Path, bar: Bar, *, count: int = 12) -> npt.NDArray[np.uint8]:
    """Return a labelled contact sheet of ``count`` telling frames, RGB uint8.

    Raises TrainingError where nothing was trained yet.
    """
    ready = readied(load_job(project), bar, train=False)
    performer = ready.performer
    return contact_sheet(
        performer.clip,
        performer.track,
        method_of(ready.agreed.job, ready.learned),
        ready.agreed.grant,
        foreground=ready.foreground,
        composition=ready.agreed.job.composition,
        label=ready.agreed.job.label.preset,
        count=count,
    )


def run_job(
    project: Path,
    bar: Bar,
    *,
    registry: Registry,
    train: bool = True,
    say: Say = unsaid,
) -> Outcome:
    """Do all of it: from two records and two pieces of footage to the signed clip.

    Without ``train`` the model is taken as it is; TrainingError where there is none.
    """
    job = load_job(project)
    signer = signer_of(job)
    ready = readied(job, bar, train=train, say=say)
    agreed, performer, learned = ready.agreed, ready.performer, ready.learned
    agreed.still_granted()
    disclosure = disclosure_of(job, performer, learned)
    method = method_of(job, learned)
    converter = Converter(
        performer.clip,
        performer.track,
        method,
        agreed.grant,
        composition=job.composition,
    )
    with bar("swap, label, encode", unit="frames") as tell:
        video = finish(
            lambda first, stop: ready.foreground.over_all(
                converter.stretch(first, stop)
            ),
            job.output.clip,
            origin=agreed.origin(registry, ready.foreground),
            disclosure=disclosure,
            signer=signer,
            depends=lambda first, stop: (
                converter.depends_on(first, stop) + learned.words_between(first, stop)
            ),
            tell=tell,
        )
    return Outcome(
        agreed, video, disclosure, learned.training, converter.report, learned.shots
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """A job that was agreed to, with its people followed and its model."""

    agreed: Agreed
    performer: Followed
    donor: Followed
    learned: Learned
    foreground: Foreground


def readied(
    job: SwapJob,
    bar: Bar,
    *,
    train: bool = True,
    from_best: bool = False,
    say: Say = unsaid,
) -> Ready:
    """Return the job agreed to, its people followed, its model as good as asked."""
    agreed = agree(job)
    foreground = open_foreground(job.layers, job.performer.footage)
    performer, donor = follow_both(job, bar)
    learned = learn(
        job, performer, donor, bar, train=train, from_best=from_best, say=say
    )
    return Ready(agreed, performer, donor, learned, foreground)


def disclosure_of(job: SwapJob, performer: Followed, learned: Learned) -> Disclosure:
    """Return what the clip will say of itself."""
    how = "with a trained model" if learned.model_sha256 else "by warping a texture"
    return Disclosure(
        title=job.label.title,
        label=job.label.preset,
        swap=f"the face of a consenting performer was replaced {how}",
        spans=swapped_spans(performer),
        model_name=learned.model_name,
        model_sha256=learned.model_sha256,
        faces=job.faces.said,
    )


def swapped_spans(performer: Followed) -> Spans:
    """Return the stretches in which the face is seen, in seconds of the clip."""
    present = np.concatenate([[False], performer.track.present, [False]])
    edges = np.flatnonzero(np.diff(present.astype(np.int8)))
    times = performer.track.times
    step = float(1 / performer.track.rate)
    return tuple(
        (_milliseconds(times[start]), _milliseconds(times[end - 1] + step))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    )


def _milliseconds(seconds: float) -> Fraction:
    return Fraction(round(float(seconds) * 1000), 1000)
