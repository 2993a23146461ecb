"""Labelled parody video with consenting performers, and a verifier for it."""

__version__: str


def __getattr__(name: str) -> str:
    """Return the version when it is asked for: reading it slows every start."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("lampoon")
