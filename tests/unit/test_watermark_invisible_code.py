"""The payload under its code."""

import zlib

import numpy as np
import pytest

from lampoon.watermark.invisible.code import (
    CODED_SIGNS,
    LIST_SIZE,
    WORD_BITS,
    decode,
    encode,
    likeliest_words,
)
from lampoon.watermark.invisible.tile import SIDE, Layout

KEY = bytes.fromhex("0123456789abcdef")


def test_a_clean_word_is_read_back() -> None:
    word = decode(encode(KEY))
    assert word is not None
    assert (word.key, word.rank) == (KEY, 0)
    assert np.array_equal(word.signs, encode(KEY))


@pytest.mark.parametrize("key", [bytes(8), b"\xff" * 8, KEY])
def test_a_word_in_as_much_noise_as_the_loop_allows_is_read(key: bytes) -> None:
    random = np.random.default_rng(3)
    for _ in range(4):
        noisy = encode(key) * 15.5 / np.sqrt(CODED_SIGNS) + random.normal(
            size=CODED_SIGNS
        )
        word = decode(noisy)
        assert word is not None
        assert word.key == key


def test_noise_is_no_word() -> None:
    random = np.random.default_rng(4)
    assert all(decode(random.normal(size=CODED_SIGNS)) is None for _ in range(8))


def test_the_likeliest_words_fall_in_likelihood_and_differ() -> None:
    beliefs = np.random.default_rng(5).normal(size=CODED_SIGNS)
    words = likeliest_words(beliefs, LIST_SIZE)
    assert len({word.tobytes() for word in words}) == LIST_SIZE
    keys = [np.packbits(word[:WORD_BITS]).tobytes()[:8] for word in words]
    crcs = [np.packbits(word[:WORD_BITS]).tobytes()[8:] for word in words]
    honest = [
        key
        for key, crc in zip(keys, crcs, strict=True)
        if zlib.crc32(key).to_bytes(4, "big") == crc
    ]
    assert not honest


def test_a_key_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="8 bytes"):
        encode(b"short")
    with pytest.raises(ValueError, match="beliefs"):
        decode(np.zeros(5))


def test_a_tile_says_its_word_only_to_those_who_know_the_layout() -> None:
    tile = Layout().tile(encode(KEY))
    assert tile.shape == (SIDE, SIDE)
    assert set(np.unique(tile)) == {-1.0, 1.0}
    word = decode(Layout().beliefs(tile))
    assert word is not None
    assert word.key == KEY
    assert decode(Layout(b"another secret").beliefs(tile)) is None


@pytest.mark.slow
def test_false_words_pass_the_crc_as_rarely_as_it_promises() -> None:
    # 2**-k of all words agree in the CRC's first k bits: the bound behind the odds
    random = np.random.default_rng(6)
    agreeing = np.zeros(33)
    tried = 0
    for _ in range(250):
        for bits in likeliest_words(random.normal(size=CODED_SIGNS), LIST_SIZE):
            data = np.packbits(bits[:WORD_BITS]).tobytes()
            wrong = zlib.crc32(data[:8]) ^ int.from_bytes(data[8:], "big")
            agreeing[: 33 - wrong.bit_length()] += 1
            tried += 1
    for bits_agreeing in (4, 6, 8):
        expected = tried / 2**bits_agreeing
        assert abs(agreeing[bits_agreeing] - expected) < 6 * np.sqrt(expected)
