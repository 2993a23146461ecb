"""``lampoon watermark embed|label``: the way out, for clips swapped elsewhere."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from lampoon.consent.check import ConsentGrant, check_consent, renew_check
from lampoon.consent.record import Method, Purpose
from lampoon.console import bar, emit_json, people
from lampoon.errors import MediaError
from lampoon.generate.finish import LabelledVideo, finish
from lampoon.generate.seal import Disclosure, Origin
from lampoon.generate.sheet import write_picture
from lampoon.media.reader import probe, read_frames
from lampoon.watermark.commands import (
    default_registry,
    passphrase_from,
)
from lampoon.watermark.invisible.binding import lookup_key
from lampoon.watermark.kept import registry_file
from lampoon.watermark.label.draw import label_still
from lampoon.watermark.label.presets import LabelPreset
from lampoon.watermark.manifest.signer import FileSigner

embed_app = typer.Typer()

BOTH = "give {option} twice: first {of} who is filmed, then {of} whose face is put on"

Consents = Annotated[
    list[Path], typer.Option(help="Record of who is filmed; again: of whose face.")
]
Footages = Annotated[
    list[Path], typer.Option(help="Footage of who is filmed; again: of whose face.")
]


@embed_app.command("label")
def label(
    clip: Annotated[Path, typer.Argument(help="A clip of the right shape.")],
    *,
    preset: Annotated[LabelPreset, typer.Option()] = LabelPreset.EU_FULL,
    out: Annotated[Path, typer.Option(help="Picture to write.")] = Path("label.png"),
) -> None:
    """Show how a label looks on a frame of a clip; ``embed`` puts it on a clip.

    Example: lampoon watermark label parody.mp4 --preset eu-artistic
    """
    middle = probe(clip).frame_count // 2
    frame = next(read_frames(clip, first=middle, stop=middle + 1))
    write_picture(out, label_still(frame.rgb, preset))
    people.print(f"{out}", highlight=False)


@embed_app.command("embed")
def embed(
    clip: Annotated[Path, typer.Argument(help="A clip that was swapped elsewhere.")],
    *,
    out: Annotated[Path, typer.Option(help="The labelled, marked, signed clip.")],
    consent: Consents,
    footage: Footages,
    certificates: Annotated[Path, typer.Option(help="A folder by certs init.")],
    method: Annotated[
        Method, typer.Option(help="How the face was swapped.")
    ] = Method.AUTOENCODER,
    purpose: Annotated[Purpose, typer.Option(help="What for.")] = Purpose.PARODY,
    preset: Annotated[
        LabelPreset, typer.Option(help="The label; never less than the records ask.")
    ] = LabelPreset.EU_FULL,
    title: Annotated[str, typer.Option(help="Part of the label.")] = "Parody",
    model: Annotated[str, typer.Option(help="Name of the model used.")] = "unnamed",
    passphrase_env: Annotated[
        str | None, typer.Option(help="Environment variable with the passphrase.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """Label, mark, sign and register a swap made elsewhere, in one step.

    Both people must have agreed to it: their records are checked against footage of
    each, now and again before anything is published. Label, mark and signature
    cannot be left out.

    Example: lampoon watermark embed swap.mp4 --out parody.mp4
    --consent ada.consent.json --consent ben.consent.json
    --footage ada.mp4 --footage ben.mp4 --certificates keys
    """
    swap = _Swap(
        clip,
        records=_both(consent, "--consent", "the record of"),
        footage=_both(footage, "--footage", "footage of"),
        purpose=purpose,
        method=method,
    )
    probe(clip)
    _refuse_itself(clip, out)
    signer = FileSigner(certificates, passphrase_from(passphrase_env))
    with bar("check consent"):
        grant = swap.agreed()
    with bar("label, mark, encode, sign", unit="frames") as tell:
        video = finish(
            lambda first, stop: read_frames(clip, first=first, stop=stop),
            out,
            origin=swap.origin(grant, out.parent),
            disclosure=swap.disclosure(title, preset, model),
            signer=signer,
            tell=tell,
        )
    _tell(video, as_json)


@dataclass(frozen=True, slots=True)
class _Swap:
    """What was swapped elsewhere; pairs are of who is filmed and of whose face."""

    clip: Path
    records: tuple[Path, Path]
    footage: tuple[Path, Path]
    purpose: Purpose
    method: Method

    def agreed(self) -> ConsentGrant:
        """Return what both records grant; raises ConsentRefusedError."""
        return check_consent(
            *self.records,
            purpose=self.purpose,
            method=self.method,
            now=datetime.now(UTC),
            performer_footage=self.footage[0],
            donor_footage=self.footage[1],
        )

    def origin(self, grant: ConsentGrant, work: Path) -> Origin:
        """Return where it comes from, with the question that is asked again."""
        return Origin(
            plate=self.clip,
            donor=self.footage[1],
            grant=grant,
            still_granted=lambda: renew_check(grant, *self.records, datetime.now(UTC)),
            work=work,
            registry=default_registry(),
        )

    def disclosure(self, title: str, preset: LabelPreset, model: str) -> Disclosure:
        """Return what the clip is to say of itself."""
        return Disclosure(
            title=title,
            label=preset,
            swap="the face of a consenting performer was replaced elsewhere",
            spans=(),
            model_name="" if self.method is Method.MESH else model,
        )


def _both(given: list[Path], option: str, of: str) -> tuple[Path, Path]:
    """Return the two paths; both faces are asked for, always."""
    if len(given) != 2:
        raise typer.BadParameter(BOTH.format(option=option, of=of))
    return given[0], given[1]


def _refuse_itself(clip: Path, out: Path) -> None:
    if out.exists() and out.samefile(clip):
        raise MediaError(
            "this is the clip itself", where=out, hint="name another file with --out"
        )


def _tell(video: LabelledVideo, as_json: bool) -> None:
    key, clip = lookup_key(video.manifest).hex(), video.clip
    figures: dict[str, Any] = {
        "clip": str(clip.path),
        "frames": clip.frame_count,
        "label": video.label_text,
        "manifest": video.manifest,
        "key": key,
        "registry": str(registry_file()),
    }
    if as_json:
        emit_json(figures)
        return
    for line in (
        f"{clip.path}: {clip.frame_count} frames, labelled “{video.label_text}”",
        f"signed as {video.manifest}",
        f"marked with key {key}, registered in {registry_file()}",
    ):
        people.print(line, markup=False, highlight=False, soft_wrap=True)
