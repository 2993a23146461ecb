"""What an independent engine (encypher-c2pa) says of the same manifest.

Two programs that share no code seldom make the same mistake. The engine runs in the
limited child, offline and without telemetry; where it disagrees, a person is told.
"""

import mimetypes
import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lampoon.errors import MissingExtraError
from lampoon.verify.evidence import Agreement, OtherReading, SecondOpinion
from lampoon.watermark.manifest.reading import (
    UNKNOWN_SIGNER,
    ManifestReading,
    ReadingKind,
)
from lampoon.watermark.manifest.trust import AnchorKind, TrustList

ENGINE = "encypher-c2pa"
QUIET = {
    "ENCYPHER_C2PA_TELEMETRY": "off",
    "ENCYPHER_C2PA_ONLINE": "off",
    "ENCYPHER_C2PA_CONFIG_DIR": "/dev/null/none",
}
"""What the engine may not do, whatever somebody's settings say."""

MOST_BYTES = 128 * 2**20
"""The engine reads no larger file by its path."""

NOTHING, WHOLE, VOUCHED, BROKEN = "no record", "whole", "vouched for", "broken"
INACCESSIBLE = "manifest.inaccessible"
BESIDE = ("cawg.", "com.encypher.cawg.", "ingredient.")
"""Failures of identities and parts: both engines see them, and rank them otherwise."""


def require_engine() -> None:
    """Raise MissingExtraError where the second engine is not installed."""
    try:
        version(ENGINE)
    except PackageNotFoundError as error:
        raise MissingExtraError(ENGINE, "verify") from error


def ask(path: Path, trust: TrustList, sidecar: Path | None = None) -> OtherReading:
    """Return what the engine reads; only the limited child calls this.

    The engine wraps nothing: whatever it raises becomes ``failure``.
    """
    os.environ.update(QUIET)
    engine = f"{ENGINE} {version(ENGINE)}"
    if path.stat().st_size > MOST_BYTES:
        return OtherReading(engine, failure="the file is larger than it reads")
    import encypher_c2pa

    mime = mimetypes.guess_type(path.name)[0] or "video/mp4"
    try:
        report = encypher_c2pa.verify(
            path.read_bytes(),
            mime,
            manifest_store=None if sidecar is None else sidecar.read_bytes(),
            trust_pem=_pem(trust, AnchorKind.MANIFEST),
            tsa_trust_pem=_pem(trust, AnchorKind.TIME_STAMP),
            no_default_trust=True,
            telemetry=False,
            online=False,
        )
    except (ValueError, OSError, RuntimeError, TypeError) as error:
        return OtherReading(engine, failure=str(error)[:300] or type(error).__name__)
    return _other(engine, report)


def _pem(trust: TrustList, kind: AnchorKind) -> str | None:
    return "\n".join(a.pem for a in trust.anchors if a.kind is kind) or None


def _other(engine: str, report: Mapping[str, Any]) -> OtherReading:
    results = report.get("validation_results") or {}
    failures = [str(each.get("code")) for each in results.get("failure") or []]
    return OtherReading(
        engine,
        present=bool(report.get("present")),
        state=str(report.get("validation_state")),
        hard_binding=str(report.get("hard_binding")),
        failures=tuple(dict.fromkeys(failures)),
    )


def compare(ours: ManifestReading | None, other: OtherReading) -> SecondOpinion:
    """Return whether both engines tell the same of a manifest.

    They are asked the same three things: is there a record, is it whole and bound
    to these bytes, and does the trust list vouch for its signer. Of the last they
    may think differently without either being wrong, so that is told apart.
    """
    own, theirs = _our_word(ours), _their_word(other)
    if not theirs:
        agreement = Agreement.NO_ANSWER
    elif own == theirs:
        agreement = Agreement.AGREES
    elif {own, theirs} == {WHOLE, VOUCHED}:
        agreement = Agreement.DIFFERS_ON_TRUST
    else:
        agreement = Agreement.DISAGREES
    return SecondOpinion(agreement, own, theirs, other)


def _our_word(ours: ManifestReading | None) -> str:
    if ours is None or ours.kind is ReadingKind.MALFORMED:
        return BROKEN
    if not ours.found:
        return NOTHING
    return _word(ours.failures, known=ours.trust_list_uri is not None)


def _their_word(other: OtherReading) -> str:
    """Return the same of the other engine, "" where it did not answer."""
    if other.failure:
        return ""
    if not other.present or INACCESSIBLE in other.failures:
        return NOTHING
    if other.state == "Invalid" and not other.failures:
        return BROKEN
    return _word(other.failures, known=True)


def _word(failures: tuple[str, ...], *, known: bool) -> str:
    """Return what failure codes leave of a record."""
    broken = [
        code
        for code in failures
        if code != UNKNOWN_SIGNER and not code.startswith(BESIDE)
    ]
    if broken:
        return BROKEN
    return VOUCHED if known and UNKNOWN_SIGNER not in failures else WHOLE
