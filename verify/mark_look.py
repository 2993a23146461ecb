"""The invisible mark and the likeness of one clip; this runs in the limited child."""

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

from av.video.frame import PictureType

from lampoon.errors import UnreadableError
from lampoon.media.frame import Frame
from lampoon.media.reader import Clip, probe, read_frames
from lampoon.verify.evidence import LabelSeen
from lampoon.verify.label_look import as_it_was, declared_label_seen, is_whole
from lampoon.verify.mark_evidence import (
    Geometry,
    Likeness,
    MarkState,
    WatermarkEvidence,
)
from lampoon.verify.poster import Samples
from lampoon.verify.sandbox import Comparison, Request
from lampoon.watermark.fingerprint import Fingerprint
from lampoon.watermark.invisible.describe import place_in_words
from lampoon.watermark.invisible.detect import Effort, Spread, detect
from lampoon.watermark.invisible.evidence import WatermarkReading
from lampoon.watermark.manifest.reading import ManifestReading
from lampoon.watermark.query import QueryTaker, view_of
from lampoon.watermark.resemblance import resemblance

Send = Callable[[str, Any], None]

PROGRESS_EVERY = 10
"""Frames between two words about progress; they also show that nothing hangs."""

SEARCHED_SHARE = 7 / 8
"""Of the clip; the search then goes on while the rest is still being looked at."""

MOST_BETWEEN = 12
"""Frames that are coded worst (B) are passed over, unless there are only such."""


class MarkSearch:
    """The search for a mark on another core, while the clip is looked at.

    Keyframes are searched first; where they do not tell, frames are taken of those
    that stream by in ``watch``. Leaving it ends the search.
    """

    def __init__(self, request: Request, send: Send) -> None:
        self._request, self._send = request, send
        self._passed: Future[Spread] = Future()
        self._aside = ThreadPoolExecutor(1, "mark")
        self._found = self._aside.submit(self._search)

    def __enter__(self) -> Self:
        """Give the search, which runs already."""
        return self

    def __exit__(self, *raised: object) -> None:
        """End it: whoever waits for frames that will not come is told so."""
        if not self._passed.done():
            self._passed.set_exception(UnreadableError("the pictures broke off"))
        self._aside.shutdown()

    def watch(self, frames: Iterator[Frame], clip: Clip) -> Iterator[Frame]:
        """Give the frames on as they are, and keep some for the search."""
        spread, between = Spread(float(clip.seconds)), 0
        last = max(int(clip.frame_count * SEARCHED_SHARE), 1)
        for frame in frames:
            if frame.index < last:
                between = _kept(frame, spread, between)
            elif not self._passed.done():
                self._passed.set_result(spread)
            yield frame
        if not self._passed.done():
            self._passed.set_result(spread)

    def result(self) -> WatermarkEvidence:
        """Return the mark; where it leads is for the parent to find out.

        Raises UnreadableError for a file that is no clip.
        """
        return _evidence(self._found.result())

    def _search(self) -> WatermarkReading:
        path, most = self._request.path, self._request.limits.measured_seconds
        whole = probe(path).seconds <= most
        return detect(
            path,
            effort=Effort(timeline=False),
            spread=self._passed.result if whole else None,
            tell=self._tell,
        )

    def _tell(self, done: int, total: int) -> None:
        if done % PROGRESS_EVERY == 0:
            self._send("progress", [done, total])


def _kept(frame: Frame, spread: Spread, between: int) -> int:
    """Offer a frame to the search; return how many worse ones came in a row."""
    native = frame.picture.native if frame.picture else None
    is_worse = native is not None and native.pict_type == PictureType.B
    between = between + 1 if is_worse else 0
    if between % MOST_BETWEEN == 0:
        spread.keep(frame, key=native is not None and bool(native.key_frame))
    return between


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


def likeness(
    request: Request, asked: Comparison, reading: ManifestReading, send: Send
) -> tuple[Likeness, LabelSeen]:
    """Return how the clip resembles a registered fingerprint, and shows its label.

    The label is the one that the registered record declares. Raises UnreadableError
    for a file that is no clip, ProvenanceError for what is no fingerprint.
    """
    stored = Fingerprint.from_bytes(base64.b64decode(asked.fingerprint))
    clip, lie = probe(request.path), asked.geometry
    original = (stored.width, stored.height)
    view = view_of(
        (clip.width, clip.height), original, lie.scale, lie.stretch, lie.flip
    )
    samples = Samples(clip.frame_count)
    query = _query(request, clip.frame_count, samples, send)
    found = resemblance(stored, query, view)
    alike = Likeness(
        likeness=found.likeness,
        covered=found.covered,
        acting=found.acting,
        across=view.across,
        down=view.down,
        place=place_in_words(found.places),
    )
    if not is_whole(view):
        return alike, LabelSeen.UNKNOWN
    pictures = (as_it_was(frame.rgb, view, original) for frame in samples.frames)
    return alike, declared_label_seen(reading, pictures)


def _query(request: Request, total: int, samples: Samples, send: Send) -> QueryTaker:
    """Return small pictures of the part of the clip that is looked at."""
    query, start, most = QueryTaker(), None, request.limits.measured_seconds
    frames = read_frames(request.path)
    for frame in frames:
        moment = float(frame.seconds)
        start = moment if start is None else start
        if moment - start > most:
            break
        query.add(moment - start, frame.luma)
        samples.keep(frame, [])
        if frame.index % PROGRESS_EVERY == 0:
            send("progress", [min(frame.index, total), total])
    return query
