"""One person's footage, followed: the face track, kept in the work folder.

The folder is named after the footage's SHA-256, so changed footage is followed anew
and unchanged footage never is.
"""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from lampoon.consent.store import file_sha256
from lampoon.faces.backends import FacesSettings
from lampoon.faces.track import FaceTrack, main_track, track_clip
from lampoon.generate.bystanders import without_bystanders
from lampoon.generate.whole_file import replace_file
from lampoon.media.reader import probe
from lampoon.progress import Tell, silent

DEFAULT_FACES = FacesSettings()
TRACK_FILE = "track.npz"
ARRAYS = (
    "times",
    "landmarks",
    "blendshapes",
    "pose",
    "boxes",
    "scores",
    "eyes_measurable",
    "sharpness",
)


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Footage with its main face track and the folder of what was made from it."""

    clip: Path
    sha256: str
    track: FaceTrack
    folder: Path


def follow(
    clip: Path,
    work: Path,
    *,
    faces: FacesSettings = DEFAULT_FACES,
    tell: Tell = silent,
) -> Followed:
    """Return the footage's main face track, from the work folder or made now.

    What another backend of ``faces`` sees is kept in another folder.

    Raises UnreadableError for a clip that cannot be decoded, FaceError where no
    face is seen.
    """
    sha256 = file_sha256(clip)
    seen_by = faces.said
    other = hashlib.sha256(seen_by.encode()).hexdigest()[:8]
    mark = f"-{faces.backend.value}-{other}" if seen_by else ""
    folder = work / f"footage-{sha256[:16]}{mark}"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / TRACK_FILE
    track = load_track(kept)
    if track is None:
        total = probe(clip).frame_count
        tracks = track_clip(
            clip, backend=faces.make(), tell=lambda done, _: tell(done, total)
        )
        track = without_bystanders(main_track(tracks, clip), tracks, clip)
        save_track(track, kept)
    return Followed(clip, sha256, track, folder)


def save_track(track: FaceTrack, path: Path) -> None:
    """Write ``track`` to ``path``, whole or not at all."""
    arrays = {name: getattr(track, name) for name in ARRAYS}
    facts = np.array(
        [track.first_frame, track.rate.numerator, track.rate.denominator], np.int64
    )
    reasons = np.array(track.reasons, dtype=np.str_)
    whole = BytesIO()
    np.savez(whole, facts=facts, reasons=reasons, **arrays)
    replace_file(path, whole.getvalue(), durable=False)


def load_track(path: Path) -> FaceTrack | None:
    """Return the kept track; None where there is none or it cannot be read."""
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            first, numerator, denominator = (int(each) for each in kept["facts"])
            return FaceTrack(
                first_frame=first,
                rate=Fraction(numerator, denominator),
                reasons=tuple(str(reason) for reason in kept["reasons"]),
                **{name: kept[name] for name in ARRAYS},
            )
    except (BadZipFile, KeyError, ValueError, OSError):
        return None
