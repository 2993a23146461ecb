"""A reading of the mark as JSON, and in plain words."""

from typing import Any

import numpy as np

from lampoon.watermark.invisible.evidence import (
    MarkGeometry,
    MarkMap,
    WatermarkReading,
)
from lampoon.watermark.invisible.heat import largest_place

COVERED = 0.04
"""Part of the picture without the mark that is worth a word."""

NEARLY = 0.15
HALVES = {
    "the left half": (0.0, 0.5, 0.0, 1.0),
    "the right half": (0.5, 1.0, 0.0, 1.0),
    "the upper half": (0.0, 1.0, 0.0, 0.5),
    "the lower half": (0.0, 1.0, 0.5, 1.0),
    "all over": (0.0, 1.0, 0.0, 1.0),
}
"""Places that have a name: from and to across, from and to down."""


def reading_json(
    reading: WatermarkReading,
    *,
    manifest: str | None = None,
    crop: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Return the watermark object that machines are given.

    ``manifest`` is the name that a registry has for the key, ``crop`` the part of the
    registered picture's sides that is seen, (across, down).
    """
    geometry, places = reading.geometry, reading.map
    return {
        "found": reading.found,
        "key": reading.key.hex() if reading.key else None,
        "odds": reading.odds,
        "margin": reading.margin,
        "geometry": geometry
        and {
            "scale": geometry.scale,
            "stretch": geometry.stretch,
            "crop": list(crop) if crop else None,
            "flip": geometry.flip,
            "rotation": geometry.rotation,
        },
        "manifest": manifest,
        "parts": [
            {
                "start_seconds": part.start_seconds,
                "end_seconds": part.end_seconds,
                "marked": part.marked,
            }
            for part in reading.parts
        ],
        "missing": places.missing if places else None,
        "where": where(places),
        "map": [list(row) for row in places.cells] if places else None,
        "frames_seen": reading.frames_seen,
    }


def mark_lines(reading: WatermarkReading, manifest: str | None = None) -> list[str]:
    """Return what a person is told; ``manifest`` is what a registry has for the key."""
    if not reading.found or reading.key is None:
        return [
            "No invisible mark found. That proves nothing: it may have been destroyed."
        ]
    lines = [f"Invisible mark found, key {reading.key.hex()}."]
    if reading.odds is not None:
        lines.append(f"By chance that happens at most once in {1 / reading.odds:,.0f}.")
    if reading.geometry is not None:
        lines.append(_geometry_words(reading.geometry))
    lines.extend(
        f"From {part.start_seconds:.1f} to {part.end_seconds:.1f} s it is missing: "
        "this stretch may come from elsewhere."
        for part in reading.parts
        if not part.marked
    )
    lines.extend(_map_lines(reading.map))
    if manifest is not None:
        lines.append(f"It is registered for {manifest}: lampoon verify compares them.")
    lines.append("Marks can be copied: only the registered manifest says whose it is.")
    return lines


def where(places: MarkMap | None) -> str | None:
    """Return in words where the mark is missing; None where it is nowhere so."""
    if places is None or places.absent is None:
        return None
    return place_in_words(places.absent)


def place_in_words(cells: tuple[tuple[bool, ...], ...]) -> str | None:
    """Return where the largest piece of the cells that are true lies; None for none."""
    absent = np.array(cells, np.uint8)
    box = largest_place(absent)
    if box is None:
        return None
    height, width = absent.shape
    left, right = box[0] / width, (box[0] + box[2]) / width
    top, bottom = box[1] / height, (box[1] + box[3]) / height
    for name, part in HALVES.items():
        if max(map(abs, np.subtract(part, (left, right, top, bottom)))) < NEARLY:
            return name
    return (
        f"{left:.0%} to {right:.0%} from the left, {top:.0%} to {bottom:.0%} from the "
        "top"
    )


def _map_lines(places: MarkMap | None) -> list[str]:
    if places is None:
        return []
    if places.missing is None:
        return ["It is too faint here to tell where in the picture it is missing."]
    if places.missing < COVERED:
        return []
    return [
        f"It is missing on {places.missing:.0%} of the picture ({where(places)}): "
        "something may have been put there. A hint, not a proof."
    ]


def _geometry_words(geometry: MarkGeometry) -> str:
    words = []
    if abs(geometry.scale - 1) > 0.01:
        words.append(f"cropped or enlarged {geometry.scale:.2f} times")
    if abs(geometry.stretch - 1) > 0.02:
        words.append(f"stretched to {geometry.stretch:.0%} of its width")
    if geometry.flip:
        words.append("flipped left to right")
    if abs(geometry.rotation) > 0.15:
        words.append(f"turned by {geometry.rotation:.1f} degrees")
    return (
        f"Since then the picture was {', '.join(words)}."
        if words
        else ("The picture lies as it was marked.")
    )
