"""Keys for tests: made in a temporary folder, worth nothing outside it."""

from pathlib import Path

from lampoon.consent.signature import SubjectKey, generate_key, load_key


def consent_key(path: Path) -> SubjectKey:
    """Return the consent key at ``path``, made when it is not there yet."""
    return load_key(path) if path.exists() else generate_key(path)
