"""Which draw is which seed: people of neighbouring seeds look unlike.

Many people are drawn, auditioned, and put in an order in which everybody is far from
those shortly before. Only the order is kept, in ``draws.json``; no embedding is.
"""

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.datasets.performers.audition import (
    Audition,
    audition,
    fits,
    load_audition,
    save_audition,
)
from lampoon.datasets.performers.people import FIRST_CAST_DRAW, draw_person
from lampoon.errors import FaceError
from lampoon.faces.detector import LiteRTBackend
from lampoon.faces.identity import IdentityEmbedder, mean_identity_distance
from lampoon.progress import Tell, silent

Distances = npt.NDArray[np.float64]

WALKS = 400
WINDOW = 20
"""So many seeds in a row are pairwise unlike."""
APART = 0.53
"""Least mean distance of two of them: clips must reach .5, portraits get a margin."""


@dataclass(frozen=True, slots=True)
class Order:
    """Draws in the order of seeds, and the nearest two people of any window."""

    draws: tuple[int, ...]
    nearest: float
    largest_own: float


def arrange(apart: Distances, window: int, least: float) -> list[int]:
    """Return places in an order where any ``window`` in a row are ``least`` apart.

    ``apart`` is (n, n). Somebody who fits the last ones follows, until nobody does;
    of many such walks the longest is taken, always the same one.
    """
    fits_with = apart >= least
    random = np.random.default_rng(len(apart))
    walks = (
        _walk(fits_with, window, random.permutation(len(apart))) for _ in range(WALKS)
    )
    return max(walks, key=len)


def _walk(
    fits_with: npt.NDArray[np.bool_], window: int, row: npt.NDArray[np.int64]
) -> list[int]:
    """Return an order that takes the first in a row who fits, again and again."""
    order: list[int] = []
    left = row
    while len(left):
        recent = order[-(window - 1) :]
        fitting = np.flatnonzero(fits_with[left][:, recent].all(axis=1))
        if not len(fitting):
            break
        order.append(int(left[fitting[0]]))
        left = np.delete(left, fitting[0])
    return order


def find_order(
    pool: int, work: Path, *, without: Collection[int] = (), tell: Tell = silent
) -> Order:
    """Audition ``pool`` draws and return those that fit in the order of seeds.

    Auditions are kept in ``work``, so a stopped search goes on; empty it when what is
    drawn has changed. ``without`` names draws that a person found implausible. Raises
    FaceError where not even one window of people differ.
    """
    every = range(FIRST_CAST_DRAW, FIRST_CAST_DRAW + pool)
    chosen = [draw for draw in every if draw not in set(without)]
    heard = _auditions(chosen, work, tell)
    fit = [draw for draw in chosen if fits(heard[draw])]
    order = arrange(distances([heard[draw] for draw in fit]), WINDOW, APART)
    if len(order) < WINDOW:
        raise FaceError(
            f"only {len(order)} of {pool} draws differ enough", hint="draw more people"
        )
    draws = tuple(fit[place] for place in order)
    kept = distances([heard[draw] for draw in draws])
    return Order(
        draws, nearest_within(kept, WINDOW), max(heard[draw].own for draw in draws)
    )


def distances(heard: Sequence[Audition]) -> Distances:
    """Return (n, n) mean identity distances; the diagonal is 0."""
    made = np.zeros((len(heard), len(heard)))
    for row, one in enumerate(heard):
        for column in range(row):
            made[row, column] = made[column, row] = mean_identity_distance(
                one.embeddings, heard[column].embeddings
            )
    return made


def nearest_within(apart: Distances, window: int) -> float:
    """Return the least distance of two who are fewer than ``window`` places apart."""
    rows, columns = np.triu_indices(len(apart), 1)
    return float(apart[rows, columns][columns - rows < window].min(initial=2.0))


def write_order(order: Order, path: Path) -> None:
    """Write the table that ``person_of_seed`` reads."""
    table = {
        "window": WINDOW,
        "nearest": round(order.nearest, 3),
        "largest_own": round(order.largest_own, 3),
        "draws": list(order.draws),
    }
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(json.dumps(table) + "\n", encoding="utf-8")
    os.replace(beside, path)


def _auditions(draws: Sequence[int], work: Path, tell: Tell) -> dict[int, Audition]:
    work.mkdir(parents=True, exist_ok=True)
    embedder, backend = IdentityEmbedder(), LiteRTBackend(max_faces=1)
    heard = {}
    for done, draw in enumerate(draws):
        tell(done, len(draws))
        kept = work / f"{draw}.npz"
        if not kept.exists():
            save_audition(audition(draw_person(draw), backend, embedder), kept)
        heard[draw] = load_audition(kept)
    tell(len(draws), len(draws))
    return heard
