"""A cast: people from seeds, told apart by a face model, each with consent signed.

Their faces are compared before anything long is rendered; who looks too much like
somebody already in the cast is passed over. Each gets a key of their own, and a
record of consent whose reference media are their own takes, so that everything that
is made with them later goes through the same check as with people who exist.
"""

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from lampoon.consent.chain import sign_record
from lampoon.consent.draft import Wishes, draft_record, media_entries
from lampoon.consent.record import ANY_LABELLED_COUNTERPART, Method, Purpose, Role
from lampoon.consent.signature import generate_key, key_beside, load_key
from lampoon.consent.store import file_sha256, save_record
from lampoon.datasets.performers.audition import Audition, audition, fits
from lampoon.datasets.performers.people import person_of_seed
from lampoon.datasets.performers.person import Person
from lampoon.datasets.performers.render import Rendered, render_take
from lampoon.datasets.performers.take import Take
from lampoon.errors import FaceError
from lampoon.faces.detector import LiteRTBackend
from lampoon.faces.identity import IdentityEmbedder, mean_identity_distance
from lampoon.progress import Tell, silent
from lampoon.watermark.manifest.signer import Signer

APART = 0.52
"""Least mean identity distance of two: clips must reach .5, stills get a margin."""

TRIES_A_PERSON = 12
FURTHEST = 2.0
"""The distance to nobody."""

TERM = timedelta(days=5 * 365)
ROLES = (Role.FACE_DONOR, Role.DRIVING_PERFORMER)
DESCRIPTION = (
    "A rendered performer, who does not exist, agrees to demonstrations, tests, "
    "training and research sets of labelled parody."
)


@dataclass(frozen=True, slots=True)
class CastMember:
    """One performer with takes and a signed record."""

    seed: int
    person: Person
    folder: Path
    takes: tuple[Rendered, ...]
    record: Path
    nearest: float
    """Mean identity distance to the most similar other performer so far."""


@dataclass(frozen=True, slots=True)
class _CountOn:
    """Tells of one take as of a part of the whole cast."""

    tell: Tell
    before: int
    total: int

    def __call__(self, done: int, _: int) -> None:
        self.tell(self.before + done, self.total)


def make_cast(
    count: int,
    takes: Sequence[Take],
    folder: Path,
    *,
    now: datetime,
    first_seed: int = 0,
    jobs: int = 1,
    passphrase: str | None = None,
    signer: Signer | None = None,
    tell: Tell = silent,
) -> list[CastMember]:
    """Render ``count`` people into ``folder``, one folder each, and ``cast.json``.

    What is there already from an earlier, stopped run is kept. A ``signer`` signs
    the clips as drawn. ``tell`` counts frames. Raises MissingExtraError without
    moderngl or dlib, FaceError where not enough people differ, ConsentError where a
    record cannot be written.
    """
    total = count * sum(take.frame_count for take in takes)
    members: list[CastMember] = []
    done = 0
    for seed, person, nearest in distinct_people(count, first_seed):
        own = folder / person.name
        rendered = []
        for take in takes:
            seeded = replace(take, seed=take.seed + seed)
            count_on = _CountOn(tell, done, total)
            rendered.append(
                render_take(
                    person, seeded, own, jobs=jobs, signer=signer, tell=count_on
                )
            )
            done += take.frame_count
        record = give_consent(
            person, [each.clip for each in rendered], own, now, passphrase
        )
        members.append(CastMember(seed, person, own, tuple(rendered), record, nearest))
        _write_index(members, folder)
    return members


def distinct_people(count: int, first_seed: int) -> Iterator[tuple[int, Person, float]]:
    """Yield seeds and people, in order, who look unlike all before them.

    With each comes the distance to the nearest before. Raises FaceError when so many
    seeds gave somebody similar that the cast cannot be filled.
    """
    embedder, backend = IdentityEmbedder(), LiteRTBackend(max_faces=1)
    known: list[Audition] = []
    for seed in range(first_seed, first_seed + count * TRIES_A_PERSON):
        if len(known) == count:
            return
        person = person_of_seed(seed)
        heard = audition(person, backend, embedder)
        near = min(
            (
                mean_identity_distance(heard.embeddings, other.embeddings)
                for other in known
            ),
            default=FURTHEST,
        )
        if fits(heard) and near >= APART:
            known.append(heard)
            yield seed, person, near
    if len(known) < count:
        raise FaceError(
            f"only {len(known)} of {count} people look different enough",
            hint="start from another seed, or ask for fewer",
        )


def give_consent(
    person: Person,
    clips: Sequence[Path],
    folder: Path,
    now: datetime,
    passphrase: str | None = None,
) -> Path:
    """Write the performer's signed record beside the clips and return its path.

    The key is made there when there is none; a record that lists these very clips
    stays as it is. Raises ConsentError where it cannot be written.
    """
    place = folder / f"{person.name}.consent.json"
    hashes = [file_sha256(clip) for clip in clips]
    if place.is_file() and all(each in place.read_text() for each in hashes):
        return place
    wishes = Wishes(
        pseudonym=person.name,
        roles=ROLES,
        media=media_entries(hashes, ROLES),
        purposes=tuple(Purpose),
        methods=tuple(Method),
        description=DESCRIPTION,
        until=_last_day(now),
        targets=(ANY_LABELLED_COUNTERPART,),
    )
    draft = draft_record(wishes, now=now, random=secrets.token_bytes(48))
    kept = key_beside(place)
    key = (
        load_key(kept, passphrase) if kept.exists() else generate_key(kept, passphrase)
    )
    save_record(sign_record(draft, key, now), place)
    return place


def _last_day(now: datetime) -> date:
    return (now + TERM).date()


def _write_index(members: Sequence[CastMember], folder: Path) -> None:
    """Write who is in the cast so far."""
    rows = [
        {
            "name": member.person.name,
            "seed": member.seed,
            "record": member.record.relative_to(folder).as_posix(),
            "clips": [r.clip.relative_to(folder).as_posix() for r in member.takes],
            "truths": [r.truth.relative_to(folder).as_posix() for r in member.takes],
            "nearest_other": round(member.nearest, 3),
        }
        for member in members
    ]
    beside = folder / ".cast.json.partial"
    beside.write_text(json.dumps({"cast": rows}, indent=2) + "\n", encoding="utf-8")
    os.replace(beside, folder / "cast.json")
