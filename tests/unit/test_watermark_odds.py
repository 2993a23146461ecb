"""Marks that are not there are not found: key trials with the complete detector."""

from pathlib import Path

import numpy as np
import pytest

from lampoon.watermark.invisible.code import CODED_SIGNS, encode, likeliest_words
from lampoon.watermark.invisible.embed import MarkedFrames
from lampoon.watermark.invisible.search import (
    LOWEST_MARGIN,
    MOST_WORDS,
    Sample,
    Search,
)
from lampoon.watermark.invisible.tile import Layout
from lampoon.watermark.invisible.transform import residual
from tests.support.marks import pan, written
from tests.support.odds import Tally, best_gains, try_clip


def test_the_quick_reader_agrees_with_the_decoder() -> None:
    random = np.random.default_rng(4)
    noise = random.normal(size=(3, CODED_SIGNS)).astype(np.float32)
    key = b"lampoon!"
    noise[0] += 3 * encode(key)
    gains = best_gains(noise)
    assert gains[0] == pytest.approx(float(noise[0] @ encode(key)), rel=1e-4)
    for beliefs, gain in zip(noise, gains, strict=True):
        assert likeliest_words(beliefs, 1, least=float(gain) * 1.001) == []
        assert len(likeliest_words(beliefs, 1, least=float(gain) * 0.999)) == 1


def test_a_search_reads_no_further_when_its_odds_are_used_up() -> None:
    frame = next(iter(MarkedFrames(pan(6), bytes(8))))
    sample = Sample(residual(frame.luma), 0.0, True)
    fresh, spent = Search(Layout()), Search(Layout(), words_tried=MOST_WORDS)
    found = fresh.quick([sample])
    assert found is not None
    assert found.word.key == bytes(8)
    assert spent.quick([sample]) is None
    assert spent.odds == MOST_WORDS / 2**32 < 1e-6


@pytest.mark.slow
def test_secrets_that_nobody_used_find_nothing(tmp_path: Path) -> None:
    clip = written(tmp_path / "plain.mp4", pan(6))
    tally = Tally()
    try_clip(clip, known=2, draws=200, look_at=0.02, seed=1, tally=tally)
    assert (tally.trials, tally.accepted) == (400, 0)
    assert tally.most_words / 2**32 < 1e-6
    assert tally.over_margin <= tally.readings * 1e-3
    assert tally.largest_margin < LOWEST_MARGIN + 1.5
    half = tally.agreeing[1] / tally.looked_at
    assert half == pytest.approx(0.5, abs=0.05)
