"""From evidence to a decision, by rules that are data.

A policy is an ordered YAML file, the first rule that matches decides. It is
validated whole before it is used: unknown keys and unknown values are refused, the
last rule must match everything, and no rule that looks at blinks may do more than
ask a person to look.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lampoon.errors import SettingsError
from lampoon.verify.blink.repetition import Repeats
from lampoon.verify.blink.statistics import BlinkAnswer
from lampoon.verify.evidence import (
    Agreement,
    ConsentState,
    Finding,
    Integrity,
    LabelSeen,
)

SCHEMA = "lampoon.policy/1"
DEFAULT = Path(__file__).parent / "policies" / "default.yaml"
LARGEST_BYTES = 256 * 1024
MOST_RULES = 500


class Decision(StrEnum):
    """What to do with a clip."""

    ACCEPT = "accept"
    LABEL = "label"
    REVIEW = "review"
    REJECT = "reject"
    ERROR = "error"


BEYOND_REVIEW = frozenset({Decision.REJECT, Decision.ERROR})
"""Decisions that blinks may never take part in."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a policy looks at."""

    finding: Finding
    integrity: Integrity
    synthetic: bool
    consent: ConsentState
    label: LabelSeen
    blink: BlinkAnswer
    second_opinion: Agreement = Agreement.NOT_ASKED
    repetition: Repeats = Repeats.NONE


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy decided, by which rule, and which policy it was.

    ``shadow`` is what another policy would have decided, which is only being
    watched; it never changes anything.
    """

    id: str
    version: str
    decision: Decision
    reasons: tuple[str, ...]
    rule: str
    shadow: "Outcome | None" = None


class Strict(BaseModel):
    """Frozen, and no unknown key."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(Strict):
    """What must hold; a part left out holds always."""

    finding: tuple[Finding, ...] | None = Field(default=None, min_length=1)
    integrity: tuple[Integrity, ...] | None = Field(default=None, min_length=1)
    synthetic: bool | None = None
    consent: tuple[ConsentState, ...] | None = Field(default=None, min_length=1)
    label: tuple[LabelSeen, ...] | None = Field(default=None, min_length=1)
    blink: tuple[BlinkAnswer, ...] | None = Field(default=None, min_length=1)
    second_opinion: tuple[Agreement, ...] | None = Field(default=None, min_length=1)
    repetition: tuple[Repeats, ...] | None = Field(default=None, min_length=1)

    def matches(self, case: Case) -> bool:
        """Return whether every part that is given accepts the case."""
        lists = (
            (self.finding, case.finding),
            (self.integrity, case.integrity),
            (self.consent, case.consent),
            (self.label, case.label),
            (self.blink, case.blink),
            (self.second_opinion, case.second_opinion),
            (self.repetition, case.repetition),
        )
        listed = all(accepted is None or value in accepted for accepted, value in lists)
        return listed and self.synthetic in (None, case.synthetic)

    @property
    def always(self) -> bool:
        """Whether nothing at all is asked."""
        return self == Condition()


class Rule(Strict):
    """One line of a policy."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    when: Condition
    decision: Decision
    because: Annotated[str, Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _blinks_only_ask(self) -> Self:
        looks = self.when.blink is not None or self.when.repetition is not None
        if looks and self.decision in BEYOND_REVIEW:
            raise ValueError("a rule that looks at blinks may not do more than review")
        return self


class Policy(Strict):
    """An ordered list of rules with a name; the first match decides."""

    schema_: Literal["lampoon.policy/1"] = Field(alias="schema")
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    version: Annotated[int, Field(ge=1, strict=True)]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MOST_RULES)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.rules[-1].when.always:
            raise ValueError("the last rule must match everything: when: {}")
        early = [rule.name for rule in self.rules[:-1] if rule.when.always]
        if early:
            raise ValueError(f"rules after {early[0]!r} are never reached")
        names = [rule.name for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two rules are called {twice[0]!r}")
        return self

    @property
    def version_text(self) -> str:
        """The version with a hash of the rules: ``1+9f86d081884c``."""
        content = self.model_dump(mode="json", by_alias=True)
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return f"{self.version}+{digest[:12]}"

    def decide(self, case: Case) -> Outcome:
        """Return the decision of the first rule that matches."""
        rule = next(rule for rule in self.rules if rule.when.matches(case))
        return Outcome(
            id=self.id,
            version=self.version_text,
            decision=rule.decision,
            reasons=(rule.because,),
            rule=rule.name,
        )


def load_policy(path: Path) -> Policy:
    """Return the policy in a YAML file.

    Raises SettingsError for a file that is missing, no YAML, or no valid policy;
    the message names the first thing that is wrong.
    """
    try:
        text = path.read_bytes()
        if len(text) > LARGEST_BYTES:
            raise SettingsError("a policy is at most 256 KiB", where=path)
        return Policy.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", where=path) from error
    except ValidationError as error:
        words = f"not a valid policy: {first_fault(error)}"
        raise SettingsError(words, where=path, hint=_hint()) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SettingsError(f"not YAML: {line}", where=path) from error


@cache
def default_policy() -> Policy:
    """Return the policy that comes with the house."""
    return load_policy(DEFAULT)


def first_fault(error: ValidationError) -> str:
    """Return the first complaint, with its place in the file."""
    found = error.errors()[0]
    place = ".".join(str(step) for step in found["loc"]) or "the file"
    return f"{place}: {found['msg']}"


def _hint() -> str:
    return f"compare with {DEFAULT.name} in lampoon/verify/policies"
