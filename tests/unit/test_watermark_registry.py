"""Keys to credentials, and clips that appear together with them."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lampoon.errors import ProvenanceError
from lampoon.watermark.registry import Entry, Registry

ONE = Entry(b"\x01" * 8, "urn:c2pa:one", b"store", b"print")

PUBLISHER = """
import sys
from pathlib import Path
from lampoon.watermark.registry import Entry, Registry
folder = Path(sys.argv[1])
registry = Registry.at(folder / "registry.db")
print("ready", flush=True)
for number in range(10_000):
    name = f"{sys.argv[2]}-{number}"
    hidden = folder / f".{name}.hidden"
    hidden.write_bytes(name.encode() * 1000)
    key = (int(sys.argv[2]) * 100_000 + number).to_bytes(8, "big")
    entry = Entry(key, f"urn:c2pa:{name}", b"store", b"print")
    registry.publish(entry, hidden, folder / f"{name}.mp4")
"""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.at(tmp_path / "house" / "registry.db")


def test_what_is_put_is_got(registry: Registry) -> None:
    registry.put(ONE)
    registry.put(ONE)
    assert registry.get(ONE.key) == ONE
    assert registry.matches(ONE.key, ONE.urn)
    assert not registry.matches(ONE.key, "urn:c2pa:two")
    assert registry.get(b"\x02" * 8) is None
    assert list(registry.entries()) == [ONE]


def test_a_key_never_changes_its_meaning(registry: Registry) -> None:
    registry.put(ONE)
    with pytest.raises(ProvenanceError, match="already stands for"):
        registry.put(Entry(ONE.key, "urn:c2pa:two", b"", b""))
    assert registry.get(ONE.key) == ONE


def test_a_clip_is_published_with_its_entry(registry: Registry, tmp_path: Path) -> None:
    hidden, target = tmp_path / ".hidden", tmp_path / "clip.mp4"
    hidden.write_bytes(b"clip")
    registry.publish(ONE, hidden, target)
    assert target.read_bytes() == b"clip"
    assert not hidden.exists()
    assert registry.get(ONE.key) == ONE
    assert registry.settle() == 0


def test_a_clip_that_cannot_be_moved_leaves_no_entry(
    registry: Registry, tmp_path: Path
) -> None:
    hidden = tmp_path / ".hidden"
    hidden.write_bytes(b"clip")
    with pytest.raises(OSError, match="nowhere"):
        registry.publish(ONE, hidden, tmp_path / "nowhere" / "clip.mp4")
    assert registry.get(ONE.key) is None
    assert list(registry.entries()) == []


def test_a_file_that_is_no_registry_is_said_to_be_none(tmp_path: Path) -> None:
    place = tmp_path / "registry.db"
    place.write_bytes(b"this is no database, it is a letter" * 100)
    with pytest.raises(ProvenanceError, match="registry cannot be used"):
        Registry.at(place)


@pytest.mark.parametrize("url", ["nonsense", "nonsense://here", "://"])
def test_a_url_that_names_no_database_is_said_to_be_none(url: str) -> None:
    with pytest.raises(ProvenanceError, match="registry cannot be used"):
        Registry(url)


def test_a_password_is_not_told(tmp_path: Path) -> None:
    secret = f"sqlite://ada:hush@/{tmp_path}/nowhere/registry.db"
    with pytest.raises(ProvenanceError) as caught:
        Registry(secret)
    assert "hush" not in str(caught.value)


def consistent(folder: Path) -> bool:
    """Whether every clip has its entry and every entry its clip, after settling."""
    registry = Registry.at(folder / "registry.db")
    registry.settle()
    clips = {path.stem for path in folder.glob("*.mp4")}
    named = {entry.urn.removeprefix("urn:c2pa:") for entry in registry.entries()}
    registry.close()
    return clips == named


@pytest.mark.slow
def test_killing_the_publisher_leaves_both_or_neither(tmp_path: Path) -> None:
    moments = random.Random(1)
    for round_number in range(12):
        command = [sys.executable, "-P", "-c", PUBLISHER]
        child = subprocess.Popen(
            [*command, str(tmp_path), str(round_number)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(moments.uniform(0.0, 0.15))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert consistent(tmp_path)
    assert list(tmp_path.glob("*.mp4"))
