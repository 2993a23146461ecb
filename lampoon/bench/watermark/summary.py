"""Rows of the comparison, counted together."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Row = dict[str, Any]

PRICES = ("psnr_y", "psnr", "vmaf", "bitrate_growth", "embed_fps", "strength")
"""What is the same under every attack; the median over clips is told."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One method under one attack: exact keys, clips, signs read right, wrong keys."""

    exact: int
    clips: int
    bit_accuracy: float
    wrong: int

    def __str__(self) -> str:
        """Return it as people read it."""
        wrong = f", {self.wrong} WRONG" if self.wrong else ""
        return f"{self.exact}/{self.clips} ({self.bit_accuracy:.2f}){wrong}"


@dataclass(frozen=True, slots=True)
class Price:
    """What one method costs, the median over clips; None where it is not known."""

    psnr_y: float | None
    psnr: float | None
    vmaf: float | None
    bitrate_growth: float | None
    embed_fps: float | None
    strength: float | None
    detect_seconds: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Methods and attacks in the order in which they came, and what came of them."""

    methods: tuple[str, ...]
    attacks: tuple[str, ...]
    cells: dict[tuple[str, str], Cell]
    prices: dict[str, Price]
    clips: tuple[str, ...]

    def cell(self, attack: str, method: str) -> str:
        """Return a cell in words, a dash where a method did not meet an attack."""
        found = self.cells.get((attack, method))
        return str(found) if found else "-"

    def total(self, method: str) -> Cell:
        """Return all attacks of a method together."""
        mine = [cell for (_, whose), cell in self.cells.items() if whose == method]
        clips = sum(cell.clips for cell in mine)
        right = sum(cell.bit_accuracy * cell.clips for cell in mine)
        exact, wrong = (sum(c.exact for c in mine), sum(c.wrong for c in mine))
        return Cell(exact, clips, right / max(clips, 1), wrong)


def summary(rows: Sequence[Row]) -> Summary:
    """Return what rows of the comparison say together."""
    methods = tuple(dict.fromkeys(str(row["method"]) for row in rows))
    attacks = tuple(dict.fromkeys(str(row["attack"]) for row in rows))
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["attack"], row["method"]), []).append(row)
    return Summary(
        methods,
        attacks,
        {place: _cell(group) for place, group in groups.items()},
        {m: _price([row for row in rows if row["method"] == m]) for m in methods},
        tuple(dict.fromkeys(str(row["clip"]) for row in rows)),
    )


def _cell(group: Sequence[Row]) -> Cell:
    right = sum(float(row["bit_accuracy"]) for row in group) / len(group)
    exact = sum(bool(row["exact"]) for row in group)
    return Cell(exact, len(group), right, sum(bool(row["wrong_key"]) for row in group))


def _price(rows: Sequence[Row]) -> Price:
    once = {row["clip"]: row for row in rows}.values()
    told = {name: _median([row[name] for row in once]) for name in PRICES}
    return Price(
        **told, detect_seconds=_median([row["detect_seconds"] for row in rows])
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
