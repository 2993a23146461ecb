"""How a swap came to be: labelled sheets of the same faces, every so many steps.

The sheets are previews as the training shows them, with the label in each; joined they
are one animated picture, ``timelapse.webp``. None shows a swap without its label.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lampoon.generate.train.snapshots import Reached
from lampoon.generate.whole_file import replace_file

FOLDER, JOINED = "timelapse", "timelapse.webp"
_SHEET = "step-"
SECONDS_EACH, SECONDS_LAST = 0.25, 2.0
QUALITY = 80


class Timelapse:
    """Keeps a labelled sheet ``every`` so many steps, and joins them at the end."""

    def __init__(self, folder: Path, *, every: int) -> None:
        """Keep sheets in ``folder/timelapse``; ValueError for fewer than one step."""
        if every < 1:
            raise ValueError("a sheet is kept every step at most")
        self._folder = folder / FOLDER
        self._every = every

    def opened(self, reached: Reached) -> None:
        """Drop the sheets of steps that were lost."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for sheet in self._sheets():
            if sheet.stem > _name(reached.iterations):
                sheet.unlink()

    def learnt(self, reached: Reached, loss: float) -> None:
        """Look at pictures only."""

    def wants_to_see(self, reached: Reached) -> bool:
        """Want a preview at every so many steps."""
        return reached.iterations % self._every == 0

    def shown(self, reached: Reached, labelled: npt.NDArray[np.uint8]) -> None:
        """Keep the preview of a step that counts."""
        if self.wants_to_see(reached):
            bgr = cv2.cvtColor(labelled, cv2.COLOR_RGB2BGR)
            _, png = cv2.imencode(".png", bgr)
            path = self._folder / f"{_name(reached.iterations)}.png"
            replace_file(path, png.tobytes(), durable=False)

    def close(self) -> None:
        """Join the sheets into one animated picture."""
        sheets = self._sheets()
        if sheets:
            joined = _joined(sheets)
            replace_file(self._folder.parent / JOINED, joined, durable=False)

    def _sheets(self) -> list[Path]:
        return sorted(self._folder.glob(f"{_SHEET}*.png"))


def _name(iterations: int) -> str:
    return f"{_SHEET}{iterations:08d}"


def _joined(sheets: list[Path]) -> bytes:
    """Return labelled sheets as an animated WebP; the last one stays a while."""
    from PIL import Image

    def pictures() -> Iterator[Image.Image]:
        for sheet in sheets:
            with Image.open(sheet) as picture:
                yield picture.convert("RGB")

    lasting = [round(1000 * SECONDS_EACH)] * len(sheets)
    lasting[-1] = round(1000 * SECONDS_LAST)
    shown = pictures()
    whole = BytesIO()
    next(shown).save(
        whole,
        format="WEBP",
        save_all=True,
        append_images=shown,
        duration=lasting,
        loop=0,
        quality=QUALITY,
    )
    return whole.getvalue()
