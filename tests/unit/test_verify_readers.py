"""Readers that stand by while a command loads."""

from pathlib import Path

from lampoon.verify.readers import new_reader, ready_reader, standing_by
from lampoon.verify.sandbox import Request, observe
from lampoon.watermark.manifest.trust import TrustList


def test_who_stands_by_is_taken_once() -> None:
    with standing_by(watching=False):
        first = ready_reader(watching=False)
        second = ready_reader(watching=False)
        for reader in (first, second):
            reader.communicate()

    assert first.pid != second.pid


def test_a_reader_that_is_asked_nothing_ends_without_a_word() -> None:
    reader = new_reader(watching=False)

    said, _ = reader.communicate()

    assert (said, reader.returncode) == (b"", 0)


def test_a_reader_that_stood_by_reads_what_it_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.write_bytes(b"")

    with standing_by(watching=False):
        seen = observe(Request(path, TrustList(), pictures=False))

    assert seen.ready
    assert seen.manifest is not None or seen.manifest_failure
