"""A reading of the mark as JSON, and in plain words."""

from typing import Any

from lampoon.watermark.invisible.evidence import MarkGeometry, WatermarkReading

COVERED = 0.15
"""Part of the picture without the mark that is worth a word."""


def reading_json(reading: WatermarkReading) -> dict[str, Any]:
    """Return the watermark object that machines are given."""
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
            "flip": geometry.flip,
            "rotation": geometry.rotation,
        },
        "parts": [
            {
                "start_seconds": part.start_seconds,
                "end_seconds": part.end_seconds,
                "marked": part.marked,
            }
            for part in reading.parts
        ],
        "missing": places.missing if places else None,
        "map": [list(row) for row in places.cells] if places else None,
        "frames_seen": reading.frames_seen,
    }


def mark_lines(reading: WatermarkReading) -> list[str]:
    """Return what a person is told."""
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
    if reading.map is not None and reading.map.missing > COVERED:
        lines.append(
            f"It is missing on {reading.map.missing:.0%} of the picture: something "
            "may have been put there. A hint, not a proof."
        )
    lines.append("Marks can be copied: only the registered manifest says whose it is.")
    return lines


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
