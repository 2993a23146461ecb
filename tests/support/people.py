"""Rendered performers for tests: small pictures, few frames, skipped without EGL."""

from functools import cache

import pytest

from lampoon.datasets.performers.egl import probe_graphics
from lampoon.datasets.performers.person import HairStyle, Look, Person
from lampoon.datasets.performers.take import Take
from lampoon.errors import LampoonError

SHAPE = {
    "macrodetails/caucasian-female-young": 1.0,
    "head/head-oval": 0.6,
    "eyes/*-eye-scale-incr": 0.35,
}


@cache
def missing_graphics() -> str:
    """Return why no picture can be drawn here, "" where one can."""
    try:
        probe_graphics()
    except LampoonError as error:
        return str(error)
    return ""


def needs_graphics() -> None:
    """Skip the test where EGL or moderngl is missing, and only there."""
    if reason := missing_graphics():
        pytest.skip(reason)


def ada(**look: object) -> Person:
    """Return a person who resembles the bundled Ada."""
    chosen = {"hair_style": HairStyle.FULL} | look
    return Person(name="ada", shape=dict(SHAPE), look=Look(**chosen))  # type: ignore[arg-type]  # checked by pydantic


def short_take(**changes: object) -> Take:
    """Return a take of a few small frames in which nobody speaks."""
    small: dict[str, object] = {
        "context": "rest",
        "seconds": 0.4,
        "width": 160,
        "height": 90,
    }
    return Take(**(small | changes))  # type: ignore[arg-type]  # checked by pydantic
