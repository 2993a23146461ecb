"""From a person and a take to a clip and its truth, on all cores, resumable."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.managers import SyncManager
from pathlib import Path
from queue import Empty
from threading import Thread

from lampoon.datasets.performers.chunks import (
    Part,
    frames_of,
    parts_of,
    render_parts,
    truth_of,
)
from lampoon.datasets.performers.motion import sound_of
from lampoon.datasets.performers.person import Person, person_json
from lampoon.datasets.performers.signing import sign_take, signed
from lampoon.datasets.performers.take import Take, take_json
from lampoon.datasets.performers.voice import write_sound
from lampoon.errors import LampoonError
from lampoon.media.writer import Encoding, write_clip
from lampoon.progress import Tell, silent
from lampoon.watermark.manifest.signer import Signer

COMMENT = "synthetic: a rendered person who does not exist (CC0 shapes)"
WORK = ".parts"
CLIP = Encoding(crf=18, preset="medium", threads=1)
"""One thread: with more, the encoder's choices depend on the machine."""

MESA_THREADS = "LP_NUM_THREADS"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a rendering left: ``masks`` is None where nothing covered the face."""

    clip: Path
    truth: Path
    person: Path
    masks: Path | None
    frames: int


def render_take(
    person: Person,
    take: Take,
    folder: Path,
    *,
    name: str = "",
    jobs: int = 1,
    signer: Signer | None = None,
    tell: Tell = silent,
) -> Rendered:
    """Render a take into ``folder``: a clip with sound, its truth, who it is.

    A ``signer`` signs the clip as drawn, with a manifest that says so.

    What was rendered before a stop is kept in a hidden folder and used again; the
    pixels are the same either way. ``tell`` counts frames. Raises LampoonError where
    the folder cannot be written, MissingExtraError without moderngl.
    """
    name = name or f"{person.name}-{take.context}-{take.seed}"
    done = _finished(person, take, folder, name)
    if done is not None and (signer is None or signed(done.clip)):
        tell(take.frame_count, take.frame_count)
        return done
    work = folder / WORK / name
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be written: {error.strerror}"
        raise LampoonError(reason, where=folder) from error
    parts = parts_of(person, take, work)
    _render_missing(parts, jobs, tell)
    clip = _join(person, take, parts, folder / f"{name}.mp4", signer)
    truth, told = folder / f"{name}.truth.json", truth_of(parts)
    masks = _keep_masks(work, folder / f"{name}.masks")
    told["occluders"] = _occluders(take, masks)
    _write_text(truth, json.dumps(told, separators=(",", ":")) + "\n")
    who = folder / f"{name}.person.json"
    _write_text(who, person_json(person))
    shutil.rmtree(work)
    if not any((folder / WORK).iterdir()):
        (folder / WORK).rmdir()
    return Rendered(clip, truth, who, masks, take.frame_count)


def _finished(person: Person, take: Take, folder: Path, name: str) -> Rendered | None:
    """Return this very take where it was rendered before, else None."""
    clip, truth = folder / f"{name}.mp4", folder / f"{name}.truth.json"
    who, masks = folder / f"{name}.person.json", folder / f"{name}.masks"
    if not (clip.is_file() and truth.is_file() and who.is_file()):
        return None
    told = json.loads(truth.read_text(encoding="utf-8"))
    same = who.read_text(encoding="utf-8") == person_json(person)
    if not same or told.get("take") != json.loads(json.dumps(take_json(take))):
        return None
    kept = masks if masks.is_dir() else None
    return Rendered(clip, truth, who, kept, take.frame_count)


def _render_missing(parts: list[Part], jobs: int, tell: Tell) -> None:
    """Render in so many processes, each with its own picture and parts."""
    total = parts[-1].stop
    missing = [part for part in parts if not part.made]
    done = total - sum(part.stop - part.first for part in missing)
    tell(done, total)
    if not missing:
        return
    workers = max(1, min(jobs, len(missing)))

    def told(frames: int) -> None:
        nonlocal done
        done += frames
        tell(done, total)

    with _mesa_threads(max(1, (os.cpu_count() or 1) // workers)):
        if workers == 1:
            render_parts(missing, each=told)
        else:
            _in_processes(missing, workers, told)


def _in_processes(
    missing: list[Part], workers: int, told: Callable[[int], None]
) -> None:
    """Give each process a share of the parts; it sets its scene up once."""
    clean = get_context("spawn")
    manager = SyncManager(ctx=clean)
    manager.start(_end_with_parent)
    with manager:
        news = manager.Queue()
        with ProcessPoolExecutor(
            workers, mp_context=clean, initializer=_end_with_parent
        ) as pool:
            shares = [
                pool.submit(render_parts, missing[first::workers], each=news.put)
                for first in range(workers)
            ]
            while not all(share.done() for share in shares) or not news.empty():
                try:
                    told(news.get(timeout=0.2))
                except Empty:
                    continue
            for share in shares:
                share.result()


def _end_with_parent() -> None:
    """Let this process end when the one that started it is killed."""

    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


@contextmanager
def _mesa_threads(count: int) -> Iterator[None]:
    """Let llvmpipe use so many threads, unless the user has said how many."""
    before = os.environ.get(MESA_THREADS)
    os.environ.setdefault(MESA_THREADS, str(count))
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(MESA_THREADS, None)


def _join(
    person: Person,
    take: Take,
    parts: list[Part],
    target: Path,
    signer: Signer | None,
) -> Path:
    sound = parts[0].clip.with_name("sound.mov")
    write_sound(sound, sound_of(person, take))
    joined = target if signer is None else sound.with_name("joined.mp4")
    write_clip(
        joined, frames_of(parts), sound_from=sound, encoding=CLIP, comment=COMMENT
    )
    if signer is not None:
        sign_take(person, take, joined, next(frames_of(parts)), target, signer)
    return target


def _keep_masks(work: Path, target: Path) -> Path | None:
    masks = sorted(work.glob("mask-*.png"))
    if not masks:
        return None
    target.mkdir(exist_ok=True)
    for mask in masks:
        os.replace(mask, target / mask.name.removeprefix("mask-"))
    return target


def _occluders(take: Take, masks: Path | None) -> list[dict[str, object]]:
    """Return what stands before the face, from which frame to which, and its masks."""
    if masks is None:
        return []
    last = take.frame_count - 1
    files = f"{masks.name}/{{:06d}}.png"
    return [{"name": take.occluder, "first": 0, "last": last, "masks": files}]


def _write_text(target: Path, text: str) -> None:
    beside = target.with_name(f".{target.name}.partial")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, target)
