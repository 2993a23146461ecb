"""Label, mark, encode, sign, publish: the only way out of the house.

Swapped frames go in; a labelled, marked, signed and registered clip comes out, or
nothing. Label and mark are in every frame before the encoder sees it, and the grant
is renewed after the encoding, so a record that was withdrawn meanwhile stops the
publication.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from lampoon.consent.check import ConsentGrant, require_grant
from lampoon.errors import ConsentRefusedError, MediaError
from lampoon.generate.seal import Disclosure, Origin, Seal, Spans
from lampoon.generate.segments import Depends, LabelledFrames, Segments, Swapped
from lampoon.generate.stamp import Stamp
from lampoon.media.frame import Frame
from lampoon.media.join import join_clips
from lampoon.media.reader import Clip, probe, read_frames
from lampoon.media.writer import write_clip
from lampoon.progress import Tell, silent
from lampoon.watermark.invisible.binding import lookup_key
from lampoon.watermark.label.draw import ParodyLabel
from lampoon.watermark.label.presets import LabelPreset
from lampoon.watermark.manifest.signer import Signer

_MINT = object()


@dataclass(frozen=True, slots=True)
class LabelledVideo:
    """A clip that left the house: labelled in every frame and signed.

    Only ``finish`` makes one; constructing it elsewhere raises TypeError.
    """

    clip: Clip
    manifest: str
    label_text: str
    _mint: object

    def __post_init__(self) -> None:
        """Refuse to be made by anyone but ``finish``."""
        if self._mint is not _MINT:
            raise TypeError("only lampoon.generate.finish.finish makes a LabelledVideo")


def finish(
    swapped: Swapped,
    target: Path,
    *,
    origin: Origin,
    disclosure: Disclosure,
    signer: Signer,
    depends: Depends = lambda first, stop: "",
    tell: Tell = silent,
) -> LabelledVideo:
    """Write the labelled and signed clip to ``target`` and return what left.

    ``swapped(first, stop)`` gives the frames of a stretch; stretches that an
    interrupted run finished are not asked for again, unless ``depends(first, stop)``
    says something else of them now. Raises MediaError, SigningError
    or ConsentRefusedError; the target is then as it was before.
    """
    insist_on_label(require_grant(origin.grant), disclosure.label)
    source = probe(origin.plate)
    first = next(read_frames(origin.plate, stop=1))
    shape = next(iter(swapped(0, 1)))
    label = ParodyLabel(
        disclosure.label,
        width=shape.width,
        height=shape.height,
        seconds=source.seconds,
        title=disclosure.title,
    )
    seal = Seal(origin, disclosure, signer, label)
    work = origin.work / seal.work_name()
    segments = Segments(work, source.frame_count, depends=depends)
    with _way_out(target) as (hidden, signed):
        urn = segments.urn()
        drawn = LabelledFrames(label, first.seconds, lookup_key(urn))
        parts = segments.complete(swapped, drawn, seal.stretch, tell=tell)
        join_clips(
            hidden,
            parts,
            time_base=first.time_base,
            sound_from=origin.plate,
            comment=_comment(disclosure),
        )
        entry = seal.whole(hidden, signed, urn)
        origin.registry.publish(entry, signed, target)
    segments.remove()
    return LabelledVideo(probe(target), urn, label.text, _MINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """An edited timeline: frames in order from 0 s on, all of one size, and its sound.

    ``stamp`` drew the swapped ones among them already. ``spans`` is asked for once
    all ``frames`` were taken: when swaps are seen, in seconds.
    """

    frames: Iterable[Frame]
    frame_count: int
    size: tuple[int, int]
    seconds: Fraction
    sound: Path | None
    stamp: Stamp
    spans: Callable[[], Spans]


def finish_edit(
    edit: Edit,
    target: Path,
    *,
    origin: Origin,
    disclosure: Disclosure,
    signer: Signer,
    tell: Tell = silent,
) -> LabelledVideo:
    """Write a timeline, labelled, marked and signed, and return what left.

    Raises as ``finish`` does; the target is then as it was before.
    """
    insist_on_label(require_grant(origin.grant), disclosure.label)
    label = ParodyLabel(
        disclosure.label,
        width=edit.size[0],
        height=edit.size[1],
        seconds=edit.seconds,
        title=disclosure.title,
    )
    with _way_out(target) as (hidden, signed):
        write_clip(
            hidden,
            edit.stamp.completed(edit.frames, label),
            sound_from=edit.sound,
            comment=_comment(disclosure),
            tell=tell,
            total=edit.frame_count,
        )
        said = replace(disclosure, spans=edit.spans())
        urn = edit.stamp.urn
        entry = Seal(origin, said, signer, label).whole(hidden, signed, urn)
        origin.registry.publish(entry, signed, target)
    return LabelledVideo(probe(target), urn, label.text, _MINT)


@contextmanager
def _way_out(target: Path) -> Iterator[tuple[Path, Path]]:
    """Give two hidden places beside ``target``, for the labelled and the signed clip.

    Both are cleared away whatever happens.
    """
    hidden = target.with_name(f".{target.name}.labelled-{secrets.token_hex(4)}")
    signed = hidden.with_suffix(".signed.mp4")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield hidden, signed
    except OSError as error:
        raise MediaError(f"cannot be written: {error}", where=target) from error
    finally:
        hidden.unlink(missing_ok=True)
        signed.unlink(missing_ok=True)


def _comment(disclosure: Disclosure) -> str:
    return f"PARODY: {disclosure.title}"


def insist_on_label(grant: ConsentGrant, label: LabelPreset) -> None:
    """Raise ConsentRefusedError when a record asks for a fuller label than this."""
    fullest_first = (LabelPreset.EU_FULL.value, LabelPreset.EU_ARTISTIC.value)
    asked, given = (fullest_first.index(each.value) for each in (grant.label, label))
    if given > asked:
        sides = f"{grant.performer.record_id} or {grant.donor.record_id}"
        detail = f"asks for {grant.label.value}, the job has {label.value}"
        raise ConsentRefusedError(((sides, "label", detail),))
