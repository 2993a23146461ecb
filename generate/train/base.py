"""The trainee of the base: one decoder for everybody, many rendered performers.

    python -m lampoon.generate.train.base CLIPS WORK --cpu-seconds 600

Only performers drawn by ``lampoon datasets render`` are taken, known by the
``.person.json`` beside their clip: the base that ships holds nobody's face.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lampoon.errors import TrainingError
from lampoon.generate.followed import follow
from lampoon.generate.models.sketch import SketchShape, build_sketch
from lampoon.generate.models.sketch_base import keep_base
from lampoon.generate.texture.arrays import floats, pixels
from lampoon.generate.texture.atlas import ATLAS, SMALL, unfold
from lampoon.generate.texture.beyond import CODE_LENGTH
from lampoon.generate.texture.gather import Person, prepare_textures
from lampoon.generate.train.augment import Warps
from lampoon.generate.train.loop import Budget, train
from lampoon.generate.train.sketch import SketchSettings, compiled, rate_share, swapped
from lampoon.generate.train.sketch_side import Side
from lampoon.generate.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence

PEOPLE_A_STEP = 6
"""Faces of a step come from this many people, drawn anew each time."""

STATE_FILE, CHANCE_FILE = "state.npz", "chance.json"
PREVIEW_PEOPLE = 6


@dataclass(frozen=True, slots=True)
class Split:
    """Clips of the people to learn from, and of those held out."""

    learn: tuple[Path, ...]
    held_out: tuple[Path, ...]


class BaseTrainee:
    """Teaches one encoder and one decoder what many people's textures can do.

    A face is described as what it has beyond its own person's usual look, so one
    decoder serves everybody; the two of a swap start as copies of it.
    """

    def __init__(
        self,
        sides: Sequence[Side],
        settings: SketchSettings | None = None,
        shape: SketchShape | None = None,
    ) -> None:
        self.settings = settings or SketchSettings(batch=PEOPLE_A_STEP * 4)
        self.network = build_sketch(
            shape or SketchShape(*ATLAS, CODE_LENGTH), seed=self.settings.seed
        )
        self.sides = tuple(sides)
        self.chance = np.random.default_rng(self.settings.seed)
        self._warps = Warps(SMALL, np.random.default_rng(self.settings.seed + 1))
        self._optimizer = compiled(self.network.swap, self.settings.learning_rate)

    @property
    def examples_per_step(self) -> int:
        """Faces seen in one step."""
        return self.settings.batch

    def step(self, progress: float) -> float:
        """Take one step, ``progress`` (0 to 1) of the budget spent; return the loss."""
        rate = self.settings.learning_rate * rate_share(progress)
        self._optimizer.learning_rate.assign(rate)
        count = min(PEOPLE_A_STEP, len(self.sides))
        chosen = self.chance.choice(len(self.sides), count, replace=False)
        share = max(1, self.settings.batch // count)
        drawn = [self.sides[k].drawn(share, self._warps, self.chance) for k in chosen]
        given, codes, target = (
            np.concatenate(part) for part in zip(*drawn, strict=True)
        )
        return float(self.network.swap.train_on_batch([given, codes], target))

    def save(self, folder: Path) -> None:
        """Write all that is needed to go on into the empty ``folder``."""
        keep_base(self.network, folder / "base.npz")
        whole = BytesIO()
        variables = [*self.network.swap.variables, *self._optimizer.variables]
        np.savez(
            whole,
            allow_pickle=False,
            **{f"state_{k:03}": np.asarray(v) for k, v in enumerate(variables)},
        )
        replace_file(folder / STATE_FILE, whole.getvalue())
        chance = json.dumps(self.chance.bit_generator.state)
        (folder / CHANCE_FILE).write_text(chance, encoding="utf-8")

    def restore(self, folder: Path) -> None:
        """Go back to what ``save`` wrote; TrainingError if it is broken."""
        variables = [*self.network.swap.variables, *self._optimizer.variables]
        try:
            with np.load(folder / STATE_FILE, allow_pickle=False) as stored:
                for k, variable in enumerate(variables):
                    variable.assign(stored[f"state_{k:03}"])
            state = json.loads((folder / CHANCE_FILE).read_text(encoding="utf-8"))
            self.chance.bit_generator.state = state
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise TrainingError(
                "this snapshot cannot be read",
                where=folder,
                hint="delete it; training goes on from the one before",
            ) from error

    def preview(self) -> npt.NDArray[np.uint8]:
        """Return people's textures above what is made of them, unlabelled."""
        columns = []
        for side in self.sides[:PREVIEW_PEOPLE]:
            k = int(np.argmax(side.person.openness[:, 2]))
            given = side.beyond[k : k + 1].astype(np.float32)
            made = swapped(self.network, given, side.codes[k : k + 1])[0]
            seen = pixels(unfold(floats(side.person.textures[k])))
            made_ones = side.pictures(side.person.openness[k], made)
            columns.append(np.vstack([seen, *made_ones]))
        return np.hstack(columns)


def texture_error(trainee: BaseTrainee, side: Side, *, every: int = 5) -> float:
    """Return the share of a person's difference from the usual look that is missed.

    1 is what no network would miss; weighed as in training, on undisturbed textures.
    """
    given = side.beyond[::every].astype(np.float32)
    weight = side.weights[::every, ..., None].astype(np.float32)
    made = swapped(trainee.network, given, side.codes[::every])
    missed = float((np.abs(made - given) * weight).sum())
    return missed / max(float((np.abs(given) * weight).sum()), 1e-6)


def split_people(clips: Path, *, held_out: int, seed: int) -> Split:
    """Return the rendered clips of a folder, some people held out by the seed.

    TrainingError where a clip is of no rendered performer, or too few are there.
    """
    found = sorted(clips.glob("*.mp4"))
    for clip in found:
        if not clip.with_suffix(".person.json").is_file():
            raise TrainingError(
                "a base is made of rendered performers alone",
                where=clip,
                hint="make the clips with: lampoon datasets render",
            )
    people: dict[str, list[Path]] = {}
    for clip in found:
        facts = json.loads(clip.with_suffix(".person.json").read_text("utf-8"))
        people.setdefault(str(facts["name"]), []).append(clip)
    names = sorted(people)
    if len(names) <= held_out:
        raise TrainingError("too few people to hold some out", where=clips)
    order = np.random.default_rng(seed).permutation(len(names)).tolist()
    out = {names[k] for k in order[:held_out]}
    return Split(
        tuple(clip for name in names if name not in out for clip in people[name]),
        tuple(clip for name in names if name in out for clip in people[name]),
    )


def side_of(clip: Path, work: Path, *, every: int = 2) -> Side:
    """Return a clip's person as examples; followed and unwrapped once, kept."""
    kept = work / "textures" / f"{clip.stem}.npz"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        prepare_textures(clip, follow(clip, work).track, kept, every=every)
    return Side(Person.load(kept))


def main(arguments: Sequence[str] | None = None) -> None:
    """Train a base on a folder of rendered clips; what is there is gone on with."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("clips", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--cpu-seconds", type=float, default=600.0)
    parser.add_argument("--held-out", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    split = split_people(asked.clips, held_out=asked.held_out, seed=asked.seed)
    settings = SketchSettings(batch=PEOPLE_A_STEP * 4, seed=asked.seed)
    trainee = BaseTrainee([side_of(c, asked.work) for c in split.learn], settings)
    budget = Budget(cpu_seconds=asked.cpu_seconds)
    report = train(trainee, asked.work / "base", budget=budget)
    keep_base(trainee.network, asked.work / "base.npz")
    errors = [texture_error(trainee, side_of(c, asked.work)) for c in split.held_out]
    facts = {
        "people": len(split.learn),
        "iterations": report.iterations,
        "held_out_missed": [round(error, 3) for error in errors],
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
