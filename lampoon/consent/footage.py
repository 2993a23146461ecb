"""What the footage of both people shows, held against their records."""

from dataclasses import dataclass
from pathlib import Path

from lampoon.consent.chain import standing
from lampoon.consent.face import Embed, face_faults
from lampoon.consent.record import MEDIA_OF_ROLE, Footage, Role
from lampoon.consent.rules import Party, Refusal, Rule
from lampoon.consent.store import file_sha256, find_media


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of footage and its SHA-256, taken once."""

    path: Path
    sha256: str


def known_footage(paths: tuple[Path | None, Path | None]) -> dict[Role, Shown]:
    """Return the given footage of the performer and of the donor, by role.

    Raises ConsentError for a file that cannot be read.
    """
    roles = (Role.DRIVING_PERFORMER, Role.FACE_DONOR)
    return {
        role: Shown(path, file_sha256(path))
        for role, path in zip(roles, paths, strict=True)
        if path is not None
    }


def footage_refusals(
    parties: tuple[Party, Party],
    footage: dict[Role, Shown],
    earlier: list[Refusal],
    embed: Embed | None,
) -> list[Refusal]:
    """Return what the footage breaks.

    A face is measured only where nothing refuses so far: measuring is itself
    something to consent to.
    """
    refusals: list[Refusal] = []
    refusing = {refusal.file for refusal in earlier}
    for party in parties:
        shown = footage.get(party.role)
        if shown is None:
            continue
        off_list = list_refusals(party, shown.sha256)
        refusals += off_list
        if not off_list and str(party.file) not in refusing:
            refusals += _face_refusals(party, shown, embed)
    return refusals


def list_refusals(party: Party, sha256: str) -> list[Refusal]:
    """Return a refusal when the record is for listed files and this is none."""
    scope, kind = standing(party.signed).scope, MEDIA_OF_ROLE[party.role]
    listed = {e.sha256 for e in party.signed.record.media if e.kind is kind}
    if scope.footage is Footage.ANY_OF_SUBJECT or sha256 in listed:
        return []
    detail = f"the footage is none of its {len(listed)} listed files ({kind.value})"
    return [party.refusal(Rule.FOOTAGE, detail)]


def _face_refusals(party: Party, shown: Shown, embed: Embed | None) -> list[Refusal]:
    """Compare the footage with every reference medium but itself."""
    folder = party.file.parent
    others = [e for e in party.signed.record.media if e.sha256 != shown.sha256]
    found = [find_media(entry, folder)[0] for entry in others]
    reference = [path for path in found if path is not None]
    if not reference:
        return []
    faults = face_faults(reference, shown.path, embed)
    return [party.refusal(Rule.FACE, fault) for fault in faults]
