"""What the invisible mark of a clip says, and what it led to."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Geometry:
    """How a marked picture was changed since, as the mark tells.

    ``stretch`` is the width relative to ``scale``. ``crop`` is the part of the
    original's sides that is seen, (across, down), above 1 on a larger canvas; None
    where the original's size is not known.
    """

    scale: float
    stretch: float
    flip: bool
    rotation: float
    crop: tuple[float, float] | None = None


class MarkState(StrEnum):
    """What the invisible mark led to.

    ``found`` agrees with the file's own record or its history; ``unconfirmed`` leads
    to a registered record that does not hold for this clip, or cannot be compared.
    """

    NOT_CHECKED = "not_checked"
    NOT_FOUND = "not_found"
    NOT_REGISTERED = "not_registered"
    NO_ANSWER = "no_answer"
    FOUND = "found"
    UNCONFIRMED = "unconfirmed"
    RECOVERED = "recovered"
    SUBSTITUTED = "substituted"


@dataclass(frozen=True, slots=True)
class WatermarkEvidence:
    """The invisible mark; ``key`` is hexadecimal.

    ``manifest`` is the record that the key leads to, ``registry`` whether one was
    asked, ``likeness`` (-1 to 1) how the pictures resemble the registered ones.
    """

    found: bool = False
    key: str | None = None
    odds: float | None = None
    geometry: Geometry | None = None
    manifest: str | None = None
    state: MarkState = MarkState.NOT_CHECKED
    registry: bool = False
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a clip resembles a registered fingerprint, and what part of it it shows.

    ``covered`` is the part of the picture that shows something else, ``place`` where
    in words; ``acting`` is how unlike what moves is.
    """

    likeness: float
    covered: float
    acting: float
    across: float
    down: float
    place: str | None = None
