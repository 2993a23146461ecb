"""``lampoon watermark``: certificates for signing, and what a file declares."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from lampoon.console import aside, bar, emit_json, people
from lampoon.errors import ProvenanceError, SettingsError
from lampoon.watermark.invisible.describe import mark_lines
from lampoon.watermark.invisible.describe import reading_json as mark_json
from lampoon.watermark.invisible.detect import Effort
from lampoon.watermark.invisible.detect import detect as detect_mark
from lampoon.watermark.invisible.picture import save_map
from lampoon.watermark.kept import (
    chosen_registry,
    chosen_trust,
    default_trust_folder,
    registry_file,
)
from lampoon.watermark.leads import followed
from lampoon.watermark.manifest.certificates import (
    SIGNER_DAYS,
    CertificateFolder,
    certificate_facts,
    init_certificates,
)
from lampoon.watermark.manifest.describe import clean, plain_lines, reading_json
from lampoon.watermark.manifest.read import read_manifest
from lampoon.watermark.manifest.trust import TrustList
from lampoon.watermark.registry import Registry

app = typer.Typer(
    no_args_is_help=True, help="Marks a clip carries: who signed it, what it declares."
)
certs = typer.Typer(
    no_args_is_help=True, help="Certificates to sign with, and whom to trust."
)
app.add_typer(certs, name="certs")

AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")]


def default_registry(environment: Mapping[str, str] = os.environ) -> Registry:
    """Return the user's registry of marks, a SQLite file beside the trust folder.

    What a killed job promised is settled first.
    """
    registry = Registry.at(registry_file(environment))
    registry.settle()
    return registry


def passphrase_from(
    variable: str | None, environment: Mapping[str, str] = os.environ
) -> str | None:
    """Return the passphrase that an environment variable holds; None without one.

    Raises SettingsError where the named variable is not set or empty.
    """
    if variable is None:
        return None
    if not environment.get(variable):
        raise SettingsError(
            f"the environment variable {variable} is not set",
            hint=f"read -rs {variable} && export {variable}",
        )
    return environment[variable]


@certs.command("init")
def certs_init(
    folder: Annotated[Path, typer.Argument(help="Where to put them; made if new.")],
    *,
    name: Annotated[
        str, typer.Option(help="The signer's name; everyone can read it.")
    ] = "Lampoon performer troupe",
    passphrase_env: Annotated[
        str | None,
        typer.Option(help="Environment variable with a passphrase for the key."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650)] = SIGNER_DAYS,
    trust: Annotated[
        bool, typer.Option("--trust", help="Also trust this signer from now on.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a certificate chain that C2PA accepts, its key and its trust list.

    Example: lampoon watermark certs init keys --name "Ada's Troupe" --trust
    """
    place = init_certificates(
        folder, name=name, days=days, passphrase=passphrase_from(passphrase_env)
    )
    trusted = keep_trust(place.trust_list) if trust else None
    if as_json:
        emit_json(_facts(place) | {"trusted": trusted and str(trusted)})
        return
    _say(f"{place.key}: the private key. Keep it to yourself, and back it up.")
    _say(f"{place.chain}: the certificates that travel with every signature.")
    _say(f"{place.trust_list}: give this to those who should trust you.")
    if trusted:
        _say(f"{trusted}: trusted on this machine from now on.")


@certs.command("show")
def certs_show(
    folder: Annotated[Path, typer.Argument(help="A folder made by certs init.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show who a signer is and until when; the key stays closed.

    Example: lampoon watermark certs show keys
    """
    facts = _facts(CertificateFolder(folder))
    if as_json:
        emit_json(facts)
        return
    for each in facts["certificates"]:
        _say(f"{each['subject']}")
        _say(f"  from {each['from']} until {each['until']}")
        _say(f"  serial {each['serial']}, sha256 {each['sha256']}")


@certs.command("trust")
def certs_trust(
    path: Annotated[Path, typer.Argument(help="A trust list, or a certs folder.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Trust the signers of a list on this machine from now on.

    Example: lampoon watermark certs trust keys/trust.json
    """
    written = keep_trust(path / "trust.json" if path.is_dir() else path)
    if as_json:
        emit_json({"trusted": str(written)})
    else:
        _say(f"{written}: trusted on this machine from now on.")


@app.command("read")
def read(
    clip: Annotated[Path, typer.Argument(help="The clip to look into.")],
    *,
    trust: Annotated[
        Path | None, typer.Option(help="Trust list, PEM file or folder of lists.")
    ] = None,
    sidecar: Annotated[
        Path | None, typer.Option(help="A .c2pa file that belongs to the clip.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a file declares about itself, and whether that holds.

    Example: lampoon watermark read parody.mp4 --json
    """
    known = chosen_trust(trust)
    reading = read_manifest(clip, trust=known, sidecar=sidecar)
    if as_json:
        emit_json({"path": str(clip)} | reading_json(reading))
        return
    _say(clean(clip))
    for line in plain_lines(reading):
        _say(f"  {line}")
    if reading.unknown_signer and not known.anchors:
        aside.print("You trust nobody yet: lampoon watermark certs trust --help")


@app.command("detect")
def detect(
    clip: Annotated[Path, typer.Argument(help="The clip to look into.")],
    *,
    rotated: Annotated[
        bool, typer.Option("--rotated", help="Also try small rotations; slower.")
    ] = False,
    registry: Annotated[
        str | None, typer.Option(help="Registry to ask: a SQLite file or a URL.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--map", help="Write a PNG: red where the mark is missing."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look for the invisible mark; exit code 0 found, 1 not found, 2 error.

    Example: lampoon watermark detect upload.mp4 --map map.png --json
    """
    known = chosen_registry(registry)
    with bar("looking for the mark") as tell:
        reading = detect_mark(clip, effort=Effort(rotated=rotated), tell=tell)
    lead = followed(clip, reading, known)
    if picture is not None:
        save_map(clip, reading, picture)
    if as_json:
        emit_json(mark_json(reading, manifest=lead.manifest, crop=lead.crop))
    else:
        _say(clean(clip))
        for line in mark_lines(reading, lead.manifest):
            _say(f"  {line}")
    if not reading.found:
        raise typer.Exit(1)


def _facts(place: CertificateFolder) -> dict[str, Any]:
    try:
        chain = place.chain.read_bytes()
    except OSError as error:
        raise ProvenanceError(
            f"cannot be read: {error.strerror}",
            where=place.chain,
            hint="make it with: lampoon watermark certs init FOLDER",
        ) from error
    return {
        "folder": str(place.folder),
        "chain": str(place.chain),
        "key": str(place.key),
        "trust_list": str(place.trust_list),
        "certificates": certificate_facts(chain, where=place.chain),
    }


def keep_trust(path: Path) -> Path:
    """Copy a list into the user's trust folder, named after its content; return it.

    Raises ProvenanceError for what is no trust list, or cannot be kept.
    """
    TrustList.load(path)
    content = path.read_bytes()
    if not content.lstrip().startswith(b"{"):
        raise ProvenanceError(
            "only a trust list in JSON can be kept", where=path, hint="see trust.json"
        )
    folder = default_trust_folder()
    target = folder / f"{hashlib.sha256(content).hexdigest()[:16]}.trust.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except OSError as error:
        reason = f"cannot be written: {error.strerror}"
        raise ProvenanceError(reason, where=target) from error
    return target


def _say(line: str) -> None:
    people.print(line, markup=False, highlight=False, soft_wrap=True)
