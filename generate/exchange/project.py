"""A project whose two people agree, and the one of them that is meant."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lampoon.errors import LampoonError
from lampoon.generate.followed import Followed, follow
from lampoon.generate.job import SwapJob, load_job
from lampoon.generate.pipeline import Agreed, agree
from lampoon.progress import Bar


class Who(StrEnum):
    """The two people of a project."""

    PERFORMER = "performer"
    DONOR = "donor"


@dataclass(frozen=True, slots=True)
class AgreedSide:
    """One person of a project, followed, after both have been asked for consent."""

    agreed: Agreed
    followed: Followed

    @property
    def job(self) -> SwapJob:
        """The project."""
        return self.agreed.job


def agreed_side(project: Path, who: Who, bar: Bar) -> AgreedSide:
    """Return one person of ``project``, followed.

    Face data goes in and out only where both records allow the swap: raises
    ConsentRefusedError otherwise.
    """
    agreed = agree(load_job(project))
    job = agreed.job
    side = job.performer if who is Who.PERFORMER else job.donor
    with bar("follow the face", unit="frames") as tell:
        followed = follow(side.footage, job.output.work, faces=job.faces, tell=tell)
    return AgreedSide(agreed, followed)


def insist_on_room(out: Path) -> None:
    """Make the folder ``out``; LampoonError where it cannot be, or holds things."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        full = any(out.iterdir())
    except OSError as error:
        raise LampoonError(f"cannot be made: {error.strerror}", where=out) from error
    if full:
        raise LampoonError("is not empty", where=out, hint="name a new folder")
