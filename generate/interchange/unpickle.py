"""Plain data out of a pickle, without running the pickle.

faceswap keeps its alignments as a pickle, and loading a stranger's pickle with
Python's own ``pickle`` runs the stranger's code. This is a reading machine of its own:
it knows numbers, strings, lists, dicts and numpy arrays, and nothing that calls.
A name that a file asks for is looked up in a short table; what numpy would have
rebuilt comes back as an array that was checked here first.
"""

import re
import struct
import zlib
from collections.abc import Callable
from os import PathLike
from typing import Any

import numpy as np

from lampoon.errors import LampoonError
from lampoon.generate.interchange.pickled_values import (
    CALLS,
    Array,
    Dtype,
    Finisher,
    Name,
    Refused,
    known_name,
    refuse,
)

MAX_BYTES = 1 << 29
"""Inflated bytes that are read at most; 60 000 faces with masks and thumbnails."""
_MARK = object()
_SMALL_INTS = re.compile(rb"(?:K[\s\S])+")
_FLOATS = re.compile(rb"(?:G[\s\S]{8})+")
_FLOAT_RUN = np.dtype([("opcode", "u1"), ("value", ">f8")])


def inflate(data: bytes, *, where: str | PathLike[str] = "", limit: int = 0) -> bytes:
    """Return the bytes that zlib packed into ``data``.

    Raises LampoonError for anything but one whole zlib stream, and where it would
    grow beyond ``limit`` bytes (``MAX_BYTES`` by default).
    """
    limit = limit or MAX_BYTES
    machine = zlib.decompressobj()
    try:
        plain = machine.decompress(data, limit)
    except zlib.error as error:
        raise LampoonError("not a zlib stream", where=where) from error
    if machine.unconsumed_tail:
        raise LampoonError(f"grows beyond {limit} bytes when inflated", where=where)
    if not machine.eof:
        raise LampoonError("the zlib stream is cut off", where=where)
    return plain


def read_pickle(data: bytes, *, where: str | PathLike[str] = "") -> Any:
    """Return the plain data in the pickle ``data`` (protocols 2 to 5); nothing runs.

    What comes back is made of None, bool, int, float, str, bytes, list, tuple, dict
    with str or int keys, and numpy arrays of numbers. Raises LampoonError for any
    other pickle, named ``where``, and for one that is broken.
    """
    try:
        return _Machine(data).run()
    except Refused as error:
        raise LampoonError(
            f"not a pickle of plain data: {error}",
            where=where,
            hint="a file with anything but numbers and text in it is not read",
        ) from error
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise LampoonError("the pickle is broken or cut off", where=where) from error


class _Machine:
    """Reads opcodes of ``data`` one after another onto a stack."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.stack: list[Any] = []
        self.slots: dict[int, Any] = {}

    def run(self) -> Any:
        while True:
            opcode = self.data[self.at : self.at + 1]
            if opcode == b"K":
                self._small_ints()
            elif opcode == b"G":
                self._floats()
            elif opcode == b".":
                break
            else:
                self.at += 1
                step = _STEPS.get(opcode)
                if step is None:
                    refuse(f"opcode {opcode!r}")
                step(self)
        if len(self.stack) != 1:
            refuse("more than one thing in it")
        return Finisher(2 * len(self.data) + 4096).finished(self.stack[0])

    def protocol(self) -> None:
        if not 2 <= self.number("<B") <= 5:
            refuse("a protocol other than 2 to 5")

    def frame(self) -> None:
        self.number("<Q")  # a hint for buffered readers; nothing here buffers

    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) != count:
            refuse("it is cut off")
        self.at += count
        return piece

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def pop(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            refuse("it takes more than it has")
        return self.stack.pop()

    def since_mark(self) -> list[Any]:
        for back in range(len(self.stack) - 1, -1, -1):
            if self.stack[back] is _MARK:
                things = self.stack[back + 1 :]
                del self.stack[back:]
                return things
        refuse("a mark is missing")

    def top(self, kind: type) -> Any:
        if not self.stack or type(self.stack[-1]) is not kind:
            refuse(f"it fills something that is no {kind.__name__}")
        return self.stack[-1]

    def _small_ints(self) -> None:
        run = _SMALL_INTS.match(self.data, self.at)
        if run is None:
            refuse("it is cut off")
        self.stack.extend(run.group()[1::2])
        self.at = run.end()

    def _floats(self) -> None:
        run = _FLOATS.match(self.data, self.at)
        if run is None:
            refuse("it is cut off")
        self.stack.extend(np.frombuffer(run.group(), _FLOAT_RUN)["value"].tolist())
        self.at = run.end()

    def name(self) -> None:
        name, module = self.pop(), self.pop()
        self.stack.append(known_name(module, name))

    def name_lines(self) -> None:
        lines = self.data[self.at : self.at + 256].split(b"\n", 2)
        if len(lines) < 3:
            refuse("a name without an end")
        self.at += len(lines[0]) + len(lines[1]) + 2
        self.stack.append(known_name(lines[0].decode(), lines[1].decode()))

    def call(self) -> None:
        given, called = self.pop(), self.pop()
        if not (isinstance(called, Name) and called.name in CALLS):
            refuse("it calls something")
        if not isinstance(given, tuple) or len(given) > 4:
            refuse("a broken call")
        try:
            self.stack.append(CALLS[called.name](*given))
        except TypeError:
            refuse("a broken call")

    def build(self) -> None:
        state = self.pop()
        thing = self.stack[-1] if self.stack else None
        if not isinstance(thing, Dtype | Array):
            refuse("it fills a foreign object")
        thing.build(state)

    def set_items(self, pairs: list[Any]) -> None:
        target = self.top(dict)
        if len(pairs) % 2:
            refuse("a key without a value")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if type(key) not in (str, int):
                refuse("a key that is neither text nor a number")
            target[key] = value

    def remember(self, slot: int) -> None:
        if not self.stack or self.stack[-1] is _MARK:
            refuse("it remembers nothing")
        self.slots[slot] = self.stack[-1]

    def recall(self, slot: int) -> None:
        if slot not in self.slots:
            refuse("it recalls what was never there")
        self.stack.append(self.slots[slot])


def _tuple(count: int) -> Callable[[_Machine], None]:
    def step(machine: _Machine) -> None:
        things = [machine.pop() for _ in range(count)]
        machine.stack.append(tuple(reversed(things)))

    return step


def _pushed(read: Callable[[_Machine], object]) -> Callable[[_Machine], None]:
    return lambda machine: machine.stack.append(read(machine))


def _append_one(machine: _Machine) -> None:
    thing = machine.pop()
    machine.top(list).append(thing)


def _append_many(machine: _Machine) -> None:
    things = machine.since_mark()
    machine.top(list).extend(things)


def _set_one(machine: _Machine) -> None:
    value, key = machine.pop(), machine.pop()
    machine.set_items([key, value])


def _text(form: str) -> Callable[[_Machine], None]:
    return _pushed(lambda m: m.take(m.number(form)).decode("utf-8", "surrogatepass"))


def _raw(form: str) -> Callable[[_Machine], None]:
    return _pushed(lambda m: m.take(m.number(form)))


def _long(machine: _Machine) -> None:
    raw = machine.take(machine.number("<B"))
    machine.stack.append(int.from_bytes(raw, "little", signed=True))


_STEPS: dict[bytes, Callable[[_Machine], None]] = {
    b"\x80": lambda m: m.protocol(),
    b"\x95": lambda m: m.frame(),
    b"(": lambda m: m.stack.append(_MARK),
    b"N": lambda m: m.stack.append(None),
    b"\x88": lambda m: m.stack.append(True),
    b"\x89": lambda m: m.stack.append(False),
    b"J": _pushed(lambda m: m.number("<i")),
    b"M": _pushed(lambda m: m.number("<H")),
    b"\x8a": _long,
    b"\x8c": _text("<B"),
    b"X": _text("<I"),
    b"\x8d": _text("<Q"),
    b"C": _raw("<B"),
    b"B": _raw("<I"),
    b"\x8e": _raw("<Q"),
    b"\x96": _raw("<Q"),
    b"]": lambda m: m.stack.append([]),
    b"}": lambda m: m.stack.append({}),
    b")": lambda m: m.stack.append(()),
    b"t": _pushed(lambda m: tuple(m.since_mark())),
    b"\x85": _tuple(1),
    b"\x86": _tuple(2),
    b"\x87": _tuple(3),
    b"a": _append_one,
    b"e": _append_many,
    b"s": _set_one,
    b"u": lambda m: m.set_items(m.since_mark()),
    b"\x94": lambda m: m.remember(len(m.slots)),
    b"q": lambda m: m.remember(m.number("<B")),
    b"r": lambda m: m.remember(m.number("<I")),
    b"h": lambda m: m.recall(m.number("<B")),
    b"j": lambda m: m.recall(m.number("<I")),
    b"c": lambda m: m.name_lines(),
    b"\x93": lambda m: m.name(),
    b"R": lambda m: m.call(),
    b"b": lambda m: m.build(),
}
"""Every opcode that is read; any other ends the reading."""
