"""Files that are hashed in very large pieces."""

from pathlib import Path

from lampoon.watermark.manifest.large_reads import WORTH_IT, LargeReads


def test_large_and_small_reads_give_the_same_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * (WORTH_IT // 128)
    path = tmp_path / "large.bin"
    path.write_bytes(content)
    large = bytearray(WORTH_IT + 5)

    with LargeReads(path) as file:
        small = file.read(4)
        count = file.readinto(large)

    assert small == content[:4]
    assert count == len(large)
    assert large == content[4 : 4 + len(large)]


def test_at_the_end_of_a_file_nothing_is_read(tmp_path: Path) -> None:
    path = tmp_path / "short.bin"
    path.write_bytes(b"abc")

    with LargeReads(path) as file:
        file.seek(3)
        assert file.readinto(bytearray(WORTH_IT)) == 0
