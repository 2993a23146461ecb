"""The invisible mark and the likeness of one clip; this runs in the limited child."""

import base64
from collections.abc import Callable
from typing import Any

from lampoon.media.reader import probe, read_frames
from lampoon.verify.mark_evidence import (
    Geometry,
    Likeness,
    MarkState,
    WatermarkEvidence,
)
from lampoon.verify.sandbox import Comparison, Request
from lampoon.watermark.fingerprint import Fingerprint
from lampoon.watermark.invisible.describe import place_in_words
from lampoon.watermark.invisible.detect import Effort, detect
from lampoon.watermark.invisible.evidence import WatermarkReading
from lampoon.watermark.query import QueryTaker, view_of
from lampoon.watermark.resemblance import resemblance

Send = Callable[[str, Any], None]

PROGRESS_EVERY = 10
"""Frames between two words about progress; they also show that nothing hangs."""


def read_mark(request: Request, send: Send) -> WatermarkEvidence:
    """Return the mark in a clip; where it leads is for the parent to find out.

    Raises UnreadableError for a file that is no clip.
    """

    def tell(done: int, total: int) -> None:
        if done % PROGRESS_EVERY == 0:
            send("progress", [done, total])

    return _evidence(detect(request.path, effort=Effort(timeline=False), tell=tell))


def _evidence(reading: WatermarkReading) -> WatermarkEvidence:
    if reading.key is None or reading.geometry is None:
        return WatermarkEvidence(state=MarkState.NOT_FOUND)
    lie = reading.geometry
    return WatermarkEvidence(
        found=True,
        key=reading.key.hex(),
        odds=reading.odds,
        geometry=Geometry(lie.scale, lie.stretch, lie.flip, lie.rotation),
        state=MarkState.NOT_REGISTERED,
    )


def likeness(request: Request, asked: Comparison, send: Send) -> Likeness:
    """Return how the clip resembles a registered fingerprint.

    Raises UnreadableError for a file that is no clip, ProvenanceError for what is no
    fingerprint.
    """
    stored = Fingerprint.from_bytes(base64.b64decode(asked.fingerprint))
    clip, lie = probe(request.path), asked.geometry
    view = view_of(
        (clip.width, clip.height),
        (stored.width, stored.height),
        lie.scale,
        lie.stretch,
        lie.flip,
    )
    found = resemblance(stored, _query(request, clip.frame_count, send), view)
    return Likeness(
        likeness=found.likeness,
        covered=found.covered,
        acting=found.acting,
        across=view.across,
        down=view.down,
        place=place_in_words(found.places),
    )


def _query(request: Request, total: int, send: Send) -> QueryTaker:
    """Return small pictures of the part of the clip that is looked at."""
    query, start, most = QueryTaker(), None, request.limits.measured_seconds
    frames = read_frames(request.path)
    for frame in frames:
        moment = float(frame.seconds)
        start = moment if start is None else start
        if moment - start > most:
            break
        query.add(moment - start, frame.luma)
        if frame.index % PROGRESS_EVERY == 0:
            send("progress", [min(frame.index, total), total])
    return query
