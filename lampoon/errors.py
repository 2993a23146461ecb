"""Every error of the house, drawn as a tree.

::

    LampoonError                 what went wrong, where, and what to try
    ├── MediaError               a clip cannot be read or written
    │   └── UnreadableError      the bytes are not a clip that can be decoded
    ├── FaceError                no usable face where one is needed
    ├── ConsentError             a consent record is broken
    │   └── ConsentRefusedError  records are fine, but do not allow this swap
    ├── ProvenanceError          a manifest, key or certificate is unusable
    │   └── SigningError         a clip could not be signed
    ├── TrainingError            a model cannot be trained, saved or loaded
    ├── SettingsError            a project, preset or policy file is wrong
    └── MissingExtraError        an optional part of the house is not installed

A caller's mistake in code is ``ValueError``; anything that the world did is a
``LampoonError``.
"""

from os import PathLike, fspath


class LampoonError(Exception):
    """Something the world did: what, where, and what to try next.

    ``str()`` of it is one line that a person can act on.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | PathLike[str] | None = None,
        hint: str = "",
    ) -> None:
        self.what = what
        self.where = None if where is None else fspath(where)
        self.hint = hint
        place = f"{self.where}: " if self.where else ""
        advice = f" ({hint})" if hint else ""
        super().__init__(f"{place}{what}{advice}")


class MediaError(LampoonError):
    """A clip cannot be read or written."""


class UnreadableError(MediaError):
    """The bytes are not a clip that can be decoded."""


class FaceError(LampoonError):
    """No usable face where one is needed."""


class ConsentError(LampoonError):
    """A consent record is broken: malformed, unsigned, tampered with."""


class ConsentRefusedError(ConsentError):
    """The records do not allow this swap; see ``refused_by``."""

    def __init__(self, refused_by: tuple[tuple[str, str, str], ...]) -> None:
        self.refused_by = refused_by
        lines = "; ".join(
            f"{rec}: {rule}: {detail}" for rec, rule, detail in refused_by
        )
        super().__init__(
            f"consent refused: {lines}",
            hint="nothing was swapped; ask the performer for a record that covers this",
        )


class ProvenanceError(LampoonError):
    """A manifest, key, certificate or trust list is unusable."""


class SigningError(ProvenanceError):
    """A clip could not be signed; the target path is untouched."""


class TrainingError(LampoonError):
    """A model cannot be trained, saved or loaded."""


class SettingsError(LampoonError):
    """A project, preset or policy file is wrong."""


class MissingExtraError(LampoonError):
    """An optional part of the house is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed",
            hint=f"pip install 'lampoon[{extra}]'",
        )
