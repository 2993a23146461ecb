"""One swap, as ``lampoon.toml`` describes it: who, how, which label and signer."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from lampoon.consent.record import Method, Purpose
from lampoon.faces.backends import FacesSettings
from lampoon.generate.composite.settings import (
    CompositeSettings,
    Composition,
    RangeSettings,
)
from lampoon.generate.models.device import Precision
from lampoon.generate.models.studio import LEAST_SIDE, MOST_SIDE, STEP
from lampoon.settings import STRICT, load_settings
from lampoon.watermark.label.presets import LabelPreset


class Preset(StrEnum):
    """A network and its training recipe, for the method ``autoencoder``."""

    SKETCH = "sketch"
    LIGHTWEIGHT = "lightweight"
    ORIGINAL = "original"
    STUDIO = "studio"


FACESWAPS = (Preset.ORIGINAL, Preset.LIGHTWEIGHT)
"""The presets that are faceswap's own networks."""


@dataclass(config=STRICT, frozen=True)
class Side:
    """One person: footage of the face, and the record that agrees to its use."""

    footage: Path
    consent: Path


@dataclass(config=STRICT, frozen=True)
class SwapSettings:
    """What is done to the faces.

    ``training_iterations`` and ``training_seconds`` (of wall clock) bound the
    training, whichever is reached first; 0 means the preset's own number.
    """

    method: Method = Method.AUTOENCODER
    preset: Preset = Preset.SKETCH
    purpose: Purpose = Purpose.PARODY
    training_iterations: int = Field(default=0, ge=0)
    training_seconds: float = Field(default=0.0, ge=0)


@dataclass(config=STRICT, frozen=True)
class StudioSettings:
    """Sizes of the preset ``studio``; other sizes are another model.

    ``side`` is the picture's, in pixels, ``width`` the first convolution's, ``code``
    the length of what a face is reduced to; ``batch`` are the faces a side and step.
    """

    side: int = Field(default=192, ge=LEAST_SIDE, le=MOST_SIDE, multiple_of=STEP)
    width: int = Field(default=64, ge=2, le=256)
    code: int = Field(default=256, ge=4, le=4096)
    batch: int = Field(default=8, ge=1, le=256)
    precision: Precision = Precision.AUTO


@dataclass(config=STRICT, frozen=True)
class TrainingSettings:
    """What a training tells of itself besides the labelled preview and the losses.

    ``timelapse_every`` are the steps between two labelled sheets that are kept; 0
    keeps none.
    """

    tensorboard: bool = False
    timelapse_every: int = Field(default=0, ge=0)


@dataclass(config=STRICT, frozen=True)
class ShotSettings:
    """A stretch of the footage, up to ``last_seconds``, with a model of its own.

    That starts as a copy of the trained model and learns ``training_iterations`` more
    steps on the performer's faces of the stretch; the model itself stays as it is.
    """

    first_seconds: float = Field(ge=0)
    last_seconds: float = Field(gt=0)
    training_iterations: int = Field(default=300, gt=0)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last_seconds <= self.first_seconds:
            raise ValueError("last_seconds must be greater than first_seconds")
        return self


@dataclass(config=STRICT, frozen=True)
class LabelSettings:
    """The label that people see; there is no way to leave it out."""

    preset: LabelPreset = LabelPreset.EU_FULL
    title: str = Field(default="Parody", min_length=1, max_length=120)


@dataclass(config=STRICT, frozen=True)
class SignerSettings:
    """Where the signing certificates are, and which variable holds the passphrase."""

    certificates: Path
    passphrase_variable: str = ""


@dataclass(config=STRICT, frozen=True)
class LayerSettings:
    """A foreground layer: a PNG, a folder of numbered PNGs, or a clip with alpha.

    It is seen from ``first_seconds`` of the footage up to ``last_seconds``, unless
    given as long as it or the footage lasts.
    """

    path: Path
    first_seconds: float = Field(default=0.0, ge=0)
    last_seconds: float | None = Field(default=None, gt=0)
    opacity: float = Field(default=1.0, gt=0, le=1)


@dataclass(config=STRICT, frozen=True)
class OutputSettings:
    """Where the finished clip and the work in progress go."""

    clip: Path = Path("parody.mp4")
    work: Path = Path("work")


@dataclass(config=STRICT, frozen=True)
class SwapJob:
    """A whole project: ``performer`` is filmed, ``donor`` lends the likeness."""

    performer: Side
    donor: Side
    signer: SignerSettings
    swap: SwapSettings = SwapSettings()
    label: LabelSettings = LabelSettings()
    output: OutputSettings = OutputSettings()
    faces: FacesSettings = FacesSettings()
    layers: tuple[LayerSettings, ...] = ()
    composite: CompositeSettings = CompositeSettings()
    ranges: tuple[RangeSettings, ...] = ()
    studio: StudioSettings = StudioSettings()
    training: TrainingSettings = TrainingSettings()
    shots: tuple[ShotSettings, ...] = ()

    @model_validator(mode="after")
    def _shots_are_of_a_model(self) -> Self:
        if self.shots and self.swap.method is not Method.AUTOENCODER:
            raise ValueError('[[shots]] needs method = "autoencoder"')
        return self

    @property
    def composition(self) -> Composition:
        """Return how every moment of the clip is put together."""
        return Composition(self.composite, self.ranges)


def load_job(path: Path) -> SwapJob:
    """Return the job in a ``lampoon.toml``; relative paths start at its folder.

    Raises SettingsError for a file that is missing, not TOML, or has unknown keys.
    """
    job = load_settings(path, SwapJob)
    home = path.resolve().parent
    return replace(
        job,
        performer=Side(home / job.performer.footage, home / job.performer.consent),
        donor=Side(home / job.donor.footage, home / job.donor.consent),
        signer=SignerSettings(
            home / job.signer.certificates, job.signer.passphrase_variable
        ),
        output=OutputSettings(home / job.output.clip, home / job.output.work),
        faces=replace(job.faces, models=home / job.faces.models)
        if job.faces.models
        else job.faces,
        composite=_at_home(job.composite, home),
        layers=tuple(replace(each, path=home / each.path) for each in job.layers),
    )


def _at_home(composite: CompositeSettings, home: Path) -> CompositeSettings:
    """Return the settings with a folder of masks that starts at the project's."""
    if composite.masks is None:
        return composite
    return replace(composite, masks=home / composite.masks)
