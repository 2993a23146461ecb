"""The kinds of text that a consent record may hold, and how its parts behave."""

import unicodedata
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

MIN_DESCRIPTION = 40
"""Fewest characters of a "reasonably specific" description."""

Many = TypeVar("Many", bound=tuple[Any, ...])


def plain(text: str) -> str:
    """Return text that a terminal shows as it is written.

    Raises ValueError for control characters and for blanks at either end.
    """
    if text != text.strip():
        raise ValueError("begins or ends with a blank")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in text):
        raise ValueError("holds a control character")
    return text


def distinct(values: Many) -> Many:
    """Return values that are all different; raise ValueError otherwise."""
    if len(set(values)) != len(values):
        raise ValueError("says the same thing twice")
    return values


Line = Annotated[
    str, StringConstraints(min_length=1, max_length=300), AfterValidator(plain)
]
Description = Annotated[
    str,
    StringConstraints(min_length=MIN_DESCRIPTION, max_length=4000),
    AfterValidator(plain),
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Base64Url32 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""32 bytes in base64url without padding: a public key, a thumbprint."""

RecordId = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
    ),
]
"""A UUID version 7 in lower case (RFC 9562)."""

Day = Annotated[date, Field(strict=True)]
"""A day in UTC."""


class Part(BaseModel):
    """Part of a record: frozen, strict, refusing keys that it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, populate_by_name=True
    )


def first_faults(fault: ValidationError) -> str:
    """Return the first faults, naming the field and never its value."""
    faults = fault.errors(include_input=False, include_url=False, include_context=False)
    lines = [f"{_place(one['loc'])}: {one['msg']}" for one in faults[:3]]
    more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
    return f"not a record of lampoon.consent/1: {'; '.join(lines)}{more}"


def _place(steps: tuple[int | str, ...]) -> str:
    """Return the path to a field, safe to show: a key may be anything."""
    dotted = ".".join(str(step)[:60] for step in steps) or "the whole"
    return "".join(sign if sign.isprintable() else "?" for sign in dotted)
