"""Policies put to the test: cases with the decision that somebody expects.

A fixture file is YAML, schema ``lampoon.policy-fixtures/1``: a list of cases, each a
name, what is known of a clip, and the decision wanted. What a case leaves out is as
harmless as can be.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError

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
from lampoon.verify.policy import (
    LARGEST_BYTES,
    Case,
    Decision,
    Outcome,
    Policy,
    Strict,
    first_fault,
)

MOST_CASES = 5000


class Given(Strict):
    """What is known of a clip; only the finding must be said."""

    finding: Finding
    integrity: Integrity = Integrity.INTACT
    synthetic: bool = False
    consent: ConsentState = ConsentState.ABSENT
    label: LabelSeen = LabelSeen.UNKNOWN
    blink: BlinkAnswer = BlinkAnswer.INCONCLUSIVE
    second_opinion: Agreement = Agreement.NOT_ASKED
    repetition: Repeats = Repeats.NONE

    def case(self) -> Case:
        """Return it as a policy sees it."""
        return Case(
            self.finding,
            self.integrity,
            self.synthetic,
            self.consent,
            self.label,
            self.blink,
            self.second_opinion,
            self.repetition,
        )


class Fixture(Strict):
    """One case and what should come of it; ``rule`` where the rule matters too."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    given: Given
    decision: Decision
    rule: str | None = None


class Fixtures(Strict):
    """All cases of a file."""

    schema_: Literal["lampoon.policy-fixtures/1"] = Field(alias="schema")
    cases: Annotated[tuple[Fixture, ...], Field(min_length=1, max_length=MOST_CASES)]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a policy made of one case."""

    fixture: Fixture
    outcome: Outcome

    @property
    def holds(self) -> bool:
        """Whether decision, and rule where one is named, are as expected."""
        wanted = self.fixture
        as_named = wanted.rule in (None, self.outcome.rule)
        return wanted.decision is self.outcome.decision and as_named


@dataclass(frozen=True, slots=True)
class Trial:
    """All cases tried, and the rules that none of them reached."""

    tried: tuple[Tried, ...]
    untouched: tuple[str, ...]

    @property
    def failed(self) -> tuple[Tried, ...]:
        """The cases that came out otherwise."""
        return tuple(each for each in self.tried if not each.holds)


def load_fixtures(path: Path) -> Fixtures:
    """Return the cases in a YAML file.

    Raises SettingsError for a file that is missing, no YAML, or no valid cases.
    """
    try:
        text = path.read_bytes()
        if len(text) > 16 * LARGEST_BYTES:
            raise SettingsError("fixtures are at most 4 MiB", where=path)
        return Fixtures.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", where=path) from error
    except ValidationError as error:
        words = f"not valid fixtures: {first_fault(error)}"
        raise SettingsError(words, where=path, hint="see docs/verify.md") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SettingsError(f"not YAML: {line}", where=path) from error


def try_policy(policy: Policy, fixtures: Fixtures) -> Trial:
    """Return what the policy makes of every case, in order."""
    tried = tuple(
        Tried(fixture, policy.decide(fixture.given.case()))
        for fixture in fixtures.cases
    )
    reached = {each.outcome.rule for each in tried}
    untouched = tuple(rule.name for rule in policy.rules if rule.name not in reached)
    return Trial(tried, untouched)
