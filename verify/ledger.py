"""Verdicts kept in a file of JSON lines, so that a broken-off batch goes on."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from lampoon.errors import MediaError
from lampoon.verify.kind import NOT_ASKED
from lampoon.verify.verdict import SCHEMA


@dataclass(frozen=True, slots=True)
class Terms:
    """What besides the file decides a verdict."""

    policy: str
    shadow: str
    trust: str
    program: str
    second_opinion: bool
    signed_by: str
    registry: bool
    provenance_only: bool = False


def terms_of(verdict: Mapping[str, Any]) -> Terms:
    """Return the terms under which a verdict, given as JSON values, was made."""
    policy, shadow = verdict["policy"], verdict["policy"].get("shadow")
    return Terms(
        policy=f"{policy['id']} {policy['version']}",
        shadow=f"{shadow['id']} {shadow['version']}" if shadow else "",
        trust=verdict["trust_list"]["sha256"],
        program=verdict["tools"].get("lampoon"),
        second_opinion=verdict["second_opinion"]["agreement"] != "not_asked",
        signed_by=verdict.get("signature", {}).get("kid", ""),
        registry=verdict.get("watermark", {}).get("registry", False),
        provenance_only=str(verdict.get("blink", {}).get("reason")).startswith(
            NOT_ASKED
        ),
    )


class Ledger:
    """The file of a batch: what it already holds, and what is added to it.

    A line that a crash cut short is dropped. Raises MediaError where the file
    cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[tuple[str, str, Terms], dict[str, Any]] = {}
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Read what is there, and open it for more."""
        try:
            self._file = self._path.open("a+b")
            self._file.seek(0)
            good = 0
            for line in self._file:
                if not line.endswith(b"\n") or not self._remember(line):
                    break
                good += len(line)
            if good < os.fstat(self._file.fileno()).st_size:
                self._cut(good)
        except OSError as error:
            self.__exit__(None, None, None)
            raise MediaError(
                f"cannot be used: {error.strerror}", where=self._path
            ) from error
        return self

    def _cut(self, good: int) -> None:
        """Drop a torn last line; refuse a file that is something else."""
        assert self._file is not None
        self._file.seek(good)
        rest = self._file.read()
        if rest.endswith(b"\n"):
            self._file.close()
            raise MediaError(
                "is not a list of verdicts", where=self._path, hint="name a new file"
            )
        self._file.truncate(good)

    def _remember(self, line: bytes) -> bool:
        try:
            verdict = json.loads(line)
            if verdict["schema"] != SCHEMA:
                return False
            self._keep(verdict)
        except (ValueError, KeyError, TypeError, AttributeError):
            return False
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _keep(self, verdict: dict[str, Any]) -> None:
        asset = verdict["asset"]
        self._known[asset["path"], asset["sha256"], terms_of(verdict)] = verdict

    def find(self, path: str, sha256: str, terms: Terms) -> dict[str, Any] | None:
        """Return the verdict on these bytes that still holds, None without one."""
        return self._known.get((path, sha256, terms))

    def add(self, verdict: Mapping[str, Any]) -> None:
        """Write one verdict to the file, at once."""
        assert self._file is not None
        line = json.dumps(verdict, ensure_ascii=False) + "\n"
        self._file.write(line.encode("utf-8", "surrogateescape"))
        self._file.flush()
        self._keep(dict(verdict))
