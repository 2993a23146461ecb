"""From the mark in a clip to its registry, and back with what the record is worth."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lampoon.errors import LampoonError
from lampoon.verify.evidence import Finding, Marked, ProvenanceEvidence
from lampoon.verify.mark_evidence import Geometry, MarkState, WatermarkEvidence
from lampoon.verify.sandbox import Comparison, Observation, Request, observe

if TYPE_CHECKING:
    from datetime import date

    from lampoon.verify.recovery import Registered
    from lampoon.watermark.registry import Entry, Registry


def follow_mark(
    found: ProvenanceEvidence,
    seen: Observation,
    request: Request,
    registry: Registry | None,
    today: date,
) -> Marked:
    """Return the finding with what the mark adds to it.

    Whatever a registered record makes the reader do happens in a limited child. A
    registry that cannot be asked costs nothing but its answer.
    """
    mark = seen.mark or WatermarkEvidence()
    mark = replace(mark, registry=registry is not None)
    if seen.mark is None and seen.pictures is not None:
        words = f"Its invisible mark could not be looked for: {seen.mark_failure}."
        return Marked(found, mark, (words,))
    if not mark.found or mark.key is None:
        return Marked(found, mark)
    # loads what compares pictures, for the few clips that carry a mark
    from lampoon.verify.recovery import beside_record, without_record

    try:
        entry = registry.get(bytes.fromhex(mark.key)) if registry else None
    except LampoonError as error:
        words = f"It carries an invisible mark, but {error.what}."
        return Marked(found, replace(mark, state=MarkState.NO_ANSWER), (words,))
    if entry is None or found.finding is not Finding.UNMARKED:
        return beside_record(found, mark, seen.manifest, entry)
    answer = _read_beside(request, mark.geometry, entry)
    return without_record(found, mark, answer, request.trust, today)


def _read_beside(
    request: Request, geometry: Geometry | None, entry: Entry
) -> Registered:
    """Return the registered record as it reads beside the file, from a child."""
    from lampoon.verify.recovery import Registered

    if geometry is None:
        return Registered(entry)
    with TemporaryDirectory() as folder:
        store = Path(folder) / "registered.c2pa"
        store.write_bytes(entry.manifest_store)
        fingerprint = base64.b64encode(entry.fingerprint).decode()
        again = replace(
            request,
            sidecar=store,
            second_opinion=False,
            compare=Comparison(fingerprint, geometry),
        )
        seen = observe(again)
    return Registered(entry, seen.manifest, seen.likeness, seen.label)
