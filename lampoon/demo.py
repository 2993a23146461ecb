"""The main job on the bundled sample: two rendered performers, start to verdict."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from PIL import Image, ImageDraw

from lampoon.consent.chain import sign_record
from lampoon.consent.draft import Wishes, draft_record, with_targets
from lampoon.consent.record import Media, MediaKind, Method, Purpose, Role
from lampoon.consent.signature import generate_key, load_key
from lampoon.consent.store import keep_media, load_record, save_record
from lampoon.console import bar, emit_json, people
from lampoon.datasets.samples import Sample, sample
from lampoon.generate.finish import finish
from lampoon.generate.pipeline import Outcome, run_job, signer_of
from lampoon.media.frame import Frame
from lampoon.media.reader import read_frames
from lampoon.media.writer import write_clip
from lampoon.progress import Tell
from lampoon.verify.check import check
from lampoon.verify.report.page import write_report
from lampoon.watermark.commands import default_registry, keep_trust
from lampoon.watermark.label.panel import bold_font
from lampoon.watermark.manifest.certificates import CertificateFolder, init_certificates
from lampoon.watermark.manifest.trust import TrustList
from lampoon.watermark.registry import Registry

PERFORMER, DONOR = "ada", "ben"
REFERENCE_FRAMES = 75
TRAINING_SECONDS = 130
"""Bounds the demo to five minutes on two cores."""

TERM = timedelta(days=365)

CAPTION_SHARE, CAPTION_GROUND = 0.25, (24, 26, 32)

Picture = npt.NDArray[np.uint8]

PROJECT = f"""\
# What `lampoon demo` ran; `lampoon generate run lampoon.toml` runs it again.
[performer]                       # who is filmed
footage = "{PERFORMER}/footage.mp4"
consent = "{PERFORMER}/{PERFORMER}.consent.json"

[donor]                           # who lends the face
footage = "{DONOR}/footage.mp4"
consent = "{DONOR}/{DONOR}.consent.json"

[swap]
method = "autoencoder"
preset = "sketch"
purpose = "parody"
training_seconds = {TRAINING_SECONDS}

[label]
preset = "eu-full"
title = "Ada speaks with Ben's face"

[signer]
certificates = "certificates"

[output]
clip = "parody.mp4"
work = "work"
"""


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where the demo leaves what it made."""

    folder: Path

    @property
    def project(self) -> Path:
        """The ``lampoon.toml`` that was run."""
        return self.folder / "lampoon.toml"

    @property
    def side_by_side(self) -> Path:
        """Plate and swap beside each other, labelled and signed too."""
        return self.folder / "side-by-side.mp4"

    @property
    def report(self) -> Path:
        """What the verifier says of the clip."""
        return self.folder / "report.html"

    @property
    def certificates(self) -> Path:
        """The signing chain and its trust list."""
        return self.folder / "certificates"


def demo_command(
    out: Annotated[Path, typer.Option(help="Where to put everything.")] = Path("demo"),
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Make and verify a labelled parody clip of the two bundled performers.

    They are rendered and do not exist. Takes at most five minutes on two cores.

    Example: `lampoon demo --out demo`
    """
    files = DemoFiles(out)

    def say(line: str) -> None:
        if not as_json:
            people.print(line, highlight=False)

    say(f"[bold]1[/] Two rendered performers agree: records, keys -> {out}/")
    prepare(files)
    say("[bold]2[/] Follow both faces, train, swap, label, sign")
    registry = default_registry()
    outcome = run_job(files.project, bar, registry=registry)
    say("[bold]3[/] Plate and swap side by side, labelled and signed too")
    with bar("side by side") as tell:
        _side_by_side(outcome, files, registry, tell)
    kept = keep_trust(CertificateFolder(files.certificates).trust_list)
    say(f"[bold]4[/] Trust the demo's signer on this machine ({kept}), and verify")
    with bar("verify") as tell:
        verdict = check(
            outcome.video.clip.path,
            trust=TrustList.load(files.certificates),
            tell=tell,
        )
    write_report([verdict], files.report)
    figures = outcome.figures() | {
        "side_by_side": str(files.side_by_side),
        "report": str(files.report),
        "finding": verdict.finding.value,
        "decision": verdict.policy.decision.value,
    }
    if as_json:
        emit_json(figures)
        return
    _conclude(figures)


def _conclude(figures: dict[str, object]) -> None:
    people.print(
        f"\nThe verifier found [bold]{figures['finding']}[/], "
        f"its policy says [bold]{figures['decision']}[/].\n"
        f"  clip          {figures['clip']}\n"
        f"  side by side  {figures['side_by_side']}\n"
        f"  report        {figures['report']}   (open it in a browser)"
    )


def prepare(files: DemoFiles) -> None:
    """Put footage, signed records, certificates and a project into the folder.

    What is there already stays, so that a second run goes on with the same people.
    """
    files.folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    _agree(files.folder, now)
    if not files.certificates.exists():
        init_certificates(files.certificates, name="Lampoon demo")
    files.project.write_text(PROJECT, encoding="utf-8")


def _agree(folder: Path, now: datetime) -> None:
    sides = ((PERFORMER, Role.DRIVING_PERFORMER), (DONOR, Role.FACE_DONOR))
    records = [folder / name / f"{name}.consent.json" for name, _ in sides]
    if all(record.exists() for record in records):
        for record in records:
            load_record(record)
        return
    drafts = [
        draft_record(
            _wishes(sample(name), folder / name, role, now.date()),
            now=now,
            random=secrets.token_bytes(64),
        )
        for name, role in sides
    ]
    for (name, _), draft, other in zip(sides, drafts, drafts[::-1], strict=True):
        key_file = folder / name / "key.pem"
        key = load_key(key_file) if key_file.exists() else generate_key(key_file)
        named = with_targets(draft, [other.record_id])
        save_record(
            sign_record(named, key, now), folder / name / f"{name}.consent.json"
        )


def _wishes(person: Sample, folder: Path, role: Role, today: date) -> Wishes:
    """Return what a performer agrees to, footage and reference media in place."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "footage.mp4").write_bytes(person.clip.read_bytes())
    reference = folder / "reference.mp4"
    frames = islice(read_frames(person.clip), REFERENCE_FRAMES)
    write_clip(reference, frames, sound_from=None)
    sha256 = keep_media(reference, folder)
    reference.unlink()
    kind = MediaKind.SOURCE_FACE if role is Role.FACE_DONOR else MediaKind.DRIVING_VIDEO
    return Wishes(
        pseudonym=person.name.capitalize(),
        roles=(role,),
        media=(Media(sha256=sha256, kind=kind),),
        purposes=(Purpose.PARODY,),
        methods=(Method.AUTOENCODER, Method.MESH),
        description=(
            "A rendered performer, who does not exist, takes part in the "
            "demonstration of labelled parody that comes with Lampoon."
        ),
        until=today + TERM,
    )


def _side_by_side(
    outcome: Outcome, files: DemoFiles, registry: Registry, tell: Tell
) -> None:
    agreed, swap = outcome.agreed, outcome.video.clip.path
    plate = agreed.job.performer.footage
    title = f"{agreed.job.label.title}: plate and swap"
    caption = _caption(outcome.video.clip.width, outcome.video.clip.height)
    finish(
        lambda first, stop: _beside(plate, swap, caption, first, stop),
        files.side_by_side,
        origin=replace(agreed.origin(registry), plate=swap),
        disclosure=replace(outcome.disclosure, title=title),
        signer=signer_of(agreed.job),
        tell=tell,
    )


def _beside(
    plate: Path, swap: Path, caption: Picture, first: int, stop: int
) -> Iterator[Frame]:
    pairs = zip(
        read_frames(plate, first=first, stop=stop),
        read_frames(swap, first=first, stop=stop),
        strict=True,
    )
    for left, right in pairs:
        beside = np.hstack([left.rgb, right.rgb])
        yield left.with_rgb(np.vstack([caption, beside]))


def _caption(width: int, height: int) -> Picture:
    """Return a strip over both pictures with room for the label at its right end."""
    strip = Image.new("RGB", (2 * width, round(CAPTION_SHARE * height)), CAPTION_GROUND)
    pen, font = ImageDraw.Draw(strip), bold_font(strip.height // 4)
    for x, words in ((0, "Performer, as filmed"), (width, "Donor's face put on")):
        at = (x + strip.height // 3, strip.height // 2)
        pen.text(at, words, font=font, fill="white", anchor="lm")
    return np.asarray(strip, np.uint8)
