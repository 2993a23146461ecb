"""From rendered people to the occlusion network, tried and written for LiteRT."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lampoon.datasets.occluders.film import Filmed, ShownFace, film_people, is_tried
from lampoon.datasets.occluders.learn import STEPS, learn, usual_of
from lampoon.datasets.occluders.network import export
from lampoon.datasets.performers.take import Occluder
from lampoon.errors import SettingsError
from lampoon.generate.composite.occlusion import NETWORK, HiddenFace, OcclusionNetwork
from lampoon.generate.texture.surface import lay
from lampoon.progress import Bar

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
APART = 2
"""Steps between indices of faces that are not neighbours in time."""


def build(
    out: Path,
    bar: Bar,
    *,
    people: int,
    steps: int = STEPS,
    seed: int = 11,
    jobs: int = 1,
) -> dict[str, Any]:
    """Film people, learn from most of them, try the rest, write network and figures.

    Raises SettingsError where nobody would be left to try the network on.
    """
    with bar("filmed", unit="people") as tell:
        filmed = film_people(people, jobs=jobs, tell=tell)
    tried = [one for one in filmed if is_tried(one.seed)]
    taught = [one for one in filmed if not is_tried(one.seed)]
    if not tried or not taught:
        raise SettingsError("too few people", hint="--people 6 or more")
    with bar("learnt", unit="batches") as tell:
        model = learn(taught, steps=steps, seed=seed, tell=tell)
    out.mkdir(parents=True, exist_ok=True)
    export(model, out / NETWORK)
    network = OcclusionNetwork((out / NETWORK).read_bytes())
    told = {
        "learnt_from": [one.seed for one in taught],
        "tried_on": [one.seed for one in tried],
        "steps": steps,
        "seed": seed,
        "tried": figures(tried, network),
    }
    path = (out / NETWORK).with_suffix(".json")
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return told


def figures(
    people: Sequence[Filmed], network: OcclusionNetwork | None = None
) -> dict[str, Any]:
    """Return how well what hides people's faces is found, by kind and usual look.

    ``passing`` knows how the face looks without it; to ``staying`` it is always there.
    ``iou`` is over the face's pixels, a value a person; ``wrongly_kept`` is the share
    of the face that is called hidden and is not.
    """
    rows: dict[str, Any] = {}
    for kind in Occluder:
        for usual in ("passing", "staying"):
            tries = [_tried(one, kind, usual, network) for one in people]
            found = [each for each in tries if each is not None]
            overlaps = [round(float(iou), 3) for iou, _ in found if not np.isnan(iou)]
            wrong = [round(float(each), 4) for _, each in found]
            rows[f"{kind}, {usual}"] = {"iou": overlaps, "wrongly_kept": wrong}
    return rows


def _tried(
    person: Filmed, kind: Occluder, usual: str, network: OcclusionNetwork | None
) -> tuple[float, float] | None:
    faces = person.faces[kind]
    if not faces:
        return None
    look = usual_of(person.faces[Occluder.NOTHING if usual == "passing" else kind])
    hidden = HiddenFace(look, network)
    both = either = wrong = whole = 0
    for index, face in enumerate(faces):
        inside, found = found_in(face, hidden, APART * index)
        truth = face.covered & inside
        both += int((truth & found).sum())
        either += int((truth | found).sum())
        wrong += int((found & ~truth).sum())
        whole += int(inside.sum())
    return (both / either if either else float("nan")), wrong / max(whole, 1)


def found_in(face: ShownFace, hidden: HiddenFace, index: int) -> tuple[Bools, Bools]:
    """Return where the face is and where something is found before it, (h, w) each."""
    height, width = face.rgb.shape[:2]
    inside = np.zeros((height, width), bool)
    surface = lay(face.landmarks, (height, width))
    if surface is not None:
        inside[surface.window.rows, surface.window.columns] = surface.depth > 1
    part = hidden.part(face.rgb, face.landmarks, index)
    if part is None:
        return inside, np.zeros_like(inside)
    return inside, (part.over(width, height, x=0, y=0) > 0.5) & inside
