"""``lampoon policy``: look at the rules, and try them before they decide."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from lampoon.console import emit_json, people
from lampoon.verify.fixtures import Trial, load_fixtures, try_policy
from lampoon.verify.policy import Condition, Policy, default_policy, load_policy

EXIT_FAILED = 1

policy_app = typer.Typer(
    help="Rules that turn findings into decisions.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]


@policy_app.command("show")
def show_command(
    policy: Annotated[
        Path | None, typer.Argument(help="A policy (YAML); the default otherwise.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a policy's rules in their order, with its version and hash.

    Example: **lampoon policy show house.yaml**
    """
    rules = default_policy() if policy is None else load_policy(policy)
    if as_json:
        content = rules.model_dump(mode="json", by_alias=True, exclude_none=True)
        emit_json(content | {"hash": rules.version_text})
        return
    people.print(_table(rules))


@policy_app.command("test")
def try_command(
    policy: Annotated[Path, typer.Argument(help="The policy to try (YAML).")],
    fixtures: Annotated[Path, typer.Argument(help="Cases and decisions (YAML).")],
    as_json: AsJson = False,
) -> None:
    """Try a policy on cases whose decision is known.

    Exit code: 0 where all come out as expected, 1 where one does not, 2 for a file
    that cannot be used. To watch a new policy on real clips without letting it
    decide, use **lampoon verify CLIP --shadow house.yaml**.

    Example: **lampoon policy test house.yaml cases.yaml**
    """
    trial = try_policy(load_policy(policy), load_fixtures(fixtures))
    if as_json:
        emit_json(_json(trial))
    else:
        _say(trial)
    raise typer.Exit(EXIT_FAILED if trial.failed else 0)


def _table(rules: Policy) -> Table:
    table = Table(title=f"{rules.id} {rules.version_text}")
    for name in ("rule", "when", "decision", "because"):
        table.add_column(name)
    for rule in rules.rules:
        table.add_row(rule.name, _when(rule.when), rule.decision.value, rule.because)
    return table


def _when(condition: Condition) -> str:
    """Return a condition as people read it."""
    parts = condition.model_dump(mode="json", exclude_none=True)
    words = [
        f"{name}: {', '.join(value) if isinstance(value, list) else value}"
        for name, value in parts.items()
    ]
    return "; ".join(words) or "always"


def _json(trial: Trial) -> dict[str, Any]:
    return {
        "cases": len(trial.tried),
        "failed": [
            {
                "name": each.fixture.name,
                "expected": each.fixture.decision.value,
                "expected_rule": each.fixture.rule,
                "decision": each.outcome.decision.value,
                "rule": each.outcome.rule,
            }
            for each in trial.failed
        ],
        "untouched_rules": list(trial.untouched),
    }


def _say(trial: Trial) -> None:
    for each in trial.failed:
        wanted = each.fixture.decision.value
        if each.fixture.rule:
            wanted += f" by {each.fixture.rule}"
        got = f"{each.outcome.decision.value} by {each.outcome.rule}"
        _line(f"{each.fixture.name}: expected {wanted}, got {got}", "red")
    _line(f"{len(trial.tried) - len(trial.failed)} of {len(trial.tried)} cases hold")
    if trial.untouched:
        _line(f"no case reaches: {', '.join(trial.untouched)}", "yellow")


def _line(text: str, style: str | None = None) -> None:
    people.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
