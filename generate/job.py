"""One swap, as ``lampoon.toml`` describes it: who, how, which label and signer."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic.dataclasses import dataclass

from lampoon.consent.record import Method, Purpose
from lampoon.faces.backends import FacesSettings
from lampoon.generate.composite.settings import (
    CompositeSettings,
    Composition,
    RangeSettings,
)
from lampoon.settings import STRICT, load_settings
from lampoon.watermark.label.presets import LabelPreset


class Preset(StrEnum):
    """A network and its training recipe, for the method ``autoencoder``."""

    SKETCH = "sketch"
    LIGHTWEIGHT = "lightweight"
    ORIGINAL = "original"


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
    return SwapJob(
        performer=Side(home / job.performer.footage, home / job.performer.consent),
        donor=Side(home / job.donor.footage, home / job.donor.consent),
        signer=SignerSettings(
            home / job.signer.certificates, job.signer.passphrase_variable
        ),
        swap=job.swap,
        label=job.label,
        output=OutputSettings(home / job.output.clip, home / job.output.work),
        faces=replace(job.faces, models=home / job.faces.models)
        if job.faces.models
        else job.faces,
        composite=_at_home(job.composite, home),
        ranges=job.ranges,
        layers=tuple(replace(each, path=home / each.path) for each in job.layers),
    )


def _at_home(composite: CompositeSettings, home: Path) -> CompositeSettings:
    """Return the settings with a folder of masks that starts at the project's."""
    if composite.masks is None:
        return composite
    return replace(composite, masks=home / composite.masks)
