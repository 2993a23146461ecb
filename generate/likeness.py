"""Whether a model from elsewhere shows the donor who agreed, and nobody else.

A model is a likeness. Consent is given by the donor of the project, so a model that
came from somewhere is looked at before it is let in: it must draw the donor's own face
as the donor's, and must turn the performer's face into the donor's.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lampoon.errors import ConsentError, FaceError
from lampoon.faces.identity import (
    SAME_PERSON,
    IdentityEmbedder,
    mean_identity_distance,
)
from lampoon.generate.composite.blend import blend_patch
from lampoon.generate.followed import Followed
from lampoon.generate.methods.protocol import PlateFace, SwapMethod
from lampoon.media.reader import read_frames

LOOKS = 12
"""Frames of each person that are looked at, spread over the footage."""
FACING_DEGREES = 30.0
"""Beyond this a turned head says little about who it is."""
SOMEBODY_ELSE = 0.6
"""dlib's own threshold between two people; a swap keeps the performer's head, so it
lies further from the donor than the donor's own pictures do."""

Embeddings = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Mean identity distances: 0 is the same picture, ``SAME_PERSON`` one person.

    ``own`` lies between the donor and the model's picture of the donor; ``swapped``
    between the donor and the swapped performer, ``left`` between the performer and
    the swapped performer.
    """

    own: float
    swapped: float
    left: float


def likeness_of(method: SwapMethod, performer: Followed, donor: Followed) -> Likeness:
    """Return whom ``method`` draws, measured on both people's footage.

    Raises FaceError where a face is hardly seen from the front, MissingExtraError
    without the extra ``identity``.
    """
    embedder = IdentityEmbedder()
    plain_donor, own = _faces_of(method, donor, embedder)
    plain_performer, swapped = _faces_of(method, performer, embedder)
    return Likeness(
        own=mean_identity_distance(own, plain_donor),
        swapped=mean_identity_distance(swapped, plain_donor),
        left=mean_identity_distance(swapped, plain_performer),
    )


def insist_on_donor(found: Likeness) -> None:
    """Raise ConsentError unless the likeness is the donor's."""
    if not found.own < SAME_PERSON:
        raise ConsentError(
            "the model does not draw the donor who agreed: "
            f"distance {found.own:.2f}, the limit is {SAME_PERSON:.2f}",
            hint="name the side of the performer (--performer-side), or train further",
        )
    if not found.swapped < min(SOMEBODY_ELSE, found.left):
        raise ConsentError(
            "the model does not turn the performer into the donor who agreed: "
            f"distance {found.swapped:.2f} from the donor, {found.left:.2f} from the "
            "performer",
            hint="train it further on these two people",
        )


def insist_on_one_person(one: Followed, other: Followed) -> None:
    """Raise ConsentError unless two clips show the same person.

    MissingExtraError without the extra ``identity``.
    """
    embedder = IdentityEmbedder()
    looks = []
    for side in (one, other):
        faces = _telling_faces(side)
        found = [embedder.embed(face.rgb, face.landmarks) for face in faces]
        if not found:
            raise FaceError("no face turned to the camera", where=side.clip)
        looks.append(np.stack(found))
    apart = mean_identity_distance(looks[0], looks[1])
    if not apart < SAME_PERSON:
        raise ConsentError(
            f"these clips show two people: {one.clip.name} and {other.clip.name} lie "
            f"{apart:.2f} apart, the limit is {SAME_PERSON:.2f}",
            hint="measure with two clips of one person, or swap with consent",
        )


def _faces_of(
    method: SwapMethod, side: Followed, embedder: IdentityEmbedder
) -> tuple[Embeddings, Embeddings]:
    """Return (n, 128) embeddings of a person's frames as they are, and as drawn."""
    method.begin(side.track, side.clip)
    plain, drawn = [], []
    for face in _telling_faces(side):
        (patch,) = method.swap([face])
        if patch is None:
            continue
        plain.append(embedder.embed(face.rgb, face.landmarks))
        made = blend_patch(face.rgb, patch)
        drawn.append(embedder.embed(made, face.landmarks))
    if not plain:
        raise FaceError("no face turned to the camera", where=side.clip)
    return np.stack(plain), np.stack(drawn)


def _telling_faces(side: Followed) -> Iterator[PlateFace]:
    """Yield faces that look at the camera, spread over the footage."""
    track = side.track
    facing = track.present & (np.abs(track.pose[:, :2]).max(axis=1) < FACING_DEGREES)
    rows = np.flatnonzero(facing)
    if not len(rows):
        return
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, LOOKS).astype(int))]
    wanted = {track.first_frame + int(row): int(row) for row in chosen}
    for frame in read_frames(side.clip, first=min(wanted), stop=max(wanted) + 1):
        row = wanted.get(frame.index)
        if row is None:
            continue
        yaw, pitch, roll = (float(angle) for angle in track.pose[row])
        yield PlateFace(
            rgb=frame.rgb,
            landmarks=track.landmarks[row],
            blendshapes=track.blendshapes[row],
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            index=frame.index,
        )
