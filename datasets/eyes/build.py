"""From a folder of rendered clips to the two networks, tried and written for LiteRT."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.eyes.cast import Part, part_of_name
from lampoon.datasets.eyes.crops import EyeCrops, eye_crops, load_crops, save_crops
from lampoon.datasets.eyes.learn import LESSON, Learnt, Lesson, learn
from lampoon.datasets.eyes.network import export
from lampoon.datasets.metrics import area_under_curve, equal_error
from lampoon.errors import SettingsError, TrainingError
from lampoon.faces.eye_state import MODELS, EyeNetworks, course_input
from lampoon.progress import Tell, silent

TRUTH = ".truth.json"
KEPT = ".eyes"
SHUT = 0.5
SAME = 1e-4
"""What LiteRT may differ by from Keras."""


@dataclass(frozen=True, slots=True)
class Footage:
    """A rendered clip with its truth, who it shows, and what it is for."""

    clip: Path
    truth: dict[str, Any]
    part: Part


def footage_of(folder: Path) -> list[Footage]:
    """Return the rendered clips of a folder; SettingsError where there are none."""
    found = []
    for path in sorted(folder.glob(f"*{TRUTH}")):
        clip = path.with_name(path.name.removesuffix(TRUTH) + ".mp4")
        truth = json.loads(path.read_text(encoding="utf-8"))
        if clip.is_file():
            found.append(Footage(clip, truth, part_of_name(truth["person"])))
    if not found:
        raise SettingsError(
            "no rendered clips with their truth",
            where=folder,
            hint="render some: lampoon datasets cast 60 --out FOLDER",
        )
    return found


def crops_of(footage: Footage) -> EyeCrops:
    """Return the eyes of a clip; they are cut out once and kept beside it."""
    folder = footage.clip.parent / KEPT
    kept = folder / f"{footage.clip.stem}.npz"
    if not kept.is_file():
        folder.mkdir(exist_ok=True)
        seed = int(hashlib.sha256(footage.clip.stem.encode()).hexdigest()[:8], 16)
        partial = folder / f".{footage.clip.stem}.partial.npz"
        save_crops(eye_crops(footage.clip, footage.truth, seed=seed), partial)
        os.replace(partial, kept)
    return load_crops(kept)


def build(
    folder: Path,
    out: Path,
    lesson: Lesson = LESSON,
    *,
    tell: Tell = silent,
) -> dict[str, Any]:
    """Learn from the clips of a folder, write both networks, return the figures.

    The same figures stand in ``out/eye_state.json``. Raises SettingsError where people
    for a part are missing, TrainingError where LiteRT does not say the same as Keras.
    """
    footage = footage_of(folder)
    total = len(footage) + lesson.epochs
    crops: dict[Part, list[EyeCrops]] = {part: [] for part in Part}
    for done, each in enumerate(footage, start=1):
        crops[each.part].append(crops_of(each))
        tell(done, total)
    missing = [part.value for part, found in crops.items() if not found]
    if missing:
        raise SettingsError(
            f"nobody in this folder is there to {' or '.join(missing)}",
            where=folder,
            hint="people are parted by name; render more of them",
        )
    learnt = learn(
        crops[Part.LEARN],
        crops[Part.CHECK],
        lesson,
        tell=lambda done, _: tell(len(footage) + done, total),
    )
    networks = _exported(learnt, out)
    apart = _apart(learnt, networks, crops[Part.TRY][0])
    if apart > SAME:
        raise TrainingError(f"LiteRT differs from Keras by {apart:.2g}")
    told = {
        "people": {part.value: _people(footage, part) for part in Part},
        "pictures": {part.value: _pictures(crops[part]) for part in Part},
        "lesson": asdict(lesson),
        "look_losses": [round(loss, 5) for loss in learnt.look_losses],
        "course_losses": [round(loss, 5) for loss in learnt.course_losses],
        "tried": _tried(networks, crops[Part.TRY]),
        "apart": apart,
    }
    (out / "eye_state.json").write_text(json.dumps(told, indent=2) + "\n")
    return told


def _exported(learnt: Learnt, out: Path) -> EyeNetworks:
    out.mkdir(parents=True, exist_ok=True)
    for model, name in zip((learnt.look, learnt.course), MODELS, strict=True):
        model.save(str(out / f"{Path(name).stem}.keras"))
        export(model, out / name)
    look, course = ((out / name).read_bytes() for name in MODELS)
    return EyeNetworks((look, course))


def _tried(networks: EyeNetworks, clips: Sequence[EyeCrops]) -> dict[str, Any]:
    """Return how well shut eyes are told from open ones, on people never seen."""
    looks = [
        _of_both(clip, lambda c, s: _looks(networks, c, s)[:, 0]) for clip in clips
    ]
    courses = [
        _of_both(clip, lambda c, s: networks.course(c.times, _looks(networks, c, s)))
        for clip in clips
    ]
    blinked = np.concatenate([clip.blinked[clip.sure] for clip in clips])
    shut = np.concatenate([clip.shut[clip.sure] for clip in clips])
    return {
        "look": _figures(looks, clips, shut >= SHUT),
        "course": _figures(courses, clips, blinked >= SHUT),
    }


def _of_both(
    clip: EyeCrops, one: Callable[[EyeCrops, int], npt.NDArray[np.float32]]
) -> npt.NDArray[np.float64]:
    return np.stack([one(clip, side) for side in range(2)], axis=1).astype(float)


def _looks(networks: EyeNetworks, clip: EyeCrops, side: int) -> Any:
    return networks.look(clip.pictures[:, side, 0])


def _figures(
    answers: Sequence[npt.NDArray[np.float64]],
    clips: Sequence[EyeCrops],
    positive: npt.NDArray[np.bool_],
) -> dict[str, float]:
    scores = np.concatenate(
        [answer[clip.sure] for answer, clip in zip(answers, clips, strict=True)]
    )
    return {
        "area_under_curve": round(area_under_curve(scores, positive), 5),
        "equal_error": round(equal_error(scores, positive), 5),
    }


def _apart(learnt: Learnt, networks: EyeNetworks, clip: EyeCrops) -> float:
    """Return the largest difference between LiteRT and Keras on one clip."""
    given = clip.pictures[:, 0, 0].astype(np.float32)[..., None]
    looks = learnt.look.predict(given, verbose=0)
    course = learnt.course.predict(course_input(clip.times, looks), verbose=0)[:, 0]
    ours = networks.look(clip.pictures[:, 0, 0])
    look_apart = np.abs(ours[:, 0] - looks[:, 0]).max()
    return float(
        max(look_apart, np.abs(networks.course(clip.times, ours) - course).max())
    )


def _people(footage: Sequence[Footage], part: Part) -> list[str]:
    return sorted({each.truth["person"] for each in footage if each.part is part})


def _pictures(clips: Sequence[EyeCrops]) -> int:
    return sum(2 * len(clip.times) for clip in clips)
