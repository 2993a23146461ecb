"""Pickles are read as data: what they hold comes back, what they would do does not."""

import os
import pickle
import random
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lampoon.errors import LampoonError
from lampoon.generate.interchange.unpickle import inflate, read_pickle


class RunsACommand:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


PLAIN = {
    "numbers": [0, 255, 256, -5, 70000, 1 << 40, 1.5, -2.25],
    "nested": [{"a": (1, 2, (3, 4, 5, 6))}, [], {}, ()],
    "text": "Grüße",
    "bytes": b"\xff\x00",
    "flags": [True, False, None],
    7: "a number as key",
}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_data_comes_back_as_it_was(protocol: int) -> None:
    assert read_pickle(pickle.dumps(PLAIN, protocol)) == PLAIN


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(136, dtype=np.float32).reshape(68, 2),
        np.arange(6, dtype=">i2"),
        np.zeros((3, 4), np.uint8, order="F"),
        np.zeros((0, 2), np.float64),
    ],
)
def test_arrays_of_numbers_come_back_as_they_were(
    array: np.ndarray[Any, Any], protocol: int
) -> None:
    found = read_pickle(pickle.dumps({"array": array}, protocol))["array"]

    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


def test_a_numpy_number_becomes_a_number() -> None:
    assert read_pickle(pickle.dumps([np.float64(3.5), np.int32(7)])) == [3.5, 7]


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_would_run_a_command_runs_nothing(
    protocol: int, tmp_path: Path
) -> None:
    trace = tmp_path / "it-ran"

    with pytest.raises(LampoonError, match="not a pickle of plain data"):
        read_pickle(pickle.dumps({"faces": RunsACommand(trace)}, protocol))

    assert not trace.exists()


@pytest.mark.parametrize(
    "gadget",
    [
        b"cbuiltins\neval\nX\x01\x00\x00\x001\x85R.",
        b"\x80\x04\x8c\x08builtins\x8c\x04exec\x93\x8c\x041+10\x85R.",
        b"cnumpy\nload\nX\x01\x00\x00\x00x\x85R.",
        b"cnumpy.core.multiarray\n_reconstruct\ncos\nsystem\n.",
        b"\x80\x02(cos\nsystem\no.",
        b"\x80\x02P.",
    ],
)
def test_no_gadget_is_called(gadget: bytes) -> None:
    with pytest.raises(LampoonError):
        read_pickle(gadget)


@pytest.mark.parametrize(
    "thing",
    [
        OrderedDict(a=1),
        {(1, 2): 3},
        np.array([{"an": "object"}], dtype=object),
        np.array([(1, 2.0)], dtype=[("x", "i4"), ("y", "f4")]),
        Path("x"),
        1 + 2j,
    ],
)
def test_what_is_more_than_plain_data_is_refused(thing: object) -> None:
    with pytest.raises(LampoonError):
        read_pickle(pickle.dumps({"thing": thing}))


def test_lists_in_lists_without_end_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(LampoonError, match="without end"):
        read_pickle(pickle.dumps(endless, 4))


def test_a_small_file_that_says_one_thing_a_billion_times_is_refused() -> None:
    bomb: list[Any] = ["lol"] * 10
    for _ in range(10):
        bomb = [bomb] * 10

    with pytest.raises(LampoonError, match="over and over"):
        read_pickle(pickle.dumps(bomb, 4))


def test_tuples_nested_very_deep_do_not_break_the_interpreter() -> None:
    with pytest.raises(LampoonError):
        read_pickle(b"\x80\x04)" + b"\x85" * 200_000 + b".")


def test_a_huge_promised_length_takes_no_memory() -> None:
    with pytest.raises(LampoonError, match="cut off"):
        read_pickle(b"\x80\x04\x8e" + (1 << 62).to_bytes(8, "little") + b"x.")


def test_an_array_larger_than_its_bytes_is_refused() -> None:
    honest = pickle.dumps(np.zeros(4, np.uint8), 2)
    larger = honest.replace(b"K\x01K\x04\x85", b"K\x01K\x05\x85")

    assert larger != honest
    with pytest.raises(LampoonError, match="not that of its bytes"):
        read_pickle(larger)


def test_broken_bytes_end_in_our_error_and_no_other() -> None:
    chance = random.Random(7)
    whole = pickle.dumps([PLAIN, np.arange(6).reshape(2, 3)])
    for _ in range(3000):
        broken = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            read_pickle(bytes(broken[: chance.randrange(1, len(broken) + 1)]))
        except LampoonError:
            continue


def test_a_zip_bomb_is_not_inflated() -> None:
    bomb = zlib.compress(b"\0" * 5_000_000, 9)

    with pytest.raises(LampoonError, match="grows beyond"):
        inflate(bomb, limit=1 << 20)


@pytest.mark.parametrize("data", [b"", b"no zlib", zlib.compress(b"x" * 99)[:-3]])
def test_what_is_no_whole_zlib_stream_is_refused(data: bytes) -> None:
    with pytest.raises(LampoonError):
        inflate(data)
