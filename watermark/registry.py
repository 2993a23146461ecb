"""Where the mark's key leads: manifest and fingerprint of every published clip.

A SQLite file by default, any database that SQLAlchemy knows by URL. A clip and its
entry appear in the same step: the entry is promised, the clip is renamed to its
place, the promise is kept. A crash in between leaves a promise; whether it was kept
shows in the file that it names, so ``settle`` needs no log of its own.
"""

import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError

from lampoon.errors import ProvenanceError

PROMISED, PUBLISHED = "promised", "published"
BLOCK_BYTES = 1 << 20
SECONDS_TO_WAIT = 30

_tables = sql.MetaData()
_entries = sql.Table(
    "entries",
    _tables,
    sql.Column("key", sql.String(16), primary_key=True),
    sql.Column("urn", sql.String(80), nullable=False, unique=True),
    sql.Column("manifest_store", sql.LargeBinary, nullable=False),
    sql.Column("fingerprint", sql.LargeBinary, nullable=False),
    sql.Column("state", sql.String(10), nullable=False),
    sql.Column("made_at", sql.String(32), nullable=False),
    sql.Column("machine", sql.String(255), nullable=False),
    sql.Column("place", sql.Text, nullable=False),
    sql.Column("sha256", sql.String(64), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one clip: 8-byte key, manifest's name and bytes, fingerprint."""

    key: bytes
    urn: str
    manifest_store: bytes
    fingerprint: bytes


class Registry:
    """Entries by key. Raises ProvenanceError for whatever the database refuses."""

    def __init__(self, url: str) -> None:
        arguments = {"timeout": SECONDS_TO_WAIT} if url.startswith("sqlite") else {}
        self._where = url.partition("://")[0]
        with self._guarded():
            parsed = sql.engine.make_url(url)
            self._where = parsed.render_as_string(hide_password=True)
            self._engine = sql.create_engine(parsed, connect_args=arguments)
            _tables.create_all(self._engine, checkfirst=True)

    @classmethod
    def at(cls, path: Path) -> "Registry":
        """Return the registry in a SQLite file, made where there is none."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{path.absolute()}")

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def put(self, entry: Entry) -> None:
        """Keep an entry for good; the same one twice is one.

        Raises ProvenanceError where its key or name stands for another entry.
        """
        self._write(entry, PUBLISHED, place="", sha256="")

    def get(self, key: bytes) -> Entry | None:
        """Return the published entry of a key, None without one."""
        query = sql.select(_entries).where(
            _entries.c.key == key.hex(), _entries.c.state == PUBLISHED
        )
        with self._guarded(), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _entry(row)

    def matches(self, key: bytes, urn: str) -> bool:
        """Return whether a key is registered for the manifest of that name."""
        entry = self.get(key)
        return entry is not None and entry.urn == urn

    def entries(self) -> Iterator[Entry]:
        """Give every published entry, by key; one at a time."""
        query = sql.select(_entries).where(_entries.c.state == PUBLISHED)
        with self._guarded(), self._engine.connect() as connection:
            rows = connection.execution_options(yield_per=20).execute(
                query.order_by(_entries.c.key)
            )
            for row in rows.mappings():
                yield _entry(row)

    def publish(self, entry: Entry, finished: Path, target: Path) -> None:
        """Move a finished clip to its place and keep its entry, both or neither.

        ``finished`` lies beside ``target``. After a crash ``settle`` finds out which
        of the two it was. Raises ProvenanceError or OSError; then neither is there.
        """
        digest = _sha256(finished)
        self._write(entry, PROMISED, place=str(target.absolute()), sha256=digest)
        try:
            os.replace(finished, target)
        except OSError:
            self._forget(entry.key)
            raise
        self._write(entry, PUBLISHED, place=str(target.absolute()), sha256=digest)

    def settle(self) -> int:
        """Keep or forget what was promised on this machine; return how many.

        Only call this while nothing is being published: at the start of a job.
        """
        query = sql.select(_entries).where(
            _entries.c.state == PROMISED, _entries.c.machine == platform.node()
        )
        with self._guarded(), self._engine.connect() as connection:
            promised = [dict(row) for row in connection.execute(query).mappings()]
        for row in promised:
            place = Path(row["place"])
            if place.is_file() and _sha256(place) == row["sha256"]:
                self._write(_entry(row), PUBLISHED, row["place"], row["sha256"])
            else:
                self._forget(bytes.fromhex(row["key"]))
        return len(promised)

    def _write(self, entry: Entry, state: str, place: str, sha256: str) -> None:
        values: dict[str, Any] = {
            "key": entry.key.hex(),
            "urn": entry.urn,
            "manifest_store": entry.manifest_store,
            "fingerprint": entry.fingerprint,
            "state": state,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": platform.node(),
            "place": place,
            "sha256": sha256,
        }
        same = _entries.c.key == entry.key.hex()
        with self._guarded(), self._engine.begin() as connection:
            row = (
                connection.execute(sql.select(_entries).where(same)).mappings().first()
            )
            if row is None:
                connection.execute(sql.insert(_entries).values(values))
            elif _entry(row) == entry or row["state"] == PROMISED:
                connection.execute(sql.update(_entries).where(same).values(values))
            else:
                raise ProvenanceError(
                    f"the key {entry.key.hex()} already stands for {row['urn']}",
                    where=self._where,
                )

    def _forget(self, key: bytes) -> None:
        gone = sql.delete(_entries).where(
            _entries.c.key == key.hex(), _entries.c.state == PROMISED
        )
        with self._guarded(), self._engine.begin() as connection:
            connection.execute(gone)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except ImportError as error:
            raise ProvenanceError(
                f"the registry's database has no driver here: {error}",
                where=self._where,
                hint='for PostgreSQL: pip install "lampoon[postgres]"',
            ) from error
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise ProvenanceError(
                f"the registry cannot be used: {reason}",
                where=self._where,
                hint="is it a registry, and may you write there?",
            ) from error


def _entry(row: Any) -> Entry:
    return Entry(
        bytes.fromhex(row["key"]),
        row["urn"],
        bytes(row["manifest_store"]),
        bytes(row["fingerprint"]),
    )


def _sha256(path: Path) -> str:
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            hasher.update(block)
    return hasher.hexdigest()
