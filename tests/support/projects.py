"""Whole projects for journeys: consented ada and ben, cut short, and a signer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lampoon.datasets.samples import sample
from lampoon.media.reader import read_frames
from lampoon.media.writer import Encoding, write_clip
from lampoon.progress import Tell, silent
from lampoon.watermark.manifest.certificates import init_certificates
from lampoon.watermark.registry import Registry
from tests.support.performers import Pair, consented_pair

FRAMES = 60


@dataclass(frozen=True, slots=True)
class Project:
    """A lampoon.toml with everything it names."""

    file: Path
    pair: Pair
    clip: Path
    certificates: Path
    registry: Registry


@contextmanager
def no_bar(label: str, *, unit: str = "", per_step: int = 1) -> Iterator[Tell]:
    """Tell nobody."""
    yield silent


def cut(name: str, folder: Path, frames: int = FRAMES) -> Path:
    """Write the first frames of a bundled clip, with its sound; return the path."""
    source, target = sample(name).clip, folder / f"{name}-short.mp4"
    folder.mkdir(parents=True, exist_ok=True)
    chosen = islice(read_frames(source), frames)
    write_clip(
        target, chosen, sound_from=source, encoding=Encoding(crf=20, preset="veryfast")
    )
    return target


def project(
    folder: Path,
    *,
    method: str = "mesh",
    iterations: int = 3,
    frames: int = FRAMES,
    ada: Path | None = None,
) -> Project:
    """Put a project of a few frames into ``folder``; ``ada`` is footage of hers."""
    ada, ben = ada or cut("ada", folder, frames), cut("ben", folder, frames)
    pair = consented_pair(folder, ada=ada, ben=ben)
    certificates = folder / "certificates"
    init_certificates(certificates, name="Test troupe")
    file = folder / "lampoon.toml"
    file.write_text(
        f"""
        [performer]
        footage = "{pair.performer_footage.relative_to(folder)}"
        consent = "{pair.performer.relative_to(folder)}"
        [donor]
        footage = "{pair.donor_footage.relative_to(folder)}"
        consent = "{pair.donor.relative_to(folder)}"
        [swap]
        method = "{method}"
        training_iterations = {iterations}
        [label]
        title = "Ada as Ben"
        [signer]
        certificates = "certificates"
        """,
        encoding="utf-8",
    )
    registry = Registry.at(folder / "registry.sqlite")
    return Project(file, pair, folder / "parody.mp4", certificates, registry)
