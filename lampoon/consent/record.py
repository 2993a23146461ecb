"""What a performer agreed to, field by field: schema ``lampoon.consent/1``.

The models refuse unknown keys, coerce nothing and cannot be changed. They say
what a record *is*; whether it *allows* a swap is for ``lampoon.consent.check``. So a
record of a minor, or one that permits nudity, can be read, and is then refused by
the rule it breaks.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from lampoon.consent.fields import (
    Base64Url32,
    Day,
    Description,
    Line,
    Part,
    RecordId,
    Sha256,
    distinct,
    plain,
)
from lampoon.consent.subject import Grantee, Subject

SCHEMA = "lampoon.consent/1"
ANY_LABELLED_COUNTERPART = "any labelled counterpart"
"""In ``scope.targets``: any other consenting person, in a labelled clip."""

MAX_TERM_YEARS = 10
"""Longest term that an adult can agree to, as in the NO FAKES bills."""


class Purpose(StrEnum):
    """What a swap is made for."""

    PARODY = "parody"
    DATASET_RESEARCH = "dataset_research"
    TRAINING = "training"
    BENCHMARK = "benchmark"
    PROMO = "promo"


class Method(StrEnum):
    """How a swap is made."""

    AUTOENCODER = "autoencoder"
    MESH = "mesh"
    INSWAPPER = "inswapper"


class Role(StrEnum):
    """What the subject lends: a likeness, a performance, a voice."""

    FACE_DONOR = "face_donor"
    DRIVING_PERFORMER = "driving_performer"
    VOICE = "voice"
    DEPICTED_PUBLIC_FIGURE = "depicted_public_figure"


class MediaKind(StrEnum):
    """What a piece of reference media shows."""

    SOURCE_FACE = "source_face"
    DRIVING_VIDEO = "driving_video"


MEDIA_OF_ROLE = {
    Role.FACE_DONOR: MediaKind.SOURCE_FACE,
    Role.DRIVING_PERFORMER: MediaKind.DRIVING_VIDEO,
}
"""What reference media show of a person in each part of a swap."""


class EventType(StrEnum):
    """What the subject did with the record, in the order it was done."""

    GIVEN = "given"
    RENEWED = "renewed"
    MODIFIED = "modified"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Footage(StrEnum):
    """Which footage the subject agreed to: any of them, or the listed files only."""

    ANY_OF_SUBJECT = "any_of_subject"
    LISTED_ONLY = "listed_only"


class LabelPreset(StrEnum):
    """The least label that the subject asks for; ``eu-full`` is the stronger one."""

    EU_ARTISTIC = "eu-artistic"
    EU_FULL = "eu-full"


Target = RecordId | Literal["any labelled counterpart"]


class Notice(Part):
    """Which explanation the subject read before signing."""

    version: Line
    sha256: Sha256
    text_uri: Line


class Media(Part):
    """A file that shows the subject, known by its SHA-256."""

    sha256: Sha256
    kind: MediaKind
    captured_at: AwareDatetime | None = None


class Transformations(Part):
    """What may be changed besides the face.

    ``nudity`` and ``sexual`` are refused whatever they say.
    """

    age: bool
    gender: bool
    voice: bool
    nudity: bool
    political: bool
    sexual: bool
    ads: bool


class Scope(Part):
    """What may be done, with whom, and where it may be shown."""

    purposes: Annotated[
        tuple[Purpose, ...], Field(min_length=1), AfterValidator(distinct)
    ]
    description: Description
    projects: Annotated[tuple[Line, ...], Field(max_length=100)]
    methods: Annotated[
        tuple[Method, ...], Field(min_length=1), AfterValidator(distinct)
    ]
    targets: Annotated[
        tuple[Target, ...], Field(max_length=1000), AfterValidator(distinct)
    ]
    footage: Footage
    transformations: Transformations
    territories: Annotated[tuple[Line, ...], Field(max_length=300)]
    channels: Annotated[tuple[Line, ...], Field(max_length=100)]
    monetised: bool
    redistribution: Literal["none", "research_gated", "public"]
    derivative_training: bool
    biometric_processing: bool


class Term(Part):
    """From the first day to the last, both included, in UTC."""

    from_: Day = Field(alias="from")
    until: Day
    survives_death: bool


class Compensation(Part):
    """What the subject gets."""

    type: Line
    ref: Line | None = None


class LabelRequirements(Part):
    """The least label: preset, words it must hold, seconds it must be seen.

    A clip shorter than ``min_seconds`` carries the label for its whole length.
    """

    preset: LabelPreset
    text: Annotated[str, StringConstraints(max_length=60), AfterValidator(plain)]
    min_seconds: Annotated[int, Field(ge=0, le=3600)]


class Withdrawal(Part):
    """How the subject takes consent back, and what follows within how long."""

    how: Line
    contact: Line | None = None
    effect: Literal["stop_new", "takedown", "unpublish_dataset"]
    sla_hours: Annotated[int, Field(ge=0, le=8760)]


class Status(Part):
    """Where revocation can be looked up without personal data."""

    uri: Line
    list_index: Annotated[int, Field(ge=0, le=2**31)]


class ConsentRecord(Part):
    """Everything that one subject agreed to; what the subject's key signs.

    ``salt`` is private to the record: the hash that leaves the house is salted with
    it, so that nobody can guess a record and recognise its hash.
    """

    schema_: Literal["lampoon.consent/1"] = Field(alias="schema")
    record_id: RecordId
    created: AwareDatetime
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
    notice: Notice
    subject: Subject
    roles: Annotated[tuple[Role, ...], Field(min_length=1), AfterValidator(distinct)]
    grantee: Grantee
    replica_kind: Literal["employment_based", "independently_created"]
    media: Annotated[tuple[Media, ...], Field(min_length=1, max_length=100)]
    scope: Scope
    term: Term
    label_requirements: LabelRequirements
    withdrawal: Withdrawal
    salt: Base64Url32
    compensation: Compensation | None = None
    status: Status | None = None


class Signature(Part):
    """A detached JWS (RFC 7515, appendix F) over canonical JSON, by the subject.

    ``alg`` is the fully specified Ed25519 of RFC 9864; ``kid`` is the key's RFC 7638
    thumbprint.
    """

    by: Literal["subject"]
    alg: Literal["Ed25519"]
    kid: Base64Url32
    jws: Annotated[
        str, StringConstraints(pattern=r"^[\w-]+\.\.[\w-]+$", max_length=600)
    ]


class Event(Part):
    """One step in the life of a record, holding the hash of the step before it.

    ``previous`` is the SHA-256 of the signed record for the first event, and of the
    signed event before it for the others. ``until`` belongs to ``renewed``, ``scope``
    to ``modified``.
    """

    type: EventType
    record_id: RecordId
    sequence: Annotated[int, Field(ge=0, le=100_000)]
    at: AwareDatetime
    by: Literal["subject"]
    previous: Sha256
    until: Day | None = None
    scope: Scope | None = None
    note: Line | None = None


class SignedEvent(Part):
    """An event and the subject's signature over it."""

    event: Event
    signature: Signature


class SignedRecord(Part):
    """One consent file: the record, its signature, and what happened since.

    A draft has no signatures and no events.
    """

    record: ConsentRecord
    signatures: Annotated[tuple[Signature, ...], Field(max_length=1)] = ()
    events: Annotated[tuple[SignedEvent, ...], Field(max_length=10_000)] = ()
