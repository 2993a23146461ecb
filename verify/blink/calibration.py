"""How unusual genuine clips of one's own look to the blink statistics.

Split conformal calibration (Vovk et al. 2005; Angelopoulos and Bates 2021, 1.1): the
share of genuine clips at least as unusual as this one bounds, for clips like them,
how often a genuine clip would be called so. With n clips no rate below 3/n can be
claimed (rule of three), and none is.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from lampoon.errors import SettingsError
from lampoon.verify.blink.human import Context
from lampoon.verify.blink.statistics import SIZE, BlinkAnswer, BlinkStatistics

SCHEMA: Literal["lampoon.blink-calibration/1"] = "lampoon.blink-calibration/1"
LARGEST_BYTES = 64 * 2**20
RULE_OF_THREE = 3.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """log10 likelihood ratios of genuine clips by context, and with what made."""

    scores: Mapping[Context, tuple[float, ...]]
    made_with: str = ""
    schema: Literal["lampoon.blink-calibration/1"] = SCHEMA

    def count(self, context: Context) -> int:
        """Return on how many genuine clips of this context it rests."""
        return len(self.scores.get(context, ()))

    def odds(self, context: Context, score: float) -> float:
        """Return the conformal p-value: the share of clips at least as unusual.

        The clip itself is counted among them, so it is never below 1 / (n + 1).
        """
        known = self.scores.get(context, ())
        return (1 + sum(each >= score for each in known)) / (1 + len(known))


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What calibration adds: clips it rests on, p-value, and the least rate claimed.

    ``least_claim`` is 3 / n: the false-positive rate that n clips can support at 95 %
    even where not one of them was called unusual.
    """

    clips: int
    p_value: float | None
    least_claim: float | None


def calibrate(genuine: Sequence[BlinkStatistics], *, made_with: str) -> Calibration:
    """Return the calibration by clips that are known to be genuine.

    Clips that gave no ratio are left out; who calls them genuine answers for it.
    """
    scores: dict[Context, list[float]] = {}
    for each in genuine:
        ratio = each.log10_likelihood_ratio
        if ratio is not None and math.isfinite(ratio):
            scores.setdefault(each.context, []).append(round(ratio, 6))
    return Calibration(
        {context: tuple(sorted(known)) for context, known in sorted(scores.items())},
        made_with,
    )


def calibrated(
    found: BlinkStatistics, calibration: Calibration
) -> tuple[BlinkStatistics, Calibrated]:
    """Return the statistics as the calibration leaves them, and what it says.

    "Unusually few" stands only where genuine clips of one's own look that unusual
    no more often than it may be wrong; calibration never makes an answer stronger.
    """
    clips = calibration.count(found.context)
    ratio = found.log10_likelihood_ratio
    if not clips or ratio is None:
        return found, Calibrated(clips, None, None)
    odds = calibration.odds(found.context, ratio)
    said = Calibrated(clips, odds, min(RULE_OF_THREE / clips, 1.0))
    if found.answer is not BlinkAnswer.FEW or odds <= max(SIZE, 1 / (1 + clips)):
        return found, said
    why = f"{odds:.1%} of {clips} genuine clips of your own blink as rarely"
    return replace(found, answer=BlinkAnswer.INCONCLUSIVE, reason=why), said


def load_calibration(path: Path) -> Calibration:
    """Return the calibration in a JSON file; SettingsError where it is none."""
    try:
        text = path.read_bytes()
        if len(text) > LARGEST_BYTES:
            raise SettingsError("too large for a calibration", where=path)
        return TypeAdapter(Calibration).validate_json(text)
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", where=path) from error
    except ValidationError as error:
        what = error.errors()[0]["msg"]
        raise SettingsError(
            f"not a calibration: {what}",
            where=path,
            hint="make one with: lampoon calibrate FOLDER --out FILE",
        ) from error


def calibration_json(calibration: Calibration) -> str:
    """Return it as JSON text, with the counts that it rests on."""
    plain: dict[str, Any] = asdict(calibration)
    plain["scores"] = {key.value: list(v) for key, v in calibration.scores.items()}
    return json.dumps(plain, indent=2) + "\n"
