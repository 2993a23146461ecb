"""Everything besides the file that decides a verdict, and a batch judged by it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lampoon.console import bar
from lampoon.errors import LampoonError
from lampoon.progress import silent
from lampoon.verify.batch import check_all
from lampoon.verify.check import check
from lampoon.verify.digest import digest_of
from lampoon.verify.ledger import Ledger, Terms
from lampoon.verify.made_with import tool_versions, trust_summary
from lampoon.verify.one_file import unjudged
from lampoon.verify.verdict import verdict_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lampoon.consent.status import StatusList
    from lampoon.progress import Tell
    from lampoon.verify.blink.calibration import Calibration
    from lampoon.verify.policy import Policy
    from lampoon.verify.signature import VerdictKey
    from lampoon.verify.verdict import Verdict
    from lampoon.watermark.manifest.trust import TrustList
    from lampoon.watermark.registry import Registry


@dataclass(frozen=True, slots=True)
class Judge:
    """Everything that decides a verdict besides the file."""

    trust: TrustList
    policy: Policy
    shadow: Policy | None
    sidecar: Path | None
    second_opinion: bool
    key: VerdictKey | None
    source: Path | None
    calibration: Calibration | None
    registry: Registry | None
    consents: StatusList | None
    provenance_only: bool

    def __call__(self, path: Path, tell: Tell) -> Verdict:
        """Return the verdict; a file that cannot be had is unreadable."""
        try:
            return check(
                path,
                trust=self.trust,
                policy=self.policy,
                shadow=self.shadow,
                sidecar=self.sidecar,
                second_opinion=self.second_opinion,
                source=self.source,
                calibration=self.calibration,
                registry=self.registry,
                consents=self.consents,
                provenance_only=self.provenance_only,
                tell=tell,
            )
        except LampoonError as error:
            return unjudged(path, str(error), trust=self.trust, policy=self.policy)

    def values(self, verdict: Verdict) -> dict[str, Any]:
        """Return the verdict as JSON values, signed where there is a key."""
        plain = verdict_json(verdict)
        if self.key is None:
            return plain
        from lampoon.verify.signature import sign_verdict

        return sign_verdict(plain, self.key)

    @property
    def terms(self) -> Terms:
        """What has to be the same for a verdict of an earlier run to hold."""
        shadow = self.shadow
        return Terms(
            policy=f"{self.policy.id} {self.policy.version_text}",
            shadow=f"{shadow.id} {shadow.version_text}" if shadow else "",
            trust=trust_summary(self.trust)["sha256"],
            program=tool_versions()["lampoon"],
            second_opinion=self.second_opinion,
            signed_by=self.key.kid if self.key else "",
            registry=self.registry is not None,
            provenance_only=self.provenance_only,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict as JSON values; ``verdict`` is None where an earlier run made it."""

    values: dict[str, Any]
    verdict: Verdict | None


def judged_all(
    clips: list[Path], judge: Judge, resume: Path | None, jobs: int
) -> Iterator[Judged]:
    """Give every verdict in order; new ones go into the ledger at once."""
    with ExitStack() as stack:
        tell = stack.enter_context(_bars(len(clips)))
        if resume is None:
            yield from check_all(clips, _fresh(judge, tell), jobs=jobs)
            return
        ledger = stack.enter_context(Ledger(resume))
        for each in check_all(clips, _known(judge, tell, ledger), jobs=jobs):
            if each.verdict is not None:
                ledger.add(each.values)
            yield each


def _fresh(judge: Judge, tell: Tell) -> Callable[[Path], Judged]:
    def judged(path: Path) -> Judged:
        verdict = judge(path, tell)
        return Judged(judge.values(verdict), verdict)

    return judged


def _known(judge: Judge, tell: Tell, ledger: Ledger) -> Callable[[Path], Judged]:
    """Return the same, with a look into the ledger before."""
    fresh, terms = _fresh(judge, tell), judge.terms

    def judged(path: Path) -> Judged:
        try:
            found = ledger.find(str(path), digest_of(path).sha256, terms)
        except LampoonError:
            found = None
        if found is not None:
            return Judged(found, None)
        return fresh(path)

    return judged


@contextmanager
def _bars(count: int) -> Iterator[Tell]:
    """Give a bar for one clip; several clips speak for themselves as they finish."""
    if count > 1:
        yield silent
        return
    with bar("verify") as tell:
        yield tell
