"""What each reader found, and the words a verdict is made of.

Evidence is plain frozen data: it crosses the border of the sandbox as JSON, and is
checked field by field on this side, because a hostile file may have taken the
child over.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from lampoon.verify.blink.agreement import SourceAgreement
from lampoon.verify.blink.calibration import Calibrated
from lampoon.verify.blink.events import BlinkEvent
from lampoon.verify.blink.habits import Habits
from lampoon.verify.blink.repetition import Repetition
from lampoon.verify.blink.statistics import BlinkStatistics
from lampoon.verify.mark_evidence import WatermarkEvidence


class Finding(StrEnum):
    """What a file turned out to be; there is no word for authentic."""

    LABELLED_PARODY = "labelled_parody"
    SIGNED_OTHER = "signed_other"
    UNKNOWN_SIGNER = "unknown_signer"
    BROKEN_HISTORY = "broken_history"
    CONTENT_ALTERED = "content_altered"
    MANIFEST_ALTERED = "manifest_altered"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUBSTITUTED = "substituted"
    RECOVERED = "recovered"
    UNMARKED = "unmarked"
    MALFORMED = "malformed"
    UNREADABLE = "unreadable"


class Integrity(StrEnum):
    """Whether what was signed is still what is there; absent is never altered."""

    INTACT = "intact"
    ALTERED = "altered"
    ABSENT = "absent"
    REMOTE = "remote"
    UNREADABLE = "unreadable"


class Trust(StrEnum):
    """Who vouches for the signer."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    INVALID = "invalid"
    ABSENT = "absent"


class HardBinding(StrEnum):
    """Whether the bytes match the hash in the manifest."""

    MATCH = "match"
    MISMATCH = "mismatch"
    ABSENT = "absent"


class History(StrEnum):
    """Whether the manifests of the parts hold."""

    INTACT = "intact"
    BROKEN = "broken"
    NONE = "none"


class ConsentState(StrEnum):
    """What can be said of the performers' consent, from the file or a status list."""

    VALID = "valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    UNVERIFIABLE = "unverifiable"
    ABSENT = "absent"


class LabelSeen(StrEnum):
    """Whether the declared visible label was found in the pictures."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PartEvidence:
    """One part of a clip's history: what it is, who signed it, what is wrong."""

    title: str
    relationship: str
    depth: int
    signer: str
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParodyEvidence:
    """What the signer says of the parody; ``own`` where they created the claim."""

    own: bool
    content_label: str
    label_text: str
    synthetic: bool
    visible_label: str
    position: str


@dataclass(frozen=True, slots=True)
class ProvenanceEvidence:
    """What the manifest turned out to be, with the reasons in plain words.

    ``consent_records`` are the salted hashes of the records that it names; ``codes``
    the failures in C2PA's own words, for those who know them.
    """

    finding: Finding
    reasons: tuple[str, ...]
    integrity: Integrity
    trust: Trust
    hard_binding: HardBinding
    history: History
    digital_source_type: str | None = None
    parody: ParodyEvidence | None = None
    manifest: str | None = None
    title: str = ""
    signer: str = ""
    issuer: str = ""
    signed_at: str = ""
    generator: str = ""
    consent: ConsentState = ConsentState.ABSENT
    consent_records: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    parts: tuple[PartEvidence, ...] = ()


class Agreement(StrEnum):
    """Whether a second engine tells the same of the manifest."""

    NOT_ASKED = "not_asked"
    AGREES = "agrees"
    DIFFERS_ON_TRUST = "differs_on_trust"
    DISAGREES = "disagrees"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class OtherReading:
    """What another engine said in its own words; ``failure`` where it gave up."""

    engine: str
    present: bool = False
    state: str = ""
    hard_binding: str = ""
    failures: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Both engines' answers in the same few words, and whether they agree."""

    agreement: Agreement = Agreement.NOT_ASKED
    ours: str = ""
    theirs: str = ""
    other: OtherReading | None = None


@dataclass(frozen=True, slots=True)
class AssetEvidence:
    """The file: fingerprint and size, and its pictures where they can be decoded."""

    path: str
    sha256: str
    bytes: int
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    rate: str | None = None


@dataclass(frozen=True, slots=True)
class LabelEvidence:
    """The visible label: what the manifest declares, what the pictures show."""

    declared: str | None = None
    seen: LabelSeen = LabelSeen.UNKNOWN


@dataclass(frozen=True, slots=True)
class Timeline:
    """Eye openness for the report: seconds, left, right (None: not measurable).

    ``blinked`` is how far the lids are down in a blink as the networks see it, both
    eyes together; empty where they were not asked.
    """

    seconds: tuple[float, ...] = ()
    left: tuple[float | None, ...] = ()
    right: tuple[float | None, ...] = ()
    blinked: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class BlinkEvidence:
    """Blinks, what they say, and what could not be measured and why.

    ``doubtful`` are blinks that the networks alone saw; they are not counted.
    ``lost`` gives seconds by reason; ``faces`` counts the stretches of one face that
    were measured; ``cut_off`` is true where only the beginning of a long clip was
    looked at. ``source`` and ``calibrated`` are there where a source clip or a
    calibration was given.
    """

    statistics: BlinkStatistics
    events: tuple[BlinkEvent, ...] = ()
    doubtful: tuple[BlinkEvent, ...] = ()
    timeline: Timeline = field(default_factory=Timeline)
    lost: tuple[tuple[str, float], ...] = ()
    faces: int = 0
    cut_off: bool = False
    habits: Habits = field(default_factory=Habits)
    repetition: Repetition = field(default_factory=Repetition)
    source: SourceAgreement = field(default_factory=SourceAgreement)
    calibrated: Calibrated | None = None


@dataclass(frozen=True, slots=True)
class Poster:
    """One frame for the report: a JPEG as base64, and the face in it, in pixels."""

    jpeg_base64: str
    width: int
    height: int
    seconds: float
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class PictureEvidence:
    """What the pictures of a clip showed; ``rate`` is exact, such as 30000/1001."""

    seconds: float
    width: int
    height: int
    rate: str
    blink: BlinkEvidence
    label_seen: LabelSeen = LabelSeen.UNKNOWN
    poster: Poster | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """What is known once the mark has been followed, with why in plain words.

    ``label`` tells whether the label that a recovered record declares was seen.
    """

    provenance: ProvenanceEvidence
    mark: WatermarkEvidence
    reasons: tuple[str, ...] = ()
    label: LabelSeen = LabelSeen.UNKNOWN
