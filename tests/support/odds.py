"""How often the detector would find a mark where there is none: key trials.

A trial is one secret that nobody used, against one clip that carries no mark, with the
complete detector. A secret has two parts: the known chips, which decide where the
detector looks, and the others, which decide what it reads there. For each draw of the
first part ``detect`` runs on the file as a user runs it, and every tile that it reads
is caught; the second part is then drawn many times for these tiles, as a real layout
draws it. Reading is exact: a word is accepted only with a margin of 12, and no word of
a list has a larger margin than its likeliest, so only where that one has 12 must the
list be walked.

    python -m tests.support.odds CLIP... --secrets 10 --draws 500
"""

import argparse
import json
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.watermark.invisible.code import (
    CODED_SIGNS,
    GENERATORS,
    KEY_BYTES,
    LIST_SIZE,
    RATE,
    STATES,
    STEPS,
    WORD_BITS,
    decode,
    likeliest_words,
)
from lampoon.watermark.invisible.detect import Effort, detect
from lampoon.watermark.invisible.search import LOWEST_MARGIN
from lampoon.watermark.invisible.tile import Layout, Plane

HALF = STATES // 2
TOGETHER = 48
"""Readings in one pass of the decoder."""

Floats = npt.NDArray[np.float32]


class ListeningLayout(Layout):
    """A layout that keeps every tile it is asked about and believes none."""

    def __init__(self, secret: bytes) -> None:
        super().__init__(secret)
        object.__setattr__(self, "heard", [])

    heard: list[Plane]

    def beliefs(self, chips: Plane) -> npt.NDArray[np.float64]:
        """Keep the tile; say nothing of it."""
        self.heard.append(chips.reshape(-1).copy())
        return np.zeros(CODED_SIGNS)


@dataclass(slots=True)
class Tally:
    """What the trials came to.

    ``words`` are what the detector would have counted; ``agreeing[k]`` counts words,
    of those whose CRC was looked at, that agree with theirs in at least k first bits.
    """

    trials: int = 0
    searches: int = 0
    readings: int = 0
    words: int = 0
    accepted: int = 0
    over_margin: int = 0
    largest_margin: float = 0.0
    most_words: int = 0
    looked_at: int = 0
    margins: list[int] = field(default_factory=lambda: [0] * 160)
    agreeing: list[int] = field(default_factory=lambda: [0] * 33)


@cache
def _outputs() -> npt.NDArray[np.intp]:
    """Return the code's output, as a number, from state 2n by a zero."""
    states = 2 * np.arange(HALF)
    found = np.zeros(HALF, np.intp)
    for generator in GENERATORS:
        found = (found << 1) | (np.bitwise_count(states & generator) & 1)
    return found


def best_gains(beliefs: Floats) -> Floats:
    """Return the gain of the likeliest word of each of (n, 428) beliefs.

    Every generator begins and ends with a one, so of the four branches that meet two
    are the others' opposites.
    """
    count = len(beliefs)
    bits = (np.arange(1 << RATE)[:, None] >> np.arange(RATE)[::-1]) & 1
    patterns = (2.0 * bits - 1).astype(np.float32)
    gains = np.full((STATES, count), -1e30, np.float32)
    gains[0] = 0
    following = np.empty_like(gains)
    steps = beliefs.reshape(count, STEPS, RATE).transpose(1, 2, 0)
    branches, other = np.empty((2, HALF, count), np.float32)
    for index, step in enumerate(steps):
        np.take(patterns @ step, _outputs(), axis=0, out=branches)
        even, odd = gains[0::2], gains[1::2]
        zero, one = following[:HALF], following[HALF:]
        np.add(even, branches, out=zero)
        np.subtract(odd, branches, out=other)
        np.maximum(zero, other, out=zero)
        if index < WORD_BITS:
            np.subtract(even, branches, out=one)
            np.add(odd, branches, out=other)
            np.maximum(one, other, out=one)
        else:
            one.fill(-1e30)
        gains, following = following, gains
    return np.array(gains[0])


def drawn(tiles: Floats, layout: Layout, random: np.random.Generator) -> Floats:
    """Return what a secret with the same known chips believes of tiles, (n, 428)."""
    order = random.permutation(layout.data_chips)
    signs = random.integers(0, 2, order.size).astype(np.float32) * 2 - 1
    seen = tiles[:, order] * signs
    room = -order.size % CODED_SIGNS
    padded = np.pad(seen, ((0, 0), (0, room)))
    summed = padded.reshape(len(tiles), -1, CODED_SIGNS).sum(1)
    return np.asarray(summed, np.float32)


def try_clip(
    clip: Path, *, known: int, draws: int, look_at: float, seed: int, tally: Tally
) -> None:
    """Try ``known`` known parts, and ``draws`` others for each, on one clip."""
    random = np.random.default_rng(seed)
    for _ in range(known):
        layout = ListeningLayout(random.bytes(16))
        detect(clip, layout=layout, effort=Effort(timeline=False, threads=1))
        tally.searches += 1
        if not layout.heard:
            tally.trials += draws
            continue
        tiles = np.stack(layout.heard)
        spreads = np.sqrt((tiles[:, layout.data_chips] ** 2).sum(1)) + 1e-9
        tally.most_words = max(tally.most_words, len(tiles) * LIST_SIZE)
        for beliefs, width in _passes(tiles, spreads, layout, draws, random):
            _count(tally, beliefs, width, look_at, random)
        tally.trials += draws


def _passes(
    tiles: Floats,
    spreads: Floats,
    layout: Layout,
    draws: int,
    random: np.random.Generator,
) -> Iterator[tuple[Floats, Floats]]:
    """Give beliefs with their tiles' spreads, so many at once."""
    held: list[tuple[Floats, Floats]] = []
    for draw in range(draws):
        held.append((drawn(tiles, layout, random), spreads))
        if len(held) * len(tiles) >= TOGETHER or draw == draws - 1:
            yield (
                np.concatenate([each[0] for each in held]),
                np.concatenate([each[1] for each in held]),
            )
            held = []


def _count(
    tally: Tally,
    beliefs: Floats,
    spreads: Floats,
    look_at: float,
    random: np.random.Generator,
) -> None:
    margins = best_gains(beliefs) / spreads
    tally.readings += len(margins)
    tally.words += len(margins) * LIST_SIZE
    tally.largest_margin = max(tally.largest_margin, float(margins.max()))
    for tenth in np.clip((margins * 10).astype(int), 0, 159):
        tally.margins[tenth] += 1
    for index in np.flatnonzero(margins >= LOWEST_MARGIN):
        tally.over_margin += 1
        word = decode(beliefs[index])
        if word is not None:
            gain = float(beliefs[index] @ word.signs)
            tally.accepted += gain / float(spreads[index]) >= LOWEST_MARGIN
    for index in np.flatnonzero(random.random(len(margins)) < look_at):
        _agree(tally, beliefs[index])


def _agree(tally: Tally, beliefs: Floats) -> None:
    for bits in likeliest_words(beliefs, LIST_SIZE):
        data = np.packbits(bits[:WORD_BITS]).tobytes()
        crc = int.from_bytes(data[KEY_BYTES:], "big")
        first = 32 - (zlib.crc32(data[:KEY_BYTES]) ^ crc).bit_length()
        tally.looked_at += 1
        for length in range(first + 1):
            tally.agreeing[length] += 1


def main() -> None:
    """Run trials as the command line asks, and print the tally as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--secrets", type=int, default=1)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--look-at", type=float, default=0.002)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    asked = parser.parse_args()
    tally = Tally()
    for index, clip in enumerate(asked.clips):
        try_clip(
            clip,
            known=asked.secrets,
            draws=asked.draws,
            look_at=asked.look_at,
            seed=asked.seed + index,
            tally=tally,
        )
    print(json.dumps({"seed": asked.seed} | asdict(tally)))


if __name__ == "__main__":
    main()
