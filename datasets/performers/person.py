"""Who a rendered performer is: a shape, a look and a voice, in a readable file."""

import colorsys
import json
from collections.abc import Mapping
from dataclasses import asdict, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from lampoon.datasets.performers.mesh import shape_names, sides_of
from lampoon.errors import SettingsError
from lampoon.settings import STRICT, load_settings

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Colour = tuple[Share, Share, Share]
"""Linear red, green, blue."""

Weight = Annotated[float, Field(ge=-1.5, le=1.5)]


class HairStyle(StrEnum):
    """How the hair of the head lies."""

    SHORT = "short"
    CROPPED = "cropped"
    FULL = "full"
    BALD = "bald"


class Frame(StrEnum):
    """The frame of a pair of glasses."""

    SQUARE = "square"
    ROUND = "round"
    NARROW = "narrow"
    LARGE = "large"


@dataclass(frozen=True, config=STRICT)
class Look:
    """Colours and growth; lengths are in units of 10 cm.

    ``hair_line`` is the height of the forehead's hairline, ``temples`` how far it
    recedes beside the middle, ``age`` how deep the lines are.
    """

    skin: Colour = (0.55, 0.33, 0.24)
    lips: Colour = (0.46, 0.15, 0.13)
    hair: Colour = (0.08, 0.04, 0.02)
    brows: Colour = (0.05, 0.03, 0.02)
    iris: Colour = (0.10, 0.16, 0.15)
    shirt: Colour = (0.10, 0.14, 0.20)
    hair_style: HairStyle = HairStyle.SHORT
    hair_line: Annotated[float, Field(ge=7.8, le=8.2)] = 7.95
    temples: Annotated[float, Field(ge=0.0, le=0.25)] = 0.0
    grey: Share = 0.0
    brow_height: Annotated[float, Field(ge=7.36, le=7.50)] = 7.43
    brow_thickness: Annotated[float, Field(ge=0.02, le=0.09)] = 0.048
    brow_density: Share = 0.9
    lashes: Share = 0.55
    beard: Share = 0.0
    age: Share = 0.0
    freckles: Share = 0.0
    glasses: bool = False
    frame: Frame = Frame.SQUARE
    frame_colour: Colour = (0.012, 0.011, 0.012)


@dataclass(frozen=True, config=STRICT)
class Voice:
    """An espeak-ng voice; ``words_per_minute`` and ``pitch`` (0 to 99) are its own."""

    name: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]+)*(\+[a-z0-9]+)?$")] = (
        "en-us+f3"
    )
    words_per_minute: Annotated[int, Field(ge=90, le=220)] = 150
    pitch: Annotated[int, Field(ge=10, le=90)] = 50


@dataclass(frozen=True, config=STRICT)
class Person:
    """One performer. ``shape`` maps names of shapes to weights.

    ``blink_rate_factor`` is how often this person blinks compared with the mean of
    people doing the same. ``seed`` places pores, moles and strands.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    shape: dict[str, Weight] = field(default_factory=dict)
    look: Look = field(default_factory=Look)
    voice: Voice = field(default_factory=Voice)
    blink_rate_factor: Annotated[float, Field(gt=0.1, lt=4.0)] = 1.0
    seed: Annotated[int, Field(ge=0)] = 0


def load_person(path: Path) -> Person:
    """Return the person of a TOML or JSON file; SettingsError names what is wrong."""
    if path.suffix.lower() == ".json":
        person = _from_json(path)
    else:
        person = load_settings(path, Person)
    unknown = sorted(set(person.shape) - shape_names())
    if unknown:
        raise SettingsError(
            f"no such shapes: {', '.join(unknown)}",
            where=path,
            hint="docs/performers.md lists them",
        )
    return person


def person_json(person: Person) -> str:
    """Return the person as JSON text that ``load_person`` reads."""
    return json.dumps(asdict(person), indent=2) + "\n"


def weights_of(shape: Mapping[str, float]) -> dict[str, float]:
    """Return the weights with ``*`` written out for left and right."""
    return {side: weight for name, weight in shape.items() for side in sides_of(name)}


def as_colour(hue: float, saturation: float, value: float) -> Colour:
    """Return a linear colour from hue, saturation and value, each 0 to 1."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return red, green, blue


def _from_json(path: Path) -> Person:
    try:
        return TypeAdapter(Person).validate_json(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", where=path) from error
    except ValueError as error:
        text = " ".join(str(error).split())
        raise SettingsError(f"not a person: {text}", where=path) from error
