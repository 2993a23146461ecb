"""The payload under its code: 64 bits, CRC-32, convolutional code, list decoding.

Eight bytes of key and their CRC-32 make 96 bits; a convolutional code of rate 1/4 and
constraint length 12 (free distance 32: Proakis, Digital Communications, table 8.2-3)
makes 428 signs of them. Reading is soft: the likeliest words are tried in falling
order of likelihood until one has a true CRC, so that the CRC helps to decode, and
each word tried adds 2**-32 to the chance of a false accept.
"""

import heapq
import math
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

KEY_BYTES = 8
CRC_BITS = 32
MEMORY = 11
"""Bits that the encoder remembers; the constraint length is one more."""

GENERATORS = (0o4767, 0o5723, 0o6265, 0o7455)
RATE = len(GENERATORS)
WORD_BITS = 8 * KEY_BYTES + CRC_BITS
STEPS = WORD_BITS + MEMORY
CODED_SIGNS = STEPS * RATE
STATES = 1 << MEMORY

LIST_SIZE = 32
"""Words tried in one decoding; the price is five bits of the CRC."""

Signs = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Word:
    """One decoded key, how many likelier words failed before it, and its signs."""

    key: bytes
    rank: int
    signs: Signs


@dataclass(frozen=True, slots=True)
class _Trellis:
    """Branches into each state, from its predecessors 2n and 2n+1 (mod the half)."""

    before: npt.NDArray[np.int32]
    outputs: npt.NDArray[np.int32]
    patterns: npt.NDArray[np.float32]


@cache
def _trellis() -> _Trellis:
    states = np.arange(STATES)
    pairs = 2 * (states % (STATES // 2))
    before = np.stack([pairs, pairs + 1], axis=1).astype(np.int32)
    newest = (states >> (MEMORY - 1))[:, None] << MEMORY
    registers = newest | before
    outputs = np.zeros_like(before)
    for generator in GENERATORS:
        parity = np.bitwise_count(registers & generator) & 1
        outputs = (outputs << 1) | parity
    bits = (np.arange(1 << RATE)[:, None] >> np.arange(RATE)[::-1]) & 1
    return _Trellis(before, outputs.astype(np.int32), (2.0 * bits - 1).astype("f4"))


def encode(key: bytes) -> Signs:
    """Return the key's code word, (428,) float32 of -1 and +1.

    Raises ValueError unless the key has 8 bytes.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    data = key + zlib.crc32(key).to_bytes(4, "big")
    return _signs(np.unpackbits(np.frombuffer(data, np.uint8)))


def _signs(bits: npt.NDArray[np.uint8]) -> Signs:
    trellis = _trellis()
    register, words = 0, []
    for bit in [*bits.tolist(), *([0] * MEMORY)]:
        register = (bit << MEMORY) | (register >> 1)
        word = 0
        for generator in GENERATORS:
            word = (word << 1) | ((register & generator).bit_count() & 1)
        words.append(word)
    return trellis.patterns[words].reshape(-1)


def decode(
    beliefs: npt.NDArray[np.floating],
    size: int = LIST_SIZE,
    *,
    least: float = -math.inf,
) -> Word | None:
    """Return the likeliest word whose CRC is true among the ``size`` likeliest.

    ``beliefs`` are (428,) real numbers, positive for +1, in any unit. Words whose
    signs sum up to less than ``least`` of it are not tried. None means that no word
    was true. Raises ValueError for another shape.
    """
    if beliefs.shape != (CODED_SIGNS,):
        raise ValueError(f"beliefs are ({CODED_SIGNS},), not {beliefs.shape}")
    for rank, bits in enumerate(likeliest_words(beliefs, size, least)):
        data = np.packbits(bits[:WORD_BITS]).tobytes()
        key, crc = data[:KEY_BYTES], data[KEY_BYTES:]
        if zlib.crc32(key).to_bytes(4, "big") == crc:
            return Word(key, rank, _signs(bits[:WORD_BITS]))
    return None


def likeliest_words(
    beliefs: npt.NDArray[np.floating], size: int, least: float = -math.inf
) -> list[npt.NDArray[np.uint8]]:
    """Return the ``size`` likeliest words, (107,) bits with the tail, best first.

    The serial list Viterbi algorithm (Seshadri and Sundberg 1994, section III): one
    forward pass, then each next path leaves an earlier one where that costs least.
    """
    best, chosen_ways, costs = _forward(
        np.asarray(beliefs, np.float32).reshape(STEPS, RATE)
    )
    if best < least:
        return []
    choices = [each.tolist() for each in chosen_ways]
    losses = [each.tolist() for each in costs]
    words: list[npt.NDArray[np.uint8]] = []
    # loss so far, tie-breaker, first step to deviate at, states known from there on
    waiting: list[tuple[float, int, int, list[int]]] = [(0.0, 0, STEPS, [0])]
    count = 1
    while waiting and len(words) < size:
        loss, _, step, tail = heapq.heappop(waiting)
        if best - loss < least:
            break
        path = list(tail)
        for at in range(step - 1, -1, -1):
            state = path[-1]
            chosen = choices[at][state]
            lost = loss + losses[at][state]
            if lost < np.inf:
                other = _before(state, 1 - chosen)
                heapq.heappush(waiting, (lost, count, at, [*path, other]))
                count += 1
            path.append(_before(state, chosen))
        newest_first = np.array(path[:-1]) >> (MEMORY - 1)
        words.append(newest_first[::-1].astype(np.uint8))
    return words


def _before(state: int, which: int) -> int:
    return 2 * (state % (STATES // 2)) + which


def _forward(
    beliefs: npt.NDArray[np.float32],
) -> tuple[float, list[npt.NDArray[np.uint8]], list[npt.NDArray[np.float32]]]:
    """Return the best sum, the better predecessors, and what the others cost.

    Of the latter two each step has an array with an entry a state.
    """
    trellis = _trellis()
    gains = np.full(STATES, -np.inf, np.float32)
    gains[0] = 0
    choices, losses = [], []
    for step, belief in enumerate(beliefs):
        branch = (trellis.patterns @ belief)[trellis.outputs]
        both = gains[trellis.before] + branch
        if step >= WORD_BITS:  # the tail is zeros: states with a newest one are out
            both[STATES // 2 :] = -np.inf
        choice = both[:, 1] > both[:, 0]
        gains = np.where(choice, both[:, 1], both[:, 0])
        worse = np.where(choice, both[:, 0], both[:, 1])
        known = np.isfinite(worse)
        loss = np.where(known, gains - np.where(known, worse, 0), np.inf)
        choices.append(choice.astype(np.uint8))
        losses.append(loss)
    return float(gains[0]), choices, losses
