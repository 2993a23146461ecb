"""Where a mark leads: its record's name, and what part of the registered clip is seen.

What the record is worth is for ``verify`` to say; this only looks the key up.
"""

from dataclasses import dataclass
from pathlib import Path

from lampoon.media.reader import probe
from lampoon.watermark.fingerprint import Fingerprint
from lampoon.watermark.invisible.evidence import WatermarkReading
from lampoon.watermark.query import view_of
from lampoon.watermark.registry import Registry


@dataclass(frozen=True, slots=True)
class Lead:
    """The record that a key is registered for; ``crop`` as in a view."""

    manifest: str | None = None
    crop: tuple[float, float] | None = None


def followed(clip: Path, reading: WatermarkReading, registry: Registry | None) -> Lead:
    """Return where the mark of a clip leads; nowhere without registry or entry.

    Raises ProvenanceError for a registry that cannot be asked.
    """
    if registry is None or reading.key is None or reading.geometry is None:
        return Lead()
    entry = registry.get(reading.key)
    if entry is None:
        return Lead()
    seen, lie = probe(clip), reading.geometry
    stored = Fingerprint.from_bytes(entry.fingerprint)
    view = view_of(
        (seen.width, seen.height),
        (stored.width, stored.height),
        lie.scale,
        lie.stretch,
        lie.flip,
    )
    return Lead(entry.urn, (view.across, view.down))
