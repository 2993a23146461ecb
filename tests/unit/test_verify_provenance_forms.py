"""Records beside files, behind addresses and in fragments; looks that fail."""

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Thread

import av
import c2pa

from lampoon.verify.check import check
from lampoon.verify.evidence import Finding, Integrity
from lampoon.verify.follow import follow_mark
from lampoon.verify.kind import NOT_ASKED
from lampoon.verify.mark_evidence import MarkState
from lampoon.verify.sandbox import Observation, Request
from lampoon.verify.worth import manifest_evidence
from tests.support.certificates import (
    camera_definition,
    plain_clip,
    signed_parody,
    troupe,
)
from tests.support.tamper import flipped
from tests.support.verify import picture_evidence

TRUST = troupe().trust


def builder() -> c2pa.Builder:
    """A camera's record, to be signed in one way or another."""
    context = c2pa.Context.from_dict(TRUST.settings())
    return c2pa.Builder(camera_definition(), context)


def signer() -> c2pa.Signer:
    """The tests' troupe, for the library."""
    chain = troupe().chain_pem.decode()
    return c2pa.Signer.from_callback(troupe().sign, c2pa.C2paSigningAlg.ES256, chain)


def fragmented(clip: Path, target: Path) -> Path:
    """The same pictures as one fragmented MP4: a head without samples, then parts."""
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(str(clip)) as given, av.open(str(target), "w", options=options) as out:
        source = given.streams.video[0]
        stream = out.add_stream_from_template(source)
        for packet in given.demux(source):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    return target


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A server that notes whoever calls, and answers nobody."""
    calls: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def note() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                calls.append(b"called")
                connection.close()

        Thread(target=note, daemon=True).start()
        yield server.getsockname()[1], calls
        server.shutdown(socket.SHUT_RDWR)


def test_a_fragmented_clip_is_judged_like_any_other(tmp_path: Path) -> None:
    plain = fragmented(plain_clip(tmp_path / "plain.mp4"), tmp_path / "parts.mp4")
    signed = tmp_path / "signed.mp4"
    builder().sign_file(str(plain), str(signed), signer())
    content = signed.read_bytes()
    harmed = tmp_path / "harmed.mp4"
    harmed.write_bytes(flipped(content, content.rindex(b"mdat") + 40))

    found = check(signed, trust=TRUST, provenance_only=True)
    altered = check(harmed, trust=TRUST, provenance_only=True)

    assert found.finding is Finding.SIGNED_OTHER
    assert altered.finding is Finding.CONTENT_ALTERED


def test_a_record_beside_the_file_counts_and_only_for_its_bytes(
    tmp_path: Path,
) -> None:
    clip, beside = plain_clip(tmp_path / "clip.mp4"), tmp_path / "clip.c2pa"
    making = builder()
    making.set_no_embed()
    beside.write_bytes(
        making.sign(signer(), "video/mp4", io.BytesIO(clip.read_bytes()), io.BytesIO())
    )
    other = plain_clip(tmp_path / "other.mp4", grey=90)

    found = check(clip, trust=TRUST, sidecar=beside, provenance_only=True)
    foreign = check(other, trust=TRUST, sidecar=beside, provenance_only=True)

    assert found.finding is Finding.SIGNED_OTHER
    assert foreign.finding is Finding.CONTENT_ALTERED


def test_a_record_behind_an_address_is_named_and_never_fetched(tmp_path: Path) -> None:
    clip, named = plain_clip(tmp_path / "clip.mp4"), tmp_path / "named.mp4"
    with listening() as (port, calls):
        making = builder()
        making.set_no_embed()
        making.set_remote_url(f"http://127.0.0.1:{port}/clip.c2pa")
        making.sign_file(str(clip), str(named), signer())

        found = check(named, trust=TRUST, provenance_only=True)

    assert found.provenance.integrity is Integrity.REMOTE
    assert found.finding is Finding.UNMARKED
    assert calls == []


def test_provenance_alone_says_that_nothing_else_was_looked_at(tmp_path: Path) -> None:
    found = check(signed_parody(tmp_path), trust=TRUST, provenance_only=True)

    assert found.finding is Finding.LABELLED_PARODY
    assert found.blink.statistics.reason.startswith(NOT_ASKED)
    assert found.watermark.state is MarkState.NOT_CHECKED


def test_a_search_for_the_mark_that_breaks_off_is_told(tmp_path: Path) -> None:
    seen = Observation(
        pictures=picture_evidence(), mark_failure="the reader crashed on it (SIGSEGV)"
    )
    request = Request(tmp_path / "clip.mp4", TRUST)
    today = date(2026, 12, 1)

    marked = follow_mark(manifest_evidence(seen, today), seen, request, None, today)

    assert marked.mark.state is MarkState.NOT_CHECKED
    assert "crashed" in " ".join(marked.reasons)
