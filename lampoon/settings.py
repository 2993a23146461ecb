"""TOML to frozen settings: read once at the edge, unknown keys refused."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from lampoon.errors import SettingsError

Shape = TypeVar("Shape")

STRICT = ConfigDict(extra="forbid")
"""The configuration of every settings dataclass."""


def load_settings(path: Path, shape: type[Shape]) -> Shape:
    """Return the settings in a TOML file as a frozen dataclass.

    ``shape`` is a ``pydantic.dataclasses.dataclass``, frozen, with ``config=STRICT``.
    Raises SettingsError that names the file and every key that is wrong.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(
            "there is no such file", where=path, hint="give the path of a lampoon.toml"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"this is not TOML: {error}", where=path) from error
    try:
        return TypeAdapter(shape).validate_python(values)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
        raise SettingsError(faults, where=path, hint="see docs/formats.md") from error
