"""With what a verdict was made: versions of libraries, and the trust list."""

import hashlib
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import lampoon
from lampoon.watermark.manifest.trust import TrustList

TOOLS = ("c2pa-python", "av", "ai-edge-litert", "numpy", "opencv-python")
"""Libraries whose version can change a verdict."""


def tool_versions() -> dict[str, str]:
    """Return the versions of what this verdict was made with."""
    found = {"lampoon": lampoon.__version__}
    for name in TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def trust_summary(trust: TrustList) -> dict[str, Any]:
    """Return which trust list was used: name, URIs, and a hash of its anchors."""
    anchors = "".join(f"{a.uri}\n{a.kind}\n{a.pem}\n" for a in trust.anchors)
    return {
        "name": trust.name,
        "uris": list(trust.signer_uris),
        "anchors": len(trust.anchors),
        "sha256": hashlib.sha256(anchors.encode()).hexdigest(),
    }
