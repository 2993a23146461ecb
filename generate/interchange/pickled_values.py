"""What a pickle may name, and the arrays that it may hold, checked piece by piece.

numpy's own rebuilding trusts the file that it rebuilds from. These stand-ins take what
the file says, compare it with the bytes that are there, and only then make an array.
"""

import re
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

MAX_DEPTH = 32
_MAX_SIDE = 1 << 30
_NUMBERS = re.compile(r"[<>|=]?[biuf][1248]")


class Refused(Exception):  # noqa: N818 - it ends a reading, its reader words the error
    """What is wrong with the bytes, for the LampoonError that names the file."""


def refuse(what: str) -> NoReturn:
    """Raise Refused."""
    raise Refused(what)


class Name:
    """A global that a pickle may ask for; it is never more than its name."""

    def __init__(self, name: str) -> None:
        self.name = name


class Dtype:
    """The type of an array: plain numbers, or Refused."""

    def __init__(self, code: object) -> None:
        if not isinstance(code, str) or not _NUMBERS.fullmatch(code):
            refuse("an array of something other than numbers")
        self.code: str = code

    def build(self, state: object) -> None:
        """Take the byte order out of what numpy stored."""
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else None
        if order not in ("<", ">", "|", "="):
            refuse("a broken array type")
        self.code = f"{order}{self.code.lstrip('<>|=')}"


class Array:
    """An array on its way: made empty by one opcode and filled by a later one."""

    value: np.ndarray[Any, Any] | None = None

    def build(self, state: object) -> None:
        """Take shape, type and bytes out of what numpy stored."""
        if not (isinstance(state, tuple) and len(state) == 5):
            refuse("a broken array")
        _, shape, dtype, columns_first, raw = state
        self.value = _array(raw, dtype, shape, "F" if columns_first else "C")


def _array(
    raw: object, dtype: object, shape: object, order: object
) -> np.ndarray[Any, Any]:
    if not (isinstance(dtype, Dtype) and isinstance(raw, bytes)):
        refuse("a broken array")
    if not (isinstance(shape, tuple) and len(shape) <= 4 and order in ("C", "F")):
        refuse("a broken array shape")
    if not all(type(side) is int and 0 <= side <= _MAX_SIDE for side in shape):
        refuse("a broken array shape")
    count = 1
    for side in shape:
        count *= side
    kind = np.dtype(dtype.code)
    if count * kind.itemsize != len(raw):
        refuse("an array whose shape is not that of its bytes")
    return np.frombuffer(raw, kind).reshape(shape, order="F" if order == "F" else "C")


def _scalar(dtype: object, raw: object) -> object:
    return _array(raw, dtype, (1,), "C")[0].item()


def _dtype(code: object, align: object = False, copy: object = True) -> Dtype:
    return Dtype(code)


def _empty(subtype: object, shape: object, code: object) -> Array:
    if not (isinstance(subtype, Name) and subtype.name == "numpy.ndarray"):
        refuse("an array of a foreign class")
    return Array()


def _encoded(text: object, codec: object) -> bytes:
    if not (isinstance(text, str) and codec == "latin1"):
        refuse("text in an unknown encoding")
    try:
        return text.encode("latin1")
    except UnicodeEncodeError:
        refuse("text that is no bytes")


def _no_bytes() -> bytes:
    return b""  # how protocol 2 spells them


CALLS: dict[str, Callable[..., object]] = {
    "numpy.dtype": _dtype,
    "multiarray._reconstruct": _empty,
    "multiarray.scalar": _scalar,
    "numeric._frombuffer": _array,
    "_codecs.encode": _encoded,
    "__builtin__.bytes": _no_bytes,
}
"""All that a pickle may call, by name; each is a function of this file."""


def known_name(module: object, name: object) -> Name:
    """Return the name if it is one of the table, or raise Refused."""
    full = f"{module}.{name}"
    for prefix in ("numpy.core.", "numpy._core."):
        full = full.removeprefix(prefix)
    if full not in CALLS and full != "numpy.ndarray":
        refuse(f"it asks for {str(module)[:60]}.{str(name)[:60]}")
    return Name(full)


_DEEP = (list, tuple, dict, Array, Dtype, Name)


class Finisher:
    """Takes arrays out of their stand-ins; sharing cannot grow beyond ``budget``."""

    def __init__(self, budget: int) -> None:
        self.budget = budget

    def finished(self, value: Any, depth: int = MAX_DEPTH) -> Any:
        """Return ``value`` as plain data; raises Refused for a stand-in left over."""
        if isinstance(value, Name | Dtype) or depth == 0:
            refuse("it holds a bare name, or lists in lists without end")
        if isinstance(value, Array):
            return self._array(value)
        if isinstance(value, list | tuple | dict):
            return self._container(value, depth - 1)
        return value

    def _array(self, value: Array) -> np.ndarray[Any, Any]:
        if value.value is None:
            refuse("an array that was never filled")
        self._charge(value.value.size)
        return value.value

    def _container(self, value: Any, depth: int) -> Any:
        self._charge(len(value) + 1)
        things = value.values() if isinstance(value, dict) else value
        if not any(kind in _DEEP for kind in set(map(type, things))):
            return value
        done = [self.finished(thing, depth) for thing in things]
        if isinstance(value, dict):
            return dict(zip(value, done, strict=True))
        return tuple(done) if isinstance(value, tuple) else done

    def _charge(self, things: int) -> None:
        self.budget -= things
        if self.budget < 0:
            refuse("it says the same thing over and over")
