"""The steps of one swap, in order: agree, follow, train, convert, finish.

Every step keeps what it made in the job's work folder, so a job that was stopped
goes on there. Consent is checked from disk at each start, and again before signing.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lampoon.consent.check import ConsentGrant, check_consent, renew_check
from lampoon.consent.record import Method
from lampoon.errors import SettingsError
from lampoon.generate.convert import convert
from lampoon.generate.finish import (
    Disclosure,
    LabelledVideo,
    finish,
    insist_on_label,
)
from lampoon.generate.followed import Followed, follow
from lampoon.generate.job import SwapJob, load_job
from lampoon.generate.learn import Learned, learn, method_of
from lampoon.generate.train.loop import TrainingReport
from lampoon.progress import Tell
from lampoon.watermark.manifest.signer import FileSigner, Signer

Bar = Callable[[str], AbstractContextManager[Tell]]
"""Opens a step by its name and gives what tells its progress."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a whole job made."""

    job: SwapJob
    video: LabelledVideo
    grant: ConsentGrant
    disclosure: Disclosure
    training: TrainingReport | None
    still_granted: Callable[[], None]

    def figures(self) -> dict[str, Any]:
        """Return the job's figures as JSON values."""
        training = self.training and {
            "iterations": self.training.iterations,
            "examples_per_second": round(self.training.examples_per_second, 2),
            "seconds": round(self.training.seconds, 1),
        }
        swap = self.job.swap
        trained = swap.method is Method.AUTOENCODER
        return {
            "clip": str(self.video.clip.path),
            "seconds": float(self.video.clip.seconds),
            "frames": self.video.clip.frame_count,
            "method": swap.method.value,
            "preset": swap.preset.value if trained else None,
            "training": training,
            "manifest": self.video.manifest,
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
    with bar("follow the performer") as tell:
        performer = follow(job.performer.footage, job.output.work, tell=tell)
    with bar("follow the donor") as tell:
        donor = follow(job.donor.footage, job.output.work, tell=tell)
    return performer, donor


def train_job(project: Path, bar: Bar) -> TrainingReport | None:
    """Train what the project asks for, going on where it stopped before."""
    agreed = agree(load_job(project))
    return learn(agreed.job, *follow_both(agreed.job, bar), bar).training


def run_job(project: Path, bar: Bar) -> Outcome:
    """Do all of it: from two records and two pieces of footage to the signed clip."""
    job = load_job(project)
    signer = signer_of(job)
    agreed = agree(job)
    performer, donor = follow_both(job, bar)
    learned = learn(job, performer, donor, bar)
    agreed.still_granted()
    disclosure = disclosure_of(job, performer, learned)
    with bar("swap, label, encode") as tell:
        video = finish(
            convert(
                performer.clip, performer.track, method_of(job, learned), agreed.grant
            ),
            job.output.clip,
            plate=performer.clip,
            donor=donor.clip,
            grant=agreed.grant,
            disclosure=disclosure,
            signer=signer,
            still_granted=agreed.still_granted,
            tell=tell,
        )
    return Outcome(
        job, video, agreed.grant, disclosure, learned.training, agreed.still_granted
    )


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
    )


def swapped_spans(performer: Followed) -> tuple[tuple[Fraction, Fraction], ...]:
    """Return the stretches in which the face is seen, in seconds from the first frame."""
    present = np.concatenate([[False], performer.track.present, [False]])
    edges = np.flatnonzero(np.diff(present.astype(np.int8)))
    times = performer.track.times
    step = float(1 / performer.track.rate)
    spans = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        first, last = float(times[start]), float(times[end - 1]) + step
        spans.append(
            (
                Fraction(first).limit_denominator(1000),
                Fraction(last).limit_denominator(1000),
            )
        )
    return tuple(spans)
