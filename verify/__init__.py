"""Judge one video: provenance, blinks, policy.

The door for programs::

    from lampoon.verify import TrustList, check

    verdict = check(Path("clip.mp4"), trust=TrustList.load(Path("trust.json")))
    verdict.finding, verdict.policy.decision, verdict.sentence

More in docs/verify.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lampoon.verify.check import check, provenance_of

if TYPE_CHECKING:
    from lampoon.verify.evidence import Finding, ProvenanceEvidence
    from lampoon.verify.policy import Decision, Policy, load_policy
    from lampoon.verify.sandbox import Limits
    from lampoon.verify.verdict import Verdict, verdict_json
    from lampoon.watermark.manifest.trust import TrustList

__all__ = [
    "Decision",
    "Finding",
    "Limits",
    "Policy",
    "ProvenanceEvidence",
    "TrustList",
    "Verdict",
    "check",
    "load_policy",
    "provenance_of",
    "verdict_json",
]

PLACES = {
    "Decision": "lampoon.verify.policy",
    "Finding": "lampoon.verify.evidence",
    "Limits": "lampoon.verify.sandbox",
    "Policy": "lampoon.verify.policy",
    "ProvenanceEvidence": "lampoon.verify.evidence",
    "TrustList": "lampoon.watermark.manifest.trust",
    "Verdict": "lampoon.verify.verdict",
    "load_policy": "lampoon.verify.policy",
    "verdict_json": "lampoon.verify.verdict",
}
"""Where the names lie. They are loaded when asked for: the limited child of every
verdict passes through here, and a third of its start was names that it never uses."""


def __getattr__(name: str) -> Any:
    """Return one of the names above, loading its module."""
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(PLACES[name]), name)
