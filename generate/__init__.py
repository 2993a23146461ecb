"""Make one video: extract, train, convert, blend, finish; or cut it with moviepy.

What an editor needs is found here by name and loaded when first asked for: children
that read strangers' files pass through this room, and are to load little.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lampoon.generate.effects import EndCredit, FaceSwap, OpeningCard, ParodyLabel
    from lampoon.generate.production import Production, open_production
    from lampoon.generate.timeline import write

__all__ = [
    "EndCredit",
    "FaceSwap",
    "OpeningCard",
    "ParodyLabel",
    "Production",
    "open_production",
    "write",
]

_ROOMS = {
    "Production": "production",
    "open_production": "production",
    "write": "timeline",
}


def __getattr__(name: str) -> Any:
    """Return what an editor asks for by name."""
    if name not in __all__:
        raise AttributeError(f"lampoon.generate has no {name}")
    module = _ROOMS.get(name, "effects")
    return getattr(import_module(f"lampoon.generate.{module}"), name)
