"""What a file says about itself, as plain typed facts.

Everything here came out of a file that a stranger may have written: text is shown,
never obeyed, and the only judgement is the library's validation state and whether
the list that vouched for the signer is one of ours.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

UNKNOWN_SIGNER = "signingCredential.untrusted"
"""The one failure that leaves a manifest valid: nobody we know vouches for it."""

VENDOR = "org.lampoon"
"""The prefix of our own assertions; a domain that the project must hold."""

PARODY = f"{VENDOR}.parody"
CONSENT = f"{VENDOR}.consent"


class ReadingKind(StrEnum):
    """How the manifest was found, or why there is none to read."""

    EMBEDDED = "embedded"
    SIDECAR = "sidecar"
    ABSENT = "absent"
    REMOTE = "remote"
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"


class ValidationState(StrEnum):
    """The library's word: whole and vouched for, whole, or not whole."""

    TRUSTED = "Trusted"
    VALID = "Valid"
    INVALID = "Invalid"


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """Who signed; ``time`` is RFC 3339 text from a time stamp, "" without one."""

    algorithm: str = ""
    issuer: str = ""
    common_name: str = ""
    serial: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class AssertionReading:
    """One assertion; ``created`` means that the signer claims it as their own."""

    label: str
    created: bool
    data: Any

    @property
    def base_label(self) -> str:
        """The label without the number of a repeated assertion (``__1``)."""
        return self.label.partition("__")[0]


@dataclass(frozen=True, slots=True)
class ManifestFacts:
    """One manifest of a store, the active one or one that came with an ingredient."""

    urn: str
    title: str = ""
    claim_generator: str = ""
    claim_version: int = 1
    signature: SignatureFacts | None = None
    assertions: tuple[AssertionReading, ...] = ()
    digital_source_types: tuple[str, ...] = ()

    def assertion(self, label: str) -> AssertionReading | None:
        """Return the assertion of this label, the signer's own before others'."""
        found = [each for each in self.assertions if each.base_label == label]
        own = [each for each in found if each.created]
        return next(iter(own or found), None)


@dataclass(frozen=True, slots=True)
class Codes:
    """Validation codes by the meaning that C2PA gives them, each once, in order."""

    success: tuple[str, ...] = ()
    informational: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngredientReading:
    """Something a manifest was made from.

    ``of`` is the manifest that lists it, ``manifest`` its own (None: it came without
    any, and ``state`` is None too). ``codes`` joins what its user's signer wrote
    down and what this reading found different. ``depth`` is 1 for the active
    manifest's own ingredients.
    """

    title: str
    relationship: str
    of: str
    depth: int
    format: str = ""
    manifest: str | None = None
    signature: SignatureFacts | None = None
    state: ValidationState | None = None
    trust_list_uri: str | None = None
    codes: Codes = field(default_factory=Codes)

    @property
    def failures(self) -> tuple[str, ...]:
        """What is broken; an unknown signer in the past breaks nothing."""
        return tuple(code for code in self.codes.failure if code != UNKNOWN_SIGNER)


@dataclass(frozen=True, slots=True)
class ManifestReading:
    """Everything that one look into a file gave.

    ``detail`` says in the library's words why there is no manifest to read.
    ``vouched`` is true only for state Trusted by one of our own signer lists: the
    state alone is not enough. ``history`` holds every ingredient, nearest first.
    ``thumbnail`` is the poster's bytes, b"" without one.
    """

    kind: ReadingKind
    detail: str = ""
    remote_url: str | None = None
    state: ValidationState | None = None
    codes: Codes = field(default_factory=Codes)
    trust_list_uri: str | None = None
    vouched: bool = False
    active: ManifestFacts | None = None
    history: tuple[IngredientReading, ...] = ()
    thumbnail: bytes = field(default=b"", repr=False)

    @property
    def found(self) -> bool:
        """Whether there is a manifest to judge."""
        return self.active is not None

    @property
    def failures(self) -> tuple[str, ...]:
        """The failure codes of the active manifest."""
        return self.codes.failure

    @property
    def unknown_signer(self) -> bool:
        """Whether all is whole but nobody we know vouches for the signer."""
        return self.found and set(self.failures) == {UNKNOWN_SIGNER}

    @property
    def broken_ingredients(self) -> tuple[IngredientReading, ...]:
        """The parts of the history that do not hold."""
        return tuple(each for each in self.history if each.failures)

    @property
    def urn(self) -> str | None:
        """The active manifest's ``urn:c2pa:...``."""
        return self.active.urn if self.active else None

    @property
    def signature(self) -> SignatureFacts | None:
        """Who signed the active manifest."""
        return self.active.signature if self.active else None

    @property
    def digital_source_types(self) -> tuple[str, ...]:
        """What the active manifest says the pictures are, IPTC terms as URLs."""
        return self.active.digital_source_types if self.active else ()

    @property
    def parody(self) -> AssertionReading | None:
        """The parody assertion; believe it only where ``created`` is true."""
        return self.active.assertion(PARODY) if self.active else None

    @property
    def consent(self) -> AssertionReading | None:
        """The consent assertion: salted hashes of records, no names."""
        return self.active.assertion(CONSENT) if self.active else None
