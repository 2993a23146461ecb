"""Who agrees, how old they say they are, and to whom they agree."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from lampoon.consent.fields import Base64Url32, Line, Part, Sha256


class AgeClass(StrEnum):
    """Adult or minor; a minor is refused whatever else the record says."""

    ADULT = "adult"
    MINOR = "minor"


class PublicKey(Part):
    """The subject's public key as a JWK (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: Base64Url32


class IdentityEvidence(Part):
    """What someone looked at to say that the key is the subject's."""

    type: Literal["cawg", "liveness_clip", "id_doc"]
    sha256: Sha256
    verified_by: Line
    at: AwareDatetime


class Subject(Part):
    """Who agrees. ``legal_name`` and ``contact`` are private to the record.

    ``key`` is missing only while the record is a draft.
    """

    pseudonym: Line
    age_class: AgeClass
    key: PublicKey | None = None
    legal_name: Line | None = None
    guardian: Line | None = None
    contact: Line | None = None
    identity_evidence: Annotated[
        tuple[IdentityEvidence, ...], Field(max_length=20)
    ] = ()


class Grantee(Part):
    """Who may make the swap."""

    name: Line
    key: Line | None = None
    org: Line | None = None
