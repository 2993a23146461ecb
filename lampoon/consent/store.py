"""Consent files on disk: read strictly, written whole or not at all.

A record lives in one JSON file, mode 0600, with its reference media in the folder
``media`` beside it, each file named by its SHA-256.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lampoon.consent.fields import first_faults
from lampoon.consent.record import ConsentRecord, Media, SignedRecord
from lampoon.consent.signature import canonical, canonical_json
from lampoon.errors import ConsentError

MEDIA_FOLDER = "media"
MAX_RECORD_BYTES = 8 * 2**20
"""A record with ten thousand events is about this long; a longer file is refused."""

RECORD_MODE = 0o600


def load_record(path: Path) -> SignedRecord:
    """Return the record kept at ``path``, as it is written there.

    Whether its signatures hold is for ``lampoon.consent.check``. Raises ConsentError
    for a file that cannot be read, is no JSON, says a key twice, or is not exactly
    what the schema writes.
    """
    plain = _read_json(path)
    try:
        text = json.dumps(plain)
        signed = SignedRecord.model_validate_json(text)
        if canonical(signed) != canonical_json(plain):
            raise ConsentError("a value is not written as the schema writes it")
    except ValidationError as fault:
        raise ConsentError(first_faults(fault), where=path) from None
    except (ConsentError, ValueError, RecursionError) as fault:
        raise ConsentError(str(fault), where=path) from fault
    return signed


def save_record(signed: SignedRecord, path: Path) -> None:
    """Write a record whole or not at all, mode 0600.

    Raises ConsentError when the folder cannot be written.
    """
    plain = signed.model_dump(mode="json", by_alias=True, exclude_none=True)
    text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"

    def fill(beside: Path) -> None:
        beside.touch(mode=RECORD_MODE, exist_ok=False)
        beside.write_text(text, encoding="utf-8")

    _replace(path, fill)


def require_free(place: Path) -> None:
    """Raise ConsentError where a new record would replace a file or has no folder."""
    if place.exists():
        raise ConsentError("there is a file already", where=place, hint="name --out")
    if not place.parent.is_dir():
        raise ConsentError("the folder does not exist", where=place.parent)


def keep_media(source: Path, folder: Path) -> str:
    """Copy a clip into ``folder/media`` and return its SHA-256.

    What is there already under that hash is left as it is. Raises ConsentError when
    the file cannot be read or the copy cannot be made.
    """
    sha256 = file_sha256(source)
    target = folder / MEDIA_FOLDER / f"{sha256}{source.suffix.lower()}"
    if target.exists() and file_sha256(target) == sha256:
        return sha256
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ConsentError(
            f"cannot keep media: {fault.strerror}", where=folder
        ) from None

    def fill(beside: Path) -> None:
        shutil.copyfile(source, beside)

    _replace(target, fill)
    return sha256


def reference_media(record: ConsentRecord, folder: Path) -> list[Path]:
    """Return where each piece of reference media lies, in the record's order.

    ``folder`` is that of the record file; its folder ``media`` is looked at first, then
    the folder itself. Raises ConsentError naming what is missing or was changed.
    """
    found = [find_media(entry, folder) for entry in record.media]
    faults = [fault for _, fault in found if fault]
    if faults:
        raise ConsentError("; ".join(faults), where=folder)
    return [path for path, _ in found if path is not None]


def find_media(entry: Media, folder: Path) -> tuple[Path | None, str]:
    """Return where one piece of reference media lies, or None and what is wrong."""
    named = sorted((folder / MEDIA_FOLDER).glob(f"{entry.sha256}*"))
    for path in named:
        if file_sha256(path) == entry.sha256:
            return path, ""
    if named:
        return None, f"{named[0].name} was changed after signing"
    for path in _other_files(folder):
        if file_sha256(path) == entry.sha256:
            return path, ""
    return None, f"no file with SHA-256 {entry.sha256[:12]}... lies beside the record"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hex digits; ConsentError if unreadable."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise ConsentError(f"cannot read: {fault.strerror}", where=path) from None


def _other_files(folder: Path) -> list[Path]:
    """Return the files of both folders that could be media under another name."""
    places = (folder / MEDIA_FOLDER, folder)
    files = [path for place in places if place.is_dir() for path in place.iterdir()]
    skipped = (".json", ".pem")
    return sorted(p for p in files if p.is_file() and p.suffix.lower() not in skipped)


def _read_json(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_RECORD_BYTES + 1)
    except OSError as fault:
        raise ConsentError(f"cannot read: {fault.strerror}", where=path) from None
    if len(raw) > MAX_RECORD_BYTES:
        raise ConsentError("too long for a consent record", where=path)
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_without_doubles,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError) as fault:
        raise ConsentError(
            f"not a consent record: {fault}",
            where=path,
            hint="make one with: lampoon consent new",
        ) from fault


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a key is said twice")
    return dict(pairs)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _replace(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a file beside the target, then put it in place; leave nothing behind."""
    beside = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        fill(beside)
        os.replace(beside, target)
    except OSError as fault:
        raise ConsentError(f"cannot write: {fault.strerror}", where=target) from None
    finally:
        beside.unlink(missing_ok=True)
