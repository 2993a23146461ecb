"""Judge one video: provenance, blinks, policy.

The door for programs::

    from lampoon.verify import TrustList, check

    verdict = check(Path("clip.mp4"), trust=TrustList.load(Path("trust.json")))
    verdict.finding, verdict.policy.decision, verdict.sentence

More in docs/verify.md.
"""

from lampoon.verify.check import check, provenance_of
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
