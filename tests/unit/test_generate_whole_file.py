"""A file is there whole or not at all, and private where it should be."""

import os
import stat
from pathlib import Path

import pytest

from lampoon.errors import LampoonError
from lampoon.generate.whole_file import replace_file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_private_file_is_its_owners_alone_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "identity.npy"
    path.write_bytes(b"before")
    path.chmod(0o644)
    before = os.umask(0)
    try:
        replace_file(path, b"after", private=True)
    finally:
        os.umask(before)

    assert path.read_bytes() == b"after"
    assert mode(path) == 0o600


def test_any_other_file_follows_the_users_own_rule(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        replace_file(tmp_path / "plain.txt", b"all")
    finally:
        os.umask(before)

    assert mode(tmp_path / "plain.txt") == 0o644


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    (target / "inside").mkdir(parents=True)

    with pytest.raises(LampoonError, match="cannot be written"):
        replace_file(target, b"all")

    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
