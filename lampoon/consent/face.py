"""Whether the face in the footage is that of the record's reference media.

Embeddings live only inside this comparison: they are neither kept nor logged.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lampoon.errors import FaceError, MediaError

Embed = Callable[[Path], npt.NDArray[np.float64]]
"""A clip to (faces, values) embeddings of its main face."""

ANOTHER_PERSON = 0.6
"""dlib's own threshold: a single frame this far away shows somebody else."""

MAX_STRAY_SHARE = 0.2
"""Share of frames that may be that far away (turned heads, blur)."""


def face_faults(
    reference: Sequence[Path], footage: Path, embed: Embed | None = None
) -> list[str]:
    """Return why the face in the footage is not that of the reference media.

    The list is empty when, for every reference medium, the mean distance over the
    frames of both is below ``SAME_PERSON`` and few single frames are another
    person's. ``embed`` is ``lampoon.faces.identity.embed_clip`` when left out. Raises
    MissingExtraError when that needs a package that is not installed, and
    UnreadableError for footage that cannot be decoded.
    """
    measure = embed or _embedder()
    shown, fault = _faces(footage, measure)
    if shown is None:
        return [fault]
    faults = []
    for path in reference:
        try:
            expected, fault = _faces(path, measure)
        except MediaError as error:
            expected, fault = None, f"cannot be looked at: {error.what}"
        fault = fault if expected is None else _difference(expected, shown)
        if fault:
            faults.append(f"{footage.name} against {_short(path)}: {fault}")
    return faults


def _faces(path: Path, measure: Embed) -> tuple[npt.NDArray[np.float64] | None, str]:
    try:
        found = np.atleast_2d(np.asarray(measure(path), np.float64))
    except FaceError as fault:
        return None, f"no face was found in {_short(path)}: {fault.what}"
    if not found.size:
        return None, f"no face was found in {_short(path)}"
    if not np.isfinite(found).all():
        return None, f"the face in {_short(path)} could not be measured"
    return found, ""


def _difference(
    expected: npt.NDArray[np.float64], shown: npt.NDArray[np.float64]
) -> str:
    """Return how (n, d) and (m, d) embeddings differ too much, or ""."""
    limit = _same_person()
    apart = np.linalg.norm(shown[:, None] - expected[None], axis=2).mean(axis=1)
    mean = float(apart.mean())
    if not mean < limit:
        return f"another face (mean distance {mean:.2f}, the limit is {limit:.2f})"
    strays = int((apart >= ANOTHER_PERSON).sum())
    if strays > MAX_STRAY_SHARE * len(apart):
        return f"another face in {strays} of {len(apart)} frames looked at"
    return ""


def _short(path: Path) -> str:
    """Return a file's name; of reference media, the beginning of their hash."""
    return f"reference {path.stem[:12]}" if len(path.stem) == 64 else path.name


def _embedder() -> Embed:
    """Return ``embed_clip`` with its models loaded once."""
    from lampoon.faces.detector import LiteRTBackend
    from lampoon.faces.identity import IdentityEmbedder, embed_clip

    backend, embedder = LiteRTBackend(max_faces=1), IdentityEmbedder()
    return lambda path: embed_clip(path, backend=backend, embedder=embedder)


def _same_person() -> float:
    from lampoon.faces.identity import SAME_PERSON

    return SAME_PERSON
